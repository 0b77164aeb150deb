package org.innerkeep.policy.tree;

import java.util.List;

/**
 * A section with its rules.
 *
 * @param kind which
 * @param position of its name
 * @param rules in their order; may be none
 * @param end of the closing brace
 */
public record Section(SectionKind kind, Position position, List<Rule> rules, Position end) {
    /** Copies the rules. */
    public Section {
        rules = List.copyOf(rules);
    }
}
