package org.innerkeep.vault.grant;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.Comparator;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;

/** Whose code a grant is for. */
public sealed interface GrantedCode {
    /** The most measurements of one grant. */
    int MAX_MEASUREMENTS = 64;

    /**
     * What a developer signed: one product, from a security version on.
     *
     * @param signer SHA-256 of the developer's SubjectPublicKeyInfo, or MRSIGNER; 32 bytes, of AMD's id keys 48
     * @param productId the product id, 0 to 2^32-1
     * @param leastVersion the oldest security version, 0 to 2^32-1
     */
    record Signed(Bytes signer, long productId, long leastVersion) implements GrantedCode {
        private static final long MAX_UINT32 = 0xffffffffL;

        /**
         * Checks sizes.
         *
         * @throws IllegalArgumentException if one is wrong
         */
        public Signed {
            if (signer.length() != 32 && signer.length() != 48) {
                throw new IllegalArgumentException("signer: expected 32 or 48 bytes, found " + signer.length());
            }
            if (productId < 0 || productId > MAX_UINT32 || leastVersion < 0 || leastVersion > MAX_UINT32) {
                throw new IllegalArgumentException("product id, least version: expected 0 to 2^32-1");
            }
        }

        @Override
        public String toString() {
            return "signer " + signer.shortHex() + " product " + productId + " version " + leastVersion + " or later";
        }
    }

    /**
     * Exactly what has one of these measurements.
     *
     * @param measurements 1 to {@link #MAX_MEASUREMENTS}
     */
    record Measured(Set<Measurement> measurements) implements GrantedCode {
        /** Order of the stored form. */
        static final Comparator<Measurement> ORDER =
                Comparator.comparing(Measurement::algorithm).thenComparing(Measurement::digest);

        /**
         * Sorts, and checks the number.
         *
         * @throws IllegalArgumentException if there are none or too many
         */
        public Measured {
            if (measurements.isEmpty() || measurements.size() > MAX_MEASUREMENTS) {
                throw new IllegalArgumentException("measurements: expected 1 to " + MAX_MEASUREMENTS + ", found " + measurements.size());
            }
            Set<Measurement> sorted = new TreeSet<>(ORDER);
            sorted.addAll(measurements);
            measurements = Collections.unmodifiableSet(sorted);
        }

        @Override
        public String toString() {
            Measurement first = measurements.iterator().next();
            String shown = first.algorithm() + ":" + first.digest().shortHex();
            return measurements.size() == 1 ? "measurement " + shown : measurements.size() + " measurements, the first " + shown;
        }
    }
}
