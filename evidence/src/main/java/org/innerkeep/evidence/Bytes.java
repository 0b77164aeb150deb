package org.innerkeep.evidence;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable sequence of public bytes with value equality, printed as lower-case hexadecimal. Never holds a secret.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class Bytes implements Comparable<Bytes> {
    /** No bytes. */
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] value;

    /** Made when it is first asked for, as that of {@link String} is: a race makes the same one twice. */
    private int hash;

    private Bytes(byte[] owned) {
        this.value = owned;
    }

    /**
     * Copies an array.
     *
     * @param bytes the bytes to copy
     * @return the same bytes, unaffected by later changes of the array
     */
    public static Bytes of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(bytes.clone());
    }

    /**
     * Reads hexadecimal digits of either case.
     *
     * @param hex an even number of hexadecimal digits
     * @return the bytes they stand for
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Bytes fromHex(String hex) {
        return new Bytes(HexFormat.of().parseHex(hex));
    }

    /**
     * Digests with SHA-256 (FIPS 180-4).
     *
     * @param parts concatenated as they are; the caller makes their boundaries unambiguous
     * @return 32 bytes
     */
    public static Bytes sha256(byte[]... parts) {
        MessageDigest digest = Sha256.newDigest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return new Bytes(digest.digest());
    }

    /** {@return the number of bytes} */
    public int length() {
        return value.length;
    }

    /** {@return a copy that the caller may change} */
    public byte[] toArray() {
        return value.clone();
    }

    /** {@return lower-case hexadecimal digits, two for each byte} */
    public String hex() {
        return HexFormat.of().formatHex(value);
    }

    /** {@return the first eight bytes in hexadecimal and an ellipsis, or everything where that is shorter} For messages. */
    public String shortHex() {
        return value.length <= 10 ? hex() : HexFormat.of().formatHex(value, 0, 8) + "…";
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(value, other.value);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Bytes that && Arrays.equals(value, that.value));
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(value);
            hash = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return hex();
    }
}
