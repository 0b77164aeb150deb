package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.tpm.PcrValues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegisterTextTest {
    private static final String ONE = "AB".repeat(32);
    private static final String TWO = "cd".repeat(32);

    @Test
    void readsWhatThePcrToolPrints() {
        PcrValues values = RegisterText.read("  sha1:\n  sha256:\n    0 : 0x" + ONE + "\n    16: 0x" + TWO + "\n").orElseThrow();

        assertThat(values.find(TpmHash.SHA256, 0)).hasValue(Bytes.fromHex(ONE));
        assertThat(values.find(TpmHash.SHA256, 16)).hasValue(Bytes.fromHex(TWO));
        assertThat(values.banks()).containsOnlyKeys(TpmHash.SHA256);
    }

    @Test
    void otherFormsAreLeftAsTheyAre() {
        assertThat(RegisterText.read("\u00a1whatever")).isEmpty();
        assertThat(RegisterText.read("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 : 0x12", "nonsense", "99 : 0xZZ", "100 : 0x00"})
    void aWrongLineIsRefused(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> RegisterText.read("sha256:\n" + line + "\n"));
    }

    @Test
    void aRegisterTwiceIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegisterText.read("sha256:\n0 : 0x" + ONE + "\n0 : 0x" + TWO + "\n"))
                .withMessageContaining("twice");
    }
}
