package org.innerkeep.policy.jmespath;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.fuzz.Fuzzer;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;
import org.junit.jupiter.api.Test;

class JmesPathFuzzTest {
    private static final List<byte[]> SEEDS = Stream.of(
                    "Events[?EventTypeString == 'EV_EVENT_TAG' && (PcrIndex == `12` || PcrIndex =="
                            + " `19`)].ProcessedData.EVENT_TRUSTBOUNDARY",
                    "[*].EVENT_VBS_HVCI_POLICY | @[?String == 'HypervisorEnforcedCodeIntegrityEnable'].Value",
                    "Events[0:2:-1].{seq: EventSeq, \"x y\": [PcrIndex, !@, Missing.*]} | [].seq | sort(@) || `{\"a\": [1.5,"
                            + " null]}`",
                    "sort_by(Events, &EventSeq)[-1] | merge(@, {a: to_string(@), b: map(&type(@), values(@))}) | keys(@)",
                    "join(',', Events[].to_string(PcrIndex)) | contains(@, '8') && sum(`[1, 2]`) >= avg(`[3]`)")
            .map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();

    private static final Json EVENTS = events();

    private static Json events() {
        try {
            return Json.parse("""
                    {"Events": [
                      {"EventSeq": 1, "PcrIndex": 12, "EventTypeString": "EV_EVENT_TAG", "ProcessedData": {"EVENT_TRUSTBOUNDARY": {"x": []}}},
                      {"EventSeq": 0, "PcrIndex": 19, "EventTypeString": "", "ProcessedData": null}]}""", JsonLimits.CLAIM);
        } catch (JsonException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void survivesHostileQueries() {
        assertThat(new Fuzzer(22, SEEDS).run(50_000, input -> target(input, result -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(22, SEEDS).run(50_000, input -> target(input, result -> {
            if (result.equals(Json.Bool.TRUE)) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        target(data, result -> {});
    }

    /** A query is refused, or is answered the same each time within its budget. */
    private static void target(byte[] input, Consumer<Json> behind) {
        String query = new String(input, StandardCharsets.UTF_8);
        Json result;
        try {
            result = JmesPath.compile(query).search(EVENTS, new Budget(10_000, 10_000));
            assertThat(JmesPath.compile(query).search(EVENTS, new Budget(10_000, 10_000))).isEqualTo(result);
        } catch (JmesPathException e) {
            assertThat(e.position()).isBetween(0, query.length());
            return;
        }
        assertThat(result.toText().length()).isLessThanOrEqualTo(10_000);
        behind.accept(result);
    }
}
