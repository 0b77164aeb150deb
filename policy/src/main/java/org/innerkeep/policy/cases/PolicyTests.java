package org.innerkeep.policy.cases;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Decision;
import org.innerkeep.policy.Explanation;
import org.innerkeep.policy.Outcome;
import org.innerkeep.policy.Parsed;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.Shown;

/** Runs the test cases of a policy. */
public final class PolicyTests {
    private PolicyTests() {}

    /**
     * Runs all cases.
     *
     * @param policy what reading the policy gave
     * @param cases the cases
     * @return what came of each, and what of the policy they reached
     */
    public static TestReport run(Parsed policy, List<PolicyCase> cases) {
        List<TestReport.Result> results = new ArrayList<>();
        Optional<Coverage> coverage = policy instanceof Parsed.Valid valid ? Optional.of(new Coverage(valid.policy())) : Optional.empty();
        for (PolicyCase each : cases) {
            results.add(switch (policy) {
                case Parsed.Invalid invalid -> new TestReport.Result(
                        each, each.expectsNoPolicy() ? List.of() : List.of("the text is no policy: " + invalid.problems().getFirst()));
                case Parsed.Valid valid -> run(valid.policy(), each, coverage.orElseThrow());
            });
        }
        return new TestReport(results, coverage.map(Coverage::rules).orElse(List.of()));
    }

    private static TestReport.Result run(Policy policy, PolicyCase each, Coverage coverage) {
        if (each.expectsNoPolicy()) {
            return new TestReport.Result(each, List.of("the text is a policy, and was expected to be none"));
        }
        Explanation explanation = policy.explain(each.claims());
        coverage.add(explanation.trace());
        Decision decision = explanation.decision();
        List<String> differences = new ArrayList<>();
        if (decision.outcome() != each.decision().orElseThrow()) {
            differences.add("decision: expected " + shown(each.decision().orElseThrow()) + ", found " + shown(decision.outcome())
                    + decision.decidedBy().map(place -> " by " + place).orElse("")
                    + decision.problem().map(problem -> ": " + problem).orElse(""));
        }
        compare("issued", each.issued(), Decision.byType(decision.issued()), differences);
        compare("property", each.properties(), Decision.byType(decision.properties()), differences);
        compare("setting", each.configuration(), Decision.byType(decision.configuration()), differences);
        return new TestReport.Result(each, differences);
    }

    private static String shown(Outcome outcome) {
        return switch (outcome) {
            case PERMIT -> "permit";
            case DENY -> "deny";
            case NO_PERMIT -> "none (no rule permits)";
            case ERROR -> "error";
        };
    }

    private static void compare(
            String what, Optional<Map<String, List<ClaimValue>>> wanted, Map<String, List<ClaimValue>> found, List<String> differences) {
        if (wanted.isEmpty()) {
            return;
        }
        wanted.get().forEach((name, values) -> {
            List<ClaimValue> others = found.getOrDefault(name, List.of());
            if (!new HashSet<>(values).equals(new HashSet<>(others))) {
                differences.add(what + " " + Shown.quoted(name) + ": expected " + shown(values) + ", found " + shown(others));
            }
        });
        found.forEach((name, values) -> {
            if (!wanted.get().containsKey(name)) {
                differences.add(what + " " + Shown.quoted(name) + ": expected nothing, found " + shown(values));
            }
        });
    }

    private static String shown(List<ClaimValue> values) {
        return values.isEmpty() ? "nothing" : values.stream().map(Shown::value).collect(Collectors.joining(", "));
    }
}
