package org.innerkeep.bench;

import java.util.Arrays;

/**
 * What some rounds found.
 *
 * @param low the first quartile
 * @param middle the median
 * @param high the third quartile
 */
record Spread(double low, double middle, double high) {
    static Spread of(double[] rounds) {
        double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        return new Spread(quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
    }

    /** Between two values in proportion, so that few rounds have quartiles too. */
    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = (int) Math.ceil(at);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** {@return the median, with the quartiles if they differ from it} */
    String text(String unit) {
        return Figure.number(middle) + unit
                + (low < high ? " (" + Figure.number(low) + "–" + Figure.number(high) + ")" : "");
    }
}
