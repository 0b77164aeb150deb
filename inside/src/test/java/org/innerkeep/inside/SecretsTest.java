package org.innerkeep.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class SecretsTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void theyComeBackAsTheyWereAndNothingElseIsTaken() throws Exception {
        byte[] encoded;
        try (Secrets made = Secrets.make(random)) {
            encoded = made.encode();
            try (Secrets read = Secrets.parse(encoded)) {
                assertThat(read.encode()).isEqualTo(encoded);
                assertThat(read.logKey().anchor()).isEqualTo(made.logKey().anchor());
                assertThat(read.release().getPublic()).isEqualTo(made.release().getPublic());
                Bytes wrapped = made.master(random).wrap("id", new byte[] {1});
                assertThat(read.master(random).unwrap("id", wrapped)).containsExactly(1);
                assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> read.tokens(random).unwrap("id", wrapped));
            }
        }
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Secrets.parse(Arrays.copyOf(encoded,
                encoded.length - 1)));
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Secrets.parse(Arrays.copyOf(encoded, encoded.length
                + 1)));
        for (byte[] mixed : List.of(mixed(encoded, 0, "EC", 256), mixed(encoded, 2, "RSA", 2048))) {
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Secrets.parse(mixed))
                    .withMessageContaining("private key");
        }
        assertThat(new Fuzzer(75, List.of(encoded)).run(100, data -> {
            try {
                Secrets.parse(data).close();
            } catch (MalformedException e) {
                // Refused, as it should be.
            }
        })).isEmpty();
    }

    /** The same, with another private key at this place. */
    private static byte[] mixed(byte[] encoded, int place, String algorithm, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        CborReader from = new CborReader(encoded);
        from.arrayOf("secrets", 6);
        CborWriter mixed = new CborWriter().array(6);
        for (int i = 0; i < 6; i++) {
            byte[] own = from.bytes("item", 1, 8192);
            mixed.bytes(i == place ? generator.generateKeyPair().getPrivate().getEncoded() : own);
        }
        return mixed.toByteArray();
    }
}
