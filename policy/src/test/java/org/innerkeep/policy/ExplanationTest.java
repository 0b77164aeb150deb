package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.policy.Trace.ConditionTrace;
import org.innerkeep.policy.Trace.Held;
import org.innerkeep.policy.Trace.RuleTrace;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final Policy POLICY = Policy.parse("""
        version=1.2;
        authorizationrules{
          [type=="svn", value>=3] && [type=="signer", value=="acme"] => permit();
          ![type=="debug", value==false] => deny();
        };
        issuancerules{
          c:[type=="svn"] => issue(type="level", value=c.value);
          => issue(type="none", value=JsonToClaimValue("null"));
        };
        """).orThrow();
    private static final Claim DEBUG = Claim.proven("debug", false);

    @Test
    void aPermitSaysWhatFittedAndWhatWasMade() {
        assertThat(POLICY.explain(List.of(Claim.proven("svn", 4), Claim.proven("signer", "acme"), DEBUG))
                        .render())
                .isEqualTo("""
                    permitted by rule 1 of authorizationrules (line 3, column 3)

                    authorizationrules
                      rule 1, line 3: permit(): yes
                        [type=="svn", value>=3]: holds
                          fits: [type=="svn", value==4, issuer=="AttestationService"]
                        [type=="signer", value=="acme"]: holds
                          fits: [type=="signer", value=="acme", issuer=="AttestationService"]
                      rule 2, line 4: deny(): no
                        ![type=="debug", value==false]: does not hold, as a claim fits
                          fits: [type=="debug", value==false, issuer=="AttestationService"]

                    issuancerules
                      rule 1, line 7: issue(type="level", value=c.value): yes
                        c:[type=="svn"]: holds
                          fits: [type=="svn", value==4, issuer=="AttestationService"]
                          makes: [type=="level", value==4, issuer=="AttestationPolicy"]
                      rule 2, line 8: issue(type="none", value=JsonToClaimValue("null")): yes, and its value is nothing, so no claim is made

                    issued "level" = 4
                    """);
    }

    @Test
    void aRefusalSaysWhatCameNearestAndWhatWasNotLookedAt() {
        assertThat(POLICY.explain(List.of(Claim.proven("svn", 2), Claim.proven("signer", "acme"), DEBUG))
                        .render())
                .isEqualTo("""
                    not permitted: no rule of authorizationrules permits

                    authorizationrules
                      rule 1, line 3: permit(): no
                        [type=="svn", value>=3]: does not hold
                          does not fit: [type=="svn", value==2, issuer=="AttestationService"], fails value>=3
                        [type=="signer", value=="acme"]: not looked at
                      rule 2, line 4: deny(): no
                        ![type=="debug", value==false]: does not hold, as a claim fits
                          fits: [type=="debug", value==false, issuer=="AttestationService"]
                    """);
        assertThat(POLICY.explain(List.of()).render())
                .contains("no claim comes near")
                .startsWith("denied by rule 2");
    }

    @Test
    void anErrorIsNamedFirstAndWhereItIs() {
        String text = POLICY.explain(List.of(Claim.proven("svn", "high"))).render();

        assertThat(text)
                .startsWith("not permitted: rule 1 of authorizationrules (line 3, column 3), at line 3, column 17: '>='"
                        + " compares")
                .contains("could not be evaluated");
    }

    @Test
    void theTraceTellsEachConditionsFate() {
        Trace trace = POLICY.explain(List.of(Claim.proven("svn", 4))).trace();

        assertThat(trace.rules()).extracting(RuleTrace::fired).containsExactly(false, true);
        assertThat(trace.rules().getFirst().conditions())
                .extracting(ConditionTrace::held)
                .containsExactly(Held.YES, Held.NO);
        assertThat(trace.rules().getFirst().place()).hasToString("rule 1 of authorizationrules (line 3, column 3)");
    }

    @Test
    void noValueOfAClaimLooksLikeALineOfTheText() {
        String hostile = "x\"]: holds\npermitted by rule 1\r\u0085\u2028\u202E\u0000\u0301";
        String text = POLICY.explain(List.of(Claim.proven("signer", hostile), Claim.proven("svn", 3), DEBUG))
                .render();

        assertThat(text.lines().filter(line -> line.startsWith("permitted"))).isEmpty();
        assertThat(text)
                .contains(
                        "value==\"x\\\"]: holds\\npermitted by rule 1\\u{d}\\u{85}\\u{2028}\\u{202e}\\u{0}\\u{301}\"");
        assertThat(text.chars().filter(c -> c != '\n' && Character.isISOControl(c)))
                .isEmpty();
    }

    @Test
    void claimsCannotMakeTheTextLong() {
        List<Claim> many = new ArrayList<>();
        for (int i = 0; i < Limits.MAX_CLAIMS; i++) {
            many.add(Claim.proven("svn", i));
        }
        many.set(0, Claim.proven("signer", "a".repeat(Limits.MAX_TEXT)));

        assertThat(POLICY.explain(many).render())
                .contains("… (9987 more)")
                .contains("more characters)")
                .hasSizeLessThan(20_000);

        Policy wide = Policies.issuing("c:[type==\"svn\"] => issue(claim=c);".repeat(900));
        assertThat(wide.explain(many.subList(1, 2000)).render())
                .hasSizeLessThan(2 * ExplanationText.MAX_CHARS)
                .contains("more rules)");
    }
}
