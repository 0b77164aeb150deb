package org.innerkeep.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Ours beside its peers and limits, measured in turns: every round takes each of them once, beginning with another one each time. What
 * the machine does meanwhile meets all alike, so ratios are taken within a round, and their median is what goals are about.
 */
final class Contest implements Report.Row {
    /** One of those that are measured. */
    private static final class Entry {
        private final String name;
        private final Callable<Double> round;
        private final Optional<Goal> goal;
        private double[] found = {};

        Entry(String name, Callable<Double> round, Optional<Goal> goal) {
            this.name = name;
            this.round = round;
            this.goal = goal;
        }
    }

    private final String unit;
    private final List<Entry> entries = new ArrayList<>();

    private Contest(String unit, Entry ours) {
        this.unit = unit;
        entries.add(ours);
    }

    /** Ours, with no goal of its own. */
    static Contest of(String name, String unit, Callable<Double> ours) {
        return new Contest(unit, new Entry(name, ours, Optional.empty()));
    }

    /** Ours, which has a goal whatever the peers are. */
    static Contest of(String name, String unit, Callable<Double> ours, Goal goal) {
        return new Contest(unit, new Entry(name, ours, Optional.of(goal)));
    }

    Contest against(String name, Callable<Double> peer) {
        entries.add(new Entry(name, peer, Optional.empty()));
        return this;
    }

    /** A peer, and what ours is to be, divided by it. */
    Contest against(String name, Callable<Double> peer, Goal goal) {
        entries.add(new Entry(name, peer, Optional.of(goal)));
        return this;
    }

    /** Measures. */
    Contest run(int rounds) throws Exception {
        for (Entry each : entries) {
            each.found = new double[rounds];
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get((round + i) % entries.size());
                entry.found[round] = entry.round.call();
            }
        }
        return this;
    }

    /** {@return ours divided by a peer's, round by round} */
    private Spread ratio(Entry peer) {
        double[] ours = entries.getFirst().found;
        double[] ratios = new double[ours.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours[i] / peer.found[i];
        }
        return Spread.of(ratios);
    }

    @Override
    public String table() {
        StringBuilder table = new StringBuilder();
        for (Entry entry : entries) {
            boolean ours = entry == entries.getFirst();
            Spread found = Spread.of(entry.found);
            String figure = found.text(unit.isEmpty() ? "" : " " + unit);
            if (ours) {
                String verdict = entry.goal.map(goal -> "  " + goal.verdict(found.middle())).orElse("");
                table.append(String.format("%-62s %24s%s%n", entry.name, figure, verdict));
            } else {
                Spread ratio = ratio(entry);
                String verdict = entry.goal.map(goal -> "  " + goal.verdict(ratio.middle())).orElse("");
                // Nothing can be so many times nothing.
                String times = Double.isFinite(ratio.middle()) ? ratio.text("×") : "–";
                table.append(String.format("    %-58s %24s  %s%s%n", entry.name, figure, times, verdict));
            }
        }
        return table.toString();
    }

    @Override
    public String json() {
        Entry ours = entries.getFirst();
        List<String> peers = new ArrayList<>();
        for (Entry peer : entries.subList(1, entries.size())) {
            Spread ratio = ratio(peer);
            peers.add("{" + json(peer) + ", \"ratio\": " + Report.number(ratio.middle()) + ", \"ratio-quartiles\": ["
                    + Report.number(ratio.low()) + ", " + Report.number(ratio.high()) + "]"
                    + peer.goal.map(goal -> json(goal, ratio.middle())).orElse("") + "}");
        }
        return "{" + json(ours) + ours.goal.map(goal -> json(goal, Spread.of(ours.found).middle())).orElse("") + ",\n     \"peers\": ["
                + String.join(",\n       ", peers) + "]}";
    }

    private String json(Entry entry) {
        Spread found = Spread.of(entry.found);
        return "\"name\": " + Report.text(entry.name) + ", \"value\": " + Report.number(found.middle()) + ", \"quartiles\": ["
                + Report.number(found.low()) + ", " + Report.number(found.high()) + "], \"unit\": " + Report.text(unit);
    }

    private static String json(Goal goal, double value) {
        return ", \"goal\": " + Report.number(goal.bound()) + ", \"met\": " + goal.met(value);
    }
}
