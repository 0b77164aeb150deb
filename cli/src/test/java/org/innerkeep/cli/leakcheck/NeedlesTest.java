package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NeedlesTest {
    private static final byte[] KEY = HexFormat.of().parseHex("fbff00112233445566778899aabbccddeeff0102030405060708090a0b0c0d0e");

    @Test
    void seeksARowInEveryForm() {
        Needles needles = Needles.builder().row("clinic-a", 3, "17.99,10.38,122.8,1001,0.1184").build();

        assertThat(texts(needles, Form.TEXT_ROW, "UTF-8")).containsExactly("17.99,10.38,122.8,1001,0.1184");
        assertThat(texts(needles, Form.TEXT_RUN, "UTF-8")).containsExactly("17.99,10.38,122.8,1001", "10.38,122.8,1001,0.1184");
        assertThat(texts(needles, Form.TEXT_ROW_UTF16, "ISO-8859-1")).containsExactly(
                String.join("\0", "17.99,10.38,122.8,1001,0.1184".split("")));
        assertThat(texts(needles, Form.TEXT_RUN_UTF16, "ISO-8859-1")).contains(
                String.join("\0", "10.38,122.8,1001,0.1184".split("")));
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            assertThat(bytes(needles, Form.FLOAT32)).contains(ByteBuffer.wrap(ByteBuffer.allocate(16).order(order)
                    .putFloat(10.38f).putFloat(122.8f).putFloat(1001f).putFloat(0.1184f).array()));
            assertThat(bytes(needles, Form.FLOAT64)).contains(ByteBuffer.wrap(ByteBuffer.allocate(32).order(order)
                    .putDouble(17.99).putDouble(10.38).putDouble(122.8).putDouble(1001).array()));
        }
        assertThat(needles.counts()).isEqualTo(Map.of(Form.TEXT_ROW, 1, Form.TEXT_ROW_UTF16, 1, Form.TEXT_RUN, 2,
                Form.TEXT_RUN_UTF16, 2, Form.FLOAT32, 4, Form.FLOAT64, 4));
        assertThat(needles.label(0)).isEqualTo("clinic-a row 3");
        assertThat(needles.skipped()).isEmpty();
    }

    @Test
    void seeksAKeyInEveryForm() {
        Needles needles = Needles.builder().key("file key", KEY).keyText("identity", "AGE-SECRET-KEY-1QPZRY").build();

        assertThat(bytes(needles, Form.KEY_RAW)).containsExactly(ByteBuffer.wrap(KEY));
        assertThat(texts(needles, Form.KEY_HEX, "UTF-8")).containsExactly(
                HexFormat.of().formatHex(KEY), HexFormat.of().withUpperCase().formatHex(KEY));
        assertThat(texts(needles, Form.KEY_BASE64, "UTF-8")).containsExactly(
                "+/8AESIzRFVmd4iZqrvM3e7/AQIDBAUGBwgJCgsMDQ4", "-_8AESIzRFVmd4iZqrvM3e7_AQIDBAUGBwgJCgsMDQ4");
        assertThat(texts(needles, Form.KEY_BASE64_UTF16, "ISO-8859-1")).contains(
                String.join("\0", "-_8AESIzRFVmd4iZqrvM3e7_AQIDBAUGBwgJCgsMDQ4".split("")));
        assertThat(texts(needles, Form.KEY_TEXT, "UTF-8")).containsExactly("AGE-SECRET-KEY-1QPZRY");
        assertThat(needles.counts()).containsOnlyKeys(Form.KEY_RAW, Form.KEY_HEX, Form.KEY_HEX_UTF16, Form.KEY_BASE64,
                Form.KEY_BASE64_UTF16, Form.KEY_TEXT, Form.KEY_TEXT_UTF16);
    }

    @Test
    void leavesFieldsThatAreNotNumbersOutOfTheNumbers() {
        Needles needles = Needles.builder().row("a", 1, "97.5,\"F\",1997,5.7,,\"4.86\",\"Circulatory, other\"").build();

        assertThat(bytes(needles, Form.FLOAT32)).contains(ByteBuffer.wrap(ByteBuffer.allocate(16)
                .putFloat(97.5f).putFloat(1997f).putFloat(5.7f).putFloat(4.86f).array()));
        assertThat(texts(needles, Form.TEXT_RUN, "UTF-8")).contains(
                "97.5,\"F\",1997,5.7", "5.7,,\"4.86\",\"Circulatory, other\"");
    }

    @Test
    void seeksBothRoundingsToFloat() {
        // Between two floats, and just so far above the middle that the nearest double is the middle itself.
        String text = "1.00000005960464477539062500000001";
        assertThat(Float.parseFloat(text)).isNotEqualTo((float) Double.parseDouble(text));

        Needles needles = Needles.builder().row("a", 1, text + ",123.4,567.8,901.2").build();

        assertThat(bytes(needles, Form.FLOAT32)).contains(
                ByteBuffer.wrap(ByteBuffer.allocate(16)
                        .putFloat(Float.parseFloat(text)).putFloat(123.4f).putFloat(567.8f).putFloat(901.2f).array()),
                ByteBuffer.wrap(ByteBuffer.allocate(16)
                        .putFloat((float) Double.parseDouble(text)).putFloat(123.4f).putFloat(567.8f).putFloat(901.2f).array()));
    }

    @Test
    void seeksTextOutsideAsciiInEveryEncoding() {
        Needles needles = Needles.builder().row("a", 1, "Müller,Zürich,1980,12.345").build();

        assertThat(bytes(needles, Form.TEXT_ROW)).containsExactly(
                StandardCharsets.UTF_8.encode("Müller,Zürich,1980,12.345"),
                StandardCharsets.ISO_8859_1.encode("Müller,Zürich,1980,12.345"));

        String wide = "Łukasz,Łódź,1980,12.345";
        assertThat(bytes(Needles.builder().row("a", 1, wide).build(), Form.TEXT_ROW_UTF16)).containsExactly(
                StandardCharsets.UTF_16LE.encode(wide), StandardCharsets.UTF_16BE.encode(wide));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0,0,0,0.1184|too few different",
        "0,1,0.5,2|nothing but plain numbers",
        "0,1,0.5,99.5|only one that is not plain",
        "12,M,F,1|short words and a small number",
        "101,101.0,1,1.01e2|the same number in other words"
    })
    void countsRunsTooPoorToBeSpecific(String row) {
        Needles needles = Needles.builder().row("a", 1, row).key("k", KEY).build();

        assertThat(needles.counts()).doesNotContainKeys(Form.TEXT_ROW, Form.TEXT_RUN, Form.FLOAT32, Form.FLOAT64);
        assertThat(needles.skipped()).containsEntry(Form.TEXT_ROW, 1).containsEntry(Form.TEXT_RUN, 1);
    }

    @Test
    void seeksNumbersWhoseTextIsTooShort() {
        Needles needles = Needles.builder().row("a", 1, "132,49,0,18").build();

        assertThat(needles.counts()).containsOnlyKeys(Form.FLOAT32, Form.FLOAT64);
        assertThat(needles.skipped()).containsOnlyKeys(Form.TEXT_ROW, Form.TEXT_ROW_UTF16, Form.TEXT_RUN, Form.TEXT_RUN_UTF16);
    }

    @Test
    void countsWholeNumbersAmongZerosAsTooPoor() {
        // As floats, 0000174400000000 0000234400000000: so begins a table of primes in a cryptographic library.
        Needles needles = Needles.builder().row("a", 1, "604,0,652,0").key("k", KEY).build();

        assertThat(needles.skipped()).containsEntry(Form.FLOAT32, 1);
        assertThat(needles.counts()).doesNotContainKey(Form.FLOAT32);
    }

    @Test
    void seeksTheBeginningOfAVeryLongRow() {
        String row = "12345.6,".repeat(1000) + "77.77,88.88";
        Needles needles = Needles.builder().row("a", 1, row).build();

        assertThat(texts(needles, Form.TEXT_ROW, "UTF-8")).containsExactly(row.substring(0, Needles.MAX_TEXT));
    }

    @Test
    void refusesToLookForNothing() {
        assertThatThrownBy(() -> Needles.builder().row("a", 1, "0,0,0,0").build())
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("TEXT_ROW=1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 1025})
    void refusesKeysOfOtherSizesWithoutShowingThem(int size) {
        byte[] key = new byte[size];
        assertThatThrownBy(() -> Needles.builder().key("k", key))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("key k has " + size + " bytes, wanted 16 to 1024");
    }

    @Test
    void refusesAKeyThatIsNone() {
        assertThatThrownBy(() -> Needles.builder().key("k", new byte[32]))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("fewer than 5 different bytes");
        assertThatThrownBy(() -> Needles.builder().keyText("k", "aaaaaaaaaaaaaaaaaaaa"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "ä", "0123456789012345678901234567890123456789012345678901234567890123456789"})
    void refusesLabelsThatAReportCannotShow(String label) {
        assertThatThrownBy(() -> Needles.builder().key(label, KEY)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("printable ASCII");
    }

    @Test
    void showsNoSecret() {
        assertThat(Needles.builder().key("k", KEY).row("a", 1, "17.99,10.38,122.8,1001").build().toString())
                .doesNotContain("fbff").doesNotContain("17.99").contains("KEY_RAW=1");
    }

    private static List<String> texts(Needles needles, Form form, String charset) {
        return bytes(needles, form).stream().map(b -> Charset.forName(charset).decode(b.duplicate()).toString()).toList();
    }

    private static List<ByteBuffer> bytes(Needles needles, Form form) {
        List<ByteBuffer> bytes = new ArrayList<>();
        for (int i = 0; i < needles.size(); i++) {
            if (needles.form(i) == form) {
                bytes.add(ByteBuffer.wrap(needles.patterns().get(i)));
            }
        }
        return bytes;
    }
}
