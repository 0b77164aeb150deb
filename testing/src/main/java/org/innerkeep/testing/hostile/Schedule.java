package org.innerkeep.testing.hostile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What a hostile host does in one run: moves, each at a point. Immutable. Its text says all of it and can be read back, so that a
 * failure can be repeated from a log.
 *
 * @param seed what it was drawn from; also what random bytes of moves are made from
 * @param steps what is done; in no order, since each has its own point
 */
public record Schedule(long seed, List<Step> steps) {
    private static final int MOST_STEPS = 4;

    /** Copies the list. */
    public Schedule {
        steps = List.copyOf(steps);
    }

    /**
     * A schedule of these steps.
     *
     * @param steps what is done
     * @return the schedule, with seed 0
     */
    public static Schedule of(Step... steps) {
        return new Schedule(0, List.of(steps));
    }

    /**
     * Draws one to four steps. The same arguments give the same schedule.
     *
     * @param seed fixes the choice
     * @param moves from which; those without a point in the extent are left out
     * @param extent how many events there are
     * @return the schedule
     * @throws IllegalArgumentException if none of the moves has a point
     */
    public static Schedule draw(long seed, Collection<Move> moves, Extent extent) {
        List<Move> possible = moves.stream()
                .filter(move -> move.places().stream().anyMatch(extent::has))
                .sorted()
                .toList();
        if (possible.isEmpty()) {
            throw new IllegalArgumentException("no move can be made: the scenario neither connects, calls nor reads");
        }
        SplittableRandom random = new SplittableRandom(seed);
        List<Step> steps = new ArrayList<>();
        // Every second schedule has one step: many moves end a run, and hide what another would have done.
        int count = random.nextBoolean() ? 1 : 2 + random.nextInt(MOST_STEPS - 1);
        for (int i = 0; i < count; i++) {
            steps.add(extent.draw(possible.get(random.nextInt(possible.size())), random));
        }
        return new Schedule(seed, steps);
    }

    /**
     * The same schedule with one step less.
     *
     * @param index which step is left out, from 0
     * @return a changed copy
     */
    public Schedule without(int index) {
        List<Step> fewer = new ArrayList<>(steps);
        fewer.remove(index);
        return new Schedule(seed, fewer);
    }

    /** {@return its text, such as {@code seed 4711: [kill at call 2; drop-frame at frame 3]}} */
    @Override
    public String toString() {
        return "seed " + seed + ": " + steps.stream().map(Step::toString).collect(Collectors.joining("; ", "[", "]"));
    }

    /**
     * Reads the text of a schedule.
     *
     * @param text as {@link #toString} gives it
     * @return the schedule
     * @throws IllegalArgumentException if it is none
     */
    public static Schedule parse(String text) {
        int open = text.indexOf(": [");
        if (!text.startsWith("seed ") || open < 0 || !text.endsWith("]")) {
            throw new IllegalArgumentException("a schedule looks like 'seed 4711: [kill at call 2]', not like '" + text + "'");
        }
        long seed;
        try {
            seed = Long.parseLong(text.substring("seed ".length(), open));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the seed of '" + text + "' is no number", e);
        }
        String inside = text.substring(open + 3, text.length() - 1);
        List<Step> steps = new ArrayList<>();
        if (!inside.isBlank()) {
            for (String step : inside.split(";", -1)) {
                steps.add(Step.parse(step));
            }
        }
        return new Schedule(seed, steps);
    }
}
