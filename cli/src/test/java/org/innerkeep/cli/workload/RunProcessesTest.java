package org.innerkeep.cli.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RunProcessesTest {
    private static List<String> shell(String script) {
        return List.of("/bin/sh", "-c", script);
    }

    @Test
    void whatAProcessSaysOfItselfIsTheRestOfTheLine() throws Exception {
        try (RunProcesses run = RunProcesses.of("run")) {
            run.start("host", shell("echo first; echo \"listening $WHERE\"; exec sleep 50"), Map.of("WHERE", "127.0.0.1:1"));
            assertThat(run.await("host", "listening ")).isEqualTo("127.0.0.1:1");
        }
    }

    @Test
    void aProcessThatEndsBeforeItIsReadyIsReportedWithWhatItSaid() throws Exception {
        try (RunProcesses run = RunProcesses.of("control run")) {
            run.start("keeper", shell("echo 'no room here'"), Map.of());
            assertThatIOException().isThrownBy(() -> run.await("keeper", "ready"))
                    .withMessage("the keeper of the control run did not start: no room here");
        }
    }

    @Test
    void aLineThatIsNotWholeYetIsWaitedFor() throws Exception {
        try (RunProcesses run = RunProcesses.of("run")) {
            run.start("host", shell("printf 'listening 127.0.'; sleep 0.3; echo '0.1:1'; exec sleep 50"), Map.of());
            assertThat(run.await("host", "listening ")).isEqualTo("127.0.0.1:1");
        }
    }

    @Test
    void processesEndWithTheRunAndTheFolderGoes() throws Exception {
        RunProcesses run = RunProcesses.of("run");
        Process process = run.start("host", shell("echo ready; exec sleep 50"), Map.of());
        Process workload = run.startWorkload(shell("exec sleep 50"), Map.of());
        Files.writeString(run.folder().resolve("figures"), "1");

        run.close();

        assertThat(process.isAlive()).isFalse();
        assertThat(workload.isAlive()).isFalse();
        assertThat(run.folder()).doesNotExist();
    }
}
