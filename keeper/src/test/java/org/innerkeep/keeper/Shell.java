package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;

/** Runs scripts in processes that are confined by steps, and gives what they say. */
final class Shell {
    static final Kernel KERNEL = Machine.current().map(Kernel::new).orElseThrow();

    private final Spawning spawning;

    Shell() throws IOException {
        spawning = new Spawning(KERNEL);
    }

    /** What a script writes to standard output and error. It starts in the root folder. */
    String said(List<? extends Spawning.Step> steps, String script) throws IOException {
        Path output = Files.createTempFile("said", "");
        try {
            Process process = start(steps, output, "/bin/bash", "-c", "exec 2>&1\n" + script);
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the script does not end: " + script);
            }
            return Files.readString(output).strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            Files.delete(output);
        }
    }

    Process start(List<? extends Spawning.Step> steps, Path output, String... command) throws IOException {
        return spawning.start(
                steps,
                new ProcessBuilder(command)
                        .directory(Path.of("/").toFile())
                        .redirectOutput(output.toFile()));
    }
}
