package org.innerkeep.policy.lint;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Issuer;
import org.innerkeep.policy.Shown;
import org.innerkeep.policy.lint.Finding.Code;
import org.innerkeep.policy.lint.KnownClaim.Kind;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Operator;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;

/** What can be wrong with a rule by itself. */
final class RuleChecks {
    private static final Map<String, Kind> SETTINGS = Map.of(
            "x-ms-sgx-tcbidentifier", Kind.TEXT, "require_valid_aik_cert", Kind.FLAG, "required_pcr_mask", Kind.NUMBER,
            "report_validity_in_minutes", Kind.NUMBER, "omit_x5c", Kind.FLAG);

    private final Context context;

    RuleChecks(Context context) {
        this.context = context;
    }

    void check(SectionKind section, Rule rule) {
        Optional<Condition> before = Optional.empty();
        for (Condition condition : rule.conditions()) {
            Facts facts = new Facts(condition);
            contradiction(facts);
            anyClaim(facts, before);
            facts.type().ifPresent(type -> {
                name(facts, type, rule);
                facts.comparisons(Property.VALUE).forEach(each -> value(facts, type, each));
            });
            otherValue(facts, rule);
            absentPermits(section, facts, rule);
            before = Optional.of(condition);
        }
        unusedIdentifiers(rule);
        shadows(section, rule);
        setting(section, rule);
    }

    private void contradiction(Facts facts) {
        facts.contradiction().ifPresent(why -> {
            if (facts.condition().negated()) {
                context.add(Code.ALWAYS_HOLDS, facts.condition().position(),
                        "no claim can fit this condition, so with '!' it always holds: "
                        + why, "correct the comparisons, or leave the condition out");
            } else {
                context.add(Code.NEVER_FIRES, facts.condition().position(), "this rule never fires: " + why,
                        "correct the comparisons; a second claim needs a condition of its own after '&&'");
            }
        });
    }

    /** The pitfall of a published sample: {@code c:[type=="x"] && [value==true]} is about two claims. */
    private void anyClaim(Facts facts, Optional<Condition> before) {
        if (facts.comparisons(Property.TYPE).stream().anyMatch(each -> each.operator() == Operator.EQUAL)) {
            return;
        }
        Optional<String> type = before.map(Facts::new).filter(each -> !each.looksAtValue()).flatMap(Facts::type);
        context.add(Code.ANY_CLAIM, facts.condition().position(),
                "this condition names no 'type', so any claim of any name can fit it"
                        + type.map(each -> "; the condition before it does not narrow it to " + Shown.quoted(each)).orElse(""),
                type.map(each -> "write both in one pair of brackets: [type==" + Shown.quoted(each) + ", …]")
                        .orElse("add type==\"…\" to it"));
    }

    private void name(Facts facts, String type, Rule rule) {
        boolean before = context.makesBefore(type, rule.position());
        Optional<Issuer> issuer = facts.issuer().flatMap(Issuer::of);
        boolean verifiers = context.known().has(type, context.type());
        if (issuer.filter(each -> each == Issuer.ATTESTATION_POLICY).isPresent() && !before) {
            if (!facts.condition().negated()) {
                context.add(Code.NOT_MADE, facts.condition().position(), "no rule before this one makes a claim "
                        + Shown.quoted(type)
                        + (context.makes(type) ? "; one after it does, and rules run once, from top to bottom" : "")
                        + ", so this rule never fires", "make it with add or issue before, or correct the name"
                        + near(type));
            }
        } else if (!before && !verifiers && issuer.filter(each -> each == Issuer.CUSTOM_CLAIM).isEmpty()) {
            String near = near(type);
            if (context.type().isPresent() || !near.isEmpty()) {
                context.add(Code.UNKNOWN_CLAIM, facts.condition().position(), "no claim " + Shown.quoted(type) + " is known"
                        + context.type().map(each -> " for " + each.text()).orElse("") + ", and no rule before this one makes it",
                        near.isEmpty() ? "correct the name; for a claim of the client's own write issuer==\"CustomClaim\""
                                : "correct the name" + near);
            }
        }
    }

    private String near(String type) {
        return Nearest.of(type,
                context.known().names().stream().filter(each -> context.known().has(each, context.type())).toList())
                .map(each -> ": did you mean " + Shown.quoted(each) + "?").orElse("");
    }

    /** Compares a constant with what the claim is known to be. A claim that rules make can be anything. */
    private void value(Facts facts, String type, Comparison comparison) {
        Optional<KnownClaim> known = context.known().find(type).filter(each -> context.known().has(type, context.type()));
        boolean service = facts.issuer().filter(Issuer.ATTESTATION_SERVICE.text()::equals).isPresent();
        Optional<ClaimValue> constant = Facts.constant(comparison.expression());
        if (known.isEmpty() || constant.isEmpty() || (!service && context.makes(type))) {
            return;
        }
        Kind wanted = known.get().kind();
        if (kind(constant.get()) != wanted || (comparison.operator().ordering() && wanted != Kind.NUMBER)) {
            String effect = comparison.operator().ordering() ? "the evaluation ends with an error there"
                    : comparison.operator() == Operator.EQUAL ? "they are never equal" : "they are always unequal";
            context.add(Code.VALUE_KIND, comparison.expression().position(), Shown.quoted(type) + " is " + wanted.shown()
                    + " and "
                    + Shown.value(constant.get()) + " is " + kind(constant.get()).shown() + ", so " + effect,
                            remedy(wanted, constant.get()));
        } else if (constant.get() instanceof ClaimValue.Text text && known.get().hexDigits() > 0
                && !text.value().matches("[0-9a-f]{" + known.get().hexDigits() + "}")) {
            context.add(Code.VALUE_FORM, comparison.expression().position(), Shown.quoted(type) + " has "
                    + known.get().hexDigits()
                    + " hexadecimal digits in lower case, and this text has not, so they are never equal",
                    text.value().matches("[0-9a-fA-F]{" + known.get().hexDigits() + "}") ? "write the digits in lower case"
                            : "write the value as the claim has it");
        }
    }

