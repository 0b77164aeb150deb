package org.innerkeep.policy.tree;

import java.util.List;
import java.util.Optional;

/**
 * A whole policy as it is written.
 *
 * @param version of the language
 * @param versionPosition of the word {@code version}
 * @param sections in their order, each kind at most once; authorization rules are always among them
 * @param comments all comments, in their order
 */
public record PolicyTree(Version version, Position versionPosition, List<Section> sections, List<Comment> comments) {
    /** Copies the lists. */
    public PolicyTree {
        sections = List.copyOf(sections);
        comments = List.copyOf(comments);
    }

    /**
     * Finds a section.
     *
     * @param kind which
     * @return the section, where the policy has it
     */
    public Optional<Section> section(SectionKind kind) {
        return sections.stream().filter(each -> each.kind() == kind).findFirst();
    }

    /**
     * The rules of a section.
     *
     * @param kind which
     * @return its rules; none where the policy does not have the section
     */
    public List<Rule> rules(SectionKind kind) {
        return section(kind).map(Section::rules).orElse(List.of());
    }
}
