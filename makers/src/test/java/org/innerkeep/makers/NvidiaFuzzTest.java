package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.nvidia.NvidiaReport;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

/** Hostile bytes for the parser of NVIDIA's reports and for their verifier. */
class NvidiaFuzzTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeNvidia NVIDIA = new FakeNvidia(NOW);
    private static final byte[] REPORT = NVIDIA.sign(FakeNvidia.unsigned().toByteArray());
    private static final List<byte[]> SEEDS = List.of(REPORT);
    private static final EndorsementPool CHAIN = chain();
    private static final VerifierOptions OPTIONS = VerifierOptions.of(NVIDIA.anchor());
    private static final Verifier VERIFIER = new Verifier();

    @Test
    void theParserSurvivesHostileBytes() {
        assertThat(new Fuzzer(31, SEEDS).run(20_000, input -> parse(input, report -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheParser() {
        assertThat(new Fuzzer(31, SEEDS).run(50_000, input -> parse(input, report -> {
            if (report.slot() == 1 || report.measurements().getOrDefault(3, new NvidiaReport.Measured(1, Bytes.EMPTY)).type() > 5) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void theVerifierSurvivesHostileBytes() {
        assertThat(new Fuzzer(32, SEEDS).run(500, input -> verify(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheVerifier() {
        assertThat(new Fuzzer(32, SEEDS).run(20_000, input -> verify(input, verdict -> {
            if (verdict instanceof Verdict.Refused refused && refused.has(Reason.Code.SIGNATURE_INVALID)) {
                throw new NullPointerException("planted");
            }
        }))).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzzParser(byte[] data) {
        parse(data, report -> {});
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzzVerifier(byte[] data) {
        verify(data, verdict -> {});
    }

    private static void parse(byte[] input, Consumer<NvidiaReport> behind) {
        NvidiaReport report;
        try {
            report = NvidiaReport.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(report.toByteArray()).isEqualTo(input);
        behind.accept(report);
    }

    private static EndorsementPool chain() {
        try {
            return EndorsementPool.of(List.of(NVIDIA.chain(NVIDIA.leaf(FakeNvidia::tcbInfo))));
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void verify(byte[] input, Consumer<Verdict> behind) {
        Verdict verdict = VERIFIER.verify(input, CHAIN, NOW, OPTIONS);
        switch (verdict) {
            case Verdict.Accepted accepted ->
                assertThat(Arrays.copyOf(input, input.length - 96)).isEqualTo(Arrays.copyOf(REPORT, REPORT.length - 96));
            case Verdict.Undecided undecided -> assertThat(undecided.explain()).matches("[ -~\\n\u2026]*");
            case Verdict.Refused refused -> assertThat(refused.explain()).matches("[ -~\\n\u2026]*");
        }
        behind.accept(verdict);
    }
}
