package org.innerkeep.channel.file;

import java.util.Arrays;
import java.util.Locale;
import org.innerkeep.evidence.MalformedException;

/**
 * Bech32 (BIP 173) over bytes, without its limit of 90 characters, as the age format uses it. Works on arrays, because an
 * identity is a secret and a {@code String} cannot be wiped.
 */
final class Bech32 {
    /** Longer than any text this package accepts, so that hostile text costs nothing. */
    private static final int MAX_LENGTH = 2048;

    private static final int CHECKSUM = 6;
    private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int[] GENERATOR = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};

    private Bech32() {}

    /** Encodes in the case of the prefix, which is all upper or all lower. {@return ASCII, which the caller wipes if secret} */
    static byte[] encode(String prefix, byte[] data) {
        boolean upper = prefix.equals(prefix.toUpperCase(Locale.ROOT));
        byte[] groups = toGroups(data);
        byte[] text = new byte[prefix.length() + 1 + groups.length + CHECKSUM];
        try {
            int at = 0;
            for (; at < prefix.length(); at++) {
                text[at] = (byte) prefix.charAt(at);
            }
            text[at++] = '1';
            for (byte group : groups) {
                text[at++] = letter(group, upper);
            }
            int checksum = checksum(prefix, groups, groups.length, CHECKSUM) ^ 1;
            for (int i = 0; i < CHECKSUM; i++) {
                text[at++] = letter((checksum >>> (5 * (CHECKSUM - 1 - i))) & 31, upper);
            }
            return text;
        } finally {
            Arrays.fill(groups, (byte) 0);
        }
    }

    /**
     * Decodes text that must have exactly this prefix, in its case throughout. Only the text that {@link #encode} would give is
     * accepted.
     *
     * @return the data, which the caller wipes if secret
     * @throws MalformedException if the text is anything else; tells a position at most, never a character
     */
    static byte[] decode(String prefix, byte[] text) throws MalformedException {
        boolean upper = prefix.equals(prefix.toUpperCase(Locale.ROOT));
        int start = prefix.length() + 1;
        if (text.length > MAX_LENGTH) {
            throw new MalformedException("text", -1, "it has " + text.length + " characters, at most " + MAX_LENGTH + " are read");
        }
        if (text.length < start + CHECKSUM || !startsWith(text, prefix + "1")) {
            throw new MalformedException("text", -1, "it does not start with " + prefix + "1 and a checksummed value");
        }
        byte[] groups = new byte[text.length - start];
        try {
            for (int i = 0; i < groups.length; i++) {
                int character = text[start + i];
                boolean otherCase = upper ? (character >= 'a' && character <= 'z') : (character >= 'A' && character <= 'Z');
                int group = character < 0 || otherCase ? -1 : ALPHABET.indexOf(Character.toLowerCase(character));
                if (group < 0) {
                    throw new MalformedException("character", start + i, "it is not a Bech32 character of the prefix's case");
                }
                groups[i] = (byte) group;
            }
            if (checksum(prefix, groups, groups.length, 0) != 1) {
                throw new MalformedException("checksum", -1, "it does not fit: the text was mistyped or cut");
            }
            return toBytes(groups, groups.length - CHECKSUM);
        } finally {
            Arrays.fill(groups, (byte) 0);
        }
    }

    static boolean startsWith(byte[] text, String prefix) {
        if (text.length < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (text[i] != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static byte letter(int group, boolean upper) {
        char letter = ALPHABET.charAt(group);
        return (byte) (upper ? Character.toUpperCase(letter) : letter);
    }

    /** The BCH checksum over prefix and groups, followed by so many zero groups. */
    private static int checksum(String prefix, byte[] groups, int length, int zeros) {
        String lower = prefix.toLowerCase(Locale.ROOT);
        int state = 1;
        for (int i = 0; i < lower.length(); i++) {
            state = step(state, lower.charAt(i) >>> 5);
        }
        state = step(state, 0);
        for (int i = 0; i < lower.length(); i++) {
            state = step(state, lower.charAt(i) & 31);
        }
        for (int i = 0; i < length; i++) {
            state = step(state, groups[i]);
        }
        for (int i = 0; i < zeros; i++) {
            state = step(state, 0);
        }
        return state;
    }

    private static int step(int state, int value) {
        int top = state >>> 25;
        int next = ((state & 0x1ffffff) << 5) ^ value;
        for (int i = 0; i < GENERATOR.length; i++) {
            next ^= ((top >>> i) & 1) * GENERATOR[i];
        }
        return next;
    }

    private static byte[] toGroups(byte[] data) {
        byte[] groups = new byte[(data.length * 8 + 4) / 5];
        for (int bit = 0; bit < data.length * 8; bit++) {
            groups[bit / 5] |= (byte) (((data[bit / 8] >>> (7 - bit % 8)) & 1) << (4 - bit % 5));
        }
        return groups;
    }

    private static byte[] toBytes(byte[] groups, int length) throws MalformedException {
        byte[] data = new byte[length * 5 / 8];
        int rest = length * 5 - data.length * 8;
        // Left-over bits are fewer than a group and zero, or two texts would stand for the same bytes.
        if (rest >= 5 || (length > 0 && (groups[length - 1] & ((1 << rest) - 1)) != 0)) {
            throw new MalformedException("value", -1, "its length is not a number of bytes or its padding is not zero");
        }
        for (int bit = 0; bit < data.length * 8; bit++) {
            data[bit / 8] |= (byte) (((groups[bit / 5] >>> (4 - bit % 5)) & 1) << (7 - bit % 8));
        }
        return data;
    }
}
