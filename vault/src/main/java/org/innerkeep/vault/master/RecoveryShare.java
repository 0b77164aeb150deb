package org.innerkeep.vault.master;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.util.encoders.Base32;
import org.bouncycastle.util.encoders.DecoderException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * One share of a recovery key. Its text is {@code INNERKEEP-SHARE1} and 88 letters and digits of base32 (RFC 4648 section 6) in groups of
 * four, all joined by hyphens, of 55 bytes: the first 8 bytes of the master key's id, 4 of the set, how many are needed, how many there
 * are, its index from 1, 32 bytes of the share, and the first 8 bytes of a SHA-256 over all that. One share has one text.
 *
 * <p>Equal to nothing but itself. Not safe for use by several threads. Close it to wipe it.
 */
final class RecoveryShare implements AutoCloseable {
    static final int VAULT_BYTES = 8;
    static final int SET_BYTES = 4;
    static final int SECRET_BYTES = 32;

    private static final String PREFIX = "INNERKEEP-SHARE1";
    private static final int GROUP = 4;
    private static final int CHECKED_BYTES = VAULT_BYTES + SET_BYTES + 3 + SECRET_BYTES;
    private static final int CHECKSUM_BYTES = 8;
    private static final int ENCODED_CHARS = (CHECKED_BYTES + CHECKSUM_BYTES) * 8 / 5;
    static final int TEXT_CHARS = PREFIX.length() + ENCODED_CHARS + ENCODED_CHARS / GROUP;

    private final Bytes vault;
    private final Bytes set;
    private final Quorum quorum;
    private final int index;
    private final byte[] secret;

    /**
     * A share.
     *
     * @param vault the first 8 bytes of the master key's id
     * @param set 4 bytes, random for each time that shares are made
     * @param quorum how many are needed, and there are
     * @param index 1 to the number of shares
     * @param secret 32 bytes, taken over
     */
    RecoveryShare(Bytes vault, Bytes set, Quorum quorum, int index, byte[] secret) {
        if (vault.length() != VAULT_BYTES || set.length() != SET_BYTES || secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("share: expected 8, 4 and 32 bytes");
        }
        if (index < 1 || index > quorum.shares()) {
            throw new IllegalArgumentException("share: expected an index of 1 to " + quorum.shares() + ", found " + index);
        }
        this.vault = vault;
        this.set = set;
        this.quorum = quorum;
        this.index = index;
        this.secret = secret;
    }

    /** What shares have of the id of a master key. */
    static Bytes vaultOf(Bytes id) {
        return Bytes.of(Arrays.copyOf(id.toArray(), VAULT_BYTES));
    }

    /**
     * Reads the text.
     *
     * @param text hostile
     * @throws MalformedException if it has another form, or was changed
     */
    static RecoveryShare parse(String text) throws MalformedException {
        if (!text.startsWith(PREFIX)) {
            throw new MalformedException("share", -1, "expected " + PREFIX + " and groups of four letters and digits");
        }
        if (text.length() != TEXT_CHARS) {
            throw new MalformedException("share", -1, "expected " + TEXT_CHARS + " characters, found " + text.length());
        }
        byte[] all = decoded(text.substring(PREFIX.length()).replace("-", ""));
        try {
            byte[] checked = Arrays.copyOf(all, CHECKED_BYTES);
            if (!Arrays.equals(Arrays.copyOfRange(all, CHECKED_BYTES, all.length), checksum(checked))) {
                throw new MalformedException("share", -1, "its checksum is wrong: a letter or digit was misread");
            }
            RecoveryShare share = of(ByteBuffer.wrap(checked));
            Arrays.fill(checked, (byte) 0);
            if (!share.text().equals(text)) {
                throw new MalformedException("share", -1, "expected capital letters, digits and a hyphen before each four");
            }
            return share;
        } finally {
            Arrays.fill(all, (byte) 0);
        }
    }

    private static byte[] decoded(String encoded) throws MalformedException {
        byte[] all = {};
        if (encoded.length() == ENCODED_CHARS && encoded.matches("[A-Z2-7]+")) {
            try {
                all = Base32.decode(encoded);
            } catch (DecoderException e) {
                // Told below.
            }
        }
        if (all.length != CHECKED_BYTES + CHECKSUM_BYTES) {
            throw new MalformedException("share", -1,
                    "expected A to Z and 2 to 7 in groups of four, joined by hyphens; there is neither 0, 1, 8 nor 9");
        }
        return all;
    }

    private static RecoveryShare of(ByteBuffer in) throws MalformedException {
        Bytes vault = taken(in, VAULT_BYTES);
        Bytes set = taken(in, SET_BYTES);
        int needed = in.get();
        int shares = in.get();
        int index = in.get();
        byte[] secret = new byte[SECRET_BYTES];
        in.get(secret);
        try {
            return new RecoveryShare(vault, set, new Quorum(needed, shares), index, secret);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("share", -1, String.valueOf(e.getMessage()));
        }
    }

    private static Bytes taken(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Bytes.of(bytes);
    }

    /** The secret keeps whoever has only the checksum from trying: 256 bits are not tried. */
    private static byte[] checksum(byte[] checked) {
        return Arrays.copyOf(
                Bytes.sha256("innerkeep recovery share v1".getBytes(StandardCharsets.US_ASCII), checked).toArray(), CHECKSUM_BYTES);
    }

    private byte[] checked() {
        return ByteBuffer.allocate(CHECKED_BYTES)
                .put(vault.toArray())
                .put(set.toArray())
                .put((byte) quorum.needed())
                .put((byte) quorum.shares())
                .put((byte) index)
                .put(secret)
                .array();
    }

    /** {@return the text, which is all of the secret} */
    String text() {
        byte[] checked = checked();
        byte[] checksum = checksum(checked);
        byte[] all = ByteBuffer.allocate(checked.length + checksum.length).put(checked).put(checksum).array();
        String encoded = Base32.toBase32String(all);
        Arrays.fill(checked, (byte) 0);
        Arrays.fill(all, (byte) 0);
        StringBuilder text = new StringBuilder(PREFIX);
        for (int i = 0; i < encoded.length(); i += GROUP) {
            text.append('-').append(encoded, i, i + GROUP);
        }
        return text.toString();
    }

    /** {@return a digest by which the share is known again; it tells nothing of 32 random bytes} */
    Bytes digest() {
        byte[] checked = checked();
        try {
            return Bytes.sha256("innerkeep recovery share digest v1".getBytes(StandardCharsets.US_ASCII), checked);
        } finally {
            Arrays.fill(checked, (byte) 0);
        }
    }

    Bytes vault() {
        return vault;
    }

    Bytes set() {
        return set;
    }

    Quorum quorum() {
        return quorum;
    }

    int index() {
        return index;
    }

    /** {@return a copy for the caller to wipe} */
    byte[] expose() {
        return secret.clone();
    }

    @Override
    public void close() {
        Arrays.fill(secret, (byte) 0);
    }

    /** {@return which share it is, and nothing of the secret} */
    @Override
    public String toString() {
        return "share " + index + " of " + quorum.shares() + ", set " + set.hex() + ", vault " + vault.hex();
    }
}
