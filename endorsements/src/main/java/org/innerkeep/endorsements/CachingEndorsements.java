package org.innerkeep.endorsements;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Need;

/**
 * Keeps answers on disk and asks again when they are old, or no longer valid by what they say themselves. While a service is down,
 * what is at hand is served, however old: a verifier looks at every validity itself, so a cache can make it refuse, never accept. For
 * one need, one request runs at a time, whose answer all who ask then get.
 *
 * <p>Safe for use by several threads. Several processes may share a folder: files are written whole or not at all.
 */
public final class CachingEndorsements implements Endorsements {
    /** After a failure, for how long what is at hand is served without asking again. */
    private static final Duration RESPITE = Duration.ofSeconds(30);

    private static final int MAX_FAILURES = 1024;

    private final Endorsements source;
    private final CacheFolder folder;
    private final Duration refetchAfter;
    private final InstantSource clock;
    private final Companions companions = new Companions();
    private final Map<Need, CompletableFuture<Answer>> running = new ConcurrentHashMap<>();
    private final Map<Need, Instant> failures = new LinkedHashMap<>();

    /**
     * A cache in a folder.
     *
     * @param source what is asked for what is not at hand
     * @param folder which this cache owns: it deletes what is in excess; made where it is absent
     * @param refetchAfter how old an answer may be before it is asked for again
     * @param maxFiles how many answers are kept at most, at least 1
     * @param maxBytes of how many bytes together, at least 1
     * @param clock of this machine
     * @throws IOException if the folder cannot be made or read
     */
    public CachingEndorsements(
            Endorsements source, Path folder, Duration refetchAfter, int maxFiles, long maxBytes, InstantSource clock) throws IOException {
        if (refetchAfter.isNegative() || maxFiles < 1 || maxBytes < 1) {
            throw new IllegalArgumentException("cache: expected an age, and room for at least one answer");
        }
        this.source = source;
        this.folder = new CacheFolder(folder, maxFiles, maxBytes);
        this.refetchAfter = refetchAfter;
        this.clock = clock;
        this.folder.all().forEach(companions::keep);
    }

    @Override
    public Answer find(Need need) {
        CompletableFuture<Answer> mine = new CompletableFuture<>();
        CompletableFuture<Answer> other = running.putIfAbsent(need, mine);
        if (other != null) {
            try {
                return other.join();
            } catch (CompletionException e) {
                return new Answer(List.of(), List.of("the request that was under way failed"));
            }
        }
        try {
            Answer answer = fetch(need);
            mine.complete(answer);
            return answer;
        } finally {
            running.remove(need, mine);
            // Where the source threw, which it must not, nobody may wait forever.
            mine.completeExceptionally(new IllegalStateException("the source failed"));
        }
    }

    private Answer fetch(Need need) {
        Instant now = clock.instant();
        if (need instanceof Need.IssuerCertificate certificate) {
            List<Bytes> known = companions.find(certificate);
            if (known.stream().anyMatch(each -> Validity.until(List.of(each)).isAfter(now))) {
                return new Answer(known, List.of());
            }
        }
        Optional<CacheFolder.Entry> kept = folder.read(need);
        if (kept.isPresent()) {
            Instant at = kept.get().fetchedAt();
            boolean young = !at.isAfter(now) && at.plus(refetchAfter).isAfter(now);
            if (young && Validity.until(kept.get().documents()).isAfter(now) || failedLately(need, now)) {
                return new Answer(kept.get().documents(), List.of());
            }
        }
        Answer answer = source.find(need);
        if (!answer.documents().isEmpty()) {
            companions.keep(answer.documents());
            List<String> problems = new ArrayList<>(answer.problems());
            folder.write(need, new CacheFolder.Entry(now, answer.documents())).ifPresent(problems::add);
            return new Answer(answer.documents(), problems);
        }
        if (kept.isPresent()) {
            failed(need, now);
            return new Answer(kept.get().documents(), answer.problems());
        }
        return need instanceof Need.IssuerCertificate certificate
                ? new Answer(companions.find(certificate), answer.problems())
                : answer;
    }

    private boolean failedLately(Need need, Instant now) {
        synchronized (failures) {
            Instant at = failures.get(need);
            return at != null && !at.isAfter(now) && at.plus(RESPITE).isAfter(now);
        }
    }

    private void failed(Need need, Instant now) {
        synchronized (failures) {
            failures.put(need, now);
            if (failures.size() > MAX_FAILURES) {
                failures.remove(failures.keySet().iterator().next());
            }
        }
    }
}
