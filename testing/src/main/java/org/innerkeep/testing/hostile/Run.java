package org.innerkeep.testing.hostile;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One run of a scenario under a schedule, when it is over.
 *
 * @param schedule what the host was to do
 * @param outcome how it ended
 * @param tookEffect which steps it did; a step whose point never came, or that had nothing to work on, is not among them
 * @param met which of them put something else, or nothing, in the place of the agreed enclave before a client that then came
 * @param refusals what was refused on the way, as {@link HostileHost#refused} was told; not what ended the run
 * @param seen what the host saw
 * @param extent how many events there were
 * @param <R> what comes out of a run
 */
public record Run<R>(
        Schedule schedule,
        Outcome<R> outcome,
        List<Step> tookEffect,
        List<Step> met,
        List<Exception> refusals,
        Seen seen,
        Extent extent) {
    /** Copies the lists. */
    public Run {
        tookEffect = List.copyOf(tookEffect);
        met = List.copyOf(met);
        refusals = List.copyOf(refusals);
    }

    /** {@return the moves that took effect} */
    public Set<Move> moves() {
        Set<Move> moves = EnumSet.noneOf(Move.class);
        tookEffect.forEach(step -> moves.add(step.move()));
        return moves;
    }

    /**
     * What is owed under the move of a schedule of one step, and was not done. After several steps nobody can tell whose effect
     * is whose.
     *
     * @return what was neglected; empty where the {@link Move.Duty} was done, or the step took no effect, or no client came to it
     */
    public Optional<String> neglected() {
        if (schedule.steps().size() != 1 || tookEffect.isEmpty()) {
            return Optional.empty();
        }
        Step step = tookEffect.getFirst();
        return switch (step.move().duty()) {
            case REFUSED -> refusal().isPresent() || !met.contains(step)
                    ? Optional.empty()
                    : Optional.of("the host " + step.move().text() + ", and nobody refused");
            case HARMLESS -> refusal().map(why -> "the host " + step.move().text() + ", which must change nothing: " + why);
            case REFUSED_OR_HARMLESS, UNDETECTED -> Optional.empty();
        };
    }

    private Optional<Exception> refusal() {
        return outcome instanceof Outcome.Refused<R>(Exception why) ? Optional.of(why) : refusals.stream().findFirst();
    }
}
