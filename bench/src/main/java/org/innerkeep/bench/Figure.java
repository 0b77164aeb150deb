package org.innerkeep.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One measured value.
 *
 * @param value the mean of JMH, the median of whole processes
 * @param error half of JMH's 99.9 % confidence interval, half of the range of whole processes; NaN if there is none
 * @param unit of both
 */
record Figure(double value, double error, String unit) {
    /** The median of some runs, which are sorted by it. */
    static Figure median(double[] runs, String unit) {
        Arrays.sort(runs);
        double middle = (runs[(runs.length - 1) / 2] + runs[runs.length / 2]) / 2;
        return new Figure(middle, (runs[runs.length - 1] - runs[0]) / 2, unit);
    }

    @Override
    public String toString() {
        return number(value) + (Double.isNaN(error) ? "" : " ± " + number(error)) + " " + unit;
    }

    /** The median of some runs. */
    static Figure median(List<Double> runs, String unit) {
        return median(runs.stream().mapToDouble(Double::doubleValue).toArray(), unit);
    }

    /** Three digits that count, no exponent. */
    static String number(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
