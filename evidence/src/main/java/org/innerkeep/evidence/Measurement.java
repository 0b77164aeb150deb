package org.innerkeep.evidence;

import java.util.Locale;

/**
 * A digest, with its algorithm, of exactly what runs on one platform.
 *
 * @param algorithm the digest algorithm in lower case, {@code sha-256}, {@code sha-384} or {@code sha-512}; {@code sha-1} only where
 *     the relying party lifted that floor for TPM quotes
 * @param digest the digest: 32, 48, 64 or 20 bytes
 */
public record Measurement(String algorithm, Bytes digest) {
    /** Checks the algorithm and the length. */
    public Measurement {
        int wanted =
                switch (algorithm) {
                    case "sha-1" -> 20;
                    case "sha-256" -> 32;
                    case "sha-384" -> 48;
                    case "sha-512" -> 64;
                    default -> throw new IllegalArgumentException(
                            "measurement algorithm: expected sha-256, sha-384 or sha-512, found another");
                };
        if (digest.length() != wanted) {
            throw new IllegalArgumentException(
                    "measurement: expected " + wanted + " bytes for " + algorithm + ", found " + digest.length());
        }
    }

    /**
     * A SHA-256 measurement.
     *
     * @param digest 32 bytes
     * @return the measurement
     */
    public static Measurement sha256(Bytes digest) {
        return new Measurement("sha-256", digest);
    }

    /**
     * A SHA-384 measurement.
     *
     * @param digest 48 bytes
     * @return the measurement
     */
    public static Measurement sha384(Bytes digest) {
        return new Measurement("sha-384", digest);
    }

    /**
     * Reads the form that {@link #toString} writes, {@code sha-256:hex}.
     *
     * @param text the text
     * @return the measurement
     * @throws IllegalArgumentException if the text has another form
     */
    public static Measurement parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || !text.toLowerCase(Locale.ROOT).equals(text)) {
            throw new IllegalArgumentException("measurement: expected algorithm:hex in lower case");
        }
        return new Measurement(text.substring(0, colon), Bytes.fromHex(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return algorithm + ":" + digest.hex();
    }
}
