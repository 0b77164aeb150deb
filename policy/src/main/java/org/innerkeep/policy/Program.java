package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.policy.jmespath.JmesPath;
import org.innerkeep.policy.jmespath.JmesPathException;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Function;
import org.innerkeep.policy.tree.Operator;
import org.innerkeep.policy.tree.PolicyTree;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;
import org.jspecify.annotations.Nullable;

/**
 * A policy made ready to run: what does not depend on claims is done once. Constants are compared before what must be computed,
 * and a condition that names a claim type looks at claims of that type only.
 */
final class Program {
    /**
     * A rule.
     *
     * @param slots the place of each identifier's claims, by name
     */
    record Step(RulePlace place, Rule rule, List<Check> checks, Map<String, Integer> slots) {}

    /**
     * A condition.
     *
     * @param slot where the claims go that fit; negative if nobody refers to them
     * @param place where {@link KnownClaims} has the claims of the name that every claim has to have, where that is a constant,
     * which
     *     then is in no test; negative if it is none
     * @param tests in the order in which they are made
     * @param computes whether a test compares with what is not a constant
     */
    record Check(Condition condition, int slot, int place, List<Test> tests, boolean computes) {}

    /**
     * A comparison.
     *
     * @param constant what it compares with, where that is the same for all claims that come in
     */
    record Test(Comparison comparison, @Nullable Values constant) {}

    private final Map<SectionKind, List<Step>> sections = new EnumMap<>(SectionKind.class);

    /** Queries that are constants, by their call. One that is no query fails where it is used, as one made of claims would. */
    private final IdentityHashMap<Expression.Call, JmesPath> queries = new IdentityHashMap<>();

    /** The names that conditions look for and that rules make, each with its place. */
    private final Map<String, Integer> types = new HashMap<>();

    private Program() {}

    static Program compile(PolicyTree tree) {
        Program program = new Program();
        for (SectionKind kind : SectionKind.values()) {
            List<Step> steps = new ArrayList<>();
            for (Rule rule : tree.rules(kind)) {
                rule.conditions().forEach(each -> each.comparisons().forEach(one -> program.prepare(one.expression())));
                if (rule.action() instanceof Action.Make make) {
                    make.argument(Property.TYPE).ifPresent(program::placeOf);
                    make.arguments().forEach(each -> program.prepare(each.expression()));
                }
                steps.add(program.step(new RulePlace(kind, steps.size() + 1, rule.position()), rule));
            }
            program.sections.put(kind, List.copyOf(steps));
        }
        return program;
    }

    List<Step> steps(SectionKind kind) {
        return sections.getOrDefault(kind, List.of());
    }

    /** The names that the policy names, and the places of their claims. */
    Map<String, Integer> types() {
        return types;
    }

    /** The query of a call of {@code JmesPath}, where it is a constant and a query. */
    @Nullable
    JmesPath query(Expression.Call call) {
        return queries.get(call);
    }

    private void placeOf(Expression type) {
        if (type instanceof Expression.Text text) {
            types.putIfAbsent(text.value(), types.size());
        }
    }

    private void prepare(Expression expression) {
        if (!(expression instanceof Expression.Call call)) {
            return;
        }
        call.arguments().forEach(this::prepare);
        if (call.function() == Function.JMES_PATH && call.arguments().getLast() instanceof Expression.Text query) {
            try {
                queries.put(call, JmesPath.compile(query.value()));
            } catch (JmesPathException e) {
                // Reported with the rule that uses it, if one does.
                queries.remove(call);
            }
        }
    }

    private Step step(RulePlace place, Rule rule) {
        Map<String, Integer> slots = new HashMap<>();
        List<Check> checks = new ArrayList<>();
        for (Condition condition : rule.conditions()) {
            condition.identifier().ifPresent(name -> slots.put(name, slots.size()));
            int slot = condition.identifier().map(slots::get).orElse(-1);
            checks.add(check(condition, slot));
        }
        return new Step(place, rule, List.copyOf(checks), Map.copyOf(slots));
    }

    private Check check(Condition condition, int slot) {
        int place = -1;
        List<Test> tests = new ArrayList<>();
        for (Comparison each : condition.comparisons()) {
            if (place < 0
                    && each.property() == Property.TYPE
                    && each.operator() == Operator.EQUAL
                    && each.expression() instanceof Expression.Text text) {
                placeOf(text);
                place = types.getOrDefault(text.value(), -1);
            } else {
                tests.add(new Test(each, constant(each.expression())));
            }
        }
        // Stable: what is computed stays in the order in which it is written.
        tests.sort(Comparator.comparing(test -> test.constant() == null));
        boolean computes = tests.stream().anyMatch(test -> test.constant() == null);
        return new Check(condition, slot, place, List.copyOf(tests), computes);
    }

    private static @Nullable Values constant(Expression expression) {
        return switch (expression) {
            case Expression.Text text -> Values.of(new ClaimValue.Text(text.value()), false);
            case Expression.Int number -> Values.of(new ClaimValue.Int(number.value()), false);
            case Expression.Bool bool -> Values.of(new ClaimValue.Bool(bool.value()), false);
            case Expression.Reference reference -> null;
            case Expression.Call call -> null;
        };
    }
}
