package org.innerkeep.evidence.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Samples;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class KeeperReportFuzzTest {
    private static final List<byte[]> SEEDS =
            List.of(Samples.signedReport(), Samples.sign(Samples.report(KeeperReport.MOCK)));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(3, SEEDS).run(50_000, input -> target(input, signed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(3, SEEDS).run(50_000, input -> target(input, signed -> {
            if (signed.report().reportData().hex().charAt(127) != '0') {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, signed -> {});
    }

    private static void target(byte[] input, Consumer<KeeperReport.Signed> behind) {
        KeeperReport.Signed signed;
        try {
            signed = KeeperReport.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(signed.toByteArray()).isEqualTo(input);
        // The claims have one encoding: what the record says is all that they say.
        byte[] claims = signed.report().encode();
        assertThat(Arrays.copyOfRange(input, input.length - 66 - claims.length, input.length - 66)).isEqualTo(claims);
        behind.accept(signed);
    }
}
