package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;
import org.innerkeep.policy.tree.Verb;

/** The meaning of policies, as plain as it can be written: no index, no constants, no limits. Of queries it knows {@code @} only. */
final class PlainEvaluation {
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final List<Claim> known = new ArrayList<>();
    private final List<Claim> issued = new ArrayList<>();
    private final List<Claim> properties = new ArrayList<>();
    private final List<Claim> configuration = new ArrayList<>();
    private boolean permits;
    private boolean denies;

    private PlainEvaluation(List<Claim> incoming) {
        incoming.forEach(each -> put(known, each));
    }

    /** What is decided, issued and set, as text to compare. */
    static String of(Policy policy, List<Claim> incoming) {
        PlainEvaluation run = new PlainEvaluation(incoming);
        Outcome outcome;
        try {
            run.section(policy, SectionKind.CONFIGURATION);
            run.section(policy, SectionKind.AUTHORIZATION);
            outcome = run.denies ? Outcome.DENY : run.permits ? Outcome.PERMIT : Outcome.NO_PERMIT;
            if (outcome == Outcome.PERMIT) {
                run.section(policy, SectionKind.ISSUANCE);
            }
        } catch (Failed e) {
            outcome = Outcome.ERROR;
        }
        boolean permitted = outcome == Outcome.PERMIT;
        return text(outcome, permitted ? run.issued : List.of(), permitted ? run.properties : List.of(), run.configuration);
    }

    static String text(Decision decision) {
        return text(decision.outcome(), decision.issued(), decision.properties(), decision.configuration());
    }

    private static String text(Outcome outcome, List<Claim> issued, List<Claim> properties, List<Claim> configuration) {
        return outcome + " issued " + issued + " properties " + properties + " configuration " + configuration;
    }

    private static void put(List<Claim> claims, Claim claim) {
        if (claims.stream()
                .noneMatch(each -> each.type().equals(claim.type())
                        && each.value().equals(claim.value())
                        && each.issuer() == claim.issuer())) {
            claims.add(claim);
        }
    }

    private void section(Policy policy, SectionKind kind) throws Failed {
        for (Rule rule : policy.tree().rules(kind)) {
            Map<String, List<Claim>> bound = new HashMap<>();
            boolean fires = true;
            for (Condition condition : rule.conditions()) {
                List<Claim> fitting = new ArrayList<>();
                for (Claim claim : known) {
                    if (fits(condition, claim, bound)) {
                        fitting.add(claim);
                    }
                }
                if (fitting.isEmpty() != condition.negated()) {
                    fires = false;
                    break;
                }
                condition.identifier().ifPresent(name -> bound.put(name, fitting));
            }
            if (fires) {
                act(kind, rule.action(), bound);
            }
        }
    }

    private boolean fits(Condition condition, Claim claim, Map<String, List<Claim>> bound) throws Failed {
        boolean failed = false;
        for (Comparison each : condition.comparisons()) {
            ClaimValue found = property(claim, each.property());
            Set<ClaimValue> values = value(each.expression(), bound);
            switch (each.operator()) {
                case EQUAL -> {
                    if (!values.contains(found)) {
                        return false;
                    }
                }
                case NOT_EQUAL -> {
                    if (values.stream().allMatch(found::equals)) {
                        return false;
                    }
                }
                case LESS, AT_MOST, GREATER, AT_LEAST -> {
                    if (!(found instanceof ClaimValue.Int number)
                            || !values.stream().allMatch(ClaimValue.Int.class::isInstance)) {
                        failed = true;
                    } else if (values.stream().noneMatch(value -> {
                        int order = Long.compare(number.value(), ((ClaimValue.Int) value).value());
                        return switch (each.operator()) {
                            case LESS -> order < 0;
                            case AT_MOST -> order <= 0;
                            case GREATER -> order > 0;
                            default -> order >= 0;
                        };
                    })) {
                        return false;
                    }
                }
            }
        }
        if (failed) {
            throw new Failed();
        }
        return true;
    }

