package org.innerkeep.bench;

/**
 * What a figure is to be.
 *
 * @param bound the last value that will do
 * @param most whether larger ones will not, or smaller ones
 * @param unit of the bound, with a space if it needs one
 */
record Goal(double bound, boolean most, String unit) {
    /** So many times the peer's at most. */
    static Goal times(double bound) {
        return new Goal(bound, true, "×");
    }

    /** So many times the peer's at least. */
    static Goal atLeastTimes(double bound) {
        return new Goal(bound, false, "×");
    }

    boolean met(double value) {
        return most ? value <= bound : value >= bound;
    }

    /** {@return the goal, and whether a value meets it} */
    String verdict(double value) {
        return "goal " + (most ? "≤ " : "≥ ") + (bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound)) + unit
                + ": " + (met(value) ? "met" : "missed");
    }
}
