package org.innerkeep.client;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.policy.Policy;

/** Which code is trusted. */
sealed interface AcceptedCode {
    /** Adds why the claims are not of such code. */
    void check(Claims claims, List<Reason> reasons);

    /** What a developer signed: one product, from a security version on. */
    record Signed(Bytes signer, long productId, long leastVersion) implements AcceptedCode {
        public Signed {
            if (signer.length() != 32 || productId < 0 || leastVersion < 0) {
                throw new IllegalArgumentException("a signer has 32 bytes; product id and version are not negative");
            }
        }

        @Override
        public void check(Claims claims, List<Reason> reasons) {
            if (!claims.signer().equals(Optional.of(signer))) {
                reasons.add(new Reason(
                        Code.SIGNER_MISMATCH,
                        "signer",
                        claims.signer().map(Bytes::hex).orElse("none"),
                        signer.hex(),
                        "Someone else signed this bundle: get it from the developer whom you trust."));
            }
            if (!claims.productId().equals(OptionalLong.of(productId))) {
                reasons.add(new Reason(
                        Code.PRODUCT_MISMATCH,
                        "product-id",
                        shown(claims.productId()),
                        Long.toString(productId),
                        "This is another product of that developer."));
            }
            if (claims.securityVersion().isEmpty() || claims.securityVersion().getAsLong() < leastVersion) {
                reasons.add(new Reason(
                        Code.SVN_TOO_LOW,
                        "security-version",
                        shown(claims.securityVersion()),
                        leastVersion + " or later",
                        "An older version with known weaknesses runs: the operator must start a newer bundle."));
            }
        }

        private static String shown(OptionalLong number) {
            return number.isPresent() ? Long.toString(number.getAsLong()) : "none";
        }
    }

    /** Exactly what has one of these measurements. */
    record Measured(Set<Measurement> measurements) implements AcceptedCode {
        public Measured {
            measurements = Set.copyOf(measurements);
            if (measurements.isEmpty()) {
                throw new IllegalArgumentException("give at least one measurement");
            }
        }

        @Override
        public void check(Claims claims, List<Reason> reasons) {
            if (claims.measurement().filter(measurements::contains).isEmpty()) {
                reasons.add(new Reason(
                        Code.MEASUREMENT_MISMATCH,
                        "measurement",
                        claims.measurement().map(Measurement::toString).orElse("none"),
                        measurements.size() == 1
                                ? measurements.iterator().next().toString()
                                : "one of " + measurements.size() + " agreed",
                        "Other code, runtime or configuration runs than was agreed: compare with 'innerkeep diff' and"
                                + " agree anew, or run what was agreed."));
            }
        }
    }

    /** What an appraisal policy permits. */
    record Permitted(Policy policy) implements AcceptedCode {
        @Override
        public void check(Claims claims, List<Reason> reasons) {
            PolicyAppraisal.refusal(policy, claims).ifPresent(reasons::add);
        }
    }

    /** What an attestation service permits by the one policy that the relying party knows. */
    record PermittedThere(Bytes policyHash) implements AcceptedCode {
        private static final String CLAIM = "x-ms-policy-hash";

        @Override
        public void check(Claims claims, List<Reason> reasons) {
            String wanted = Base64.getUrlEncoder().withoutPadding().encodeToString(policyHash.toArray());
            Optional<String> found = claims.text(CLAIM);
            if (!found.equals(Optional.of(wanted))) {
                reasons.add(new Reason(
                        Code.CLAIM_MISMATCH,
                        "token." + CLAIM,
                        found.orElse("none"),
                        wanted,
                        "The service decided by another policy than the one you know: read the one that is set there, or have yours"
                                + " set again."));
            }
        }
    }
}
