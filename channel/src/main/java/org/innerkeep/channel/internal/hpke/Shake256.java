package org.innerkeep.channel.internal.hpke;

import java.util.Arrays;

/**
 * SHAKE256 (FIPS 202) for short input and output, one call of the permutation Keccak-f[1600]. Here because the JDK has SHAKE256
 * with 64 bytes of output only ({@code SHAKE256-512}), and X-Wing needs 96. Runs in constant time: no branch and no index depends
 * on the input.
 */
final class Shake256 {
    /** Bytes of the state that take input and give output. */
    static final int RATE = 136;

    private static final int SIDE = 5;
    private static final int LANES = SIDE * SIDE;
    private static final byte DOMAIN = 0x1f;
    private static final byte LAST = (byte) 0x80;
    private static final long[] ROUNDS = {
        0x0000000000000001L, 0x0000000000008082L, 0x800000000000808aL, 0x8000000080008000L, 0x000000000000808bL,
        0x0000000080000001L, 0x8000000080008081L, 0x8000000000008009L, 0x000000000000008aL, 0x0000000000000088L,
        0x0000000080008009L, 0x000000008000000aL, 0x000000008000808bL, 0x800000000000008bL, 0x8000000000008089L,
        0x8000000000008003L, 0x8000000000008002L, 0x8000000000000080L, 0x000000000000800aL, 0x800000008000000aL,
        0x8000000080008081L, 0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L
    };

    private Shake256() {}

    /**
     * Computes SHAKE256.
     *
     * @param input less than 136 bytes
     * @param length of the output in bytes, at most 136
     * @return the output, which the caller wipes if secret
     */
    static byte[] expand(byte[] input, int length) {
        if (input.length >= RATE || length > RATE) {
            throw new IllegalArgumentException("this SHAKE256 takes less than " + RATE + " bytes and gives at most so many");
        }
        long[] state = new long[LANES];
        byte[] block = Arrays.copyOf(input, RATE);
        try {
            block[input.length] = DOMAIN;
            block[RATE - 1] |= LAST;
            for (int i = 0; i < RATE; i++) {
                state[i / Long.BYTES] |= (block[i] & 0xffL) << (8 * (i % Long.BYTES));
            }
            permute(state);
            byte[] output = new byte[length];
            for (int i = 0; i < length; i++) {
                output[i] = (byte) (state[i / Long.BYTES] >>> (8 * (i % Long.BYTES)));
            }
            return output;
        } finally {
            Arrays.fill(block, (byte) 0);
            Arrays.fill(state, 0);
        }
    }

    /** Keccak-f[1600]; FIPS 202, section 3.3. The lane (x, y) is {@code lanes[x + 5 * y]}. */
    private static void permute(long[] lanes) {
        long[] row = new long[SIDE];
        for (long round : ROUNDS) {
            theta(lanes, row);
            rhoAndPi(lanes);
            chi(lanes, row);
            lanes[0] ^= round;
        }
        Arrays.fill(row, 0);
    }

    private static void theta(long[] lanes, long[] parity) {
        Arrays.fill(parity, 0);
        for (int i = 0; i < LANES; i++) {
            parity[i % SIDE] ^= lanes[i];
        }
        for (int x = 0; x < SIDE; x++) {
            long column = parity[(x + 4) % SIDE] ^ Long.rotateLeft(parity[(x + 1) % SIDE], 1);
            for (int y = 0; y < LANES; y += SIDE) {
                lanes[x + y] ^= column;
            }
        }
    }

    /** Both steps at once: each lane but the first moves to the place of the next on a path through all, and is turned. */
    private static void rhoAndPi(long[] lanes) {
        int x = 1;
        int y = 0;
        long moved = lanes[x];
        for (int t = 1; t < LANES; t++) {
            int next = (2 * x + 3 * y) % SIDE;
            x = y;
            y = next;
            long here = lanes[x + SIDE * y];
            lanes[x + SIDE * y] = Long.rotateLeft(moved, t * (t + 1) / 2);
            moved = here;
        }
    }

    private static void chi(long[] lanes, long[] row) {
        for (int y = 0; y < LANES; y += SIDE) {
            System.arraycopy(lanes, y, row, 0, SIDE);
            for (int x = 0; x < SIDE; x++) {
                lanes[x + y] = row[x] ^ (~row[(x + 1) % SIDE] & row[(x + 2) % SIDE]);
            }
        }
    }
}
