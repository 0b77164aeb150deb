package org.innerkeep.policy;

import java.util.List;
import org.innerkeep.policy.Trace.ConditionTrace;
import org.innerkeep.policy.Trace.Nearest;
import org.innerkeep.policy.Trace.RuleTrace;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.SectionKind;

/** Writes an explanation for people. It is never longer than some {@link #MAX_CHARS}. */
final class ExplanationText {
    /** Whatever is longer is read by nobody. */
    static final int MAX_CHARS = 256 * 1024;

    private final StringBuilder out = new StringBuilder();

    private ExplanationText() {}

    static String of(Explanation explanation) {
        ExplanationText text = new ExplanationText();
        text.outcome(explanation.decision());
        text.rules(explanation.trace().rules());
        text.claims("issued", explanation.decision().issued());
        text.claims("token property", explanation.decision().properties());
        text.claims("verifier setting", explanation.decision().configuration());
        return text.out.toString();
    }

    private void outcome(Decision decision) {
        String by = decision.decidedBy().map(RulePlace::toString).orElse("");
        line(
                switch (decision.outcome()) {
                    case PERMIT -> "permitted by " + by;
                    case DENY -> "denied by " + by;
                    case NO_PERMIT -> "not permitted: no rule of authorizationrules permits";
                    case ERROR ->
                        "not permitted: "
                                + decision.problem()
                                        .map(EvaluationProblem::toString)
                                        .orElse("the evaluation failed");
                });
    }

    private void rules(List<RuleTrace> rules) {
        SectionKind section = null;
        for (int i = 0; i < rules.size(); i++) {
            RuleTrace rule = rules.get(i);
            if (out.length() > MAX_CHARS / 2) {
                line("… (" + (rules.size() - i) + " more rules)");
                return;
            }
            if (rule.place().section() != section) {
                section = rule.place().section();
                line("");
                line(section.text());
            }
            line("  rule " + rule.place().number() + ", line "
                    + rule.place().position().line() + ": "
                    + Written.action(rule.rule().action()) + ": " + ending(rule));
            rule.conditions().forEach(this::condition);
            made(rule);
        }
    }

    private static String ending(RuleTrace rule) {
        if (rule.problem().isPresent()) {
            return "could not be evaluated: " + rule.problem().get().message();
        }
        if (!rule.fired()) {
            return "no";
        }
        boolean decides =
                rule.rule().action() instanceof Action.Permit || rule.rule().action() instanceof Action.Deny;
        return decides || rule.madeCount() > 0 ? "yes" : "yes, and its value is nothing, so no claim is made";
    }

    private void condition(ConditionTrace trace) {
        if (out.length() > MAX_CHARS / 2) {
            return;
        }
        String written = "    " + Written.condition(trace.condition());
        boolean negated = trace.condition().negated();
        switch (trace.held()) {
            case NOT_REACHED -> line(written + ": not looked at");
            case YES -> line(written + (negated ? ": holds, no claim fits" : ": holds"));
            case NO -> line(written + (negated ? ": does not hold, as a claim fits" : ": does not hold"));
        }
        trace.matched().forEach(claim -> line("      fits: " + Shown.claim(claim)));
        more(trace.matchedCount() - trace.matched().size());
        if (trace.held() == Trace.Held.NO && !negated) {
            if (trace.nearest().isEmpty()) {
                line("      no claim comes near");
            }
            for (Nearest each : trace.nearest()) {
                line("      does not fit: " + Shown.claim(each.claim()) + ", fails "
                        + Written.comparison(each.failed()));
            }
        }
    }

    private void made(RuleTrace rule) {
        rule.made().forEach(claim -> line("      makes: " + Shown.claim(claim)));
        more(rule.madeCount() - rule.made().size());
    }

    private void more(int count) {
        if (count > 0) {
            line("      … (" + count + " more)");
        }
    }

    private void claims(String what, List<Claim> claims) {
        if (claims.isEmpty()) {
            return;
        }
        line("");
        for (int i = 0; i < claims.size(); i++) {
            if (out.length() > MAX_CHARS) {
                line("… (" + (claims.size() - i) + " more)");
                return;
            }
            line(what + " " + Shown.quoted(claims.get(i).type()) + " = "
                    + Shown.value(claims.get(i).value()));
        }
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
