package org.innerkeep.channel.job;

import java.util.HashSet;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;

/**
 * The code that may do a job: bundles of one signer and product from one security version on, optionally only on named Java
 * runtimes or with named measurements.
 *
 * @param signer SHA-256 of the SubjectPublicKeyInfo of whoever signs the bundle, 32 bytes
 * @param product the product id, 0 to 2^32-1
 * @param minSvn the lowest security version accepted, 0 to 2^32-1
 * @param runtimes the Java runtimes accepted, digests of 32 bytes each; empty means any that the verifier accepts
 * @param measurements the measurements accepted; empty means any of this signer, product and security version
 */
public record JobCode(Bytes signer, long product, long minSvn, List<Bytes> runtimes, List<Measurement> measurements) {
    /** The largest product id and security version. */
    public static final long MAX_NUMBER = 0xffffffffL;

    static final int MAX_ITEMS = 64;

    /** Checks lengths and ranges. */
    public JobCode {
        runtimes = List.copyOf(runtimes);
        measurements = List.copyOf(measurements);
        digest(signer, "signer");
        runtimes.forEach(runtime -> digest(runtime, "runtimes"));
        range(product, "product");
        range(minSvn, "minSvn");
        distinct(runtimes, "runtimes");
        distinct(measurements, "measurements");
    }

    private static void digest(Bytes value, String name) {
        if (value.length() != 32) {
            throw new IllegalArgumentException(name + ": expected 32 bytes in hexadecimal, found " + value.length());
        }
    }

    private static void range(long value, String name) {
        if (value < 0 || value > MAX_NUMBER) {
            throw new IllegalArgumentException(name + ": expected 0 to " + MAX_NUMBER + ", found " + value);
        }
    }

    private static void distinct(List<?> values, String name) {
        if (values.size() > MAX_ITEMS || new HashSet<>(values).size() != values.size()) {
            throw new IllegalArgumentException(name + ": expected at most " + MAX_ITEMS + " different items");
        }
    }
}
