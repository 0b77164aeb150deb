package org.innerkeep.policy.tree;

/** The functions of version 1.2. */
public enum Function {
    /** Searches JSON text with a JMESPath query; the result is JSON text. */
    JMES_PATH("JmesPath", 2),
    /** Turns JSON text into the value or values it stands for. */
    JSON_TO_CLAIM_VALUE("JsonToClaimValue", 1),
    /** Whether every value of the first set is in the second. */
    IS_SUBSET_OF("IsSubsetOf", 2),
    /** Whether a set has values and all of them are this one. */
    CONTAINS_ONLY_VALUE("ContainsOnlyValue", 2),
    /** Joins two texts. */
    APPEND_STRING("AppendString", 2),
    /** Turns true into false and false into true. */
    NEGATE_BOOL("NegateBool", 1);

    private final String text;
    private final int parameters;

    Function(String text, int parameters) {
        this.text = text;
        this.parameters = parameters;
    }

    /**
     * As policies write it.
     *
     * @return such as {@code JmesPath}
     */
    public String text() {
        return text;
    }

    /**
     * How many arguments it takes.
     *
     * @return one or two
     */
    public int parameters() {
        return parameters;
    }
}
