package org.innerkeep.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What rounds of requests to a service found, and in turns with them the operations alone that each request needs. */
final class ServiceRuns {
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> processor = new ArrayList<>();
    private final List<Double> middle = new ArrayList<>();
    private final List<Double> late = new ArrayList<>();
    private final List<Double> floor = new ArrayList<>();
    private final List<Double> floorProcessor = new ArrayList<>();

    /**
     * Lets the sender work.
     *
     * @param order to which it answers how many requests, in how many seconds, and the 50th and 99th of a hundred times in microseconds
     * @return how many requests
     */
    double run(ServicePair pair, String order) throws IOException {
        long before = pair.processorNanos();
        String[] found = pair.load().ask(order).split(" ", -1);
        long after = pair.processorNanos();
        double count = Double.parseDouble(found[0]);
        rates.add(count / Double.parseDouble(found[1]));
        processor.add((after - before) / count / 1e6);
        middle.add(Double.parseDouble(found[2]) / 1000);
        late.add(Double.parseDouble(found[3]) / 1000);
        return count;
    }

    /** {@return requests in a second, of the last run} */
    double lastRate() {
        return rates.getLast();
    }

    void floor(Pace pace) {
        floor.add(pace.perSecond());
        floorProcessor.add(pace.processorMillis());
    }

    /** Forgets what was no more than warming up. */
    void clear() {
        List.of(rates, processor, middle, late, floor, floorProcessor).forEach(List::clear);
    }

    /**
     * Adds the lines.
     *
     * @param name what was counted
     * @param service whose processor time it is
     * @param alone the operations alone
     * @param threads by which the floor was measured
     */
    void report(Report report, String name, String service, String alone, int threads) {
        report.add(new Comparison(name, Figure.median(rates, "/s")).with(alone + ", " + threads + " threads", Figure.median(floor, "/s")));
        report.add(new Comparison("    processor time of the " + service + " for each", Figure.median(processor, "ms"))
                .with(alone, Figure.median(floorProcessor, "ms")));
        report.add(new Comparison("    time to the answer, 50th of 100", Figure.median(middle, "ms")));
        report.add(new Comparison("    time to the answer, 99th of 100", Figure.median(late, "ms")));
    }
}
