package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.azure.HclReport;
import org.innerkeep.evidence.eventlog.CcelEvidence;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class TpmVerifierFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            TpmTest.TPM.booted(new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256).separate(7))
                    .evidence(TpmTest.NONCE, Optional.of(TpmTest.CERTIFICATE)).toByteArray(),
            TpmTest.TPM.azure(
                    FakeTpm.hclReport(HclReport.Tee.TDX, TpmHash.SHA256, TpmTest.TPM.runtimeData(Bytes.EMPTY), FakeTpm::tdReport),
                    TpmTest.NONCE, Optional.of(Bytes.fromHex("0400")), Optional.of(TpmTest.CERTIFICATE)).toByteArray(),
            CcelEvidence.collect(Bytes.fromHex("0400"), FakeEventLog.booted(EventLog.Format.CCEL, TpmHash.SHA384).toBytes()).toByteArray());
    private static final Verifier VERIFIER = new Verifier();
    private static final Claims SIGNED = ((Verdict.Accepted) verify(SEEDS.getFirst())).claims();

    private static Verdict verify(byte[] input) {
        try {
            Endorsements middle = EndorsementPool.of(List.of(TpmTest.MIDDLE.der()));
            return VERIFIER.verify(input, middle, TpmTest.NOW, TpmTest.PINNED);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(5, SEEDS).run(2_000, input -> target(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(5, SEEDS).run(20_000, input -> target(input, verdict -> {
            if (verdict instanceof Verdict.Refused refused && refused.has(Code.REGISTERS_MISMATCH)) {
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
        Verdict verdict = verify(input);
        switch (verdict) {
            case Verdict.Accepted accepted -> {
                assertThat(accepted.claims().measurement()).isEqualTo(SIGNED.measurement());
                assertThat(accepted.claims().reportData()).isEqualTo(SIGNED.reportData());
                assertThat(accepted.claims().anchor()).isEqualTo(SIGNED.anchor());
                assertThat(SIGNED.details().entrySet()).containsAll(accepted.claims().details().entrySet());
            }
            case Verdict.Undecided undecided -> assertThat(undecided.explain()).matches("[ -~\\n\u2026]*");
            case Verdict.Refused refused -> assertThat(refused.explain())
                    .as("explanation is printable and one line for each reason")
                    .matches("[ -~\\n\u2026]*");
        }
        behind.accept(verdict);
    }
}
