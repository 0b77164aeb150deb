package org.innerkeep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.host.Enclave;

/** Fetches what an enclave tells of itself, again and again, and once more before the host ends. */
final class Telltale implements AutoCloseable {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Enclave enclave;
    private final Optional<Path> folder;
    private final Optional<PrintWriter> out;
    private final PrintWriter err;
    private final Thread hook = new Thread(this::fetch);
    private Map<String, Long> before = Map.of();
    private int files;

    /** What the enclave gave and could not be written yet. */
    private Optional<byte[]> unwritten = Optional.empty();

    private boolean complained;

    Telltale(Enclave enclave, Optional<Path> folder, Optional<PrintWriter> out, PrintWriter err) throws IOException {
        this.enclave = enclave;
        this.folder = folder;
        this.out = out;
        this.err = err;
        if (folder.isPresent()) {
            Files.createDirectories(folder.get());
        }
        // An interrupted host fetches what is left before its end ends the enclave.
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Until the enclave has ended. */
    void watch(Duration every) {
        CompletableFuture<Void> ended = enclave.ended().toCompletableFuture();
        while (!ended.isDone()) {
            try {
                ended.get(every.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                fetch();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException e) {
                throw new IllegalStateException("an end is never a failure", e);
            }
        }
    }

    synchronized void fetch() {
        try {
            if (folder.isPresent()) {
                store(folder.get());
            }
            if (out.isPresent()) {
                Map<String, Long> now = enclave.counters();
                if (!now.equals(before)) {
                    StringBuilder line = new StringBuilder("counters ");
                    now.forEach((name, value) -> line.append(' ').append(name).append('=').append(value));
                    out.get().println(line);
                    out.get().flush();
                    before = now;
                }
            }
        } catch (CallException e) {
            // The enclave has ended, which is told elsewhere.
        } catch (IOException e) {
            // The enclave goes on: its log is no reason to end it. What was fetched is kept and tried again.
            if (!complained) {
                err.println("innerkeep: the log could not be stored, and is kept to be tried again: " + e.getMessage());
                err.flush();
                complained = true;
            }
        }
    }

    /** The enclave gives each part of its log once, so a part is forgotten only after it was written. */
    private void store(Path into) throws IOException {
        if (unwritten.isEmpty()) {
            unwritten = enclave.takeLog();
        }
        if (unwritten.isPresent()) {
            byte[] sealed = unwritten.get();
            Path file = into.resolve(NAME.format(Instant.now()) + "-" + ++files + ".log.age");
            NewFile.write(file, to -> to.write(sealed));
            unwritten = Optional.empty();
            complained = false;
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process ends: the hook runs.
        }
    }
}
