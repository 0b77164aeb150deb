package org.innerkeep.bundle;

import java.util.Comparator;
import java.util.Locale;

/**
 * An interface that the enclave's program offers.
 *
 * @param side to whom
 * @param name the Java interface's binary name, at most 200 ASCII characters
 * @param schema the digest of its methods and types, as whoever packs computes it
 */
public record OfferedInterface(Side side, String name, Digest schema) {
    static final Comparator<OfferedInterface> ORDER =
            Comparator.comparing(OfferedInterface::side).thenComparing(OfferedInterface::name);

    /** To whom an interface is offered. */
    public enum Side {
        /** To remote parties, over attested sessions. */
        CLIENT,
        /** To the untrusted host program. */
        HOST;

        /** {@return the word in the manifest, {@code client} or {@code host}} */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if it is not a binary name
     */
    public OfferedInterface {
        if (!Text.isQualifiedName(name, Manifest.MAX_CLASS_NAME_LENGTH)) {
            throw new IllegalArgumentException("interface: expected the name of a Java interface, found " + Text.quote(name));
        }
    }
}
