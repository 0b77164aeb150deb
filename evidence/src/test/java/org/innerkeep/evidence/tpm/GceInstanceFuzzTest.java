package org.innerkeep.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class GceInstanceFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            Bytes.fromHex("302b0c017a0202030c0c01700209008123456789abcdef0c016ea011300fa003020100a1030101ffa303010100").toArray(),
            Bytes.fromHex("30180c017a0202030c0c01700209008123456789abcdef0c016e").toArray());

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {
            if (parsed.zone().equals("z") && parsed.instanceName().equals("m")) {
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

    private static void target(byte[] input, Consumer<GceInstance> behind) {
        GceInstance parsed;
        try {
            parsed = GceInstance.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.claims()).hasSizeBetween(5, 6);
        behind.accept(parsed);
    }
}
