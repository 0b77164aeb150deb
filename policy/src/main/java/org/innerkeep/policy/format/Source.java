package org.innerkeep.policy.format;

import java.util.List;
import org.innerkeep.policy.tree.Position;

/** The text that a policy was read from, for what its tree does not keep: whether a number was written in hexadecimal. */
final class Source {
    private final List<String> lines;

    Source(String text) {
        this.lines = List.of((text.startsWith("\uFEFF") ? text.substring(1) : text).split("\n", -1));
    }

    /** The number that begins there, as it is written. */
    String number(Position position) {
        String line = lines.get(position.line() - 1);
        int from = line.offsetByCodePoints(0, position.column() - 1);
        int to = from;
        while (to < line.length() && (Character.isLetterOrDigit(line.charAt(to)) || (to == from && line.charAt(to) == '-'))) {
            to++;
        }
        return line.substring(from, to);
    }
}
