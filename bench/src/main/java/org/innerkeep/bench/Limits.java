package org.innerkeep.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The program in C that measures what two processes of this machine need at least, compiled for this run. */
record Limits(Path program) {
    /** Its source in a checkout. */
    static final Path SOURCE = Path.of("src", "main", "c", "limits.c");

    /**
     * Compiles it.
     *
     * @param source the source
     * @param folder where the program is to be
     * @return empty if there is no C compiler
     * @throws IOException if there is one and it fails
     */
    static Optional<Limits> compile(Path source, Path folder) throws IOException, InterruptedException {
        if (!WholeProcess.onPath("cc")) {
            return Optional.empty();
        }
        Path program = folder.resolve("limits");
        said(List.of("cc", "-O2", "-std=c11", "-o", program.toString(), source.toString()));
        return Optional.of(new Limits(program));
    }

    private static String said(List<String> command) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("innerkeep-bench", ".errors");
        try {
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed:\n" + Files.readString(errors));
            }
            return said;
        } finally {
            Files.delete(errors);
        }
    }

    private Latency run(String what, long first, long second) throws IOException, InterruptedException {
        return Latency.parse(said(List.of(program.toString(), what, Long.toString(first), Long.toString(second))));
    }

    /** {@return so many bytes there and back over memory that two processes share, both spinning} */
    Latency call(int bytes, long millis) throws IOException, InterruptedException {
        return run("call", bytes, millis);
    }

    /** {@return one wake of a process that waited so long at a futex, until its answer is seen} */
    Latency futex(int wakes, long micros) throws IOException, InterruptedException {
        return run("futex", wakes, micros);
    }

    /** {@return the same at an eventfd} */
    Latency eventfd(int wakes, long micros) throws IOException, InterruptedException {
        return run("eventfd", wakes, micros);
    }

    /** {@return two copies of so many bytes, between places that were not touched lately} */
    Latency twoCopies(int bytes, long millis) throws IOException, InterruptedException {
        return run("copy", bytes, millis);
    }
}
