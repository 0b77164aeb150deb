package org.innerkeep.cli.enclosed;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.JournalFolder;
import org.innerkeep.host.Platform;
import org.innerkeep.inside.ServedInside;

/** A service in an enclave, seen from its host: keeps its journal, carries its clients. */
public final class EnclosedService implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(5);

    private final JournalFolder journal;
    private final Enclave enclave;
    private final InetSocketAddress address;
    private final List<String> said;
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private EnclosedService(JournalFolder journal, Enclave enclave, InetSocketAddress address, List<String> said) {
        this.journal = journal;
        this.enclave = enclave;
        this.address = address;
        this.said = said;
    }

    /**
     * Starts.
     *
     * @param bundle the packed service
     * @param platform where it runs
     * @param state the folder of its journal
     * @param listen where clients connect
     * @return the service, which serves
     * @throws IOException if it does not start, or does not go on with what is in the folder
     */
    public static EnclosedService start(Path bundle, Platform platform, Path state, InetSocketAddress listen) throws IOException {
        JournalFolder journal = JournalFolder.open(state);
        boolean started = false;
        try {
            Enclave enclave = Host.on(platform).offering(JournalStore.class, journal).start(bundle);
            try {
                ServedInside.Report report = enclave.bind(ServedInside.class, ANSWER).report();
                if (!report.serving()) {
                    throw new IOException("the service in the enclave does not serve: " + String.join("\n", report.lines()));
                }
                EnclosedService service = new EnclosedService(journal, enclave, enclave.listen(listen), report.lines());
                started = true;
                Thread.ofVirtual().start(service::watch);
                return service;
            } catch (CallException e) {
                throw new IOException("the enclave ended while its service started: " + e.getMessage(), e);
            } finally {
                if (!started) {
                    enclave.close();
                }
            }
        } finally {
            if (!started) {
                journal.close();
            }
        }
    }

    /** {@return where clients connect} */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * {@return what the service says to its host; whoever relies on it asks the service itself, once its evidence was verified}
     */
    public List<String> said() {
        return said;
    }

    /** Asks until it is over, or the enclave has ended. */
    private void watch() {
        ServedInside inside = enclave.bind(ServedInside.class, ANSWER);
        try {
            while (!enclave.ended().toCompletableFuture().isDone()) {
                if (standing(inside) == ServedInside.Standing.OVER) {
                    over.complete(null);
                    return;
                }
                Thread.sleep(BETWEEN_QUESTIONS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ServedInside.Standing standing(ServedInside inside) {
        try {
            return inside.standing();
        } catch (CallException e) {
            // It ends, or is slow: the next time tells.
            return ServedInside.Standing.FAILING;
        }
    }

    /** {@return completes when the service answers nobody any more and has to be started again} */
    public CompletionStage<Void> over() {
        return over;
    }

    /** {@return completes when the enclave has ended, however it ended} */
    public CompletionStage<Void> ended() {
        return enclave.ended();
    }

    @Override
    public void close() throws IOException {
        try (journal) {
            enclave.close();
        }
    }
}
