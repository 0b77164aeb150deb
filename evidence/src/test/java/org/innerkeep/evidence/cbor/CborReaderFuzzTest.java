package org.innerkeep.evidence.cbor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class CborReaderFuzzTest {
    private static final List<byte[]> SEEDS = Stream.concat(
                    LongStream.range(0, 100)
                            .mapToObj(seed -> CborTree.random(seed).encode())
                            .filter(encoded -> encoded.length < 200),
                    Stream.of("8301820203820405", "a26161016162820203", "821819391000", "d2836449455446fa47c35000f5")
                            .map(HexFormat.of()::parseHex))
            .toList();

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, input -> target(input, tree -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(1, SEEDS).run(50_000, input -> target(input, tree -> {
            if (tree.toString().contains("Int[value=255]")) {
                throw new ArrayIndexOutOfBoundsException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, tree -> {});
    }

    private static void target(byte[] input, Consumer<CborTree> behind) {
        CborTree tree;
        try {
            tree = CborTree.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(tree.encode()).isEqualTo(input);
        behind.accept(tree);
    }
}