    private static ClaimValue property(Claim claim, Property property) {
        return switch (property) {
            case TYPE -> ClaimValue.of(claim.type());
            case VALUE -> claim.value();
            case VALUE_TYPE -> ClaimValue.of(claim.value().valueType());
            case ISSUER -> ClaimValue.of(claim.issuer().text());
        };
    }

    private Set<ClaimValue> value(Expression expression, Map<String, List<Claim>> bound) throws Failed {
        Set<ClaimValue> values = new LinkedHashSet<>();
        switch (expression) {
            case Expression.Text text -> values.add(ClaimValue.of(text.value()));
            case Expression.Int number -> values.add(ClaimValue.of(number.value()));
            case Expression.Bool flag -> values.add(ClaimValue.of(flag.value()));
            case Expression.Reference reference ->
                bound.getOrDefault(reference.identifier(), List.of())
                        .forEach(claim -> values.add(property(claim, reference.property())));
            case Expression.Call call -> {
                List<Set<ClaimValue>> arguments = new ArrayList<>();
                for (Expression each : call.arguments()) {
                    arguments.add(value(each, bound));
                }
                values.addAll(call(call, arguments.getFirst(), arguments.getLast()));
            }
        }
        return values;
    }

    private static Set<ClaimValue> call(Expression.Call call, Set<ClaimValue> first, Set<ClaimValue> second) throws Failed {
        return switch (call.function()) {
            case IS_SUBSET_OF -> Set.of(ClaimValue.of(second.containsAll(first)));
            case CONTAINS_ONLY_VALUE -> Set.of(ClaimValue.of(first.equals(Set.of(only(second)))));
            case APPEND_STRING -> Set.of(ClaimValue.of(text(first) + text(second)));
            case NEGATE_BOOL -> {
                if (only(first) instanceof ClaimValue.Bool flag) {
                    yield Set.of(ClaimValue.of(!flag.value()));
                }
                throw new Failed();
            }
            case JMES_PATH -> {
                try {
                    yield Set.of(ClaimValue.of(Json.parse(text(first), JsonLimits.CLAIM).toText()));
                } catch (JsonException e) {
                    throw new Failed();
                }
            }
            case JSON_TO_CLAIM_VALUE ->
                switch (text(first)) {
                    case "" -> throw new Failed();
                    case "1" -> Set.of(ClaimValue.of(1));
                    case String bare -> Set.of(ClaimValue.of(bare));
                };
        };
    }

    private static ClaimValue only(Set<ClaimValue> values) throws Failed {
        if (values.size() != 1) {
            throw new Failed();
        }
        return values.iterator().next();
    }

    private static String text(Set<ClaimValue> values) throws Failed {
        if (only(values) instanceof ClaimValue.Text text) {
            return text.value();
        }
        throw new Failed();
    }

    private void act(SectionKind section, Action action, Map<String, List<Claim>> bound) throws Failed {
        switch (action) {
            case Action.Permit permit -> permits = true;
            case Action.Deny deny -> denies = true;
            case Action.Forward forward ->
                bound.getOrDefault(forward.identifier(), List.of()).forEach(claim -> put(section, forward.verb(), claim));
            case Action.Make make -> {
                Set<ClaimValue> types = value(make.argument(Property.TYPE).orElseThrow(), bound);
                for (ClaimValue value : value(make.argument(Property.VALUE).orElseThrow(), bound)) {
                    put(section, make.verb(), new Claim(text(types), value, Issuer.ATTESTATION_POLICY));
                }
            }
        }
    }

    private void put(SectionKind section, Verb verb, Claim claim) {
        put(known, claim);
        if (verb == Verb.ISSUE) {
            put(issued, claim);
        } else if (verb == Verb.ISSUE_PROPERTY) {
            put(section == SectionKind.CONFIGURATION ? configuration : properties, claim);
        }
    }
}
