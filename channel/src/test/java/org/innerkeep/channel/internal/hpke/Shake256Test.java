package org.innerkeep.channel.internal.hpke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.api.Test;

class Shake256Test {
    @Test
    void ofNothingIsWhatFips202Gives() {
        // NIST's examples for FIPS 202, message of 0 bits: the first 64 bytes.
        assertThat(HexFormat.of().formatHex(Shake256.expand(new byte[0], 64))).isEqualTo(
            "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"
                + "d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be");
    }

    @Test
    void beginsForEveryLengthAsTheJdksDoes() throws Exception {
        Random random = new Random(1);
        for (int length = 0; length < Shake256.RATE; length++) {
            byte[] input = new byte[length];
            random.nextBytes(input);
            byte[] ours = Shake256.expand(input, Shake256.RATE);
            assertThat(Arrays.copyOf(ours, 64)).as("input of %d bytes", length)
                .isEqualTo(MessageDigest.getInstance("SHAKE256-512").digest(input));
        }
    }

    @Test
    void isForEveryLengthOfOutputWhatAPeerGives() {
        byte[] input = {1, 2, 3};
        for (int length = 0; length <= Shake256.RATE; length++) {
            SHAKEDigest peer = new SHAKEDigest(256);
            peer.update(input, 0, input.length);
            byte[] theirs = new byte[length];
            peer.doFinal(theirs, 0, length);
            assertThat(Shake256.expand(input, length)).isEqualTo(theirs);
        }
    }

    @Test
    void refusesWhatDoesNotFitOneBlock() {
        assertThatThrownBy(() -> Shake256.expand(new byte[Shake256.RATE], 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shake256.expand(new byte[1], Shake256.RATE + 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
