package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.makers.Served;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What stands between a verifier and a maker's service, all of it: a chain of sources, a cache, a client, HTTP, and a service on this
 * machine, which is all that the verifier gets endorsements from.
 */
abstract class EndToEnd {
    static final byte[] HTML = "<html><body>Service unavailable</body></html>".getBytes(StandardCharsets.US_ASCII);

    /** Enough for a slow machine, and not for a service that never answers. */
    static final Limits SHORT = new Limits(Duration.ofMillis(300), 1, Duration.ZERO, 1 << 20);

    final LocalService service = new LocalService();
    final CountDownLatch never = new CountDownLatch(1);
    private final Verifier verifier = new Verifier();
    Instant now = Made.NOW;

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        never.countDown();
        service.close();
    }

    void serve(Map<String, Served> answers) {
        answers.forEach((what, answer) -> service.on(what, answer.headers(), answer.body().toArray()));
    }

    /** Every answer the same: a page, an error, a redirect, or nothing for a long time. */
    void serve(Map<String, Served> answers, LocalService.Handler handler) {
        answers.keySet().forEach(what -> service.on(what, handler));
    }

    void waitForEver() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A folder with nothing in it, then the cache, which asks the client. */
    Endorsements behindCache(Endorsements client) {
        try {
            Path empty = Files.createDirectories(folder.resolve("endorsements"));
            return Endorsements.allOf(List.of(
                    EndorsementPool.read(empty),
                    new CachingEndorsements(
                            client, folder.resolve("cache"), Duration.ofHours(1), 100, 16 << 20, (InstantSource) () -> now)));
        } catch (IOException | MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    Verdict verify(byte[] evidence, Endorsements endorsements, VerifierOptions options) {
        return verifier.verify(evidence, endorsements, now, options);
    }

    static Verdict.Accepted accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return (Verdict.Accepted) verdict;
    }

    static Verdict.Refused refused(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return (Verdict.Refused) verdict;
    }

    /** The reasons, as a person reads them. */
    static String undecided(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Undecided.class);
        return ((Verdict.Undecided) verdict).explain();
    }

    /** Verifies, writes what was answered into one file, and verifies again with that alone. */
    void replays(byte[] evidence, Endorsements client, VerifierOptions options) throws IOException, MalformedException {
        Recording recording = new Recording(client);
        Verdict decision = verify(evidence, recording, options);
        assertThat(recording.complete()).isTrue();
        Path archive = folder.resolve("archive");
        Files.write(archive, recording.pool().toByteArray());
        service.asked.clear();

        EndorsementPool archived = EndorsementPool.read(archive);
        Verdict again = new Verifier().verify(evidence, archived, now, options);

        assertThat(again).isEqualTo(decision);
        assertThat(Bytes.of(archived.toByteArray())).isEqualTo(Bytes.of(Files.readAllBytes(archive)));
        assertThat(service.asked).isEmpty();
    }
}
