package org.innerkeep.cli.policy;

import java.util.List;
import java.util.Locale;
import org.innerkeep.cli.text.Shown;
import org.innerkeep.policy.Problem;
import org.innerkeep.policy.lint.Finding;
import org.innerkeep.policy.tree.Position;

/** Messages about a policy with the line they are about and a mark below the place. */
final class Excerpt {
    private static final int WIDTH = 100;
    private static final int BEFORE = 60;

    private final Input input;
    private final List<String> lines;

    Excerpt(Input input) {
        this.input = input;
        this.lines = List.of(input.text().split("\n", -1));
    }

    String of(Problem problem) {
        return message(problem.position(), "found " + problem.found() + ", expected " + problem.expected()
                + problem.hint().map(hint -> "; " + hint).orElse(""));
    }

    String of(Finding finding) {
        return message(finding.position(), finding.code().severity().name().toLowerCase(Locale.ROOT) + ": " + finding.why() + "; "
                + finding.remedy() + " [" + finding.code().text() + "]");
    }

    private String message(Position position, String message) {
        return input.shown() + ":" + position.line() + ":" + position.column() + ": " + Shown.line(message) + "\n" + excerpt(position);
    }

    /** The line around the place, each code point one column wide. */
    private String excerpt(Position position) {
        int[] line = (position.line() <= lines.size() ? lines.get(position.line() - 1) : "").codePoints().toArray();
        int at = Math.min(position.column() - 1, line.length);
        int from = Math.max(0, at - BEFORE);
        StringBuilder text = new StringBuilder(from > 0 ? "…" : "");
        int mark = text.length() + at - from;
        for (int i = from; i < Math.min(line.length, from + WIDTH); i++) {
            text.append(oneColumn(line[i]));
        }
        return "    " + text.toString().stripTrailing() + "\n    " + " ".repeat(mark) + "^";
    }

    private static String oneColumn(int codePoint) {
        if (codePoint == '\t' || codePoint == '\r') {
            return " ";
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> "?";
            default -> Character.toString(codePoint);
        };
    }
}
