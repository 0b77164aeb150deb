package org.innerkeep.vault.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;

class Argon2Test {
    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** From the reference implementation, {@code phc-winner-argon2}, {@code src/test.c}: Argon2id, version 0x13, 2 passes, 64 MiB, 1 lane. */
    @Test
    void derivesWhatTheReferenceImplementationDerives() {
        assertThat(Bytes.of(new Argon2(64 << 10, 2, 1).derive(ascii("password"), ascii("somesalt"))).hex())
                .isEqualTo("09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    }

    @Test
    void theCostOfNewPassphrasesIsWhatRfc9106Recommends() {
        assertThat(Argon2.STRONG).isEqualTo(new Argon2(65_536, 3, 4));
    }
}
