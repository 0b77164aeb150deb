package org.innerkeep.enclave.internal;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.enclave.Counter;
import org.innerkeep.enclave.SealedLog;
import org.jspecify.annotations.Nullable;

/** What an enclave tells of itself: a sealed log and counters, both declared before the program has started. */
final class Telemetry {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    private static final int MAX_COUNTERS = 64;

    private final SecureRandom random;
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private volatile @Nullable Journal journal;
    private volatile boolean declared;

    Telemetry(SecureRandom random) {
        this.random = random;
    }

    /** The program has started: nothing new is declared from now on. */
    void close() {
        declared = true;
    }

    private void requireOpen(String what) {
        if (declared) {
            throw new IllegalStateException(what + " is declared while the program starts, before any client is served");
        }
    }

    synchronized SealedLog log(String recipient) {
        requireOpen("a log");
        if (journal != null) {
            throw new IllegalStateException("the program has a log already");
        }
        try {
            Journal made = new Journal(Recipient.parse(recipient), random, InstantSource.system());
            journal = made;
            return made;
        } catch (SealedFileException e) {
            throw new IllegalArgumentException("log: expected an age recipient: " + e.getMessage(), e);
        }
    }

    synchronized Counter counter(String name) {
        requireOpen("a counter");
        if (!NAME.matcher(name).matches() || counters.size() >= MAX_COUNTERS || counters.containsKey(name)) {
            throw new IllegalArgumentException("counter: expected a new name of 1 to 64 lower-case letters, digits, hyphens and"
                    + " underscores, for at most " + MAX_COUNTERS + " counters");
        }
        LongAdder adder = new LongAdder();
        counters.put(name, adder);
        return adder::add;
    }

    /** A request failed in a way that its caller is told nothing of. */
    void failed(String of, Throwable failure) {
        Journal log = journal;
        if (log != null) {
            log.failed("a request of " + of + " failed", failure);
        }
    }

    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        counters.forEach((name, adder) -> counts.put(name, adder.sum()));
        return counts;
    }

    Optional<byte[]> takeLog() {
        Journal log = journal;
        return log == null ? Optional.empty() : log.take();
    }
}
