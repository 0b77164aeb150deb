package org.innerkeep.attestation;

import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.stream.Collectors;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.policy.Parsed;
import org.innerkeep.policy.Policy;

/**
 * A policy that decides.
 *
 * @param envelope the JWS as it was sent
 * @param text its text
 * @param parsed the same, read
 * @param signer who signed it; nothing where nobody did
 */
record SetPolicy(String envelope, String text, Policy parsed, Optional<X509Certificate> signer) {
    /**
     * Reads a policy in its envelope. Whether its signer may set policies was looked at when it was set.
     *
     * @param jws the envelope, with a policy in it
     * @return the policy
     * @throws RefusedException if its text is no policy, or its signature is not by the certificate in it
     */
    static SetPolicy of(PolicyJws jws) throws RefusedException {
        String text = jws.policy()
                .orElseThrow(() -> new RefusedException(Code.INVALID_OPERATION, "policy: expected a payload, found none; to take a policy"
                        + " back, POST to :reset"));
        Optional<X509Certificate> signer = jws.statedSigner();
        if (signer.isPresent() && !jws.jws().signedBy(signer.get().getPublicKey())) {
            throw new RefusedException(Code.INVALID_OPERATION, "policy: the signature is not by the first certificate in 'x5c'.");
        }
        return new SetPolicy(jws.jws().text(), text, parse(text), signer);
    }

    /**
     * Reads a policy as text, or in its envelope.
     *
     * @param textOrEnvelope hostile text
     * @return the policy
     * @throws RefusedException if it is none
     */
    static SetPolicy ofDraft(String textOrEnvelope) throws RefusedException {
        if (!textOrEnvelope.startsWith("eyJ")) {
            return of(PolicyJws.unsigned(textOrEnvelope));
        }
        try {
            return of(PolicyJws.parse(textOrEnvelope));
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_OPERATION, e);
        }
    }

    private static Policy parse(String text) throws RefusedException {
        return switch (Policy.parse(text)) {
            case Parsed.Valid valid -> valid.policy();
            case Parsed.Invalid invalid -> throw new RefusedException(new Problem(
                    Code.POLICY_PARSING,
                    "The policy cannot be read: " + invalid.problems().getFirst(),
                    invalid.problems().stream().map(Object::toString).collect(Collectors.toList())));
        };
    }
}
