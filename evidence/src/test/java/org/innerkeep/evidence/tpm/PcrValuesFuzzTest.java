package org.innerkeep.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class PcrValuesFuzzTest {
    private static final List<byte[]> SEEDS = List.of(PcrValues.of(Map.of(
                    TpmHash.SHA1, Map.of(0, Bytes.fromHex("11".repeat(20))),
                    TpmHash.SHA256, Map.of(0, Bytes.fromHex("22".repeat(32)), 23, Bytes.fromHex("33".repeat(32)))))
            .toByteArray());

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {
            if (parsed.banks().firstKey() == TpmHash.SHA1 && parsed.find(TpmHash.SHA256, 22).isPresent()) {
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

    private static void target(byte[] input, Consumer<PcrValues> behind) {
        PcrValues parsed;
        try {
            parsed = PcrValues.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.toByteArray()).isEqualTo(input);
        behind.accept(parsed);
    }
}
