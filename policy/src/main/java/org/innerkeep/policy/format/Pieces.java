package org.innerkeep.policy.format;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comment;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.PolicyTree;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.Section;

/**
 * A policy taken apart.
 *
 * @param pieces in the order of the text
 * @param last comments behind all of them
 */
record Pieces(List<Piece> pieces, List<Comment> last) {
    static Pieces of(Policy policy) {
        PolicyTree tree = policy.tree();
        Writer writer = new Writer(new Source(policy.text()));
        List<Piece> pieces = new ArrayList<>();
        pieces.add(new Piece(Piece.Kind.VERSION, tree.versionPosition(), tree.versionPosition().line(), "version="
                + tree.version().text() + ";"));
        for (Section section : tree.sections()) {
            pieces.add(new Piece(Piece.Kind.HEADER, section.position(), section.position().line(), section.kind().text() + " {"));
            section.rules().forEach(rule -> writer.rule(rule, pieces));
            pieces.add(new Piece(Piece.Kind.CLOSER, section.end(), section.end().line(), "};"));
        }
        return new Pieces(List.copyOf(pieces), placeComments(tree.comments(), pieces));
    }

    /** Gives every comment to a piece; those behind all pieces are left. */
    private static List<Comment> placeComments(List<Comment> comments, List<Piece> pieces) {
        List<Comment> last = new ArrayList<>();
        int next = 0;
        for (Comment comment : comments) {
            while (next < pieces.size() && pieces.get(next).start().compareTo(comment.position()) < 0) {
                next++;
            }
            // Once one has moved below a line, those that follow must not go before it.
            boolean moved = next < pieces.size() ? !pieces.get(next).before().isEmpty() : !last.isEmpty();
            if (!comment.ownLine() && next > 0 && !moved && pieces.get(next - 1).putBehind(comment)) {
                continue;
            }
            (next < pieces.size() ? pieces.get(next).before() : last).add(comment);
        }
        return List.copyOf(last);
    }

    /** Writes the parts of rules. */
    private record Writer(Source source) {
        void rule(Rule rule, List<Piece> pieces) {
            Piece.Kind kind = Piece.Kind.RULE_START;
            for (Condition condition : rule.conditions()) {
                String text = (kind == Piece.Kind.RULE_START ? "" : "&& ") + condition(condition);
                pieces.add(new Piece(kind, condition.position(), rule.end().line(), text));
                kind = Piece.Kind.RULE_PART;
            }
            pieces.add(new Piece(kind, rule.conditions().isEmpty() ? rule.position() : rule.action().position(),
                    rule.end().line(),
                    "=> " + action(rule.action()) + ";"));
        }

        private String condition(Condition condition) {
            StringBuilder out = new StringBuilder(condition.negated() ? "!" : "");
            condition.identifier().ifPresent(name -> out.append(name).append(':'));
            String between = "[";
            for (var comparison : condition.comparisons()) {
                out.append(between).append(comparison.property().text()).append(comparison.operator().text())
                        .append(expression(comparison.expression()));
                between = ", ";
            }
            return out.append(']').toString();
        }

        private String action(Action action) {
            return switch (action) {
                case Action.Permit ignored -> "permit()";
                case Action.Deny ignored -> "deny()";
                case Action.Forward forward -> forward.verb().text() + "(claim=" + forward.identifier() + ")";
                case Action.Make make -> {
                    List<String> arguments = make.arguments().stream()
                            .map(each -> each.property().text() + "=" + expression(each.expression())).toList();
                    yield make.verb().text() + "(" + String.join(", ", arguments) + ")";
                }
            };
        }

        private String expression(Expression expression) {
            return switch (expression) {
                case Expression.Text text -> '"' + text.value().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
                case Expression.Int number -> source.number(number.position());
                case Expression.Bool flag -> Boolean.toString(flag.value());
                case Expression.Reference reference -> reference.identifier() + "." + reference.property().text();
                case Expression.Call call ->
                    call.function().text() + "(" + String.join(", ", call.arguments().stream().map(this::expression).toList())
                            + ")";
            };
        }
    }
}
