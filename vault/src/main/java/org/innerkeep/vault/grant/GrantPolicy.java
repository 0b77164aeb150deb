package org.innerkeep.vault.grant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.Decision;
import org.innerkeep.policy.EvaluationProblem;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.RulePlace;
import org.innerkeep.policy.json.Json;

/** The appraisal policy of a grant, over proven claims. */
final class GrantPolicy {
    private GrantPolicy() {}

    /** Adds a mismatch unless the policy permits. */
    static void check(String text, Claims claims, List<Mismatch> found) {
        Policy policy;
        try {
            policy = Policy.parse(text).orThrow();
        } catch (IllegalArgumentException e) {
            found.add(mismatch("a text that is no policy", "Give a grant whose policy can be read."));
            return;
        }
        Decision decision = policy.evaluate(claims(claims));
        switch (decision.outcome()) {
            case PERMIT -> {}
            case DENY -> found.add(mismatch(
                    "a deny by " + decision.decidedBy().map(RulePlace::toString).orElse("a rule"),
                    "The grant's policy refuses what runs there."));
            case NO_PERMIT -> found.add(mismatch(
                    "no rule that permits", "See which condition fails with 'innerkeep policy explain'."));
            case ERROR -> found.add(mismatch(
                    "an error: " + decision.problem().map(EvaluationProblem::toString).orElse("unknown"),
                    "Mend the rule: what cannot be evaluated is refused."));
        }
    }

    private static Mismatch mismatch(String found, String remedy) {
        return new Mismatch(Mismatch.Code.POLICY, "policy", found, "a permit and no deny", remedy);
    }

    private static List<Claim> claims(Claims claims) {
        List<Claim> all = new ArrayList<>();
        claims.named().forEach((name, value) -> add(all, name, value));
        return all;
    }

    private static void add(List<Claim> all, String name, ClaimValue value) {
        switch (value) {
            case ClaimValue.Text text -> all.add(Claim.proven(name, text.value()));
            case ClaimValue.Int number -> all.add(Claim.proven(name, number.value()));
            case ClaimValue.Flag flag -> all.add(Claim.proven(name, flag.value()));
            case ClaimValue.Many many -> many.values().forEach(each -> add(all, name, each));
            case ClaimValue.Group group -> all.add(Claim.proven(name, json(group).toText()));
        }
    }

    private static Json json(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Text text -> Json.of(text.value());
            case ClaimValue.Int number -> Json.of(number.value());
            case ClaimValue.Flag flag -> Json.of(flag.value());
            case ClaimValue.Many many -> new Json.Arr(many.values().stream().map(GrantPolicy::json).toList());
            case ClaimValue.Group group -> {
                Map<String, Json> fields = new LinkedHashMap<>();
                group.values().forEach((name, each) -> fields.put(name, json(each)));
                yield new Json.Obj(fields);
            }
        };
    }
}
