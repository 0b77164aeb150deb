package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.Program.Check;
import org.innerkeep.policy.Program.Step;
import org.innerkeep.policy.Program.Test;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.SectionKind;
import org.innerkeep.policy.tree.Verb;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation: configuration rules, all authorization rules, and, if one permits and none denies, issuance rules; each from
 * top to bottom, once. A rule sees the claims that came in and those that rules before it made.
 *
 * <p>A condition asks whether at least one claim fits all its comparisons, and its identifier stands for all that fit.
 * Conditions know of one another through identifiers only, and an identifier is a set, not a choice: so a rule costs at most
 * one look at every claim for each of its comparisons, however its conditions refer to one another, and {@link Steps} counts
 * these looks.
 */
final class Evaluation {
    private static final @Nullable Values[] NOTHING_COMPUTED = {};

    private final Program program;
    private final Recorder recorder;
    private final Steps steps = new Steps();
    private final Functions functions;
    private final KnownClaims known;
    private final ClaimSet issued = new ClaimSet();
    private final ClaimSet properties = new ClaimSet();
    private final ClaimSet configuration = new ClaimSet();
    private @Nullable RulePlace permits;
    private @Nullable RulePlace denies;

    private Evaluation(Program program, int incoming, Recorder recorder) {
        this.program = program;
        this.recorder = recorder;
        this.functions = new Functions(program, steps);
        this.known = new KnownClaims(program.types(), Math.min(incoming + 16, Limits.MAX_CLAIMS));
    }

    static Decision run(Program program, List<Claim> incoming, Recorder recorder) {
        Evaluation evaluation = new Evaluation(program, incoming.size(), recorder);
        Optional<EvaluationProblem> problem = evaluation.take(incoming);
        for (SectionKind section : SectionKind.values()) {
            if (problem.isEmpty() && (section != SectionKind.ISSUANCE || evaluation.permitted())) {
                problem = evaluation.section(section);
            }
        }
        return evaluation.decision(problem);
    }

    static Decision configure(Program program, List<Claim> incoming) {
        Evaluation evaluation = new Evaluation(program, incoming.size(), Recorder.NONE);
        Optional<EvaluationProblem> problem =
                evaluation.take(incoming).or(() -> evaluation.section(SectionKind.CONFIGURATION));
        return evaluation.decision(problem);
    }

    private boolean permitted() {
        return permits != null && denies == null;
    }

    private Decision decision(Optional<EvaluationProblem> problem) {
        if (problem.isPresent()) {
            return new Decision(Outcome.ERROR, List.of(), List.of(), configuration.all(), Optional.empty(), problem);
        }
        if (denies != null) {
            return new Decision(Outcome.DENY, List.of(), List.of(), configuration.all(), Optional.of(denies), problem);
        }
        return permits == null
                ? new Decision(Outcome.NO_PERMIT, List.of(), List.of(), configuration.all(), Optional.empty(), problem)
                : new Decision(
                        Outcome.PERMIT,
                        issued.all(),
                        properties.all(),
                        configuration.all(),
                        Optional.of(permits),
                        problem);
    }

    private Optional<EvaluationProblem> take(List<Claim> incoming) {
        if (incoming.size() > Limits.MAX_CLAIMS) {
            return Optional.of(new EvaluationException(
                            incoming.size() + " claims came in, at most " + Limits.MAX_CLAIMS + " are allowed")
                    .in(Optional.empty()));
        }
        long chars = 0;
        for (Claim each : incoming) {
            int length =
                    each.value() instanceof ClaimValue.Text text ? text.value().length() : 0;
            chars += (long) length + each.type().length();
            if (length > Limits.MAX_TEXT || each.type().length() > Limits.MAX_TEXT || chars > Limits.MAX_CLAIM_TEXT) {
                return Optional.of(new EvaluationException("the claim " + Shown.quoted(each.type())
                                + " is too long: at most " + Limits.MAX_TEXT + " characters are allowed, and "
                                + Limits.MAX_CLAIM_TEXT + " of all claims together")
                        .in(Optional.empty()));
            }
        }
        incoming.forEach(known::take);
        return Optional.empty();
    }

    private Optional<EvaluationProblem> section(SectionKind section) {
        for (Step step : program.steps(section)) {
            recorder.begin(step);
            try {
                recorder.end(rule(step), Optional.empty());
            } catch (EvaluationException e) {
                Optional<EvaluationProblem> problem = Optional.of(e.in(Optional.of(step.place())));
                recorder.end(false, problem);
                return problem;
            }
        }
        return Optional.empty();
    }

