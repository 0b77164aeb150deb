package org.innerkeep.testing.hostile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Counts events, tells which steps are due at them, and writes down which took effect. Each step is due once. Safe for use by
 * several threads.
 */
final class Journal {
    private static final long LONGEST_DELAY_MILLIS = 50;

    private final Schedule schedule;
    private final Set<Step> left;
    private final List<Step> took = new ArrayList<>();
    private final Set<Step> met = new LinkedHashSet<>();
    private final List<Exception> refusals = new ArrayList<>();
    private final Map<Place, Integer> counts = new EnumMap<>(Place.class);
    private final List<int[]> records = new ArrayList<>();
    private long events;

    Journal(Schedule schedule) {
        this.schedule = schedule;
        this.left = new LinkedHashSet<>(schedule.steps());
    }

    /** Counts an event that is counted over all connections, and takes what is due at it. */
    synchronized List<Step> next(Place place) {
        int number = counts.merge(place, 1, Integer::sum);
        return due(place, 0, number);
    }

    /** {@return the number of a new connection, from 1} */
    synchronized int connection() {
        records.add(new int[2]);
        return records.size();
    }

    synchronized List<Step> connectionSteps(int connection) {
        return due(Place.CONNECTION, 0, connection);
    }

    synchronized List<Step> nextRecord(Place place, int connection) {
        int number = ++records.get(connection - 1)[place == Place.RECORD_IN ? 0 : 1];
        return due(place, connection, number);
    }

    private List<Step> due(Place place, int connection, int number) {
        events++;
        notifyAll();
        List<Step> due = left.stream()
                .filter(step -> step.place() == place && step.connection() == connection && step.number() == number)
                .toList();
        left.removeAll(due);
        return due;
    }

    synchronized void took(Step step) {
        took.add(step);
    }

    /** A client came to what a step had put in the place of the agreed enclave. */
    synchronized void met(Step step) {
        met.add(step);
    }

    synchronized List<Step> met() {
        return List.copyOf(met);
    }

    synchronized void refused(Exception why) {
        refusals.add(why);
    }

    synchronized List<Exception> refusals() {
        return List.copyOf(refusals);
    }

    synchronized List<Step> took() {
        return List.copyOf(took);
    }

    /** Random bytes and choices of one step: the same for the same seed and step. */
    SplittableRandom random(Step step) {
        return new SplittableRandom(schedule.seed() * 31 + step.toString().hashCode());
    }

    /** Waits until so many events more have come. If none come, it gives up soon: a delay changes no byte and no order. */
    synchronized void awaitEvents(int more) throws InterruptedException {
        long wanted = events + more;
        long end = System.nanoTime() + LONGEST_DELAY_MILLIS * 1_000_000;
        for (long rest = end - System.nanoTime(); events < wanted && rest > 0; rest = end - System.nanoTime()) {
            wait(rest / 1_000_000 + 1);
        }
    }

    synchronized Extent extent() {
        return new Extent(
                records.stream().map(each -> each[0]).toList(),
                records.stream().map(each -> each[1]).toList(),
                counts.getOrDefault(Place.FRAME, 0),
                counts.getOrDefault(Place.CALL, 0),
                counts.getOrDefault(Place.SERVED, 0),
                counts.getOrDefault(Place.READ, 0));
    }
}
