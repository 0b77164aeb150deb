package org.innerkeep.cli.leakcheck;

import java.nio.ByteBuffer;

/** The round keys of AES-256 (FIPS 197, section 5.2), from which the key follows. */
final class AesSchedule {
    private static final int KEY_WORDS = 8;
    private static final int WORDS = 60;

    private AesSchedule() {}

    static int[] expand(byte[] key) {
        int[] words = new int[WORDS];
        ByteBuffer.wrap(key).asIntBuffer().get(words, 0, KEY_WORDS);
        int constant = 1;
        for (int i = KEY_WORDS; i < WORDS; i++) {
            int word = words[i - 1];
            if (i % KEY_WORDS == 0) {
                word = substituted(Integer.rotateLeft(word, 8)) ^ (constant << 24);
                constant = doubled(constant);
            } else if (i % KEY_WORDS == 4) {
                word = substituted(word);
            }
            words[i] = words[i - KEY_WORDS] ^ word;
        }
        return words;
    }

    private static int substituted(int word) {
        int result = 0;
        for (int shift = 24; shift >= 0; shift -= 8) {
            result |= box((word >>> shift) & 0xff) << shift;
        }
        return result;
    }

    /** The S-box by its definition: the inverse in GF(2⁸), then an affine map. */
    private static int box(int value) {
        int inverse = 0;
        for (int each = 1; each < 256 && value != 0; each++) {
            if (product(value, each) == 1) {
                inverse = each;
            }
        }
        int result = 0x63;
        for (int turn = 0; turn < 5; turn++) {
            result ^= ((inverse << turn) | (inverse >>> (8 - turn))) & 0xff;
        }
        return result;
    }

    private static int product(int a, int b) {
        int sum = 0;
        for (int factor = a, bits = b; bits != 0; bits >>>= 1, factor = doubled(factor)) {
            sum ^= (bits & 1) == 1 ? factor : 0;
        }
        return sum;
    }

    private static int doubled(int value) {
        int twice = value << 1;
        return (twice & 0x100) == 0 ? twice : twice ^ 0x11b;
    }
}
