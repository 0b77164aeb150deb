package org.innerkeep.policy;

import java.util.Optional;
import org.innerkeep.policy.tree.Position;

/**
 * What is wrong with a policy's text, and where.
 *
 * @param position where
 * @param found what stands there, shortened and without control characters
 * @param expected what the language wants there
 * @param hint what to write, where the mistake is a known one
 */
public record Problem(Position position, String found, String expected, Optional<String> hint) {
    /**
     * The line.
     *
     * @return from 1
     */
    public int line() {
        return position.line();
    }

    /**
     * The column.
     *
     * @return from 1, in code points
     */
    public int column() {
        return position.column();
    }

    /**
     * One line for people.
     *
     * @return such as {@code line 3, column 12: found '=', expected '=='; write '==' to compare}
     */
    @Override
    public String toString() {
        return position + ": found " + found + ", expected " + expected
                + hint.map(each -> "; " + each).orElse("");
    }
}
