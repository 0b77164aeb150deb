package org.innerkeep.bundle;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A SHA-256 digest (FIPS 180-4), 32 bytes, with value equality. Ordered as unsigned bytes.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class Digest implements Comparable<Digest> {
    /** The number of bytes of a digest. */
    public static final int BYTES = 32;

    private static final HexFormat HEX = HexFormat.of();

    private final byte[] value;

    private Digest(byte[] owned) {
        this.value = owned;
    }

    /**
     * Takes a digest made elsewhere.
     *
     * @param digest 32 bytes, copied
     * @return the digest
     * @throws IllegalArgumentException if there are not 32 bytes
     */
    public static Digest of(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalArgumentException("digest: expected " + BYTES + " bytes, found " + digest.length);
        }
        return new Digest(digest.clone());
    }

    /**
     * Reads the form that {@link #toString} writes.
     *
     * @param hex 64 hexadecimal digits in lower case
     * @return the digest
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Digest parse(String hex) {
        if (hex.length() != 2 * BYTES || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException(
                    "digest: expected " + 2 * BYTES + " hexadecimal digits in lower case, found " + Text.quote(hex));
        }
        return new Digest(HEX.parseHex(hex));
    }

    /**
     * Digests bytes.
     *
     * @param parts concatenated as they are; the caller makes their boundaries unambiguous
     * @return their SHA-256
     */
    public static Digest sha256(byte[]... parts) {
        MessageDigest digest = newSha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return finish(digest);
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform provides SHA-256", e);
        }
    }

    static Digest finish(MessageDigest sha256) {
        return new Digest(sha256.digest());
    }

    /** {@return the 32 bytes, a copy that the caller may change} */
    public byte[] toArray() {
        return value.clone();
    }

    /** {@return the first eight bytes in hexadecimal and an ellipsis} For messages. */
    public String shortHex() {
        return HEX.formatHex(value, 0, 8) + "…";
    }

    @Override
    public int compareTo(Digest other) {
        return Arrays.compareUnsigned(value, other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that && MessageDigest.isEqual(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    /** {@return 64 hexadecimal digits in lower case} */
    @Override
    public String toString() {
        return HEX.formatHex(value);
    }
}
