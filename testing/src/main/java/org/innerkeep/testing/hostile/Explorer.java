package org.innerkeep.testing.hostile;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.innerkeep.testing.hostile.Exploration.Count;
import org.innerkeep.testing.hostile.Exploration.Finding;
import org.jspecify.annotations.Nullable;

/** Runs scenarios under drawn schedules, judges each run, and shrinks the schedule of the first that fails. */
final class Explorer<R> {
    private record Violation(String text, @Nullable Throwable cause) {}

    private final Supplier<? extends Scenario<R>> scenarios;
    private final List<Invariant<R>> invariants;
    private final Set<Move> moves;
    private final Duration limit;
    private final Map<Move, int[]> counts = new EnumMap<>(Move.class);
    private int runs;
    private int completed;
    private int refused;

    Explorer(Supplier<? extends Scenario<R>> scenarios, List<Invariant<R>> invariants, Set<Move> moves, Duration limit) {
        this.scenarios = scenarios;
        this.invariants = List.copyOf(invariants);
        this.moves = moves;
        this.limit = limit;
    }

    Exploration explore(LongStream seeds) {
        LeftThreads threads = LeftThreads.before();
        Run<R> undisturbed = run(new Schedule(0, List.of()));
        if (!(undisturbed.outcome() instanceof Outcome.Completed<R>)) {
            throw new AssertionError("the scenario comes to no result with an honest host: " + undisturbed.outcome(), cause(undisturbed));
        }
        undisturbed.refusals().stream().findFirst().ifPresent(why -> {
            throw new AssertionError("somebody refuses with an honest host: " + why, why);
        });
        violation(undisturbed).ifPresent(violation -> {
            throw new AssertionError("an invariant fails with an honest host: " + violation.text(), violation.cause());
        });
        for (PrimitiveIterator.OfLong seed = seeds.iterator(); seed.hasNext(); ) {
            Schedule schedule = Schedule.draw(seed.nextLong(), moves, undisturbed.extent());
            Run<R> run = run(schedule);
            count(run);
            Optional<Violation> violation = violation(run);
            if (violation.isPresent()) {
                return result(Optional.of(shrink(schedule, violation.get())));
            }
        }
        Optional<String> left = threads.leftNow();
        return result(left.map(text -> new Finding(
                new Schedule(0, List.of()), new Schedule(0, List.of()), "threads were left behind by some run: " + text, null)));
    }

    private Run<R> run(Schedule schedule) {
        return new Runner<>(scenarios.get(), schedule, limit).run();
    }

    private static @Nullable Throwable cause(Run<?> run) {
        return switch (run.outcome()) {
            case Outcome.Refused<?>(Exception why) -> why;
            case Outcome.Broken<?>(Throwable why) -> why;
            case Outcome.Completed<?> completed -> null;
            case Outcome.Hung<?> hung -> null;
        };
    }

    private void count(Run<R> run) {
        runs++;
        boolean ended = run.outcome() instanceof Outcome.Completed<R>;
        completed += ended ? 1 : 0;
        refused += run.outcome() instanceof Outcome.Refused<R> ? 1 : 0;
        run.schedule().steps().forEach(step -> counter(step.move())[0]++);
        run.tookEffect().forEach(step -> counter(step.move())[1]++);
        run.moves().forEach(move -> counter(move)[2] += ended ? 1 : 0);
    }

    private int[] counter(Move move) {
        return counts.computeIfAbsent(move, each -> new int[3]);
    }

    private Optional<Violation> violation(Run<R> run) {
        switch (run.outcome()) {
            case Outcome.Hung<R>(String where) -> {
                return Optional.of(new Violation("the run did not end: " + where, null));
            }
            case Outcome.Broken<R>(Throwable why) -> {
                return Optional.of(new Violation("a failure that nobody declares: " + why, why));
            }
            case Outcome.Completed<R> completed -> {}
            case Outcome.Refused<R> refused -> {}
        }
        Optional<String> neglected = run.neglected();
        if (neglected.isPresent()) {
            return Optional.of(new Violation(neglected.get(), cause(run)));
        }
        for (Invariant<R> invariant : invariants) {
            try {
                Optional<String> wrong = invariant.violation(run);
                if (wrong.isPresent()) {
                    return Optional.of(new Violation(wrong.get(), cause(run)));
                }
            } catch (Exception e) {
                return Optional.of(new Violation("an invariant could not be checked: " + e, e));
            }
        }
        return Optional.empty();
    }

    /** Leaves out one step after the other as long as something is still wrong. */
    private Finding shrink(Schedule schedule, Violation first) {
        Schedule smallest = schedule;
        Violation violation = first;
        for (int i = smallest.steps().size() - 1; i >= 0 && smallest.steps().size() > 1; i--) {
            Schedule smaller = smallest.without(i);
            Optional<Violation> still = violation(run(smaller));
            if (still.isPresent()) {
                smallest = smaller;
                violation = still.get();
            }
        }
        return new Finding(schedule, smallest, violation.text(), violation.cause());
    }

    private Exploration result(Optional<Finding> finding) {
        Map<Move, Count> moves = new EnumMap<>(Move.class);
        counts.forEach((move, count) -> moves.put(move, new Count(count[0], count[1], count[2])));
        return new Exploration(runs, completed, refused, moves, finding);
    }
}
