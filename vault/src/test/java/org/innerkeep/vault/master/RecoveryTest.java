package org.innerkeep.vault.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Bytes ID = Bytes.fromHex("00112233445566778899aabbccddeeff");
    private static final Quorum THREE_OF_FIVE = new Quorum(3, 5);

    /** Products in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, bit by bit, as FIPS 197 section 4.2 describes them. */
    private static int times(int a, int b) {
        int product = 0;
        for (int bit = 0; bit < 8; bit++) {
            if ((b >> bit & 1) != 0) {
                product ^= a << bit;
            }
        }
        for (int bit = 14; bit >= 8; bit--) {
            if ((product >> bit & 1) != 0) {
                product ^= 0x11b << (bit - 8);
            }
        }
        return product;
    }

    private static int inverse(int a) {
        for (int b = 1; b < 256; b++) {
            if (times(a, b) == 1) {
                return b;
            }
        }
        throw new IllegalArgumentException("0 has no inverse");
    }

    /** The value at {@code x} of the polynomial of least degree through points (Lagrange). */
    private static byte[] through(Map<Integer, byte[]> points, int x) {
        byte[] value = new byte[points.values().iterator().next().length];
        points.forEach((i, point) -> {
            int weight = 1;
            for (int j : points.keySet()) {
                if (j != i) {
                    weight = times(weight, times(x ^ j, inverse(i ^ j)));
                }
            }
            for (int at = 0; at < value.length; at++) {
                value[at] ^= (byte) times(weight, point[at] & 0xff);
            }
        });
        return value;
    }

    private static byte[] random32() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static Map<Integer, byte[]> points(List<byte[]> shares, int... indexes) {
        Map<Integer, byte[]> points = new TreeMap<>();
        for (int index : indexes) {
            points.put(index, shares.get(index - 1));
        }
        return points;
    }

    /** Computed by another program, in another language: a0 = 00 01 02 …, a1 = 03 0a 11 …, a2 = fb f6 f1 …, over bytes. */
    @Test
    void pointsOfAKnownPolynomialGiveItsValueAtZero() {
        Map<Integer, byte[]> known = Map.of(
                1, Bytes.fromHex("f8fde2f7fcc1f6ebe0858a9fe4e9ded3c8cd32070c11063b30d5daafb4b9aea3").toArray(),
                2, Bytes.fromHex("c7e0c9ae8bec05221f989196686f26216c4bb95e7b5c35526f858c4b2e292027").toArray(),
                5, Bytes.fromHex("dd2c2fd572fb3d1493c29130a6dff48d41b0fe12b59c4cc5428ad9832f56dda4").toArray(),
                16, Bytes.fromHex("96a841d4569d51aca67280a55bbdba5cf6c8a37bf904854e4432c0bf967041a7").toArray());
        String secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        for (int[] three : new int[][] {{1, 2, 5}, {1, 2, 16}, {1, 5, 16}, {2, 5, 16}}) {
            Map<Integer, byte[]> points = new TreeMap<>();
            for (int index : three) {
                points.put(index, known.get(index));
            }
            assertThat(Bytes.of(Recovery.combine(points)).hex()).isEqualTo(secret);
        }
    }

    @Test
    void sharesArePointsOfOnePolynomialOfTheRightDegreeForEveryQuorum() {
        for (int shares = 2; shares <= Quorum.MOST; shares++) {
            for (int needed = 2; needed <= shares; needed++) {
                byte[] secret = random32();
                List<byte[]> all = Recovery.split(secret, new Quorum(needed, shares), RANDOM);
                assertThat(all).hasSize(shares);
                Map<Integer, byte[]> first = new TreeMap<>();
                for (int i = 1; i <= needed; i++) {
                    first.put(i, all.get(i - 1));
                }
                assertThat(through(first, 0)).isEqualTo(secret);
                assertThat(Recovery.combine(first)).isEqualTo(secret);
                for (int i = needed + 1; i <= shares; i++) {
                    assertThat(through(first, i)).as(needed + " of " + shares + ", " + i).isEqualTo(all.get(i - 1));
                }
            }
        }
    }

    @Test
    void oneShareLessThanNeededFitsEverySecretEquallyWell() {
        byte[] secret = random32();
        List<byte[]> shares = Recovery.split(secret, THREE_OF_FIVE, RANDOM);
        Map<Integer, byte[]> two = points(shares, 2, 5);
        assertThat(Recovery.combine(two)).isNotEqualTo(secret);
        // Whatever the secret's first byte is, there is a polynomial of this degree through it and the two points.
        Set<Byte> thirds = new HashSet<>();
        for (int guess = 0; guess < 256; guess++) {
            Map<Integer, byte[]> three = new TreeMap<>(two);
            byte[] guessed = secret.clone();
            guessed[0] = (byte) guess;
            three.put(0, guessed);
            thirds.add(through(three, 1)[0]);
        }
        assertThat(thirds).hasSize(256);
    }

    @Test
    void theSameSecretIsDividedDifferentlyEachTime() {
        byte[] secret = random32();
        Set<Bytes> seen = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Recovery.split(secret, THREE_OF_FIVE, RANDOM).forEach(share -> seen.add(Bytes.of(share)));
        }
        assertThat(seen).hasSize(250).doesNotContain(Bytes.of(secret));
    }

    private static List<Recovery.Shown> shown(List<RecoveryShare> shares, int... indexes) {
        List<Recovery.Shown> shown = new ArrayList<>();
        for (int index : indexes) {
            shown.add(new Recovery.Shown("paper " + (shown.size() + 1), shares.get(index - 1)));
        }
        return shown;
    }

    private static void assertRefused(Recovery recovery, List<Recovery.Shown> shown, String... why) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> recovery.open(ID, shown))
                .satisfies(e -> assertThat(e.getMessage()).contains(why).contains("nothing was opened"));
    }

    @Test
    void anyThreeOfFiveSharesOpenTheMasterKeyAndMoreDoNoHarm() throws IOException {
        byte[] master = random32();
        try (Recovery.Made made = Recovery.make(ID, master, THREE_OF_FIVE, RANDOM)) {
            for (int[] some : new int[][] {{1, 2, 3}, {5, 3, 1}, {2, 4, 5}, {4, 3, 2}, {1, 2, 3, 4}, {5, 4, 3, 2, 1}}) {
                assertThat(made.recovery().open(ID, shown(made.shares(), some))).isEqualTo(master);
            }
        }
    }

    @Test
    void tooFewSharesOpenNothing() {
        try (Recovery.Made made = Recovery.make(ID, random32(), THREE_OF_FIVE, RANDOM)) {
            assertRefused(made.recovery(), shown(made.shares()), "expected 3 of the 5 shares", "found 0");
            assertRefused(made.recovery(), shown(made.shares(), 2, 5), "expected 3 of the 5 shares", "found 2");
            // And not because they are counted: what two of them give is not the key.
            Recovery lower = new Recovery(made.recovery().set(), THREE_OF_FIVE, made.recovery().digests(), made.recovery().wrapped());
            byte[] wrong = Recovery.combine(points(made.shares().stream().map(RecoveryShare::expose).toList(), 2, 5));
            assertThat(wrong).isNotEqualTo(Recovery.combine(points(made.shares().stream().map(RecoveryShare::expose).toList(), 2, 3, 5)));
            assertRefused(lower, shown(made.shares(), 2, 5), "found 2");
        }
    }

    @Test
    void eachShareThatIsWrongIsNamed() {
        byte[] master = random32();
        Bytes otherId = Bytes.fromHex("ff112233445566778899aabbccddeeff");
        try (Recovery.Made made = Recovery.make(ID, master, THREE_OF_FIVE, RANDOM);
                Recovery.Made newer = Recovery.make(ID, master, THREE_OF_FIVE, RANDOM);
                Recovery.Made other = Recovery.make(otherId, master, THREE_OF_FIVE, RANDOM)) {
            List<RecoveryShare> shares = made.shares();
            assertRefused(made.recovery(), shown(shares, 1, 2, 1), "paper 3 (share 1): it is shown twice");
            assertRefused(
                    made.recovery(),
                    List.of(
                            new Recovery.Shown("paper 1", shares.get(0)),
                            new Recovery.Shown("paper 2", newer.shares().get(1)),
                            new Recovery.Shown("paper 3", other.shares().get(2))),
                    "paper 2 (share 2): it is of the set " + newer.recovery().set().hex(),
                    "paper 3 (share 3): it is of the vault ff11223344556677");
            byte[] forged = shares.get(2).expose();
            forged[31] ^= 1;
            RecoveryShare third = new RecoveryShare(
                    RecoveryShare.vaultOf(ID), made.recovery().set(), THREE_OF_FIVE, 3, forged);
            assertRefused(
                    made.recovery(),
                    List.of(
                            new Recovery.Shown("paper 1", shares.get(0)),
                            new Recovery.Shown("paper 2", shares.get(1)),
                            new Recovery.Shown("paper 3", third)),
                    "paper 3 (share 3): it is none of the shares that were given out");
        }
    }

    @Test
    void aQuorumNeedsAtLeastTwoSharesAndHasAtMostSixteen() {
        assertThat(Quorum.parse("3/5")).contains(THREE_OF_FIVE);
        for (String wrong : List.of("", "3", "3/", "/5", "3 / 5", "03/5", "3/5/7", "-3/5", "3/500")) {
            assertThat(Quorum.parse(wrong)).as(wrong).isEmpty();
        }
        for (String wrong : List.of("1/5", "6/5", "2/17", "1/1")) {
            assertThatExceptionOfType(IllegalArgumentException.class).as(wrong).isThrownBy(() -> Quorum.parse(wrong));
        }
    }
}
