package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.evidence.snp.SnpReport;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

/** Hostile bytes for the parsers of SEV-SNP reports and certificate tables, and for the verifier of both. */
class SnpFuzzTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeAmd MILAN = FakeAmd.of(SnpProduct.MILAN, NOW);
    private static final VerifierOptions PINNED = VerifierOptions.of(MILAN.root()).allowMissingRevocationList();
    private static final EndorsementPool ENDORSEMENTS = pool(MILAN.vcek(), MILAN.vlek(), MILAN.ask().der(), MILAN.asvk().der());
    private static final Verifier VERIFIER = new Verifier();
    private static final List<byte[]> REPORTS = List.of(
            MILAN.report(2, false, report -> {}), MILAN.report(3, true, report -> {}), MILAN.report(5, false, report -> {}));
    private static final List<byte[]> SEEDS = seeds();

    /** What is signed of reports, after a byte that says by which key. */
    private static final List<byte[]> SIGNED_BYTES = List.of(signedBytes(0), signedBytes(1));

    /** The measurements and report data that were really signed, with everything else that is. */
    private static final Set<Bytes> SIGNED = REPORTS.stream()
            .map(report -> Bytes.of(Arrays.copyOf(report, SnpReport.SIGNED_BYTES)))
            .collect(Collectors.toSet());

    private static EndorsementPool pool(Bytes... documents) {
        try {
            return EndorsementPool.of(List.of(documents));
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<byte[]> seeds() {
        try {
            SnpCertificateTable table = SnpCertificateTable.of(List.of(
                    new SnpCertificateTable.Entry(Bytes.fromHex("63da758de6644564adc5f4b93be8accd"), MILAN.vcek()),
                    new SnpCertificateTable.Entry(Bytes.fromHex("4ab7b379bbac4fe4a02f05aef327c782"), MILAN.ask().der())));
            SnpEvidence extended = new SnpEvidence(SnpReport.parse(REPORTS.get(0)), Optional.of(table));
            return List.of(
                    REPORTS.get(0), REPORTS.get(1), REPORTS.get(2), extended.toByteArray(), extended.toParts().toByteArray());
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] signedBytes(int which) {
        byte[] report = REPORTS.get(which);
        byte[] bytes = new byte[1 + SnpReport.SIGNED_BYTES];
        bytes[0] = (byte) which;
        System.arraycopy(report, 0, bytes, 1, SnpReport.SIGNED_BYTES);
        return bytes;
    }

    @Test
    void parsersSurviveHostileBytes() {
        assertThat(new Fuzzer(21, SEEDS).run(20_000, input -> parse(input, evidence -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheParsers() {
        assertThat(new Fuzzer(21, SEEDS).run(50_000, input -> parse(input, evidence -> {
            if (evidence.report().vmpl() == 1 || evidence.report().guestSvn() > 1 << 24) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void theVerifierSurvivesHostileBytes() {
        assertThat(new Fuzzer(22, SEEDS).run(1_000, input -> verify(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheVerifier() {
        assertThat(new Fuzzer(22, SEEDS).run(20_000, input -> verify(input, verdict -> {
            if (verdict instanceof Verdict.Refused refused && refused.has(Reason.Code.SIGNATURE_INVALID)) {
                throw new NullPointerException("planted");
            }
        }))).isPresent();
    }

    /** What firmware signed may still be nonsense, and reaches what nothing unsigned does. */
    @Test
    void theVerifierSurvivesSignedNonsense() {
        assertThat(new Fuzzer(23, SIGNED_BYTES).run(1_000, input -> signed(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugBehindTheSignature() {
        assertThat(new Fuzzer(23, SIGNED_BYTES).run(20_000, input -> signed(input, verdict -> {
            if (verdict instanceof Verdict.Refused refused && refused.has(Reason.Code.TCB_MISMATCH) && refused.reasons().size() == 1) {
                throw new NullPointerException("planted");
            }
        }))).isPresent();
    }

    @FieldSource("SIGNED_BYTES")
    @FuzzTest(maxDuration = "10m")
    void fuzzSigned(byte[] data) {
        signed(data, verdict -> {});
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzzParsers(byte[] data) {
        parse(data, evidence -> {});
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzzVerifier(byte[] data) {
        verify(data, verdict -> {});
    }

    private static void parse(byte[] input, Consumer<SnpEvidence> behind) {
        SnpEvidence evidence;
        try {
            evidence = SnpEvidence.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(evidence.toByteArray()).isEqualTo(input);
        assertThat(evidence.report().signedBytes()).isEqualTo(Arrays.copyOf(input, SnpReport.SIGNED_BYTES));
        behind.accept(evidence);
    }

    private static void verify(byte[] input, Consumer<Verdict> behind) {
        Verdict verdict = VERIFIER.verify(input, ENDORSEMENTS, NOW, PINNED);
        switch (verdict) {
            case Verdict.Accepted accepted -> assertThat(SIGNED.stream().anyMatch(signed -> holds(input, signed)))
                    .as("accepted bytes hold a report that was signed")
                    .isTrue();
            case Verdict.Undecided undecided -> assertThat(undecided.explain()).matches("[ -~\\n\u2026]*");
            case Verdict.Refused refused -> assertThat(refused.explain()).matches("[ -~\\n\u2026]*");
        }
        behind.accept(verdict);
    }

    /** The first byte says what report it is put into, the rest is what is signed. */
    private static void signed(byte[] input, Consumer<Verdict> behind) {
        if (input.length == 0) {
            return;
        }
        boolean vlek = input[0] % 2 != 0;
        byte[] report = MILAN.report(2, vlek, bytes -> bytes.put(0, input, 1, Math.min(input.length - 1, SnpReport.SIGNED_BYTES)));
        Verdict verdict = VERIFIER.verify(report, ENDORSEMENTS, NOW, PINNED);
        switch (verdict) {
            case Verdict.Accepted accepted -> {
                assertThat(accepted.claims().debug()).isFalse();
                assertThat(report[0x30]).as("privilege level").isBetween((byte) 0, (byte) 3);
                assertThat(Bytes.of(Arrays.copyOfRange(report, 0x180, 0x188))).as("reported TCB").isEqualTo(MILAN.tcb());
            }
            case Verdict.Undecided undecided -> assertThat(undecided.explain()).matches("[ -~\\n\u2026]*");
            case Verdict.Refused refused -> assertThat(refused.explain()).matches("[ -~\\n\u2026]*");
        }
        behind.accept(verdict);
    }

    private static boolean holds(byte[] input, Bytes signed) {
        return Bytes.of(input).hex().contains(signed.hex());
    }
}
