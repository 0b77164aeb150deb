package org.innerkeep.testing.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeenTest {
    private static final byte[] NEEDLE = "a secret of somebody".getBytes(UTF_8);

    private static boolean found(byte[] hay) {
        Seen seen = new Seen();
        seen.add("somewhere", hay);
        return seen.find(List.of("something else".getBytes(UTF_8), NEEDLE)).isPresent();
    }

    @Test
    void findsANeedleInEveryFormAndAtEveryOffset() {
        for (int before = 0; before < 9; before++) {
            for (int after = 0; after < 4; after++) {
                byte[] hay = new byte[before + NEEDLE.length + after];
                System.arraycopy(NEEDLE, 0, hay, before, NEEDLE.length);

                assertThat(found(hay)).isTrue();
                assertThat(found(HexFormat.of().formatHex(hay).getBytes(UTF_8))).isTrue();
                assertThat(found(HexFormat.of().withUpperCase().formatHex(hay).getBytes(UTF_8))).isTrue();
                assertThat(found(Base64.getEncoder().encode(hay))).as("Base64 after %d", before).isTrue();
            }
        }
    }

    @Test
    void findsNothingElse() {
        byte[] nearly = NEEDLE.clone();
        nearly[NEEDLE.length - 1] ^= 1;

        assertThat(found(nearly)).isFalse();
        assertThat(found(new byte[0])).isFalse();
        assertThat(found(new byte[7])).isFalse();
    }

    @Test
    void findsANeedleThatCameInPieces() {
        Seen seen = new Seen();
        for (byte each : NEEDLE) {
            seen.add("somewhere", new byte[] {each});
        }

        assertThat(seen.find(List.of(NEEDLE))).contains("somewhere, byte 0");
        assertThat(seen.bytes()).isEqualTo(NEEDLE.length);
    }

    @Test
    void refusesNeedlesThatWouldBeFoundByChanceAndSearchesForNothing() {
        Seen seen = new Seen();
        assertThatIllegalArgumentException().isThrownBy(() -> seen.find(List.of(new byte[7])));
        assertThatIllegalArgumentException().isThrownBy(() -> seen.find(List.of()));
    }
}
