package org.innerkeep.policy.tree;

import java.util.List;

/**
 * A rule: if every condition holds, the action is done. Without conditions it always is.
 *
 * @param position where it begins
 * @param conditions in their order
 * @param action what it does
 * @param end of its semicolon
 */
public record Rule(Position position, List<Condition> conditions, Action action, Position end) {
    /** Copies the conditions. */
    public Rule {
        conditions = List.copyOf(conditions);
    }
}
