package org.innerkeep.vault.key;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What may be changed of a version of a key. Immutable.
 *
 * @param enabled whether it may be used at all
 * @param notBefore from when on it may be used, in whole seconds
 * @param expires from when on it may no longer be used, in whole seconds
 * @param exportable whether it may be released whole, by its release policy
 * @param operations what it is for, in the words of JSON Web Keys; at most 16
 * @param tags of the owner's own, at most 15, names up to 256 and values up to 256 characters
 * @param releasePolicy by what it is released whole
 */
public record KeySettings(
        boolean enabled,
        Optional<Instant> notBefore,
        Optional<Instant> expires,
        boolean exportable,
        Set<String> operations,
        Map<String, String> tags,
        Optional<ReleasePolicy> releasePolicy) {
    /** Enabled, without bounds in time, not to be released whole. */
    public static final KeySettings PLAIN =
            new KeySettings(true, Optional.empty(), Optional.empty(), false, Set.of(), Map.of(), Optional.empty());

    static final int MAX_OPERATIONS = 16;
    static final int MAX_OPERATION_CHARS = 32;
    static final int MAX_TAGS = 15;
    static final int MAX_TAG_CHARS = 256;

    /** The last second that is accepted: the year 9999. */
    static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    /**
     * Checks sizes and sorts.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public KeySettings {
        notBefore = notBefore.map(KeySettings::second);
        expires = expires.map(KeySettings::second);
        if (operations.size() > MAX_OPERATIONS
                || operations.stream().anyMatch(each -> each.isEmpty() || each.length() > MAX_OPERATION_CHARS)) {
            throw new IllegalArgumentException("operations: expected at most " + MAX_OPERATIONS + " of 1 to " + MAX_OPERATION_CHARS
                    + " characters");
        }
        if (tags.size() > MAX_TAGS || tags.entrySet().stream()
                .anyMatch(each -> each.getKey().length() > MAX_TAG_CHARS || each.getValue().length() > MAX_TAG_CHARS)) {
            throw new IllegalArgumentException("tags: expected at most " + MAX_TAGS + ", names and values of at most " + MAX_TAG_CHARS
                    + " characters");
        }
        operations = Collections.unmodifiableSet(new TreeSet<>(operations));
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    private static Instant second(Instant time) {
        if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
            throw new IllegalArgumentException("time: expected 1970 to 9999, found " + time);
        }
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Enables or disables.
     *
     * @param now whether it may be used from now on
     * @return a changed copy
     */
    public KeySettings enabled(boolean now) {
        return new KeySettings(now, notBefore, expires, exportable, operations, tags, releasePolicy);
    }

    /**
     * Replaces the release policy.
     *
     * @param now the policy
     * @return a changed copy
     */
    public KeySettings releasePolicy(Optional<ReleasePolicy> now) {
        return new KeySettings(enabled, notBefore, expires, exportable, operations, tags, now);
    }

    /**
     * Tells why it may not be used at a time.
     *
     * @param at the time
     * @return why not, or nothing where it may be used
     */
    public Optional<String> unusable(Instant at) {
        if (!enabled) {
            return Optional.of("it is disabled");
        }
        if (notBefore.isPresent() && at.isBefore(notBefore.get())) {
            return Optional.of("it may be used from " + notBefore.get() + " on");
        }
        if (expires.isPresent() && !at.isBefore(expires.get())) {
            return Optional.of("it expired at " + expires.get());
        }
        return Optional.empty();
    }
}
