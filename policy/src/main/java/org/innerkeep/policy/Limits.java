package org.innerkeep.policy;

/**
 * What a policy and its claims may be at most. Whatever goes beyond is refused, never cut.
 */
public final class Limits {
    /** Bytes of a policy's text in UTF-8. */
    public static final int MAX_POLICY_BYTES = 64 * 1024;

    /** Rules of a policy, over all its sections. */
    public static final int MAX_RULES = 1000;

    /** Calls of functions within calls. */
    public static final int MAX_NESTING = 32;

    /** Problems that are reported of one text. */
    public static final int MAX_PROBLEMS = 20;

    /** Claims at any time: those that come in and those that rules make. */
    public static final int MAX_CLAIMS = 10_000;

    /** Characters of one text value, whether it comes in or is made; so also of the JSON text that a function reads. */
    public static final int MAX_TEXT = 4 * 1024 * 1024;

    /** Characters of what a query gives, as JSON text. */
    public static final int MAX_QUERY_RESULT = 1024 * 1024;

    /** Characters of all claims that come in, together. */
    public static final int MAX_CLAIM_TEXT = 16 * 1024 * 1024;

    /** Characters that functions make in one evaluation, together. */
    public static final int MAX_MADE_TEXT = 16 * 1024 * 1024;

    /** Characters of the name of a claim that a rule makes. */
    public static final int MAX_TYPE = 256;

    /** Levels of arrays and objects within JSON text that a function reads. */
    public static final int MAX_JSON_DEPTH = 32;

    /** Values within JSON text that a function reads. */
    public static final int MAX_JSON_VALUES = 1_000_000;

    /**
     * Steps of one evaluation. A step is one claim compared with one comparison, one claim that is bound or made, or 32
     * characters that are read or written; what reading JSON text and searching it takes counts as well.
     */
    public static final long MAX_STEPS = 20_000_000;

    private Limits() {}
}
