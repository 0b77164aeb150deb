package org.innerkeep.policy.tree;

import java.util.Comparator;

/**
 * A place in a policy's text.
 *
 * @param line from 1
 * @param column from 1, counted in Unicode code points; a tab is one
 */
public record Position(int line, int column) implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
            Comparator.comparingInt(Position::line).thenComparingInt(Position::column);

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
