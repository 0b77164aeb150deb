package org.innerkeep.testing.hostile;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * One run of a scenario under a schedule, when it is over.
 *
 * @param schedule what the host was to do
 * @param outcome how it ended
 * @param tookEffect which steps it did; a step whose point never came, or that had nothing to work on, is not among them
 * @param seen what the host saw
 * @param extent how many events there were
 * @param <R> what comes out of a run
 */
public record Run<R>(Schedule schedule, Outcome<R> outcome, List<Step> tookEffect, Seen seen, Extent extent) {
    /** Copies the list. */
    public Run {
        tookEffect = List.copyOf(tookEffect);
    }

    /** {@return the moves that took effect} */
    public Set<Move> moves() {
        Set<Move> moves = EnumSet.noneOf(Move.class);
        tookEffect.forEach(step -> moves.add(step.move()));
        return moves;
    }
}
