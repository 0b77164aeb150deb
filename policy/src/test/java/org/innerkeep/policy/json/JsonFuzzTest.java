package org.innerkeep.policy.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class JsonFuzzTest {
    private static final List<byte[]> SEEDS = Stream.of(
                    "{\"Events\":[{\"EventSeq\":12,\"PcrIndex\":7,\"ProcessedData\":{\"UnicodeName\":\"SecureBoot\",\"VariableData\":\"AQ\"}}]}",
                    "[0,-1,2.5,1e10,-3E-2,18446744073709551615,true,false,null,\"\",\"\\u00e9\\ud83d\\ude00\\n\"]",
                    "{\"a\":{\"b\":{\"c\":[[],{},[{}]]}},\"d\":\"✓\"}")
            .map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(21, SEEDS).run(50_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(21, SEEDS).run(50_000, input -> target(input, parsed -> {
            if (parsed instanceof Json.Arr array && array.items().size() > 13) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        target(data, parsed -> {});
    }

    /** What is accepted is what another reader accepts, and is read again from its own text. */
    private static void target(byte[] input, Consumer<Json> behind) {
        Json parsed;
        try {
            parsed = Json.parse(input, JsonLimits.CLAIM);
        } catch (JsonException e) {
            return;
        }
        String text = parsed.toText();
        try {
            Json again = Json.parse(text, JsonLimits.CLAIM);
            assertThat(again).isEqualTo(parsed);
            assertThat(again.toText()).isEqualTo(text);
        } catch (JsonException e) {
            throw new AssertionError("does not read what it wrote: " + text, e);
        }
        JsonElement other = JsonParser.parseString(new String(input, StandardCharsets.UTF_8));
        assertThat(other).isEqualTo(JsonParser.parseString(text));
        behind.accept(parsed);
    }
}
