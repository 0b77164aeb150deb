package org.innerkeep.policy.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.tree.Comment;
import org.innerkeep.policy.tree.Position;

/** A part of a policy that never breaks, with the comments that belong to it. */
final class Piece {
    /** What it is a part of. */
    enum Kind {
        VERSION, HEADER, RULE_START, RULE_PART, CLOSER
    }

    private final Kind kind;
    private final Position start;
    private final int lastLine;
    private final String text;
    private final List<Comment> before = new ArrayList<>();
    private Optional<Comment> behind = Optional.empty();

    /**
     * A piece.
     *
     * @param lastLine the line of the text it was read from on which the whole that it begins ends
     */
    Piece(Kind kind, Position start, int lastLine, String text) {
        this.kind = kind;
        this.start = start;
        this.lastLine = lastLine;
        this.text = text;
    }

    Kind kind() {
        return kind;
    }

    Position start() {
        return start;
    }

    int lastLine() {
        return lastLine;
    }

    String text() {
        return text;
    }

    /** Comments on lines of their own before it. */
    List<Comment> before() {
        return before;
    }

    /** The comment at the end of its line. */
    Optional<Comment> behind() {
        return behind;
    }

    /** Puts a comment at the end of its line; false if there is one. */
    boolean putBehind(Comment comment) {
        if (behind.isPresent()) {
            return false;
        }
        behind = Optional.of(comment);
        return true;
    }
}
