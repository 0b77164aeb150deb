package org.innerkeep.evidence.tpm;

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

class TpmSignatureFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            new TpmSignature(TpmSignature.Scheme.RSASSA, TpmHash.SHA256, Bytes.fromHex("33".repeat(256)), Bytes.EMPTY).toByteArray(),
            new TpmSignature(TpmSignature.Scheme.ECDSA, TpmHash.SHA384, Bytes.fromHex("44".repeat(48)), Bytes.fromHex("55".repeat(48)))
                    .toByteArray());

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {
            if (parsed.scheme() == TpmSignature.Scheme.RSAPSS && parsed.hash() == TpmHash.SHA256) {
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

    private static void target(byte[] input, Consumer<TpmSignature> behind) {
        TpmSignature parsed;
        try {
            parsed = TpmSignature.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.toByteArray()).isEqualTo(input);
        behind.accept(parsed);
    }
}
