package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeeperAnchorTest {
    private static final String TEXT = Samples.ANCHOR.toString();
    private static final byte[] SPKI = Samples.KEEPER.getPublic().getEncoded();

    @Test
    void readsItsOwnText() {
        assertThat(TEXT).startsWith("keeper-key:MFkw").doesNotContain("=");
        assertThat(KeeperAnchor.parse(TEXT)).isEqualTo(Samples.ANCHOR);
    }

    @Test
    void idIsTheDigestOfTheKey() {
        assertThat(Samples.ANCHOR.id()).isEqualTo(Bytes.sha256(SPKI));
    }

    @Test
    void readsPemAsOpensslWritesIt() {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(SPKI);
        String pem = "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";

        assertThat(KeeperAnchor.fromPem(pem)).isEqualTo(Samples.ANCHOR);
        assertThat(KeeperAnchor.fromPem(pem.replace("\n", "\r\n"))).isEqualTo(Samples.ANCHOR);
    }

    @Test
    void refusesOtherTexts() {
        String lastChanged = TEXT.substring(0, TEXT.length() - 1) + (TEXT.endsWith("A") ? "B" : "A");
        for (String text : List.of(
                "", "keeper-key:", TEXT + "=", TEXT + "\n", " " + TEXT, TEXT.substring(11), TEXT + TEXT, TEXT + "A",
                TEXT.replace("keeper-key", "Keeper-Key"), TEXT.replace('-', '+').replace('_', '/'), lastChanged,
                "keeper-key:" + "A".repeat(100_000))) {
            assertThatExceptionOfType(IllegalArgumentException.class).as(text).isThrownBy(() -> KeeperAnchor.parse(text));
        }
    }

    @Test
    void refusesOtherPem() {
        String base64 = Base64.getEncoder().encodeToString(SPKI);
        for (String pem : List.of(
                "",
                "-----BEGIN PUBLIC KEY-----",
                "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----",
                "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----",
                "-----BEGIN PUBLIC KEY-----\n" + base64 + " !\n-----END PUBLIC KEY-----",
                "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\nmore",
                "-----BEGIN PUBLIC KEY-----\n" + base64.substring(4) + "\n-----END PUBLIC KEY-----")) {
            assertThatExceptionOfType(IllegalArgumentException.class).as(pem).isThrownBy(() -> KeeperAnchor.fromPem(pem));
        }
    }

    @Test
    void refusesKeysThatCannotSignReports() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> KeeperAnchor.of(Samples.newKey("secp384r1").getPublic()));
        byte[] offCurve = SPKI.clone();
        offCurve[90] ^= 1;
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new KeeperAnchor(Bytes.of(offCurve)));
    }
}
