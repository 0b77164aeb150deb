package org.innerkeep.attestation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Who may set policies. */
public enum TrustMode {
    /** Whoever the operator's authentication lets; a policy may be signed or not. Microsoft Azure Attestation's "AAD" mode. */
    AUTHORIZED,
    /**
     * As before, and a policy must be signed by one of the certificates given when the service was set up, or added by holders of these:
     * then not even the operator sets a policy alone.
     */
    ISOLATED;

    /**
     * Finds a mode by its name.
     *
     * @param name {@code authorized}, {@code aad} or {@code isolated}, in any case
     * @return the mode, or nothing
     */
    public static Optional<TrustMode> of(String name) {
        return name.equalsIgnoreCase("aad")
                ? Optional.of(AUTHORIZED)
                : Arrays.stream(values()).filter(each -> each.toString().equals(name.toLowerCase(Locale.ROOT))).findFirst();
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
