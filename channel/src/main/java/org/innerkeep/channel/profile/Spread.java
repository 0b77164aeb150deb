package org.innerkeep.channel.profile;

/**
 * How a number is spread over many calls.
 *
 * @param count how many calls
 * @param sum of all
 * @param median half are below it; exact up to 15, then to within an eighth
 * @param largest the largest
 */
public record Spread(long count, long sum, long median, long largest) {
    /** Of no calls. */
    public static final Spread NONE = new Spread(0, 0, 0, 0);

    /** Checks the ranges. */
    public Spread {
        if (count < 0 || sum < 0 || median < 0 || largest < median || (count == 0 && largest > 0)) {
            throw new IllegalArgumentException("a spread with count " + count + ", sum " + sum + ", median " + median + ", largest "
                    + largest + " is none");
        }
    }

    /** {@return the mean; 0 of no calls} */
    public double mean() {
        return count == 0 ? 0 : (double) sum / count;
    }
}
