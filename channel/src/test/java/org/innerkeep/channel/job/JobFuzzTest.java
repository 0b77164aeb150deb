package org.innerkeep.channel.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class JobFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            Jobs.job().bytes().toArray(),
            """
            {"innerkeep-job":1,"name":"j","code":{"signer":"%s","product":0,"minSvn":0},"columns":["a"],"label":"b",
            "parameters":{"x":-1.5e-3,"y":"\\u0041\\n"},"minimumRecords":1,"owners":[],"recipients":[]}
            """
                    .formatted("00".repeat(32))
                    .getBytes(StandardCharsets.UTF_8),
            "[[[[[[[[[1]]]]]]]]]".getBytes(StandardCharsets.UTF_8));

    /** Accepts or refuses with the declared exception; what is accepted survives being written and read again. */
    private static void target(byte[] input) {
        try {
            Job job = Job.parse(input);
            Job again = new JobDraft(job).toJob();
            if (!job.equals(again)) {
                assertThat(job.differences(again))
                        .containsExactly("the same content is written differently, so that the digests differ");
            }
        } catch (JobException e) {
            assertThat(e.getMessage()).matches("[ -~…]+");
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, JobFuzzTest::target)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, input -> {
                    try {
                        Job job = Job.parse(input);
                        if (job.parameters().get("rounds") instanceof JobParameter.Decimal(BigDecimal rounds)
                                && rounds.compareTo(BigDecimal.valueOf(60)) > 0) {
                            throw new IllegalStateException("planted");
                        }
                    } catch (JobException e) {
                        // A proper refusal.
                    }
                }))
                .isPresent()
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data);
    }
}
