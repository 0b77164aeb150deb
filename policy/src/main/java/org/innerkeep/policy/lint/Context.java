package org.innerkeep.policy.lint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;

/** What the checks share: the policy, what is known of its claims, and what was found. For one run. */
final class Context {
    private final Policy policy;
    private final Optional<AttestationType> type;
    private final KnownClaims known = new KnownClaims();
    private final List<Finding> findings = new ArrayList<>();

    /** The first rule that makes a claim of a name. */
    private final Map<String, Position> made = new HashMap<>();

    /** The first rule that makes claims whose names are not known without claims. */
    private Optional<Position> madeUnderAnyName = Optional.empty();

    Context(Policy policy, Optional<AttestationType> type) {
        this.policy = policy;
        this.type = type;
        for (SectionKind section : SectionKind.values()) {
            policy.tree().rules(section).forEach(this::note);
        }
    }

    private void note(Rule rule) {
        Optional<String> name = switch (rule.action()) {
            case Action.Make make -> make.argument(Property.TYPE).filter(Expression.Text.class::isInstance)
                    .map(each -> ((Expression.Text) each).value());
            case Action.Forward forward -> typeOf(rule, forward.identifier());
            case Action.Permit ignored -> Optional.empty();
            case Action.Deny ignored -> Optional.empty();
        };
        if (name.isPresent()) {
            made.putIfAbsent(name.get(), rule.position());
        } else if (rule.action() instanceof Action.Make && madeUnderAnyName.isEmpty()) {
            madeUnderAnyName = Optional.of(rule.position());
        }
    }

    /** The name of the claims that an identifier of a rule stands for. */
    static Optional<String> typeOf(Rule rule, String identifier) {
        return rule.conditions().stream()
                .filter(each -> each.identifier().filter(identifier::equals).isPresent())
                .findFirst().flatMap(each -> new Facts(each).type());
    }

    Policy policy() {
        return policy;
    }

    /** For what evidence the policy is, as far as that was said. */
    Optional<AttestationType> type() {
        return type;
    }

    KnownClaims known() {
        return known;
    }

    /** Whether a rule of the policy makes a claim of that name. */
    boolean makes(String name) {
        return made.containsKey(name) || madeUnderAnyName.isPresent();
    }

    /** Whether a rule before that place makes a claim of that name. */
    boolean makesBefore(String name, Position place) {
        return Optional.ofNullable(made.get(name)).filter(each -> each.compareTo(place) < 0).isPresent()
                || madeUnderAnyName.filter(each -> each.compareTo(place) < 0).isPresent();
    }

    void add(Finding.Code code, Position position, String why, String remedy) {
        findings.add(new Finding(code, position, why, remedy));
    }

    List<Finding> findings() {
        return findings;
    }
}
