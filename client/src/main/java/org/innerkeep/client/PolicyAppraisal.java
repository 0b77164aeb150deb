package org.innerkeep.client;

import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.Decision;
import org.innerkeep.policy.EvaluationProblem;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.RulePlace;

/** What a policy says of proven claims, as a reason to refuse them. */
final class PolicyAppraisal {
    private PolicyAppraisal() {}

    static Optional<Reason> refusal(Policy policy, Claims claims) {
        List<Claim> incoming = PolicyClaims.of(claims);
        Decision decision = policy.evaluate(incoming);
        return switch (decision.outcome()) {
            case PERMIT -> Optional.empty();
            case DENY ->
                Optional.of(reason(
                        "a deny by "
                                + decision.decidedBy().map(RulePlace::toString).orElse("a rule"),
                        "The policy refuses what runs there; see which claim it is about with 'innerkeep"
                                + " policy explain'."));
            case NO_PERMIT ->
                Optional.of(reason(
                        "no rule that permits",
                        "Something else runs there than the policy knows: see which condition fails with 'innerkeep"
                                + " policy explain', then run what was agreed or agree anew."));
            case ERROR ->
                Optional.of(reason(
                        "an error: "
                                + decision.problem()
                                        .map(EvaluationProblem::toString)
                                        .orElse("unknown"),
                        "Mend the rule: what cannot be evaluated is refused."));
        };
    }

    private static Reason reason(String found, String remedy) {
        return new Reason(Reason.Code.POLICY_REFUSED, "policy", found, "a permit and no deny", remedy);
    }
}
