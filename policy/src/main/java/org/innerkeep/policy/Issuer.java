package org.innerkeep.policy;

import java.util.Optional;

/** Who says a claim. */
public enum Issuer {
    /** Whoever verified the evidence: the claim is proven. */
    ATTESTATION_SERVICE("AttestationService"),
    /** A rule of the policy made it. */
    ATTESTATION_POLICY("AttestationPolicy"),
    /** The client says so, and nothing proves it. */
    CUSTOM_CLAIM("CustomClaim");

    private final String text;

    Issuer(String text) {
        this.text = text;
    }

    /**
     * As policies write it.
     *
     * @return such as {@code AttestationService}
     */
    public String text() {
        return text;
    }

    /**
     * Reads a name as policies write it.
     *
     * @param text the name, upper and lower case as it is
     * @return the issuer, where there is one of that name
     */
    public static Optional<Issuer> of(String text) {
        for (Issuer each : values()) {
            if (each.text.equals(text)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }
}
