package org.innerkeep.vault.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** A share is typed by people, and shown by anybody. */
class RecoveryShareTest {
    private static final Bytes VAULT = Bytes.fromHex("0011223344556677");
    private static final Bytes SET = Bytes.fromHex("cafe0001");

    private static RecoveryShare share() {
        byte[] secret = new byte[32];
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte) (i * 7);
        }
        return new RecoveryShare(VAULT, SET, new Quorum(3, 5), 2, secret);
    }

    private static void assertRefused(String text) {
        assertThatExceptionOfType(MalformedException.class).as(text).isThrownBy(() -> RecoveryShare.parse(text));
    }

    @Test
    void aShareHasOneTextOfCapitalLettersDigitsAndHyphens() throws MalformedException {
        String text = share().text();
        assertThat(text).matches("INNERKEEP-SHARE1(-[A-Z2-7]{4}){22}").hasSize(126);
        RecoveryShare read = RecoveryShare.parse(text);
        assertThat(read.text()).isEqualTo(text);
        assertThat(read.vault()).isEqualTo(VAULT);
        assertThat(read.set()).isEqualTo(SET);
        assertThat(read.quorum()).isEqualTo(new Quorum(3, 5));
        assertThat(read.index()).isEqualTo(2);
        assertThat(read.expose()).isEqualTo(share().expose());
        assertThat(read.digest()).isEqualTo(share().digest());
    }

    @Test
    void aCharacterThatWasMisreadIsFound() {
        String text = share().text();
        String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-";
        for (int i = 0; i < text.length(); i++) {
            for (int letter = 0; letter < letters.length(); letter++) {
                char other = letters.charAt(letter);
                if (text.charAt(i) != other) {
                    assertRefused(text.substring(0, i) + other + text.substring(i + 1));
                }
            }
        }
    }

    @Test
    void groupsThatWereSwappedLeftOutOrDoubledAreFound() {
        String text = share().text();
        List<String> parts = List.of(text.split("-"));
        assertRefused(text.substring(0, 17) + text.substring(22) + "-" + text.substring(17, 21));
        assertRefused(String.join("-", parts.subList(0, parts.size() - 1)));
        assertRefused(text + "-" + parts.getLast());
    }

    @Test
    void anotherTextOfTheSameShareIsRefused() {
        String text = share().text();
        assertRefused(text.toLowerCase(Locale.ROOT));
        assertRefused(text + "\n");
        assertRefused(" " + text);
        assertRefused(text.replace("-", ""));
        assertRefused(text.substring(0, 21) + text.charAt(22) + "-" + text.substring(23));
        assertRefused(text.replace("SHARE1", "SHARE2"));
        assertRefused("");
    }

    @Test
    void nothingThatIsPrintedOfItTellsTheSecret() {
        assertThat(share().toString()).isEqualTo("share 2 of 5, set cafe0001, vault 0011223344556677");
    }

    private static void read(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        try {
            assertThat(RecoveryShare.parse(text).text()).isEqualTo(text);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    @Test
    void survivesHostileText() {
        List<byte[]> seeds = List.of(share().text().getBytes(StandardCharsets.US_ASCII));
        assertThat(new Fuzzer(71, seeds).run(20_000, RecoveryShareTest::read)).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data);
    }
}
