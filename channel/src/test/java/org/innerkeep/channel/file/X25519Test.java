package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class X25519Test {
    private static final HexFormat HEX = HexFormat.of();

    /** The vectors are flat objects, one a test; their file is JSON, for which a test needs no parser here. */
    private static final Pattern CASE = Pattern.compile("\\{[^{}]*\"tcId\"[^{}]*\\}");

    @Test
    void agreesWithWycheproof() throws Exception {
        String json = Files.readString(Samples.standards("wycheproof").resolve("x25519_test.json"));
        int zero = 0;
        int other = 0;
        for (MatchResult match : CASE.matcher(json).results().toList()) {
            byte[] point = HEX.parseHex(field(match.group(), "public"));
            byte[] scalar = HEX.parseHex(field(match.group(), "private"));
            String shared = field(match.group(), "shared");
            if (shared.matches("0+")) {
                assertThatThrownBy(() -> X25519.agree(scalar, point)).as(match.group()).isInstanceOf(InvalidKeyException.class);
                zero++;
            } else {
                assertThat(HEX.formatHex(X25519.agree(scalar, point))).as(match.group()).isEqualTo(shared);
                other++;
            }
        }
        assertThat(zero).isGreaterThan(5);
        assertThat(other).isGreaterThan(400);
    }

    private static String field(String test, String name) throws IOException {
        var matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([0-9a-f]*)\"").matcher(test);
        if (!matcher.find()) {
            throw new IOException("no " + name + " in " + test);
        }
        return matcher.group(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080"
    })
    void refusesRecipientOfLowOrder(String point) {
        assertThatThrownBy(() -> new Recipient(Bytes.fromHex(point))).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("low order");
        String text = new String(Bech32.encode("age", HEX.parseHex(point)), US_ASCII);
        assertThatThrownBy(() -> Recipient.parse(text)).isInstanceOf(SealedFileException.class).hasMessageContaining("low order");
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
