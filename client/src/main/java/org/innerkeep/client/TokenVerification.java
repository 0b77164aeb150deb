package org.innerkeep.client;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;

/**
 * Verifies tokens, whoever asked for them. What a token says was attested is held against the requirements afterwards.
 *
 * @param options whose tokens are accepted, and what they must be for
 */
record TokenVerification(VerifierOptions options) {
    static TokenVerification of(Set<? extends Anchor> anchors, Optional<Bytes> nonce, Optional<String> audience) {
        VerifierOptions options = VerifierOptions.of(
                        anchors.stream().filter(TokenIssuer.class::isInstance).toList())
                // Debug is claimed, and refused by the requirements unless it is lifted.
                .allowDebug();
        options = nonce.isPresent() ? options.nonce(nonce.get()) : options;
        return new TokenVerification(audience.isPresent() ? options.audience(audience.get()) : options);
    }

    /** Allows the clocks of client and service the difference that those of client and keeper may have: a nonce binds the token to now. */
    TokenVerification betweenClocks() {
        return new TokenVerification(options.clockSkew(Verifier.MAX_CLOCK_AHEAD));
    }

    /** Verifies a token by itself; it must say when it was issued. */
    Verdict verify(byte[] token, Instant now) {
        return switch (new Verifier().verify(token, Endorsements.none(), now, options)) {
            case Verdict.Refused refused -> refused;
            case Verdict.Undecided undecided -> undecided;
            case Verdict.Accepted accepted -> {
                List<Reason> reasons = new ArrayList<>();
                if (!accepted.claims().kind().equals("token")) {
                    reasons.add(new Reason(
                            Code.TOKEN_NOT_ACCEPTED, "token", accepted.claims().kind(), "a token", "Send a token, not evidence."));
                }
                if (accepted.claims().issuedAt().isEmpty()) {
                    reasons.add(new Reason(
                            Code.EVIDENCE_STALE,
                            "token.iat",
                            "no time",
                            "a time shortly before " + now,
                            "A token that does not say when it was issued may be of any age: ask for one that does."));
                }
                yield reasons.isEmpty() ? accepted : new Verdict.Refused(reasons);
            }
        };
    }

    /** Verifies a token that was asked for just now, over evidence of one of these kinds. */
    Verdict verify(byte[] token, Set<String> kinds, Instant now) {
        Verdict verdict = verify(token, now);
        if (!(verdict instanceof Verdict.Accepted accepted)) {
            return verdict;
        }
        Optional<String> attested = accepted.claims().text(Claims.ATTESTED_KIND);
        return attested.filter(kinds::contains).isPresent()
                ? verdict
                : new Verdict.Refused(List.of(new Reason(
                        Code.BINDING_MISMATCH,
                        "token." + Claims.ATTESTED_KIND,
                        attested.orElse("none"),
                        String.join(" or ", kinds) + ", as was sent",
                        "The token is over other evidence than was sent: do not use this service.")));
    }
}