    private static Kind kind(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Text ignored -> Kind.TEXT;
            case ClaimValue.Int ignored -> Kind.NUMBER;
            case ClaimValue.Bool ignored -> Kind.FLAG;
        };
    }

    private static String remedy(Kind wanted, ClaimValue found) {
        return switch (wanted) {
            case FLAG -> "write true or false without quotes, with == or !=";
            case NUMBER -> "write the number without quotes";
            case TEXT -> found instanceof ClaimValue.Text ? "compare text with == or !=" : "write the value in quotes";
        };
    }

    private void otherValue(Facts facts, Rule rule) {
        boolean unequal = facts.comparisons(Property.VALUE).stream()
                .anyMatch(each -> each.operator() == Operator.NOT_EQUAL && !asksWhetherFound(facts, each));
        if (unequal && !facts.condition().negated() && !(rule.action() instanceof Action.Deny)
                && facts.contradiction().isEmpty()) {
            context.add(Code.OTHER_VALUE, facts.condition().position(),
                    "'!=' asks whether a claim with another value exists, whatever that"
                    + " value is; it does not hold if the claim is missing, and holds although another claim of that name has"
                            + " the value",
                    "name the values that are right with ==, one rule for each");
        }
    }

    /** The policy's own claim from a query, which is the text "null" if the query found nothing: that is how one asks for it. */
    private static boolean asksWhetherFound(Facts facts, Comparison comparison) {
        return facts.issuer().filter(Issuer.ATTESTATION_POLICY.text()::equals).isPresent()
                && Facts.constant(comparison.expression()).filter(ClaimValue.of("null")::equals).isPresent();
    }

    private void absentPermits(SectionKind section, Facts facts, Rule rule) {
        // What is added before the decision is mostly what a rule that permits then asks for.
        boolean permits = section == SectionKind.AUTHORIZATION && !(rule.action() instanceof Action.Deny);
        boolean required = rule.conditions().stream().map(Facts::new)
                .anyMatch(each -> !each.condition().negated() && each.type().isPresent() && each.type().equals(facts.type()));
        if (permits && facts.condition().negated() && facts.looksAtValue() && !required && facts.contradiction().isEmpty()) {
            context.add(Code.ABSENT_PERMITS, facts.condition().position(),
                    "this holds as well if there is no such claim at all, so leaving the claim out is enough",
                    "write the condition without '!' and with the value that is right");
        }
    }

    private void unusedIdentifiers(Rule rule) {
        Set<String> used = new HashSet<>();
        rule.conditions().forEach(each -> each.comparisons().forEach(one -> identifiers(one.expression(), used)));
        switch (rule.action()) {
            case Action.Make make -> make.arguments().forEach(each -> identifiers(each.expression(), used));
            case Action.Forward forward -> used.add(forward.identifier());
            case Action.Permit ignored -> {}
            case Action.Deny ignored -> {}
        }
        for (Condition condition : rule.conditions()) {
            condition.identifier().filter(each -> !used.contains(each)).ifPresent(each -> context.add(
                    Code.UNUSED_IDENTIFIER, condition.position(), "nothing refers to '" + each + "'", "leave '" + each
                            + ":' out"));
        }
    }

    private static void identifiers(Expression expression, Set<String> into) {
        if (expression instanceof Expression.Reference reference) {
            into.add(reference.identifier());
        } else if (expression instanceof Expression.Call call) {
            call.arguments().forEach(each -> identifiers(each, into));
        }
    }

    private void shadows(SectionKind section, Rule rule) {
        if (section == SectionKind.AUTHORIZATION && rule.action() instanceof Action.Make make
                && make.argument(Property.TYPE).orElse(null) instanceof Expression.Text name
                && context.known().find(name.value()).filter(each -> each.role() != KnownClaim.Role.OTHER).isPresent()) {
            context.add(Code.SHADOWS_CLAIM, name.position(), "verifiers say by " + Shown.quoted(name.value()) + " what runs there, and this rule"
                    + " says it without proof: conditions after it cannot tell the two apart unless they name the issuer",
                    "take another name");
        }
    }

    private void setting(SectionKind section, Rule rule) {
        if (section != SectionKind.CONFIGURATION || !(rule.action() instanceof Action.Make make)
                || !(make.argument(Property.TYPE).orElse(null) instanceof Expression.Text name)) {
            return;
        }
        Kind wanted = SETTINGS.get(name.value());
        if (wanted == null) {
            context.add(Code.UNKNOWN_SETTING, name.position(), "no setting " + Shown.quoted(name.value())
                    + " is known, so it does nothing",
                    "correct the name" + Nearest.of(name.value(), List.copyOf(SETTINGS.keySet()))
                            .map(each -> ": did you mean " + Shown.quoted(each) + "?").orElse(""));
        }
        make.argument(Property.VALUE).flatMap(Facts::constant)
                .filter(value -> wanted != null && kind(value) != wanted)
                .ifPresent(value -> context.add(Code.UNKNOWN_SETTING, make.position(), "the setting " + Shown.quoted(name.value())
                        + " is "
                        + (wanted == null ? "unknown" : wanted.shown()) + ", and " + Shown.value(value) + " is not",
                                "correct the value"));
    }
}
