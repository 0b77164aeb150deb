package org.innerkeep.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.doubles;
import static org.quicktheories.generators.SourceDSL.strings;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The project writes the JSON, another project's strict reader reads it. */
class JsonTextTest {
    static JsonElement read(String json) {
        JsonReader reader = new JsonReader(new StringReader(json));
        reader.setStrictness(Strictness.STRICT);
        return JsonParser.parseReader(reader);
    }

    @Test
    void writesEveryKindOfValue() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", "a \"quoted\" \\ line\n");
        object.put("whole", 7);
        object.put("long", 1L << 40);
        object.put("number", -0.0009);
        object.put("flag", true);
        object.put("list", List.of(1, List.of(), Map.of()));

        String json = JsonText.of(object);

        assertThat(json)
                .isEqualTo(
                        """
                        {
                          "text": "a \\"quoted\\" \\\\ line\\u000a",
                          "whole": 7,
                          "long": 1099511627776,
                          "number": -9.0E-4,
                          "flag": true,
                          "list": [
                            1,
                            [],
                            {}
                          ]
                        }
                        """);
        assertThat(read(json).getAsJsonObject().get("text").getAsString()).isEqualTo("a \"quoted\" \\ line\n");
        assertThat(read(json).getAsJsonObject().get("number").getAsDouble()).isEqualTo(-0.0009);
    }

    @Test
    void anyTextComesBackAndOnlyPrintableAsciiIsWritten() {
        qt().forAll(strings().allPossible().ofLengthBetween(0, 40)).checkAssert(text -> {
            String json = JsonText.of(List.of(text));
            assertThat(json).matches("[ -~\n]*");
            assertThat(read(json).getAsJsonArray().get(0).getAsString()).isEqualTo(text);
        });
    }

    @Test
    void anyFiniteNumberComesBack() {
        qt().forAll(doubles().any()).checkAssert(number -> {
            if (Double.isFinite(number)) {
                assertThat(read(JsonText.of(List.of(number))).getAsJsonArray().get(0).getAsDouble()).isEqualTo(number);
            }
        });
    }

    @Test
    void refusesWhatJsonDoesNotHave() {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonText.of(List.of(Double.NaN)));
        assertThatIllegalArgumentException().isThrownBy(() -> JsonText.of(List.of(Double.POSITIVE_INFINITY)));
        assertThatIllegalArgumentException().isThrownBy(() -> JsonText.of(List.of(new Object())));
    }
}
