package org.innerkeep.policy.jmespath;

/**
 * Something in a query that is right by the grammar and probably not meant.
 *
 * @param kind what
 * @param position where in the query, in UTF-16 units from 0
 * @param message why it is probably not meant, with the names of the query where that helps
 * @param remedy what to write
 */
public record Doubt(Kind kind, int position, String message, String remedy) {
    /** What is doubted. */
    public enum Kind {
        /** A list is compared with null; an empty list is not null. */
        EMPTY_LIST_IS_NOT_NULL,
        /** {@code true}, {@code false} or {@code null} without backticks is the name of a field. */
        LITERAL_WITHOUT_BACKTICKS,
        /** A comparison with something in double quotes, which is the name of a field. */
        FIELD_INSTEAD_OF_TEXT,
        /** A comparison of two constants. */
        CONSTANT_COMPARISON
    }
}
