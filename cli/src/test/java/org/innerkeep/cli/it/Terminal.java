package org.innerkeep.cli.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A shell that somebody pastes blocks of commands into, one after the other. What it prints is kept line by line. */
final class Terminal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern COLOUR = Pattern.compile("\u001B\\[[0-9;]*m");

    /** Takes a file at a time from standard input, and says how many of its commands failed and how the last one ended. */
    private static final String LOOP =
            """
            set -o pipefail
            trap 'failed=$((failed + 1))' ERR
            while IFS= read -r block; do
              failed=0
              . "$block" </dev/null
              code=$?
              # The block as a whole counts as a command that failed, too.
              ((code == 0)) || failed=$((failed - 1))
              printf '\\n%s %d %d\\n' "$1" "$code" "$failed"
            done
            """;

    /**
     * How a block ended.
     *
     * @param exitCode of its last command
     * @param failed how many of its commands failed
     */
    record Ended(int exitCode, int failed) {}

    private final String name;
    private final Path folder;
    private final Process shell;
    private final Writer input;
    private final String mark = UUID.randomUUID().toString();
    private final List<String> lines = new ArrayList<>();
    private boolean closed;

    /** Where the output of the block begins that was pasted last. */
    private int begin;

    /** Up to where it was looked at. */
    private int seen;

    Terminal(String name, Path folder, Map<String, String> environment) throws IOException {
        this.name = name;
        this.folder = folder;
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", LOOP, "bash", mark).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        shell = builder.start();
        input = shell.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(COLOUR.matcher(line).replaceAll(""));
            }
        } catch (IOException e) {
            // The shell was ended; what it said before counts.
        } finally {
            end();
        }
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    private synchronized void end() {
        closed = true;
        notifyAll();
    }

    void paste(String commands) throws IOException {
        Path block = Files.writeString(Files.createTempFile(folder, ".block", ".sh"), commands);
        synchronized (this) {
            begin = lines.size();
            seen = begin;
        }
        input.write(block + "\n");
        input.flush();
    }

    /** Waits for the next line that is as wanted; fails if the block ends without it. */
    void await(Pattern wanted) throws IOException, InterruptedException {
        for (String line = next(); line != null; line = next()) {
            if (wanted.matcher(line).matches()) {
                return;
            }
            if (line.startsWith(mark)) {
                break;
            }
        }
        throw new IOException(name + ": expected a line '" + wanted + "', found:\n" + output());
    }

    /** Waits until the block has ended. */
    Ended awaitEnd() throws IOException, InterruptedException {
        for (String line = next(); line != null; line = next()) {
            if (line.startsWith(mark)) {
                String[] numbers = line.split(" ", -1);
                return new Ended(Integer.parseInt(numbers[1]), Integer.parseInt(numbers[2]));
            }
        }
        throw new IOException(name + ": the shell ended before the block did, after:\n" + output());
    }

    /** Looks at the output of the last block from its beginning again. */
    synchronized void rewind() {
        seen = begin;
    }

    private synchronized @Nullable String next() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (seen == lines.size() && !closed) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new IOException(name + ": nothing came for " + PATIENCE.toMinutes() + " minutes, after:\n" + output());
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return seen == lines.size() ? null : lines.get(seen++);
    }

    /** Everything that came since the last block was pasted. */
    synchronized String output() {
        return String.join("\n", lines.subList(begin, lines.size()));
    }

    /**
     * As Ctrl-C does, ends what runs in it, but not the shell. By SIGTERM: programs here do the same for both, and a build that was
     * started in the background passes an ignored SIGINT on to all its tests.
     */
    void pressCtrlC() throws IOException, InterruptedException {
        List<ProcessHandle> running = shell.children().toList();
        // The shell prints a builtin's output before it has started the program after it: whoever reacts to the one waits for the other.
        while (running.isEmpty() && !endsWithin(Duration.ofMillis(10))) {
            running = shell.children().toList();
        }
        running.forEach(ProcessHandle::destroy);
        awaitEnd();
    }

    private synchronized boolean endsWithin(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            if (closed || lines.subList(seen, lines.size()).stream().anyMatch(line -> line.startsWith(mark))) {
                return true;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> running = shell.descendants().toList();
        running.forEach(ProcessHandle::destroy);
        shell.destroy();
        try {
            if (!shell.waitFor(10, TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // What ends on SIGTERM may take a moment; nothing of it may outlive the test.
        running.forEach(each -> each.onExit().orTimeout(10, TimeUnit.SECONDS).exceptionally(late -> {
            each.destroyForcibly();
            return each;
        }).join());
    }
}
