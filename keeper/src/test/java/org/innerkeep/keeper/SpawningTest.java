package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.linux.EnclaveCalls;
import org.innerkeep.channel.linux.SystemCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SpawningTest {
    @TempDir
    private Path temp;

    private static Process start(List<? extends Spawning.Step> steps, Path output, String script) throws IOException {
        return new Shell().start(steps, output, "/bin/bash", "-c", script);
    }

    @Test
    void theProcessHasNothingButItsThreeStreams() throws Exception {
        // Whatever this JVM has open must be closed in it; the listing itself opens one more.
        try (var held = Files.newInputStream(Files.createFile(temp.resolve("held")))) {
            assertThat(new Shell().said(List.of(), "for f in /proc/self/fd/*; do echo ${f##*/}; done").lines())
                    .contains("0", "1", "2")
                    .allMatch(number -> number.equals("255") || Integer.parseInt(number) <= 3);
            assertThat(held.read()).isEqualTo(-1);
        }
        assertThat(new Shell().said(List.of(), "export -p | grep -v -e OLDPWD -e PWD -e SHLVL")).as("environment").isEmpty();
    }

    @Test
    void inputComesUntilItIsClosed() throws Exception {
        Path output = Files.createFile(temp.resolve("out"));
        Process process = start(List.of(), output, "cat");
        process.getOutputStream().write("tokens".getBytes(StandardCharsets.US_ASCII));
        assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).as("waits for more").isFalse();

        process.getOutputStream().close();

        assertThat(process.waitFor()).isZero();
        assertThat(output).hasContent("tokens");
    }

    @Test
    void exitCodesAndSignalsAreTold() throws Exception {
        Path output = Files.createFile(temp.resolve("out"));

        assertThat(start(List.of(), output, "exit 7").waitFor()).isEqualTo(7);
        Process killed = start(List.of(), output, "sleep 600");
        assertThat(killed.isAlive()).isTrue();
        assertThat(killed.destroyForcibly().onExit().get(10, TimeUnit.SECONDS).exitValue()).isEqualTo(128 + 9);
        assertThat(Path.of("/proc", Long.toString(killed.pid()))).as("nobody is left unburied").doesNotExist();
    }

    @Test
    void aStepThatFailsStartsNothingAndIsTold() {
        List<String> ended = new ArrayList<>();
        Spawning.Step fails = new Spawning.Step() {
            @Override
            public void apply() throws IOException {
                throw new IOException("cannot");
            }

            @Override
            public void end() {
                ended.add("ended");
            }
        };

        assertThatIOException()
                .isThrownBy(() -> start(List.of(fails), temp.resolve("out"), "echo ran"))
                .withMessage("cannot");
        assertThat(temp.resolve("out")).isEmptyFile();
        assertThat(ended).containsExactly("ended");
    }

    @Test
    void aProgramThatIsNotThereIsTold() {
        assertThatIOException()
                .isThrownBy(() -> new Shell().start(List.of(), temp.resolve("out"), "/nowhere/program"))
                .withMessageContaining("does not start /nowhere/program: error 2");
    }

    /** The reason for all of it: a keeper's threads must stay free, however many processes it starts and sees ending. */
    @Test
    void noThreadOfTheKeeperIsConfinedAfterwards() throws Exception {
        Path output = Files.createFile(temp.resolve("out"));
        CountDownLatch ended = new CountDownLatch(20);
        for (int i = 0; i < 20; i++) {
            Process process = start(
                    List.<Spawning.Step>of(
                            () -> Shell.KERNEL.call(SystemCall.PRCTL, 38, 1, 0, 0, 0),
                            new CallList(Shell.KERNEL, EnclaveCalls.forLife(Shell.KERNEL.machine(), false))),
                    output,
                    "exit 0");
            var _ = process.onExit().thenAccept(done -> Thread.ofVirtual().start(ended::countDown));
            var _ = process.onExit().thenAcceptAsync(done -> {});
        }
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();

        int seen = 0;
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                String status;
                try {
                    status = Files.readString(thread.resolve("status"));
                } catch (IOException e) {
                    // It has ended since it was listed.
                    continue;
                }
                assertThat(status).containsPattern("NoNewPrivs:\\s+0").containsPattern("Seccomp:\\s+0");
                seen++;
            }
        }
        assertThat(seen).isGreaterThan(3);
    }

    @Test
    void workingDirectoryAndMaskOfTheKeeperStayAsTheyWere() throws Exception {
        Path before = Path.of("").toAbsolutePath().toRealPath();

        assertThat(new Shell().said(List.of(), "pwd; umask").lines()).containsExactly("/", "0111");

        assertThat(Files.readSymbolicLink(Path.of("/proc/self/cwd"))).isEqualTo(before);
        assertThat(Files.readString(Path.of("/proc/self/status"))).doesNotContainPattern("Umask:\\s+0111");
    }
}
