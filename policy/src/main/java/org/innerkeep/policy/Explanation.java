package org.innerkeep.policy;

/**
 * A decision with what led to it.
 *
 * @param decision the same that {@link Policy#evaluate} gives for the same claims
 * @param trace what every rule did
 */
public record Explanation(Decision decision, Trace trace) {
    /**
     * Text for people, of several lines. Values of claims are shortened and escaped, so that no claim can look like a line of
     * this text.
     *
     * @return the text, ending with a line end
     */
    public String render() {
        return ExplanationText.of(this);
    }
}
