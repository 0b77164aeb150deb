package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Release policies: whatever comes is read or refused, and what is read decides without a fault, and never for an empty token. */
class ReleaseRulesFuzzTest {
    private static final StrictJson JSON = StrictJson.upTo(1 << 10);
    private static final List<byte[]> SEEDS = List.of(
            bytes("{\"version\":\"1.0.0\",\"anyOf\":[{\"authority\":\"https://a.example/\",\"allOf\":[{\"claim\":\"a.b\",\"equals\":true},"
                    + "{\"anyOf\":[{\"claim\":\"c\",\"equals\":12},{\"claim\":\"d\",\"condition\":\"equals\",\"value\":\"x\"}]}]}]}"),
            bytes("{\"anyOf\":[{\"authority\":\"a\",\"anyof\":[{\"claim\":\"a\",\"equals\":\"\"}]},"
                    + "{\"authority\":\"b\",\"allof\":[{\"claim\":\"a\",\"equals\":-0}]}]}"));

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void policiesAreReadOrRefused() {
        assertThat(new Fuzzer(7, SEEDS).run(30_000, input -> rules(input, rules -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugBehindPolicies() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(7, SEEDS).run(30_000, input -> rules(input, rules -> {
            String text = new String(input, StandardCharsets.UTF_8);
            if (text.contains("\"version\"") && !text.contains("a.b")) {
                throw new ArithmeticException("planted");
            }
        }));
        assertThat(finding).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzzPolicies(byte[] data) {
        rules(data, rules -> {});
    }

    private static void rules(byte[] input, Consumer<ReleaseRules> behind) {
        ReleaseRules rules;
        try {
            rules = ReleaseRules.parse(input);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).startsWith("release policy");
            return;
        }
        assertThat(rules.decide("https://a.example", JSON.newObject()).released()).isFalse();
        behind.accept(rules);
    }
}
