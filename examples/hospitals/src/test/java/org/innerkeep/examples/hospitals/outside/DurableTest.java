package org.innerkeep.examples.hospitals.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that belong together stay together, whenever the process that replaces them dies. */
class DurableTest {
    private static final int SIZE = 200_000;

    @TempDir
    private Path folder;

    @Test
    void replacesAllAndKeepsNothingElse() throws Exception {
        Path pair = folder.resolve("pair");
        Files.createDirectory(folder.resolve(".pair-123"));
        Files.writeString(folder.resolve(".pair-123").resolve("a"), "left by a process that was killed");
        Files.createDirectory(folder.resolve(".pair-other-123"));

        Durable.replaceAll(pair, Map.of("a", bytes(1), "b", bytes(1)));
        Durable.replaceAll(pair, Map.of("a", bytes(2), "b", bytes(2)));

        assertThat(generation()).isEqualTo(2);
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).as("the link, its folder, and what is another name's").hasSize(3);
        }
    }

    /** Replaces a pair of files again and again, until it is killed. */
    static final class Writer {
        private Writer() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws IOException {
            for (int generation = Integer.parseInt(arguments[1]); ; generation++) {
                Durable.replaceAll(
                        Path.of(arguments[0], "pair"), Map.of("a", bytes(generation), "b", bytes(generation)));
                System.out.println(generation);
            }
        }
    }

    @Test
    void aKillAtAnyMomentLeavesThePairBeforeOrThePairAfter() throws Exception {
        int next = 1;
        for (int kill = 0; kill < 6; kill++) {
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            folder.toString(),
                            Integer.toString(next))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int told = 0;
            try (BufferedReader lines = writer.inputReader(StandardCharsets.US_ASCII)) {
                // A different number of lines each time, so that it dies at different moments of its work.
                for (int line = 0; line <= 3 * kill; line++) {
                    told = Integer.parseInt(lines.readLine());
                }
                // Not Process.destroyForcibly, which closes the stream with the last lines.
                writer.toHandle().destroyForcibly();
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    told = Integer.parseInt(line);
                }
            }
            assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(generation()).as("what it said it kept, or the next").isBetween(told, told + 1);
            next = generation() + 1;
        }
    }

    /** The generation of the pair, which must be whole and one pair. */
    private int generation() throws IOException {
        Path pair = folder.resolve("pair").toRealPath();
        byte[] a = Files.readAllBytes(pair.resolve("a"));
        assertThat(a).hasSize(SIZE).isEqualTo(Files.readAllBytes(pair.resolve("b")));
        return Integer.parseInt(new String(a, 0, 10, StandardCharsets.US_ASCII));
    }

    private static byte[] bytes(int generation) {
        return String.format("%010d", generation).repeat(SIZE / 10).getBytes(StandardCharsets.US_ASCII);
    }
}
