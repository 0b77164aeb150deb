package org.innerkeep.policy.format;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.policy.tree.Comment;

/** Puts pieces on lines. */
final class Layout {
    private static final String INDENT = "    ";

    private final Pieces pieces;
    private final StringBuilder out = new StringBuilder();

    /** The line of the old text on which that ends which was written last. */
    private int lastLine;

    /** Nothing was written yet in this section, so no empty line comes before what is next. */
    private boolean first = true;

    Layout(Pieces pieces) {
        this.pieces = pieces;
    }

    String text() {
        List<Piece> all = pieces.pieces();
        for (int i = 0; i < all.size(); i++) {
            Piece piece = all.get(i);
            switch (piece.kind()) {
                case VERSION -> top(piece, false);
                case HEADER -> {
                    top(piece, true);
                    first = true;
                }
                case CLOSER -> {
                    comments(piece.before(), INDENT);
                    line("", piece, piece.text());
                    first = false;
                }
                case RULE_START -> {
                    int end = i + 1;
                    while (all.get(end).kind() == Piece.Kind.RULE_PART) {
                        end++;
                    }
                    rule(all.subList(i, end));
                    i = end - 1;
                }
                case RULE_PART -> throw new IllegalStateException("a rule begins with its start");
            }
        }
        comments(pieces.last(), "");
        return out.toString();
    }

    private void top(Piece piece, boolean apart) {
        if (apart) {
            out.append('\n');
            first = true;
        }
        comments(piece.before(), "");
        gap(piece.start().line());
        line("", piece, piece.text());
    }

    private void rule(List<Piece> parts) {
        Piece start = parts.getFirst();
        comments(start.before(), INDENT);
        gap(start.start().line());
        String joined = String.join(" ", parts.stream().map(Piece::text).toList());
        if (INDENT.length() + joined.length() <= Formatter.WIDTH && !commentsWithin(parts)) {
            line(INDENT, parts.getLast(), joined);
            return;
        }
        for (Piece part : parts) {
            if (part != start) {
                part.before().forEach(comment -> comment(comment, INDENT));
            }
            line(INDENT, part, part.text());
        }
    }

    private static boolean commentsWithin(List<Piece> parts) {
        List<Piece> inner = new ArrayList<>(parts);
        Piece last = inner.removeLast();
        return inner.stream().anyMatch(part -> part.behind().isPresent())
                || parts.stream().skip(1).anyMatch(part -> !part.before().isEmpty())
                || (parts.size() > 1 && !last.before().isEmpty());
    }

    private void comments(List<Comment> comments, String indent) {
        for (Comment comment : comments) {
            gap(comment.position().line());
            comment(comment, indent);
            lastLine = comment.position().line();
            first = false;
        }
    }

    private void comment(Comment comment, String indent) {
        out.append(indent).append(written(comment)).append('\n');
    }

    private static String written(Comment comment) {
        return ("//" + comment.text()).stripTrailing();
    }

    /** An empty line stays, unless a section begins with it. */
    private void gap(int line) {
        if (!first && line - lastLine > 1) {
            out.append('\n');
        }
    }

    private void line(String indent, Piece piece, String text) {
        out.append(indent).append(text);
        piece.behind().ifPresent(comment -> out.append(" ").append(written(comment)));
        out.append('\n');
        lastLine = piece.lastLine();
        first = false;
    }
}
