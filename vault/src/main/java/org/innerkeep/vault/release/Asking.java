package org.innerkeep.vault.release;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Enclaves of one kind that asked for a key: the same code on the same platform, as far as was proven. By this an owner sees that
 * the operator runs another version.
 *
 * @param line what was proven of them
 * @param released how often the key of a file was released to them
 * @param refused how often it was refused
 * @param first the first of these decisions
 * @param last the last of them
 * @param lastReleased the last release
 */
public record Asking(String line, long released, long refused, Instant first, Instant last, Optional<Instant> lastReleased) {
    /** {@return what was proven, where the line says it whole} */
    public Optional<ProvenEnclave> enclave() {
        return ProvenEnclave.parse(line);
    }

    /**
     * Sorts decisions by what was proven.
     *
     * @param decisions in any order
     * @return one for each kind of enclave, the one that asked last first
     */
    static List<Asking> of(Collection<ReleaseRecord> decisions) {
        Map<String, Asking> all = new LinkedHashMap<>();
        decisions.forEach(each -> all.merge(each.enclave(), one(each), Asking::and));
        List<Asking> sorted = new ArrayList<>(all.values());
        sorted.sort(Comparator.comparing(Asking::last).reversed());
        return List.copyOf(sorted);
    }

    private static Asking one(ReleaseRecord decision) {
        Instant at = decision.time();
        return decision.released()
                ? new Asking(decision.enclave(), 1, 0, at, at, Optional.of(at))
                : new Asking(decision.enclave(), 0, 1, at, at, Optional.empty());
    }

    private Asking and(Asking other) {
        return new Asking(
                line,
                released + other.released,
                refused + other.refused,
                first.isBefore(other.first) ? first : other.first,
                last.isAfter(other.last) ? last : other.last,
                Stream.concat(lastReleased.stream(), other.lastReleased.stream()).max(Comparator.naturalOrder()));
    }
}
