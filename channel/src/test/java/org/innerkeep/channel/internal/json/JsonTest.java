package org.innerkeep.channel.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static Json.Value read(String text) throws JsonException {
        return Json.decode(text.getBytes(UTF_8)).read();
    }

    @Test
    void readsEveryKindOfValueWithItsPlace() throws JsonException {
        assertThat(read(" {\"a\" : [1, -2.50e1, \"x\", true, false, null, {}], \"\": []}"))
                .isEqualTo(new Json.Obj(
                        1,
                        Map.of(
                                "a",
                                new Json.Array(
                                        8,
                                        List.of(
                                                new Json.Decimal(9, BigDecimal.ONE),
                                                new Json.Decimal(12, new BigDecimal("-25.0")),
                                                new Json.Text(21, "x"),
                                                new Json.Flag(26, true),
                                                new Json.Flag(32, false),
                                                new Json.Null(39),
                                                new Json.Obj(45, Map.of()))),
                                "",
                                new Json.Array(54, List.of()))));
    }

    @Test
    void readsEscapes() throws JsonException {
        assertThat(read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00é😀\""))
                .isEqualTo(new Json.Text(0, "\"\\/\b\f\n\r\té😀é😀"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
                "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:1}", "tru", "True", "nul", "NaN", "-NaN", "Infinity",
                "-Infinity", "-", "+1", ".5", "5.", "01", "-01", "1e", "1e+", "0x10", "1_000", "1.2.3", "1e1e1", "1e999",
                "-1e999", "1e9999", "123456789012345678901", "1f", "1d", "١", "\"\\u12\"", "\"\\u12g0\"", "\"\\u١٢٣٤\"",
                "\"\\x\"", "\"\\", "\"a", "\"\n\"", "\"\t\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud800x\"",
                "\"\\ud800", "1 1", "{} {}", "[] ,", "// x\n1", "/* x */ 1", "\ufeff1", "\u00a01", "\f1", "\u0000", "1\u0000",
            })
    void refusesEverythingElse(String text) {
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> read(text));
    }

    @Test
    void refusesBytesThatAreNotUtf8AndSaysWhere() {
        // A stray continuation byte, an overlong slash, a surrogate and a cut sequence.
        for (byte[] bad : List.of(
                new byte[] {(byte) 0x80},
                new byte[] {(byte) 0xc0, (byte) 0xaf},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[] {(byte) 0xe2, (byte) 0x82})) {
            byte[] good = "{\n\"é\": \"".getBytes(UTF_8);
            byte[] whole = Arrays.copyOf(good, good.length + bad.length);
            System.arraycopy(bad, 0, whole, good.length, bad.length);
            assertThatExceptionOfType(JsonException.class).isThrownBy(() -> Json.decode(whole))
                    .withMessage("line 2, column 7: expected UTF-8, found other bytes");
        }
    }

    @Test
    void refusesAFieldThatComesTwiceAlsoUnderAnotherSpelling() {
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> read("{\"a\":1,\n \"\\u0061\":1}"))
                .withMessage("line 2, column 2: field \"a\" comes twice");
    }

    @Test
    void refusesTextThatIsTooLargeOrTooDeep() throws JsonException {
        byte[] large = " ".repeat(Json.MAX_BYTES + 1).getBytes(UTF_8);
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> Json.decode(large))
                .withMessageContaining("at most 262144");
        assertThat(read("[".repeat(9) + "]".repeat(9))).isInstanceOf(Json.Array.class);
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> read("[".repeat(10) + "]".repeat(10)))
                .withMessageContaining("nested deeper than 8");
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> read("[".repeat(200_000)));
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> read("1".repeat(200_000)))
                .withMessageContaining("more than 32 characters");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[1,\\n 2,\\n  x]|3|3", "x|1|1", "[\"é😀\", x]|1|8", "[\\n|2|1", "\\r\\n\\r\\n?|3|1"})
    void namesLineAndColumn(String escaped, int line, int column) {
        String text = escaped.replace("\\n", "\n").replace("\\r", "\r");
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> read(text)).satisfies(e -> {
            assertThat(e.line()).isEqualTo(line);
            assertThat(e.column()).isEqualTo(column);
        });
    }

    @Test
    void quotesTextFromOutsideSoThatItCannotForgeAMessage() {
        assertThat(Json.quote("a\"b\n\u202e\u001b[2J")).isEqualTo("\"a\\u0022b\\u000a\\u202e\\u001b[2J\"");
        assertThat(Json.quote("x".repeat(50))).isEqualTo("\"" + "x".repeat(40) + "…\"");
    }
}
