package org.innerkeep.examples.hospitals;

import java.util.Locale;

/**
 * A value that is known from a sample only.
 *
 * @param value the estimate
 * @param low the lower end of its 95% confidence interval
 * @param high the upper end
 */
public record Estimate(double value, double low, double high) {
    private static final double Z_95 = 1.959963984540054;

    /** An estimate whose error is taken to be normal, with its interval cut to the range that the value can have. */
    static Estimate normal(double value, double variance, double least, double most) {
        // Rounding may leave a variance of zero slightly below it.
        double spread = Z_95 * Math.sqrt(Math.max(0, variance));
        return new Estimate(value, Math.max(least, value - spread), Math.min(most, value + spread));
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4f (%.4f to %.4f)", value, low, high);
    }
}
