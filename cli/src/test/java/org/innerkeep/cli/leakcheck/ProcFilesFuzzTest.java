package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class ProcFilesFuzzTest {
    private static final List<byte[]> SEEDS = Stream.of(
            """
            55d0c0e00000-55d0c0e01000 r--p 00000000 fe:00 1234                       /usr/bin/java
            7f0000000000-7f0000021000 rw-p 00000000 00:00 0
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
            """,
            "Filename\tType\tSize\tUsed\tPriority\n/dev/dm-1 partition\t999420\t0\t-2\n/var/a\\040b file\t4\t0\t-3\n")
            .map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, ProcFilesFuzzTest::take)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> {
            String text = new String(input, StandardCharsets.UTF_8);
            try {
                if (ProcFiles.regions(text).stream().anyMatch(region -> region.kernelWindow() && region.readable())) {
                    throw new AssertionError("planted");
                }
            } catch (MalformedException _) {
                // Properly refused.
            }
        })).get().satisfies(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        take(data);
    }

    private static void take(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        try {
            if (ProcFiles.regions(text).stream().anyMatch(region -> Long.compareUnsigned(region.start(), region.end()) >= 0)) {
                throw new AssertionError("a mapping that ends before it begins");
            }
        } catch (MalformedException _) {
            // Properly refused.
        }
        try {
            if (!ProcFiles.swaps(text).stream().map(Path::of).allMatch(Path::isAbsolute)) {
                throw new AssertionError("a path that is not absolute");
            }
        } catch (MalformedException _) {
            // Properly refused.
        }
    }
}
