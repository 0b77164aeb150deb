package org.innerkeep.policy.lint;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Issuer;
import org.innerkeep.policy.Shown;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Operator;
import org.innerkeep.policy.tree.Property;

/** What can be said of a condition without any claims. */
final class Facts {
    /** A comparison with a constant, its place aside. */
    private record Constant(Property property, Operator operator, ClaimValue value) {}

    private final Condition condition;

    /** Its comparisons with constants. */
    private final Set<Constant> constants = new HashSet<>();

    /** Whether these are all. */
    private final boolean constant;

    Facts(Condition condition) {
        this.condition = condition;
        condition.comparisons().forEach(each -> constant(each.expression())
                .ifPresent(value -> constants.add(new Constant(each.property(), each.operator(), value))));
        this.constant = condition.comparisons().stream().allMatch(each -> constant(each.expression()).isPresent());
    }

    Condition condition() {
        return condition;
    }

    /** The constant that a comparison compares with. */
    static Optional<ClaimValue> constant(Expression expression) {
        return switch (expression) {
            case Expression.Text text -> Optional.of(ClaimValue.of(text.value()));
            case Expression.Int number -> Optional.of(ClaimValue.of(number.value()));
            case Expression.Bool flag -> Optional.of(ClaimValue.of(flag.value()));
            case Expression.Reference ignored -> Optional.empty();
            case Expression.Call ignored -> Optional.empty();
        };
    }

    List<Comparison> comparisons(Property property) {
        return condition.comparisons().stream().filter(each -> each.property() == property).toList();
    }

    /** The name of the claims it looks at. */
    Optional<String> type() {
        return equal(Property.TYPE);
    }

    /** The issuer of the claims it looks at. */
    Optional<String> issuer() {
        return equal(Property.ISSUER);
    }

    private Optional<String> equal(Property property) {
        return comparisons(property).stream()
                .filter(each -> each.operator() == Operator.EQUAL)
                .flatMap(each -> constant(each.expression()).stream())
                .filter(ClaimValue.Text.class::isInstance)
                .map(each -> ((ClaimValue.Text) each).value())
                .findFirst();
    }

    /** Whether it fits claims by more than their name and issuer. */
    boolean looksAtValue() {
        return !comparisons(Property.VALUE).isEmpty() || !comparisons(Property.VALUE_TYPE).isEmpty();
    }

    /** Why no claim can fit. */
    Optional<String> contradiction() {
        for (Property property : Property.values()) {
            Optional<String> found = contradiction(property);
            if (found.isPresent()) {
                return found;
            }
        }
        Optional<String> issuer = issuer().filter(each -> Issuer.of(each).isEmpty())
                .map(each -> "there is no issuer " + Shown.quoted(each)
                        + ": issuers are \"AttestationService\", \"AttestationPolicy\""
                        + " and \"CustomClaim\"");
        return issuer.or(this::wrongValueType);
    }

    private Optional<String> wrongValueType() {
        Optional<String> wanted = equal(Property.VALUE_TYPE);
        if (wanted.isPresent() && !Set.of("String", "Integer", "Boolean").contains(wanted.get())) {
            return Optional.of("there is no value type " + Shown.quoted(wanted.get())
                    + ": they are \"String\", \"Integer\" and \"Boolean\"");
        }
        return comparisons(Property.VALUE).stream()
                .filter(each -> each.operator() == Operator.EQUAL)
                .flatMap(each -> constant(each.expression()).stream())
                .filter(value -> wanted.isPresent() && !value.valueType().equals(wanted.get()))
                .map(value -> Shown.value(value) + " is of the value type \"" + value.valueType() + "\" and not "
                        + Shown.quoted(wanted.orElse("")))
                .findFirst();
    }

    private Optional<String> contradiction(Property property) {
        Set<ClaimValue> equal = new HashSet<>();
        Set<ClaimValue> unequal = new HashSet<>();
        long least = Long.MIN_VALUE;
        long most = Long.MAX_VALUE;
        boolean empty = false;
        for (Comparison each : comparisons(property)) {
            Optional<ClaimValue> constant = constant(each.expression());
            if (constant.isEmpty()) {
                continue;
            }
            long number = constant.get() instanceof ClaimValue.Int whole ? whole.value() : 0;
            switch (each.operator()) {
                case EQUAL -> equal.add(constant.get());
                case NOT_EQUAL -> unequal.add(constant.get());
                case LESS -> {
                    empty |= number == Long.MIN_VALUE;
                    most = Math.min(most, number == Long.MIN_VALUE ? number : number - 1);
                }
                case AT_MOST -> most = Math.min(most, number);
                case GREATER -> {
                    empty |= number == Long.MAX_VALUE;
                    least = Math.max(least, number == Long.MAX_VALUE ? number : number + 1);
                }
                case AT_LEAST -> least = Math.max(least, number);
            }
        }
        if (equal.size() > 1) {
            return Optional.of("one claim has one " + property.text() + ", and here it has to be " + equal.size()
                    + " different ones; what stands in one pair of brackets is about the same claim");
        }
        if (equal.stream().anyMatch(unequal::contains)) {
            return Optional.of("the " + property.text() + " has to be " + Shown.value(equal.iterator().next())
                    + " and has to be another");
        }
        long low = least;
        long high = most;
        boolean outside = equal.stream()
                .anyMatch(each -> each instanceof ClaimValue.Int whole && (whole.value() < low || whole.value() > high));
        if (empty || low > high || outside) {
            return Optional.of("no number is within these limits");
        }
        return Optional.empty();
    }

    /** Whether this condition can hold only where the other does. Sure if true. */
    boolean implies(Facts other) {
        if (!constant || !other.constant || condition.negated() != other.condition.negated()) {
            return false;
        }
        return condition.negated() ? other.constants.containsAll(constants) : constants.containsAll(other.constants);
    }
}
