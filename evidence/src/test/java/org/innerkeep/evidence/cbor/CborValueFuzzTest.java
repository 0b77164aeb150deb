package org.innerkeep.evidence.cbor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class CborValueFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            HexFormat.of().parseHex("bf656e6f6e636543010203647063727381a1015820" + "00".repeat(32) + "ff"),
            HexFormat.of().parseHex("a40120024301020361616162038421f5f4f6"),
            HexFormat.of().parseHex("d9018fa219acca430102031900ff1b0000000000000017"));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> target(input, value -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(50_000, input -> target(input, value -> {
            if (value instanceof CborValue.Obj map && map.byNumber().size() > map.byName().size() + 3) {
                throw new ArithmeticException("planted");
            }
        }));
        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, value -> {});
    }

    private static void target(byte[] input, Consumer<CborValue> behind) {
        boolean strict = false;
        for (CborValue.Rules rules : CborValue.Rules.values()) {
            CborValue value;
            try {
                value = CborValue.parse("item", input, rules);
            } catch (MalformedException e) {
                // What the strictest rules accept, all do.
                assertThat(strict).isFalse();
                continue;
            }
            strict |= rules == CborValue.Rules.SHORTEST;
            assertThat(value.start()).isZero();
            assertThat(value.end()).isEqualTo(input.length);
            behind.accept(value);
        }
    }
}