    private boolean rule(Step step) throws EvaluationException {
        steps.spend(1);
        List<List<Claim>> bound = step.slots().isEmpty()
                ? List.of()
                : new ArrayList<>(step.slots().size());
        for (Check check : step.checks()) {
            boolean held = condition(step, check, bound);
            recorder.condition(held);
            if (!held) {
                return false;
            }
        }
        act(step, bound);
        return true;
    }

    private boolean condition(Step step, Check check, List<List<Claim>> bound) throws EvaluationException {
        List<Claim> fitting = check.slot() < 0 ? List.of() : new ArrayList<>(1);
        @Nullable Values[] computed = check.computes() ? new Values[check.tests().size()] : NOTHING_COMPUTED;
        boolean any = false;
        for (Claim claim : check.place() < 0 ? known.all() : known.at(check.place())) {
            steps.spend(1);
            if (fits(step, check, claim, computed, bound)) {
                any = true;
                recorder.fits(claim);
                if (check.slot() >= 0) {
                    fitting.add(claim);
                }
            }
        }
        if (check.slot() >= 0) {
            bound.add(fitting);
        }
        return any != check.condition().negated();
    }

    /**
     * Whether a claim fits all comparisons. One that fails is enough, so an order that cannot be asked of this claim matters
     * only if the claim fits otherwise.
     */
    private boolean fits(Step step, Check check, Claim claim, @Nullable Values[] computed, List<List<Claim>> bound)
            throws EvaluationException {
        Comparison unordered = null;
        List<Test> tests = check.tests();
        for (int i = 0; i < tests.size(); i++) {
            Test test = tests.get(i);
            Values operand = test.constant() != null ? test.constant() : computed[i];
            if (operand == null) {
                operand = evaluate(step, test.comparison().expression(), bound);
                computed[i] = operand;
                hold(computed, test);
            }
            ClaimValue found = property(claim, test.comparison().property());
            steps.spend(operand.cost(test.comparison().operator()));
            if (test.constant() == null && found instanceof ClaimValue.Text text) {
                steps.spendText(text.value().length());
            }
            switch (operand.fits(found, test.comparison().operator())) {
                case YES -> {}
                case NO -> {
                    recorder.misses(claim, test.comparison());
                    return false;
                }
                case NO_ORDER -> unordered = test.comparison();
            }
        }
        if (unordered != null) {
            throw new EvaluationException(
                    unordered.position(),
                    "'" + unordered.operator().text() + "' compares whole numbers; the claim is " + Shown.claim(claim)
                            + ": compare with '==' or '!=', or name the type of a claim that is a number");
        }
        return true;
    }

    /** Sets of many values are held until all claims were looked at. */
    private static void hold(@Nullable Values[] computed, Test last) throws EvaluationException {
        long held = 0;
        for (Values each : computed) {
            held += each == null ? 0 : each.values().size();
        }
        if (held > Limits.MAX_HELD_VALUES) {
            throw new EvaluationException(
                    last.comparison().position(),
                    "the comparisons of this condition are with more than " + Limits.MAX_HELD_VALUES
                            + " values together: compare with fewer, or in conditions of their own");
        }
    }

    private static ClaimValue property(Claim claim, Property property) {
        return switch (property) {
            case TYPE -> new ClaimValue.Text(claim.type());
            case VALUE -> claim.value();
            case VALUE_TYPE -> new ClaimValue.Text(claim.value().valueType());
            case ISSUER -> new ClaimValue.Text(claim.issuer().text());
        };
    }

    private Values evaluate(Step step, Expression expression, List<List<Claim>> bound) throws EvaluationException {
        return switch (expression) {
            case Expression.Text text -> Values.of(new ClaimValue.Text(text.value()), false);
            case Expression.Int number -> Values.of(new ClaimValue.Int(number.value()), false);
            case Expression.Bool bool -> Values.of(new ClaimValue.Bool(bool.value()), false);
            case Expression.Reference reference -> {
                DistinctValues values = new DistinctValues();
                boolean readOnly = false;
                List<Claim> claims = claims(step, reference.identifier(), bound);
                for (Claim claim : claims) {
                    ClaimValue value = property(claim, reference.property());
                    spendFor(value, claims.size() > 1);
                    values.add(value);
                    readOnly |= claim.readOnly() && reference.property() == Property.VALUE;
                }
                yield new Values(values, readOnly);
            }
            case Expression.Call call -> {
                List<Values> arguments = new ArrayList<>(call.arguments().size());
                for (Expression argument : call.arguments()) {
                    arguments.add(evaluate(step, argument, bound));
                }
                yield functions.call(call, arguments);
            }
        };
    }

