package org.innerkeep.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.CallObserver;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.profile.CallTally;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.innerkeep.channel.profile.InsideFigures;
import org.innerkeep.channel.profile.ProfileService;
import org.jspecify.annotations.Nullable;

/**
 * Measures the calls of one enclave and writes the figures to a file, as long as the host runs. A figure that cannot be written is missing,
 * and the host goes on: it has more to do than to be measured.
 */
final class Profiling implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(250);
    private static final Duration LAST_WORD = Duration.ofSeconds(10);

    private final String enclaveId;
    private final Path file;
    private final CallTally tally = new CallTally();
    private final Codec<EnclaveFigures> codec = Codec.of(EnclaveFigures.class);
    private final long begunNanos = System.nanoTime();
    private final Thread atExit = new Thread(this::finish, "innerkeep-profile-exit");
    private @Nullable CallPeer calls;
    private @Nullable Traffic traffic;
    private Optional<InsideFigures> inside = Optional.empty();
    private boolean finished;

    Profiling(Path folder, String enclaveId) {
        this.enclaveId = enclaveId;
        this.file = folder.resolve(enclaveId + EnclaveFigures.FILE_ENDING);
    }

    static Optional<Profiling> ofEnvironment(String enclaveId) {
        return Optional.ofNullable(System.getenv(EnclaveFigures.FOLDER_VARIABLE))
                .map(folder -> new Profiling(Path.of(folder), enclaveId));
    }

    CallObserver observer() {
        return tally;
    }

    /** The enclave's program has started. */
    synchronized void start(CallPeer peer, Traffic carried) {
        calls = peer;
        traffic = carried;
        Runtime.getRuntime().addShutdownHook(atExit);
        Thread.ofPlatform().daemon().name("innerkeep-profile").start(this::writeAgainAndAgain);
    }

    private void writeAgainAndAgain() {
        while (write()) {
            try {
                Thread.sleep(PERIOD);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** {@return whether there is more to write} */
    private synchronized boolean write() {
        if (finished) {
            return false;
        }
        try {
            EnclaveFigures figures = new EnclaveFigures(
                    enclaveId,
                    System.nanoTime() - begunNanos,
                    tally.figures(),
                    Objects.requireNonNull(traffic, "started").figures(),
                    inside);
            Path beside = file.resolveSibling(file.getFileName() + ".new");
            Files.write(beside, codec.encode(figures));
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private synchronized void finish() {
        if (finished || calls == null) {
            return;
        }
        try {
            inside = Optional.of(calls.bind(ProfileService.class, LAST_WORD).figures());
        } catch (CallException e) {
            // No debug build, or it has ended: it tells nothing of itself.
        }
        boolean _ = write();
        finished = true;
    }

    /** Asks the enclave for what it measured, and writes for the last time. */
    @Override
    public void close() {
        finish();
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This process ends, and the hook has nothing left to do.
        }
    }
}
