package org.innerkeep.policy;

import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.SectionKind;

/**
 * Names a rule of a policy.
 *
 * @param section in which section
 * @param number which rule of that section, from 1
 * @param position where it begins
 */
public record RulePlace(SectionKind section, int number, Position position) {
    @Override
    public String toString() {
        return "rule " + number + " of " + section.text() + " (" + position + ")";
    }
}
