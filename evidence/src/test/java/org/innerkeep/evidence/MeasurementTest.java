package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasurementTest {
    private static final String HEX_32 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String HEX_48 = HEX_32 + "0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @ValueSource(strings = {"sha-256:" + HEX_32, "sha-384:" + HEX_48})
    void readsItsOwnText(String text) {
        assertThat(Measurement.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ":", HEX_32, "sha-256:", "sha-256:" + HEX_48, "sha-384:" + HEX_32, "sha-512:" + HEX_32, "SHA-256:" + HEX_32,
        "sha-256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "sha-256: " + HEX_32,
        "sha-256:" + HEX_32 + "\n", "sha-256:" + HEX_32 + "0",
    })
    void refusesOtherText(String text) {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> Measurement.parse(text));
    }
}
