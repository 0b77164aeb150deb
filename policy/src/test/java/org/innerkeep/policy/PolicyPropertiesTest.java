package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every policy and all claims. */
class PolicyPropertiesTest {
    private static final long SEED = 9334;

    @Test
    void aFurtherRuleThatDeniesNeverPermits() {
        qt().withFixedSeed(SEED).forAll(longs().all()).checkAssert(seed -> {
            RandomPolicy random = new RandomPolicy(new Random(seed));
            List<String> rules = random.authorizationRules();
            List<Claim> claims = random.claims();
            boolean before = evaluate(rules, claims).permitted();
            rules.add(random.below(rules.size() + 1), random.conditions() + " => deny();");

            if (!before) {
                assertThat(evaluate(rules, claims).permitted())
                        .as("%s of %s", rules, claims)
                        .isFalse();
            }
        });
    }

    @Test
    void theOrderOfAuthorizationRulesDoesNotMatterWhereNoneAddsClaims() {
        qt().withFixedSeed(SEED).forAll(longs().all()).checkAssert(seed -> {
            Random source = new Random(seed);
            RandomPolicy random = new RandomPolicy(source);
            List<String> rules = random.decisions();
            List<Claim> claims = random.claims();
            Outcome before = evaluate(rules, claims).outcome();
            Collections.shuffle(rules, source);

            assertThat(evaluate(rules, claims).outcome())
                    .as("%s of %s", rules, claims)
                    .isEqualTo(before);
        });
    }

    @Test
    void theOrderOfClaimsDoesNotChangeTheOutcome() {
        qt().withFixedSeed(SEED).forAll(longs().all()).checkAssert(seed -> {
            Random source = new Random(seed);
            RandomPolicy random = new RandomPolicy(source);
            List<String> rules = random.decisions();
            List<Claim> claims = random.claims();
            Outcome before = evaluate(rules, claims).outcome();
            Collections.shuffle(claims, source);

            assertThat(evaluate(rules, claims).outcome())
                    .as("%s of %s", rules, claims)
                    .isEqualTo(before);
        });
    }

    @Test
    void theSameClaimsGiveTheSameDecisionWhetherExplainedOrNot() {
        qt().withFixedSeed(SEED).forAll(longs().all()).checkAssert(seed -> {
            RandomPolicy random = new RandomPolicy(new Random(seed));
            Policy policy = Policy.parse(random.policy()).orThrow();
            List<Claim> claims = random.claims();
            Decision once = policy.evaluate(claims);

            assertThat(policy.evaluate(claims)).isEqualTo(once);
            assertThat(Policy.parse(policy.text()).orThrow().evaluate(claims)).isEqualTo(once);
            Explanation explained = policy.explain(claims);
            assertThat(explained.decision()).isEqualTo(once);
            assertThat(explained.render()).isEqualTo(policy.explain(claims).render());
        });
    }

    /** A second, slow and obvious evaluator of single conditions agrees with the one that looks claims up by type. */
    @Test
    void aConditionHoldsExactlyIfSomeClaimFitsEveryComparison() {
        Set<Boolean> seen = new LinkedHashSet<>();
        qt().withFixedSeed(SEED).forAll(longs().all()).checkAssert(seed -> {
            RandomPolicy random = new RandomPolicy(new Random(seed));
            String type = random.type();
            String value = random.value();
            boolean equal = random.below(2) == 0;
            List<Claim> claims = random.claims();
            boolean wanted = claims.stream()
                    .anyMatch(claim -> claim.type().equals(type)
                            && Shown.value(claim.value()).equals(value) == equal);
            String condition = "[value" + (equal ? "==" : "!=") + value + ", type==\"" + type + "\"]";
            seen.add(wanted);

            assertThat(evaluate(new ArrayList<>(List.of(condition + " => permit();")), claims)
                            .permitted())
                    .as("%s of %s", condition, claims)
                    .isEqualTo(wanted);
        });
        assertThat(seen).hasSize(2);
    }

    private static Decision evaluate(List<String> rules, List<Claim> claims) {
        return Policies.authorizing(String.join("\n", rules)).evaluate(claims);
    }
}
