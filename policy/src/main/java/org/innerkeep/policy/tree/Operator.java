package org.innerkeep.policy.tree;

/** How two values are compared. */
public enum Operator {
    /** The same kind of value and the same value. */
    EQUAL("=="),
    /** Another kind of value, or another value. */
    NOT_EQUAL("!="),
    /** Less; whole numbers only. */
    LESS("<"),
    /** Less or the same; whole numbers only. */
    AT_MOST("<="),
    /** Greater; whole numbers only. */
    GREATER(">"),
    /** Greater or the same; whole numbers only. */
    AT_LEAST(">=");

    private final String text;

    Operator(String text) {
        this.text = text;
    }

    /**
     * As policies write it.
     *
     * @return such as {@code >=}
     */
    public String text() {
        return text;
    }

    /**
     * Tells order from equality.
     *
     * @return whether this compares whole numbers only
     */
    public boolean ordering() {
        return this != EQUAL && this != NOT_EQUAL;
    }
}