    /** A text is looked at whole only where there are others that it may be the same as. */
    private void spendFor(ClaimValue value, boolean compared) throws EvaluationException {
        steps.spendText(
                compared && value instanceof ClaimValue.Text text ? text.value().length() : 0);
    }

    /** The parser lets no identifier pass that has no condition before it. */
    private static List<Claim> claims(Step step, String identifier, List<List<Claim>> bound) {
        Integer slot = step.slots().get(identifier);
        if (slot == null) {
            throw new AssertionError("an identifier without a condition: " + identifier);
        }
        return bound.get(slot);
    }

    private void act(Step step, List<List<Claim>> bound) throws EvaluationException {
        switch (step.rule().action()) {
            case Action.Permit permit -> permits = permits == null ? step.place() : permits;
            case Action.Deny deny -> denies = denies == null ? step.place() : denies;
            case Action.Forward forward -> {
                for (Claim claim : claims(step, forward.identifier(), bound)) {
                    put(step, forward.position(), forward.verb(), claim);
                }
            }
            case Action.Make make -> make(step, make, bound);
        }
    }

    private void make(Step step, Action.Make make, List<List<Claim>> bound) throws EvaluationException {
        @Nullable String type = null;
        @Nullable String valueType = null;
        @Nullable Values values = null;
        // A name that is made of a read-only claim says as much of it as a value would.
        boolean readOnly = false;
        for (Action.Argument argument : make.arguments()) {
            Values given = evaluate(step, argument.expression(), bound);
            readOnly |= given.readOnly();
            if (argument.property() == Property.VALUE) {
                values = given;
            } else if (given.values().size() == 0) {
                // Nothing is made of nothing.
                return;
            } else {
                String text = text(argument, given);
                type = argument.property() == Property.TYPE ? text : type;
                valueType = argument.property() == Property.VALUE_TYPE ? text : valueType;
            }
        }
        if (type == null || values == null) {
            throw new AssertionError("the parser lets no claim pass without type and value");
        }
        for (ClaimValue value : values.values().list()) {
            if (valueType != null && !valueType.equals(value.valueType())) {
                throw new EvaluationException(
                        make.position(),
                        "'valueType' is " + Shown.quoted(valueType) + " and the value " + Shown.value(value)
                                + " is of type \"" + value.valueType() + "\": leave 'valueType' out");
            }
            put(
                    step,
                    make.position(),
                    make.verb(),
                    new Claim(type, value, Issuer.ATTESTATION_POLICY, readOnly));
        }
    }

    private String text(Action.Argument argument, Values given) throws EvaluationException {
        ClaimValue only = given.values().size() == 1 ? given.values().list().getFirst() : null;
        if (!(only instanceof ClaimValue.Text text)) {
            throw new EvaluationException(
                    argument.expression().position(),
                    "'" + argument.property().text() + "' is " + (only == null ? "several values" : Shown.value(only))
                            + ", expected one text");
        }
        Optional<MadeClaim.Fault> fault = MadeClaim.fault(argument.property(), text.value());
        if (fault.isPresent()) {
            throw new EvaluationException(
                    argument.expression().position(),
                    "'" + argument.property().text() + "' is " + Shown.quoted(text.value()) + ", expected "
                            + fault.get().expected() + ": " + fault.get().hint());
        }
        return text.value();
    }

    /** Puts a claim where its verb says, and among those that later rules see. */
    private void put(Step step, Position position, Verb verb, Claim claim) throws EvaluationException {
        spendFor(claim.value(), known.has(claim.type()));
        boolean leaves = verb != Verb.ADD && step.place().section() != SectionKind.CONFIGURATION;
        if (leaves && claim.readOnly()) {
            throw new EvaluationException(
                    position,
                    "the value of " + Shown.quoted(claim.type()) + " comes from a read-only claim such as \""
                            + Claim.PCRS + "\": read-only claims can be looked at and compared, not issued");
        }
        if (leaves && MadeClaim.reserved(claim.type()) && !known.contains(claim, Issuer.ATTESTATION_SERVICE)) {
            throw new EvaluationException(
                    position,
                    "the name " + Shown.quoted(claim.type())
                            + " is reserved for what the service itself says: under a reserved name"
                            + " a rule can only issue the very claim that the service has; take another name");
        }
        recorder.makes(claim);
        known.add(claim);
        if (known.all().size() > Limits.MAX_CLAIMS) {
            throw new EvaluationException(position, "there are more than " + Limits.MAX_CLAIMS + " claims: make fewer");
        }
        if (verb == Verb.ISSUE) {
            issued.add(claim);
        } else if (verb == Verb.ISSUE_PROPERTY) {
            (step.place().section() == SectionKind.CONFIGURATION ? configuration : properties).add(claim);
        }
    }
}
