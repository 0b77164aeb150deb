package org.innerkeep.policy.jmespath;

/**
 * What a search may use. One budget can serve several searches, which then share it. For one thread at a time.
 *
 * <p>A step is about one node of a query applied to one value, one value looked at, or sixteen characters handled. Memory is
 * bounded by the same count, since whatever a search makes costs steps.
 */
public final class Budget {
    /** Characters that cost one step. */
    static final int CHARS_PER_STEP = 16;

    private final int maxResultChars;
    private long left;

    /**
     * A budget.
     *
     * @param steps how many steps in all
     * @param maxResultChars the most UTF-16 units of one result as JSON text, and of one text made on the way
     */
    public Budget(long steps, int maxResultChars) {
        if (steps < 0 || maxResultChars < 0) {
            throw new IllegalArgumentException("a budget is not negative");
        }
        this.left = steps;
        this.maxResultChars = maxResultChars;
    }

    /** {@return a budget for one ordinary search: a million steps, a result of a million characters} */
    public static Budget standard() {
        return new Budget(1_000_000, 1 << 20);
    }

    /** {@return the steps left} */
    public long left() {
        return left;
    }

    /** {@return the most UTF-16 units of one result as JSON text} */
    public int maxResultChars() {
        return maxResultChars;
    }

    /** Takes steps; false if there are not so many, and then none are left. */
    boolean take(long steps) {
        if (steps > left) {
            left = 0;
            return false;
        }
        left -= steps;
        return true;
    }
}
