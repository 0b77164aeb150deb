package org.innerkeep.channel.internal.hpke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.InvalidKeyException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class X25519Test {
    @Test
    void agreesWithWycheproof() throws Exception {
        int zero = 0;
        int other = 0;
        for (Vectors.Case test : Vectors.of("wycheproof/x25519_test.json", "tcId")) {
            byte[] point = test.bytes("public");
            byte[] scalar = test.bytes("private");
            String shared = test.field("shared");
            if (shared.matches("0+")) {
                assertThatThrownBy(() -> X25519.agree(scalar, point)).as(test.text()).isInstanceOf(InvalidKeyException.class);
                assertThat(X25519.lowOrder(point)).as(test.text()).isTrue();
                zero++;
            } else {
                assertThat(X25519.agree(scalar, point)).as(test.text()).isEqualTo(test.bytes("shared"));
                assertThat(X25519.lowOrder(point)).as(test.text()).isFalse();
                other++;
            }
        }
        assertThat(zero).isGreaterThan(5);
        assertThat(other).isGreaterThan(400);
    }

    @Test
    void leavesTheCallersScalarAsItIs() throws InvalidKeyException {
        byte[] scalar = new byte[32];
        Arrays.fill(scalar, (byte) 0xff);
        byte[] before = scalar.clone();
        X25519.publicKey(scalar);
        assertThat(scalar).isEqualTo(before);
    }
}
