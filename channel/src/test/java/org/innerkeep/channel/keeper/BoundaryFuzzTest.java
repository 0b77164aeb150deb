package org.innerkeep.channel.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BoundaryFuzzTest {
    private static final byte[] TOKEN = Bytes.sha256(new byte[] {1}).toArray();
    private static final List<byte[]> SEEDS = List.of(seed(1), seed(2), seed(3));

    private static byte[] seed(int kind) {
        return ByteBuffer.allocate(1 + TOKEN.length).put((byte) kind).put(TOKEN).array();
    }

    /** Lets in those who show the token and a kind there is, and nobody else. */
    private static void target(Pair pair, byte[] input, Consumer<Boundary.Kind> behind) throws IOException {
        byte[] preamble = Arrays.copyOf(input, Math.min(input.length, 1 + TOKEN.length));
        Boundary.Kind kind;
        try {
            kind = pair.accept(preamble, TOKEN);
        } catch (IOException e) {
            assertThat(SEEDS).noneMatch(seed -> Arrays.equals(seed, preamble));
            assertThat(e.getMessage()).matches("[ -~]+");
            return;
        }
        assertThat(SEEDS.get(kind.ordinal())).isEqualTo(preamble);
        behind.accept(kind);
    }

    /** Fewer than for parsers of bytes, as every input is a connection of its own. */
    @Test
    void survivesHostileBytes() throws IOException {
        try (Pair pair = Pair.listen()) {
            assertThat(new Fuzzer(8, SEEDS).run(10_000, input -> target(pair, input, kind -> {}))).isEmpty();
        }
    }

    /** Behind the token: a kind that no seed has, reached by mutation of the one byte. */
    @Test
    void findsAPlantedBug() throws IOException {
        List<byte[]> oneSeed = List.of(seed(1));
        try (Pair pair = Pair.listen()) {
            assertThat(new Fuzzer(8, oneSeed).run(50_000, input -> target(pair, input, kind -> {
                        if (kind == Boundary.Kind.PLATFORM) {
                            throw new IllegalStateException("planted");
                        }
                    })))
                    .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
        }
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws IOException {
        try (Pair pair = Pair.listen()) {
            target(pair, data, kind -> {});
        }
    }
}
