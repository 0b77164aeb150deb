package org.innerkeep.evidence.arm;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.cose.CoseMessage;
import org.innerkeep.evidence.internal.Verification;

/** Verifies PSA tokens. */
public final class PsaVerifier {
    private PsaVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>it is signed, and not only authenticated with a secret of the device;
     *   <li>a pinned key of kind {@link AttesterKey.Kind#PSA} signed it, by an algorithm on that key's own curve;
     *   <li>the device is in the secured state of its life;
     *   <li>it was made for the nonce that is expected, where one is.
     * </ol>
     *
     * That the instance id is the digest of the key is a recommendation of every edition (PSA Attestation API 1.0.3 section 3.1, RFC
     * 9783 section 4.2.1), and devices with random ids are as genuine; so it is a claim, {@code psa-instance-id-is-key-hash}, and no
     * check.
     *
     * @param signed the token
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(PsaToken.Signed signed, Verification run) {
        PsaToken token = signed.token();
        Optional<AttesterKey> key = Optional.empty();
        if (signed.envelope().form() == CoseMessage.Form.MAC0) {
            run.refuse(Code.NOT_VERIFIABLE, "token", "a token with a message authentication code (COSE_Mac0)",
                    "a signed one (COSE_Sign1)", "Only who shares the device's secret can verify it: ask that service for a result.");
        } else {
            key = PinnedKeys.signer(run, AttesterKey.Kind.PSA, signed.envelope(), "token");
        }
        Tokens.checkLifecycle(run, "token.security-lifecycle", token.securityLifecycle());
        Tokens.checkNonce(run, "token.nonce", token.nonce());
        Tokens.noteUnknown(run, "token", token.unknownClaims());
        run.checked("PSA token", "signature, life cycle");
        return key.isPresent() ? run.conclude(claims(token, key.get())) : run.refusal();
    }

    private static Claims claims(PsaToken token, AttesterKey key) {
        Map<String, ClaimValue> details = new TreeMap<>();
        details.put("psa-profile", ClaimValue.of(token.profile().uri()));
        details.put("psa-instance-id", ClaimValue.of(token.instanceId()));
        details.put("psa-instance-id-is-key-hash", ClaimValue.of(token.instanceId().equals(Tokens.keyHash(key.publicKey()))));
        details.put("psa-implementation-id", ClaimValue.of(token.implementationId()));
        details.put("psa-client-id", ClaimValue.of(token.clientId()));
        details.put("psa-security-lifecycle", ClaimValue.of(token.securityLifecycle()));
        details.put("psa-security-lifecycle-state", ClaimValue.of(token.lifecycle().toString()));
        details.put("psa-software-components", SoftwareComponent.claims(token.components()));
        token.bootSeed().ifPresent(seed -> details.put("psa-boot-seed", ClaimValue.of(seed)));
        token.certificationReference().ifPresent(text -> details.put("psa-certification-reference", ClaimValue.of(text)));
        token.verificationService().ifPresent(text -> details.put("psa-verification-service-indicator", ClaimValue.of(text)));
        // Nothing keeps the memory from the device's own privileged software, which the token says is measured.
        details.put(Claims.MEMORY_READABLE_BY, ClaimValue.of(token.lifecycle().debug() ? "host" : "root"));
        return new Claims(
                "psa-token",
                "psa",
                // There is one for each component and none of them all: one that we made up would mean nothing to anybody else.
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                token.lifecycle().debug(),
                token.nonce(),
                Optional.empty(),
                key.id(),
                details);
    }
}
