package org.innerkeep.evidence.arm;

import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.cose.CoseMessage;
import org.innerkeep.evidence.internal.Verification;

/** Finds which of the pinned keys signed a token. */
final class PinnedKeys {
    private PinnedKeys() {}

    /**
     * Finds the key. That none did is a reason of the verification.
     *
     * @param run the verification
     * @param kind of the keys
     * @param message the token
     * @param path its name in reasons
     * @return the key that signed it
     */
    static Optional<AttesterKey> signer(Verification run, AttesterKey.Kind kind, CoseMessage message, String path) {
        if (message.scheme().isEmpty()) {
            run.refuse(Code.NOT_VERIFIABLE, path + ".alg", message.algorithm().isPresent()
                            ? "algorithm " + message.algorithm().getAsLong() : "an algorithm by name",
                    "ES256, ES384 or ES512", "Use a newer verifier, or ask for a token signed with one of these.");
            return Optional.empty();
        }
        List<AttesterKey> pinned =
                run.options().anchors(AttesterKey.class).stream().filter(each -> each.kind() == kind).toList();
        if (pinned.isEmpty()) {
            run.refuse(Code.ANCHOR_NOT_PINNED, path, "a token of an unknown key", "a pinned " + kind + " key, and none is pinned",
                    "Get the key of this machine from its maker in a safe way and pin it.");
            return Optional.empty();
        }
        for (AttesterKey each : pinned) {
            try {
                if (message.signedBy(run.crypto(), run.crypto().publicKey("pinned key", each.publicKey()), Bytes.EMPTY)) {
                    return Optional.of(each);
                }
            } catch (MalformedException e) {
                // A key that can verify nothing vouches for nothing.
            }
        }
        run.refuse(Code.SIGNATURE_INVALID, path + ".signature", "a signature that is by none of the pinned keys",
                "a valid signature by " + message.scheme().get() + " of one of the " + pinned.size() + " pinned " + kind + " keys",
                "The token is of another machine, or was changed or forged.");
        return Optional.empty();
    }
}
