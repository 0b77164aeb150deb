package org.innerkeep.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class ServiceAnswerFuzzTest {
    private static final List<byte[]> SEEDS = Stream.of(
                    "{\"token\":\"eyJhbGciOiJub25lIn0.e30.\"}",
                    "{\"error\":{\"code\":\"InvalidParameter\",\"message\":\"The evidence is refused.\"}}",
                    "{\"error\":{\"code\":\"C\",\"message\":\"m\",\"details\":[{\"code\":\"C\",\"message\":\"a\\nb\\u202e\"},{\"message\":\"✓\"}]}}")
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toList();

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(31, SEEDS).run(30_000, input -> target(input, answer -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(31, SEEDS).run(50_000, input -> target(input, answer -> {
            if (answer instanceof ServiceAnswer.Declined(Verdict.Refused refused) && refused.reasons().size() == 1
                    && refused.reasons().getFirst().found().endsWith("no reason")) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, answer -> {});
    }

    /** Whatever comes under whatever status, a refusal is one line of printable characters for each reason. */
    private static void target(byte[] input, Consumer<ServiceAnswer> behind) {
        for (int status : new int[] {200, 302, 400, 503}) {
            ServiceAnswer answer = ServiceAnswer.read("https://attest.example", status, input);
            if (answer instanceof ServiceAnswer.Declined(Verdict verdict)) {
                List<Reason> reasons = switch (verdict) {
                    case Verdict.Accepted accepted -> throw new AssertionError(accepted);
                    case Verdict.Refused refused -> refused.reasons();
                    case Verdict.Undecided undecided -> undecided.reasons();
                };
                assertThat(reasons).hasSizeBetween(1, 32).allMatch(reason -> reason.toString().matches("[ -~]*"));
            } else {
                assertThat(status).isEqualTo(200);
            }
            behind.accept(answer);
        }
    }
}
