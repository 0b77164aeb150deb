package org.innerkeep.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.innerkeep.channel.state.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
    @TempDir
    private Path folder;

    private static byte[] filled(long version, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) version);
        return bytes;
    }

    @Test
    void versionsAreFilesThatOnlyTheOwnerReads() throws IOException {
        StateFolder state = StateFolder.open(folder.resolve("state"));
        assertThat(state.newest("model")).isEmpty();
        state.write("model", 1, filled(1, 10));
        state.write("model", 2, filled(2, 20));
        state.write("model-b", 7, filled(7, 5));
        assertThat(state.newest("model")).contains(2L);
        assertThat(state.read("model", 1)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(filled(1, 10)));
        assertThat(state.read("model", 3)).isEmpty();
        state.discard("model", 2);
        try (Stream<Path> files = Files.list(folder.resolve("state"))) {
            assertThat(files.map(each -> each.getFileName().toString())).containsExactlyInAnyOrder("model.2.age", "model-b.7.age");
        }
        assertThat(Files.getPosixFilePermissions(folder.resolve("state/model.2.age"))).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(StateFolder.open(folder.resolve("state")).newest("model")).contains(2L);
    }

    @Test
    void anEnclaveCannotLeaveTheFolderFollowALinkOrTouchOtherFiles() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "not the enclave's");
        StateFolder state = StateFolder.open(folder.resolve("state"));
        for (String name : List.of("../secret", "/etc/passwd", "a/b", "..", "", "a.1", "A", "a\0b")) {
            assertThatIllegalArgumentException().as(name).isThrownBy(() -> state.read(name, 1));
            assertThatIllegalArgumentException().as(name).isThrownBy(() -> state.write(name, 1, new byte[1]));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> state.write("a", 0, new byte[1]));
        assertThatIllegalArgumentException().isThrownBy(() -> state.read("a", -1));

        Files.createSymbolicLink(folder.resolve("state/link.1.age"), secret);
        assertThat(state.newest("link")).isEmpty();
        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> state.read("link", 1));
        assertThat(state.write("link", 1, filled(1, 3))).isFalse();
        state.discard("link", 5);
        assertThat(secret).hasContent("not the enclave's");
        Files.writeString(folder.resolve("state/notes.txt"), "the operator's");
        state.discard("notes", 9);
        assertThat(folder.resolve("state/notes.txt")).exists();
    }

    @Test
    void anEnclaveCannotFillTheDisk() throws IOException {
        StateFolder state = StateFolder.open(folder.resolve("state"), 1000);
        state.write("a", 1, new byte[600]);
        assertThatIllegalStateException().isThrownBy(() -> state.write("b", 1, new byte[500])).withMessageContaining("1100 bytes");
        state.discard("a", 2);
        state.write("a", 1, new byte[900]);
        assertThatIllegalArgumentException().isThrownBy(() -> state.write("b", 1, new byte[StateStore.MAX_BYTES + 1]));
        assertThatIllegalArgumentException().isThrownBy(() -> state.write("b", 1, new byte[0]));
    }

    @Test
    void aVersionIsNeverWrittenOver() throws IOException {
        StateFolder state = StateFolder.open(folder.resolve("state"));
        assertThat(state.write("a", 1, filled(1, 10))).isTrue();
        assertThat(state.write("a", 1, filled(2, 10))).isFalse();
        assertThat(state.read("a", 1)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(filled(1, 10)));
    }

    @Test
    void ofManyVersionsThatNobodyDiscardsTheOldestAndTheNewestAreKept() throws IOException {
        StateFolder state = StateFolder.open(folder.resolve("state"));
        for (int version = 1; version <= 20; version++) {
            assertThat(state.write("a", version, filled(version, 10))).isTrue();
        }
        try (Stream<Path> files = Files.list(folder.resolve("state"))) {
            assertThat(files).hasSize(8);
        }
        assertThat(state.read("a", 1)).isPresent();
        assertThat(state.read("a", 2)).isEmpty();
        assertThat(state.read("a", 20)).isPresent();
    }

    /** Whatever the moment, the newest version is whole, and no older than the last that was said to be kept. */
    @Test
    void nothingIsLostWhenTheHostIsKilledAtAnyMoment() throws Exception {
        Path state = folder.resolve("state");
        Random moments = new Random(5);
        long last = 0;
        for (int round = 0; round < 6; round++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writing.class.getName(),
                            state.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                int lines = 3 + moments.nextInt(40);
                String line = out.readLine();
                while (line != null && lines-- > 0) {
                    last = Long.parseLong(line);
                    line = out.readLine();
                }
                Thread.sleep(moments.nextInt(4));
                // By its handle: the process itself would close what it has said and was not read yet.
                assertThat(process.toHandle().destroyForcibly()).isTrue();
                while (line != null) {
                    last = Long.parseLong(line);
                    line = out.readLine();
                }
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            StateFolder after = StateFolder.open(state);
            long newest = after.newest("model").orElseThrow();
            assertThat(newest).isBetween(last, last + 1);
            assertThat(after.read("model", newest)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(filled(bytes[0], 100_000)));
            assertThat(after.read("model", newest).orElseThrow()[0]).isEqualTo((byte) newest);
        }
        assertThat(last).isGreaterThan(20);
    }

    /** Writes versions as an enclave has them written, and says each once it is kept, until it is killed. */
    static final class Writing {
        private Writing() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws IOException {
            StateFolder state = StateFolder.open(Path.of(arguments[0]));
            for (long version = state.newest("model").orElse(0L) + 1; ; version++) {
                state.write("model", version, filled(version, 100_000));
                // In one piece: a line that is cut off must not pass for a lower number.
                System.out.write((version + "\n").getBytes(StandardCharsets.US_ASCII));
                System.out.flush();
                state.discard("model", version);
            }
        }
    }
}
