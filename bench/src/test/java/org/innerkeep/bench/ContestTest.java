package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a line of the table says of its rounds, and what the limits are. */
class ContestTest {
    @TempDir
    private Path folder;

    @Test
    void aRatioIsTheMedianOfTheRoundsRatiosAndNotThatOfTheMedians() throws Exception {
        // A machine that becomes slower meets both alike.
        Iterator<Double> ours = List.of(2.0, 30.0, 400.0).iterator();
        Iterator<Double> theirs = List.of(1.0, 10.0, 100.0).iterator();
        Contest contest = Contest.of("ours", "µs", ours::next, new Goal(20, true, " µs"))
                .against("theirs", theirs::next, Goal.times(3))
                .against("no goal", () -> 60.0)
                .run(3);
        assertThat(contest.table().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("ours ").endsWith("30.0 µs (16.0–215)  goal ≤ 20 µs: missed"),
                        line -> assertThat(line).contains("10.0 µs (5.50–55.0)").endsWith("3.00× (2.50–3.50)  goal ≤ 3×: met"),
                        line -> assertThat(line).endsWith("60.0 µs  0.500× (0.267–3.58)"));
        assertThat(contest.json()).contains("\"ratio\": 3.0").contains("\"goal\": 3.0, \"met\": true").contains("\"met\": false");
    }

    @Test
    void goalsAreBoundsFromAboveOrBelow() {
        assertThat(Goal.times(1.3).verdict(1.3)).isEqualTo("goal ≤ 1.3×: met");
        assertThat(Goal.times(1.3).verdict(1.31)).isEqualTo("goal ≤ 1.3×: missed");
        assertThat(Goal.atLeastTimes(5).verdict(4.9)).isEqualTo("goal ≥ 5×: missed");
        assertThat(Goal.atLeastTimes(5).verdict(5)).isEqualTo("goal ≥ 5×: met");
        assertThat(Goal.times(2).met(Double.NaN)).isFalse();
    }

    @Test
    void everyRoundBeginsWithAnother() throws Exception {
        List<String> order = new ArrayList<>();
        Contest contest = Contest.of("a", "", () -> add(order, "a")).against("b", () -> add(order, "b"));
        assertThat(contest.run(2).table()).contains("1.00×");
        assertThat(order).containsExactly("a", "b", "b", "a");
    }

    private static double add(List<String> order, String name) {
        order.add(name);
        return 1;
    }

    @Test
    void theLimitsInCAreMeasuredAndPlausible() throws Exception {
        var limits = Limits.compile(Limits.SOURCE, folder);
        assumeTrue(limits.isPresent(), "cc is missing: the limits written in C are not tested");
        assertThat(limits.get().call(64, 100).count()).isPositive();
        // The idleness before a wake is no part of it.
        assertThat(limits.get().futex(5, 20_000).middle()).isBetween(100L, 19_000_000L);
        assertThat(limits.get().eventfd(5, 20_000).middle()).isBetween(100L, 19_000_000L);
        Latency one = limits.get().twoCopies(1 << 14, 50);
        assertThat(one.low()).isLessThanOrEqualTo(one.middle());
        assertThat(one.middle()).isBetween(100L, 10_000_000L).isLessThanOrEqualTo(one.high());
    }

    @Test
    void processorTimeIsThatOfTheProcess() throws Exception {
        long own = ProcessHandle.current().pid();
        long before = ProcessorTime.millis(own);
        long until = System.nanoTime() + 200_000_000;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(ProcessorTime.millis(own) - before).isPositive();
        try (Child sleeper = Child.start(List.of(), EchoProcess.class.getName(), "unix", folder.resolve("s").toString())) {
            Thread.sleep(500);
            assertThat(ProcessorTime.percent(List.of(sleeper.handle().pid()), 500)[0]).isCloseTo(0, within(20.0));
        }
    }
}
