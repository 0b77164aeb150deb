package org.innerkeep.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A process that tells what it does line by line on standard output, errors included. */
final class Child implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String END = "\0end";

    private final String name;
    private final Process process;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    Child(String name, Process process) {
        this.name = name;
        this.process = process;
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            // The process was ended; what it said before counts.
        } finally {
            lines.add(END);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Ends it as a crash does: at once, with nothing tidied up. */
    void kill() {
        process.destroyForcibly();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Waits for a line that begins with a word; the rest of that line, without the blank. Empty if the process ends first. */
    Optional<String> await(String word) {
        return awaitLine(line -> begins(line, word)).map(line -> line.substring(word.length()).strip());
    }

    private Optional<String> awaitLine(Predicate<String> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw new UncheckedIOException(new IOException(
                            name + " did not say what it must within " + PATIENCE.toSeconds() + " s; it said:\n" + said()));
                }
                if (line.equals(END)) {
                    lines.add(END);
                    return Optional.empty();
                }
                synchronized (seen) {
                    seen.add(line);
                }
                if (wanted.test(line)) {
                    return Optional.of(line);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted"));
        }
    }

    /** Waits for a line that begins with one of some words; the whole line. Empty if the process ends first. */
    Optional<String> awaitAny(String... words) {
        return awaitLine(line -> Arrays.stream(words).anyMatch(word -> begins(line, word)));
    }

    private static boolean begins(String line, String word) {
        return line.equals(word) || line.startsWith(word + " ");
    }

    /** The same, where the process must not end first. */
    String require(String word) {
        return await(word).orElseThrow(() -> new UncheckedIOException(
                new IOException(name + " ended without saying '" + word + "'; it said:\n" + said())));
    }

    /** Sends a line to its standard input. */
    void tell(String line) {
        try {
            Writer writer = process.outputWriter(StandardCharsets.UTF_8);
            writer.write(line + "\n");
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(name + " does not listen any more; it said:\n" + said(), e));
        }
    }

    /** Waits until it ends; its exit code. */
    int waitFor() {
        while (await(END).isPresent()) {
            // Reads on to the end, so that everything it says is kept.
        }
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new UncheckedIOException(new IOException(name + " did not end; it said:\n" + said()));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted"));
        }
    }

    /** Everything it said so far that was looked at. */
    String said() {
        synchronized (seen) {
            return String.join("\n", seen);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
