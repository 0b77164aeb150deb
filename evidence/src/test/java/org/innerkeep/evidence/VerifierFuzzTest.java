package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.keeper.Changed;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class VerifierFuzzTest {
    private static final List<KeeperAnchor> PINNED = List.of(Samples.ANCHOR);
    private static final List<byte[]> SEEDS = List.of(
            Samples.signedReport(),
            Samples.sign(Samples.report(KeeperReport.VM)),
            Samples.sign(new Changed().debug(true).productId(1_000_000).build()));

    /** What was really signed: hostile bytes may be one of these, and then are not hostile, or must be refused. */
    private static final List<Claims> SIGNED = SEEDS.stream()
            .map(seed -> ((Verdict.Accepted) Verifier.verify(seed, PINNED, Samples.NOW)).claims())
            .toList();

    /** Fewer than for the parsers, as many inputs cost a signature verification. */
    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(4, SEEDS).run(15_000, input -> target(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(4, SEEDS).run(50_000, input -> target(input, verdict -> {
            if (verdict instanceof Verdict.Refused refused
                    && refused.has(Reason.Code.SIGNATURE_INVALID)
                    && refused.has(Reason.Code.MEASUREMENT_MISMATCH)) {
                throw new NullPointerException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, verdict -> {});
    }

    private static void target(byte[] input, Consumer<Verdict> behind) {
        Verdict verdict = Verifier.verify(input, PINNED, Samples.NOW);
        switch (verdict) {
            case Verdict.Accepted accepted -> assertThat(SIGNED).contains(accepted.claims());
            case Verdict.Undecided undecided -> throw new AssertionError("a keeper report needs no endorsements");
            case Verdict.Refused refused -> assertThat(refused.explain())
                    .as("explanation is printable and one line for each reason")
                    .matches("[ -~\\n\u2026]*");
        }
        behind.accept(verdict);
    }
}
