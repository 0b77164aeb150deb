package org.innerkeep.cli.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Percentage;
import org.innerkeep.cli.profile.MemoryByKind.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A JVM's memory, told by the shapes of its mappings, against what the JVM says of itself. */
@Timeout(60)
final class MappingsTest {
    private static final long HEAP = 64L << 20;
    private static final int THREADS = 40;

    private static long of(Map<Kind, Long> bytes, Kind kind) {
        return bytes.getOrDefault(kind, 0L);
    }

    @Test
    void agreesWithWhatTheJvmSaysOfItself() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms" + HEAP, "-Xmx" + HEAP, "-XX:+UseSerialGC", "-Xshare:off", "-Xrs",
                        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Resting.class.getName(), Integer.toString(THREADS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            String[] own = Objects.requireNonNull(said.readLine(), "it says what it has").split(" ", -1);
            List<String> smaps = said.lines().toList();

            Map<Kind, Long> bytes = Mappings.byKind(smaps, HEAP);

            // What is committed and was never touched is in nobody's memory.
            assertThat((double) of(bytes, Kind.CLASSES)).as("classes").isCloseTo(Double.parseDouble(own[0]), Percentage.withPercentage(15));
            assertThat((double) of(bytes, Kind.CODE)).as("code").isLessThan(Double.parseDouble(own[1])).isGreaterThan(500_000);
            assertThat(of(bytes, Kind.HEAP)).as("heap").isBetween(1L << 20, HEAP);
            assertThat(of(bytes, Kind.STACKS)).as("stacks").isBetween((THREADS * 8L) << 10, (THREADS * 1L) << 20);
            assertThat(of(bytes, Kind.FILES)).as("files").isGreaterThan(10 << 20);
            assertThat(of(bytes, Kind.NATIVE)).as("native").isBetween(1L << 20, 64L << 20);
        } finally {
            process.destroy();
        }
    }

    @Test
    void aHeapThatTheKeeperGaveIsKnownByItsName() {
        List<String> smaps = List.of(
                "7f0000000000-7f0004000000 rw-s 00000000 00:01 1 /secretmem (deleted)", "Rss:               2048 kB",
                "7f0004000000-7f0004001000 rw-p 00000000 00:00 0 ", "Rss:                  4 kB");

        assertThat(Mappings.byKind(smaps, HEAP)).isEqualTo(Map.of(Kind.HEAP, 2L << 20, Kind.NATIVE, 4096L));
    }

    @Test
    void anArenaOfMallocIsNoMetaspaceAlsoWhereItHappensToHaveWholePieces() {
        List<String> smaps = List.of(
                "7f2da4000000-7f2da4020000 rw-p 00000000 00:00 0 ", "Rss:                128 kB",
                "7f2da4020000-7f2da8000000 ---p 00000000 00:00 0 ", "Rss:                  0 kB");

        assertThat(Mappings.byKind(smaps, HEAP)).isEqualTo(Map.of(Kind.NATIVE, 128L << 10));
    }

    @Test
    void metaspaceBetweenArenasIsFound() {
        List<String> smaps = List.of(
                "7f2da4000000-7f2da4021000 rw-p 00000000 00:00 0 ", "Rss:                  8 kB",
                "7f2da4021000-7f2da8000000 ---p 00000000 00:00 0 ", "Rss:                  0 kB",
                "7f2da8000000-7f2da8400000 rw-p 00000000 00:00 0 ", "Rss:               4096 kB",
                "7f2da8400000-7f2da8480000 ---p 00000000 00:00 0 ", "Rss:                  0 kB",
                "7f2da8480000-7f2da8500000 rw-p 00000000 00:00 0 ", "Rss:                512 kB",
                "7f2da8500000-7f2dac000000 ---p 00000000 00:00 0 ", "Rss:                  0 kB",
                "7f2dac000000-7f2dac021000 rw-p 00000000 00:00 0 ", "Rss:                 16 kB");

        assertThat(Mappings.byKind(smaps, HEAP)).isEqualTo(Map.of(Kind.CLASSES, 4608L << 10, Kind.NATIVE, 24L << 10));
    }

    @Test
    void linesThatAreNoneAreLeftOut() {
        assertThat(Mappings.byKind(List.of("", "Rss: 4 kB", "zz-zz rw-p", "VmFlags: rd"), HEAP)).isEmpty();
    }
}
