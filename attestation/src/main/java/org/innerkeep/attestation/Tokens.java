package org.innerkeep.attestation;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.AttestationService.Answer;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.token.TokenKey;
import org.innerkeep.attestation.token.TokenKeyRing;
import org.innerkeep.attestation.token.TokenSigner;
import org.innerkeep.evidence.Bytes;

/** What the service says, signed by the key that signs now. */
record Tokens(TokenKeyRing keys, TokenSigner signer, InstantSource clock, SecureRandom random) {

    /** A token with the claims, issued now. */
    Answer says(Map<String, Object> claims, Optional<Receipt> receipt) throws RefusedException {
        TokenKey key = signingKey();
        return new Answer(signer.sign(key, claims, clock.instant(), newId()), receipt);
    }

    /** The token of a decision, as it is issued now or was issued at another time. */
    String issued(Map<String, Object> claims, Issue issue) throws RefusedException {
        if (issue.draft()) {
            return signer.unsigned(claims, issue.at(), issue.id());
        }
        TokenKey key = keys.keys().find(issue.key()).orElseGet(() -> {
            throw new IllegalStateException("the key that was chosen is gone");
        });
        return signer.sign(key, claims, issue.at(), issue.id());
    }

    TokenKey signingKey() throws RefusedException {
        try {
            return keys.signer();
        } catch (StoreException e) {
            throw PolicyBook.unavailable(e);
        } catch (IOException e) {
            throw new RefusedException(Code.UNAVAILABLE, "no key can sign tokens now; the operator's log says why.");
        }
    }

    Bytes newId() {
        byte[] id = new byte[TokenSigner.TOKEN_ID_BYTES];
        random.nextBytes(id);
        return Bytes.of(id);
    }
}
