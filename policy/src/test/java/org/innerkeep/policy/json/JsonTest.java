package org.innerkeep.policy.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static Json parse(String text) throws JsonException {
        return Json.parse(text, JsonLimits.CLAIM);
    }

    @Test
    void keepsTheOrderOfFields() throws JsonException {
        assertThat(parse("{\"z\":1,\"a\":{\"y\":null,\"b\":[true,false]}}").toText())
                .isEqualTo("{\"z\":1,\"a\":{\"y\":null,\"b\":[true,false]}}");
    }

    @Test
    void valuesAreEqualIfTheyMeanTheSame() throws JsonException {
        assertThat(parse("{\"a\":1,\"b\":2.50}")).isEqualTo(parse("{\"b\":25e-1,\"a\":1.0}"))
                .hasSameHashCodeAs(parse("{\"b\":25e-1,\"a\":1.0}"));
        assertThat(parse("[1,2]")).isNotEqualTo(parse("[2,1]"));
        assertThat(parse("\"1\"")).isNotEqualTo(parse("1"));
        assertThat(parse("0")).isEqualTo(parse("-0"));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1", "-0, 0", "100, 100", "1e2, 100", "100.0, 100", "0.10, 0.1", "1e-7, 1E-7",
                "18446744073709551615, 18446744073709551615",
        "1e50, 1E+50", "0.00000000000000000000000000000000000000000000000000001, 1E-53"
    })
    void aNumberHasOneText(String written, String canonical) throws JsonException {
        assertThat(parse(written).toText()).isEqualTo(canonical);
        assertThat(parse(canonical)).isEqualTo(parse(written));
    }

    @Test
    void numbersAreExact() throws JsonException {
        assertThat(parse("9007199254740993")).isEqualTo(new Json.Num(new BigDecimal("9007199254740993")));
        assertThat(((Json.Num) parse("3.0")).whole()).hasValue(3);
        assertThat(((Json.Num) parse("3.5")).whole()).isEmpty();
        assertThat(((Json.Num) parse("9223372036854775808")).whole()).isEmpty();
    }

    @Test
    void textIsUnescapedAndEscapedAgain() throws JsonException {
        Json text = parse("\"\\u0041\\n\\ud83d\\ude00\\/\\\"\\u001f\"");

        assertThat(text).isEqualTo(new Json.Text("A\n\ud83d\ude00/\"\u001f"));
        assertThat(text.toText()).isEqualTo("\"A\\n\ud83d\ude00/\\\"\\u001f\"");
    }

    @Test
    void aTextWithAnUnpairedSurrogateIsWrittenSoThatItStaysUtf8() {
        assertThat(new Json.Text("a\ud800b").toText()).isEqualTo("\"a\\ud800b\"");
        assertThat(new Json.Text("a\udc00").toText()).isEqualTo("\"a\\udc00\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "nul", "True", "01", "1.", ".5", "+1", "1e", "1e1000", "--1", "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{a:1}",
                "{\"a\" 1}",
        "{\"a\":1", "[1", "\"a", "'a'", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\ud800\"", "\"\t\"",
                "\"\u0000\"",
        "1 2", "{} {}", "\ufeff1", "// x\n1", "NaN", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "[1]]", "\u00a01",
                "\"\\u\uff10\uff10\uff10\uff10\""
    })
    void refusesWhatIsNotStrict(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(JsonException.class);
    }

    @Test
    void saysWhere() {
        assertThatThrownBy(() -> parse("{\n  \"a\": tru\n}"))
                .isInstanceOfSatisfying(JsonException.class, e -> {
                    assertThat(e.line()).isEqualTo(2);
                    assertThat(e.column()).isEqualTo(8);
                })
                .hasMessage("line 2, column 8: expected a JSON value");
        assertThatThrownBy(() -> parse("{\"a\":1,\n\"a\":2}"))
                .hasMessageStartingWith("line 2, column 1: expected every name once");
    }

    @Test
    void theMessageNeverHoldsTheText() {
        assertThatThrownBy(() -> parse("{\"secret\":1,\"secret\":2}")).hasMessageNotContaining("secret");
        assertThatThrownBy(() -> parse("secret")).hasMessageNotContaining("secret");
    }

    @Test
    void depthSizeAndCountAreBounded() throws JsonException {
        JsonLimits limits = new JsonLimits(40, 3, 5);

        assertThat(Json.parse("[[[1]]]", limits)).isNotNull();
        assertThatThrownBy(() -> Json.parse("[[[[1]]]]", limits)).hasMessageContaining("at most 3 deep");
        assertThatThrownBy(() -> Json.parse("[1,2,3,4,5]", limits)).hasMessageContaining("at most 5 JSON values");
        assertThatThrownBy(() -> Json.parse(" ".repeat(40) + "1", limits)).hasMessageContaining("at most 40 characters");
        assertThatThrownBy(() -> Json.parse((" ".repeat(40) + "1").getBytes(StandardCharsets.UTF_8), limits))
                .hasMessageContaining("at most 40 bytes");
        assertThatThrownBy(() -> parse("[".repeat(100_000))).hasMessageContaining("at most 32 deep");
        assertThatThrownBy(() -> parse("1".repeat(65))).hasMessageContaining("at most 64 characters");
        assertThatThrownBy(() -> new JsonLimits(1, 513, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new JsonLimits(1, -1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytesMustBeUtf8() throws JsonException {
        assertThat(Json.parse("\"✓\"".getBytes(StandardCharsets.UTF_8), JsonLimits.CLAIM)).isEqualTo(Json.of("✓"));
        byte[] latin = {'[', '1', ',', '\n', '"', (byte) 0xe9, '"', ']'};
        assertThatThrownBy(() -> Json.parse(latin, JsonLimits.CLAIM))
                .hasMessage("line 2, column 2: expected UTF-8, found other bytes");
    }

    @Test
    void aTextThatWouldBeTooLongIsNotMade() {
        Json shared = Json.of("x");
        for (int i = 0; i < 60; i++) {
            shared = new Json.Arr(List.of(shared, shared));
        }

        assertThat(shared.toText(1000)).isEmpty();
        assertThat(Json.of("ab").toText(4)).contains("\"ab\"");
        assertThat(Json.of("ab").toText(3)).isEmpty();
        assertThat(new Json.Obj(Map.of("ab", Json.Null.NULL)).toText(11)).contains("{\"ab\":null}");
        assertThat(new Json.Obj(Map.of("ab", Json.Null.NULL)).toText(10)).isEmpty();
        assertThat(new Json.Arr(Collections.nCopies(10, Json.Bool.TRUE)).toText(20)).isEmpty();
    }
}
