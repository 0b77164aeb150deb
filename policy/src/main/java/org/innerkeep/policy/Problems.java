package org.innerkeep.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.policy.tree.Position;

/** Collects problems: one for each place, the first that was found there, and no more than are of use. */
final class Problems {
    private final Map<Position, Problem> found = new TreeMap<>(Comparator.naturalOrder());

    void add(Position position, String found, String expected, String hint) {
        add(new Problem(position, found, expected, Optional.of(hint)));
    }

    void add(Problem problem) {
        if (!full()) {
            found.putIfAbsent(problem.position(), problem);
        }
    }

    boolean none() {
        return found.isEmpty();
    }

    boolean full() {
        return found.size() >= Limits.MAX_PROBLEMS;
    }

    List<Problem> sorted() {
        return List.copyOf(found.values());
    }
}
