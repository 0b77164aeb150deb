package org.innerkeep.testing.hostile;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What came of many runs.
 *
 * @param runs how many there were, the undisturbed one not counted
 * @param completed how many of them ended with a result
 * @param refused how many of them ended with a declared refusal or failure
 * @param moves for each move that was planned, what became of it
 * @param finding what is wrong, if something is; the runs ended there
 */
public record Exploration(int runs, int completed, int refused, Map<Move, Count> moves, Optional<Finding> finding) {
    /** Copies the map. */
    public Exploration {
        moves = moves.isEmpty() ? Map.of() : Map.copyOf(moves);
    }

    /**
     * What became of one move.
     *
     * @param planned in how many steps it was planned
     * @param tookEffect how many of them took effect
     * @param completed how many runs in which it took effect ended with a result
     */
    public record Count(int planned, int tookEffect, int completed) {}

    /**
     * Something that must not be.
     *
     * @param schedule under which it was found
     * @param shrunk the same with every step left out that it does not need; run it again by {@link HostileHost#run}
     * @param violation what is wrong
     * @param cause the failure, if it is one
     */
    public record Finding(Schedule schedule, Schedule shrunk, String violation, @Nullable Throwable cause) {
        @Override
        public String toString() {
            return violation + "\n  under " + shrunk + (shrunk.equals(schedule) ? "" : "\n  shrunk from " + schedule);
        }
    }

    /** {@return the moves that took effect in some run} */
    public Set<Move> tookEffect() {
        Set<Move> done = EnumSet.noneOf(Move.class);
        moves.forEach((move, count) -> {
            if (count.tookEffect() > 0) {
                done.add(move);
            }
        });
        return done;
    }

    /**
     * Throws what was found.
     *
     * @return this
     * @throws AssertionError if there is a finding; its message has the schedule to repeat it with
     */
    public Exploration orThrow() {
        if (finding.isPresent()) {
            throw new AssertionError(finding.get().toString(), finding.get().cause());
        }
        return this;
    }

    /** {@return a table of moves, and the finding} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                "%d runs: %d with a result, %d refused%n%-18s %8s %8s %8s%n",
                runs, completed, refused, "move", "planned", "done", "result"));
        new EnumMap<>(moves.isEmpty() ? Map.of(Move.KILL, new Count(0, 0, 0)) : moves).forEach((move, count) -> text.append(
                String.format("%-18s %8d %8d %8d%n", move.id(), count.planned(), count.tookEffect(), count.completed())));
        finding.ifPresent(found -> text.append("FOUND: ").append(found).append('\n'));
        return text.toString();
    }
}
