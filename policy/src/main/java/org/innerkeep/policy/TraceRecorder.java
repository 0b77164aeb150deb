package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.Trace.ConditionTrace;
import org.innerkeep.policy.Trace.Held;
import org.innerkeep.policy.Trace.Nearest;
import org.innerkeep.policy.Trace.RuleTrace;
import org.innerkeep.policy.tree.Comparison;
import org.jspecify.annotations.Nullable;

/** Keeps a trace. Of claims it keeps the first few only, so that a trace stays small whatever comes in. */
final class TraceRecorder implements Recorder {
    private final List<RuleTrace> rules = new ArrayList<>();
    private final List<ConditionTrace> conditions = new ArrayList<>();
    private final List<Claim> fitting = new ArrayList<>();
    private final List<Nearest> missing = new ArrayList<>();
    private final List<Claim> made = new ArrayList<>();
    private Program.@Nullable Step rule;
    private int fittingCount;
    private int madeCount;

    @Override
    public void begin(Program.Step next) {
        rule = next;
        conditions.clear();
        made.clear();
        madeCount = 0;
        forgetClaims();
    }

    @Override
    public void fits(Claim claim) {
        fittingCount++;
        if (fitting.size() < Trace.KEPT_CLAIMS) {
            fitting.add(claim);
        }
    }

    @Override
    public void misses(Claim claim, Comparison failed) {
        if (missing.size() < Trace.KEPT_CLAIMS) {
            missing.add(new Nearest(claim, failed));
        }
    }

    @Override
    public void condition(boolean held) {
        if (rule != null) {
            conditions.add(new ConditionTrace(
                    rule.checks().get(conditions.size()).condition(),
                    held ? Held.YES : Held.NO,
                    fitting,
                    fittingCount,
                    fittingCount == 0 ? missing : List.of()));
        }
        forgetClaims();
    }

    @Override
    public void makes(Claim claim) {
        madeCount++;
        if (made.size() < Trace.KEPT_CLAIMS) {
            made.add(claim);
        }
    }

    @Override
    public void end(boolean fired, Optional<EvaluationProblem> problem) {
        if (rule == null) {
            return;
        }
        List<Program.Check> checks = rule.checks();
        while (conditions.size() < checks.size()) {
            conditions.add(new ConditionTrace(
                    checks.get(conditions.size()).condition(), Held.NOT_REACHED, List.of(), 0, List.of()));
        }
        rules.add(new RuleTrace(rule.place(), rule.rule(), conditions, fired, made, madeCount, problem));
        rule = null;
    }

    Trace trace() {
        return new Trace(rules);
    }

    private void forgetClaims() {
        fitting.clear();
        fittingCount = 0;
        missing.clear();
    }
}
