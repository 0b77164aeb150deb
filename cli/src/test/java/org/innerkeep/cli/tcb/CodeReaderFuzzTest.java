package org.innerkeep.cli.tcb;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Class files come from strangers' bundles: what is none is refused, whatever the bytes. */
class CodeReaderFuzzTest {
    private static final List<byte[]> SEEDS =
            Stream.of(RuntimeModules.class, Signature.class, Call.Kind.class).map(CodeReaderFuzzTest::bytes).toList();

    private static byte[] bytes(Class<?> type) {
        try (InputStream in = type.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(17, SEEDS).run(2_000, CodeReaderFuzzTest::take)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(17, SEEDS).run(2_000, input -> {
            try {
                if (CodeReader.read("lib/a.jar", input).methods().size() > 1_000) {
                    throw new AssertionError("never so many");
                }
                if (!CodeReader.read("lib/a.jar", input).name().startsWith("org.innerkeep.cli.tcb.")) {
                    throw new AssertionError("planted");
                }
            } catch (IllegalArgumentException _) {
                // Properly refused.
            }
        })).get().satisfies(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        take(data);
    }

    private static void take(byte[] data) {
        try {
            CodeClass read = CodeReader.read("lib/a.jar", data);
            read.methods().keySet().forEach(Descriptors::readable);
        } catch (IllegalArgumentException _) {
            // Properly refused.
        }
    }
}
