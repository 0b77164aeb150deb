package org.innerkeep.evidence.eventlog;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** The hash algorithms of a TPM by their identifiers (TCG Algorithm Registry, TPM_ALG_ID), as far as this library computes them. */
public enum TpmHash {
    /** SHA-1, which only a lifted floor accepts. */
    SHA1(0x0004, 20, "SHA-1"),
    /** SHA-256. */
    SHA256(0x000b, 32, "SHA-256"),
    /** SHA-384. */
    SHA384(0x000c, 48, "SHA-384"),
    /** SHA-512. */
    SHA512(0x000d, 64, "SHA-512");

    private final int id;
    private final int length;
    private final String jcaName;

    TpmHash(int id, int length, String jcaName) {
        this.id = id;
        this.length = length;
        this.jcaName = jcaName;
    }

    /** {@return its identifier, TPM_ALG_ID} */
    public int id() {
        return id;
    }

    /** {@return the length of a digest in bytes} */
    public int length() {
        return length;
    }

    /** {@return its name in claims, such as {@code sha256}} */
    public String claimName() {
        return "sha" + jcaName.substring(4);
    }

    /** {@return its name in the Java platform, such as {@code SHA-256}} */
    public String jcaName() {
        return jcaName;
    }

    /**
     * Finds an algorithm.
     *
     * @param id TPM_ALG_ID
     * @return the algorithm, or nothing where this library does not compute it
     */
    public static Optional<TpmHash> of(int id) {
        return Arrays.stream(values()).filter(each -> each.id == id).findFirst();
    }

    /** Finds an algorithm that must be one of these. */
    public static TpmHash parse(String field, long offset, int id) throws MalformedException {
        return of(id).orElseThrow(() -> new MalformedException(
                field, offset, String.format("expected the hash algorithm SHA-1, SHA-256, SHA-384 or SHA-512, found 0x%04x", id)));
    }

    /**
     * Digests.
     *
     * @param parts concatenated as they are
     * @return {@link #length()} bytes
     */
    public Bytes digest(byte[]... parts) {
        return digest(Arrays.stream(parts).map(Bytes::of).toList());
    }

    /**
     * Digests.
     *
     * @param parts concatenated as they are
     * @return {@link #length()} bytes
     */
    public Bytes digest(List<Bytes> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(jcaName);
            parts.forEach(each -> digest.update(each.toArray()));
            return Bytes.of(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform has no " + jcaName, e);
        }
    }
}
