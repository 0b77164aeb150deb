package org.innerkeep.evidence.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class RuntimeDataFuzzTest {
    private static final List<byte[]> SEEDS = List.of(("{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" + "qqqq".repeat(86)
                    + "\"}],\"vm-configuration\":{\"console-enabled\":true,\"n\":1.5,\"vmUniqueId\":\"x\"},\"user-data\":\"00ff\",\"z\":[null]}")
            .getBytes(StandardCharsets.US_ASCII));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(30_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(30_000, input -> target(input, parsed -> {
            if (parsed.userData().isEmpty()) {
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

    private static void target(byte[] input, Consumer<RuntimeData> behind) {
        RuntimeData parsed;
        try {
            parsed = RuntimeData.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.attestationKey().length()).isPositive();
        assertThat(parsed.userData().isEmpty() || parsed.userData().get().length() <= 64).isTrue();
        behind.accept(parsed);
    }
}
