package org.innerkeep.evidence.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class HclReportFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            new HclReport(1, 2, Bytes.of(new byte[HclReport.HARDWARE_BYTES]), HclReport.Tee.SNP, TpmHash.SHA256,
                    Bytes.fromHex("7b7d"), 3).toByteArray(),
            new HclReport(2, 2, Bytes.fromHex("81" + "00".repeat(HclReport.HARDWARE_BYTES - 1)), HclReport.Tee.TDX, TpmHash.SHA512,
                    Bytes.EMPTY, 0).toByteArray());

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {
            if (parsed.padding() == 2) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, parsed -> {});
    }

    private static void target(byte[] input, Consumer<HclReport> behind) {
        HclReport parsed;
        try {
            parsed = HclReport.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.toByteArray()).isEqualTo(input);
        assertThat(parsed.expectedReportData().length()).isEqualTo(64);
        behind.accept(parsed);
    }
}
