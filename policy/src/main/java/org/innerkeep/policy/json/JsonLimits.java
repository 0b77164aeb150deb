package org.innerkeep.policy.json;

/**
 * How much JSON is read. A text beyond a limit is refused, never cut.
 *
 * @param maxChars the most UTF-16 units of a text, or bytes of its UTF-8
 * @param maxDepth how deep arrays and objects may be nested; 1 is an array of numbers
 * @param maxValues the most values of a text, those inside others counted as well
 */
public record JsonLimits(int maxChars, int maxDepth, int maxValues) {
    /** For a claim's value, a boot log among them: 4 MiB, 32 deep, a million values. */
    public static final JsonLimits CLAIM = new JsonLimits(4 << 20, 32, 1_000_000);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is negative, or the depth is over 512, which the reader's stack is made for
     */
    public JsonLimits {
        if (maxChars < 0 || maxDepth < 0 || maxDepth > 512 || maxValues < 0) {
            throw new IllegalArgumentException("limits are from 0 on, and the depth is at most 512; found " + maxChars
                    + " characters, depth "
                    + maxDepth + ", " + maxValues + " values");
        }
    }
}
