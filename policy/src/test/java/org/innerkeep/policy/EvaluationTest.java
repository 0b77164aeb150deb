package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.policy.Policies.failure;
import static org.innerkeep.policy.Policies.holds;
import static org.innerkeep.policy.Policies.issued;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What rules, conditions and identifiers mean. */
class EvaluationTest {
    private static final Claim DEBUG = Claim.proven("debug", false);
    private static final Claim SVN = Claim.proven("svn", 3);
    private static final Claim SIGNER = Claim.proven("signer", "acme");

    @Test
    void withoutARuleThatPermitsNothingIsPermitted() {
        assertThat(decide("")).isEqualTo(Outcome.NO_PERMIT);
        assertThat(decide("[type==\"debug\", value==true] => permit();", DEBUG)).isEqualTo(Outcome.NO_PERMIT);
        assertThat(decide("[type==\"debug\", value==false] => permit();", DEBUG))
                .isEqualTo(Outcome.PERMIT);
    }

    @Test
    void denyWinsWhereverItStands() {
        assertThat(decide("=> permit(); => deny();")).isEqualTo(Outcome.DENY);
        assertThat(decide("=> deny(); => permit();")).isEqualTo(Outcome.DENY);
        assertThat(decide("[type==\"svn\", value<2] => deny(); => permit();", SVN))
                .isEqualTo(Outcome.PERMIT);
    }

    @Test
    void aDecisionNamesTheFirstRuleThatMadeIt() {
        Decision decision = Policies.authorizing("=> permit();\n[type==\"none\"] => deny();\n=> deny();\n=> deny();")
                .evaluate(List.of());

        assertThat(decision.decidedBy()).hasToString("Optional[rule 3 of authorizationrules (line 3, column 1)]");
    }

    @Test
    void aConditionHoldsIfOneClaimFitsAllOfIt() {
        assertThat(holds("[type==\"svn\", value==3]", SVN, SIGNER)).isTrue();
        // The type of one and the value of another is no claim.
        assertThat(holds("[type==\"signer\", value==3]", SVN, SIGNER)).isFalse();
        assertThat(holds("[type==\"svn\", value==3, issuer==\"AttestationService\", valueType==\"Integer\"]", SVN))
                .isTrue();
        assertThat(holds("[type==\"svn\", issuer==\"CustomClaim\"]", SVN)).isFalse();
        assertThat(holds("[type==\"svn\", value==3, issuer==\"CustomClaim\"]", SVN, Claim.custom("svn", 3)))
                .isTrue();
    }

    @Test
    void conditionsDoNotKnowOfEachOtherUnlessByIdentifier() {
        // As documented: the second condition is true of any claim, not of that debug claim.
        assertThat(holds("c:[type==\"debug\"] && [value==true]", DEBUG, Claim.proven("other", true)))
                .isTrue();
    }

    @Test
    void valuesOfDifferentKindsAreNeverEqual() {
        assertThat(holds("[type==\"svn\", value==\"3\"]", SVN)).isFalse();
        assertThat(holds("[type==\"svn\", value!=\"3\"]", SVN)).isTrue();
        assertThat(holds("[type==\"debug\", value==\"false\"]", DEBUG)).isFalse();
        assertThat(holds("[type==\"debug\", value!=0]", DEBUG)).isTrue();
        assertThat(holds("[type==\"Debug\"]", DEBUG)).isFalse();
    }

    @Test
    void wholeNumbersHaveAnOrder() {
        assertThat(holds("[type==\"svn\", value>2, value>=3, value<4, value<=3, value!=2]", SVN))
                .isTrue();
        assertThat(holds("[type==\"svn\", value>3]", SVN)).isFalse();
        assertThat(holds("[type==\"svn\", value<3]", SVN)).isFalse();
        assertThat(holds("[type==\"svn\", value<0]", Claim.proven("svn", Long.MIN_VALUE)))
                .isTrue();
    }

    @Test
    void orderOfAnythingElseIsAnErrorAndPermitsNothing() {
        Decision decision = Policies.authorizing("=> permit();\n [type==\"signer\", value>=2] => deny();")
                .evaluate(List.of(SIGNER));

        assertThat(decision.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(decision.permitted()).isFalse();
        assertThat(decision.problem())
                .hasValueSatisfying(problem -> assertThat(problem)
                        .hasToString(
                                "rule 2 of authorizationrules (line 2, column 2), at line 2, column 19: '>=' compares"
                                    + " whole numbers; the claim is [type==\"signer\", value==\"acme\","
                                    + " issuer==\"AttestationService\"]: compare with '==' or '!=', or name the type"
                                    + " of a claim that is a number"));
        assertThat(decide("[type==\"svn\", value>=\"2\"] => permit();", SVN)).isEqualTo(Outcome.ERROR);
    }

    @Test
    void anOrderMattersOnlyWhereTheRestFits() {
        assertThat(holds("[value>=2, type==\"svn\"]", SVN, SIGNER)).isTrue();
        assertThat(holds("[type==\"signer\", value>=2, issuer==\"CustomClaim\"]", SIGNER))
                .isFalse();
    }

    @Test
    void aNegatedConditionHoldsIfNoClaimFits() {
        assertThat(holds("![type==\"svn\", value<2]", SVN)).isTrue();
        assertThat(holds("![type==\"svn\"]", SVN)).isFalse();
        assertThat(holds("![type==\"svn\"]")).isTrue();
    }

    @Test
    void anIdentifierIsAllClaimsThatFitInTheirOrder() {
        assertThat(issued("c:[type==\"a\"] => issue(claim=c);", Claim.proven("a", 2), SVN, Claim.proven("a", 1)))
                .containsExactly("a=2", "a=1");
        assertThat(issued(
                        "c:[type==\"a\"] => issue(type=\"b\", value=c.value);",
                        Claim.proven("a", 2),
                        Claim.proven("a", "x")))
                .containsExactly("b=2", "b=\"x\"");
        assertThat(issued(
                        "c:[type==\"a\"] => issue(type=c.type, value=c.issuer);",
                        Claim.proven("a", 2),
                        Claim.custom("a", 2)))
                .containsExactly("a=\"AttestationService\"", "a=\"CustomClaim\"");
    }

    @Test
    void aComparisonWithSeveralValuesIsWithAnyOfThem() {
        Claim[] claims = {Claim.proven("a", 2), Claim.proven("a", 5), Claim.proven("b", 5), Claim.proven("c", 4)};

        assertThat(holds("x:[type==\"a\"] && [type==\"b\", value==x.value]", claims))
                .isTrue();
        assertThat(holds("x:[type==\"a\"] && [type==\"c\", value==x.value]", claims))
                .isFalse();
        assertThat(holds("x:[type==\"a\"] && [type==\"b\", value!=x.value]", claims))
                .isTrue();
        assertThat(holds("x:[type==\"b\"] && [type==\"a\", value!=x.value, value==5]", claims))
                .isFalse();
        assertThat(holds("x:[type==\"a\"] && [type==\"c\", value>x.value]", claims))
                .isTrue();
        assertThat(holds("x:[type==\"a\"] && [type==\"b\", value>x.value]", claims))
                .isTrue();
        assertThat(holds("x:[type==\"a\"] && [type==\"b\", value<x.value]", claims))
                .isFalse();
        assertThat(holds("x:[type==\"a\"] && [type==\"b\", value<=x.value]", claims))
                .isTrue();
    }

    @Test
    void anIdentifierOfANegatedConditionIsNothing() {
        assertThat(issued("!c:[type==\"a\"] => issue(type=\"b\", value=c.value);"))
                .isEmpty();
        assertThat(holds("!c:[type==\"a\"] && [type==\"svn\", value==c.value]", SVN))
                .isFalse();
        assertThat(holds("!c:[type==\"a\"] && [type==\"svn\", value!=c.value]", SVN))
                .isFalse();
    }

    @Test
    void laterRulesSeeWhatEarlierOnesMadeAndEarlierOnesDoNot() {
        assertThat(decide(
                        "=> add(type=\"ok\", value=true); [type==\"ok\", issuer==\"AttestationPolicy\"] => permit();"))
                .isEqualTo(Outcome.PERMIT);
        assertThat(decide("[type==\"ok\"] => permit(); => add(type=\"ok\", value=true);"))
                .isEqualTo(Outcome.NO_PERMIT);
        assertThat(issued("=> issue(type=\"a\", value=1); [type==\"a\"] => issue(type=\"b\", value=2);"))
                .containsExactly("a=1", "b=2");
        assertThat(issued("=> issueproperty(type=\"a\", value=1); [type==\"a\"] => issue(type=\"b\", value=2);"))
                .containsExactly("b=2");
    }

    @Test
    void whatAddMakesStaysInside() {
        assertThat(issued("=> add(type=\"a\", value=1);")).isEmpty();
    }

    @Test
    void theSameClaimCountsOnce() {
        assertThat(issued(
                        "c:[type==\"a\"] => issue(claim=c); => issue(type=\"b\", value=1); => issue(type=\"b\","
                                + " value=1);",
                        Claim.proven("a", 1),
                        Claim.proven("a", 1)))
                .containsExactly("a=1", "b=1");
    }

    @Test
    void claimsThatRulesMakeAreThePolicys() {
        Decision decision = Policies.issuing(
                        "=> issue(type=\"a\", value=1, issuer=\"AttestationPolicy\", valueType=\"Integer\");")
                .evaluate(List.of());

        assertThat(decision.issued()).containsExactly(new Claim("a", ClaimValue.of(1), Issuer.ATTESTATION_POLICY));
        assertThat(failure("c:[type==\"svn\"] => issue(type=\"a\", value=1, issuer=c.issuer);", SVN))
                .contains("'issuer' is \"AttestationService\", expected \"AttestationPolicy\"");
        assertThat(failure("=> issue(type=\"a\", value=1, valueType=\"String\");"))
                .contains("'valueType' is \"String\" and the value 1 is of type \"Integer\"");
    }

    @Test
    void aTypeIsOneText() {
        assertThat(failure("c:[value!=0] => issue(type=c.type, value=1);", SVN, SIGNER))
                .contains("'type' is several values");
        assertThat(failure("c:[type==\"svn\"] => issue(type=c.value, value=1);", SVN))
                .contains("'type' is 3, expected one text");
        assertThat(failure("c:[type==\"a\"] => issue(type=c.value, value=1);", Claim.proven("a", "n".repeat(300))))
                .contains("expected a name of 1 to 256 characters");
    }

    @Test
    void reservedNamesSayOnlyWhatTheServiceSays() {
        Claim level = Claim.proven("x-ms-sgx-svn", 3);

        assertThat(issued("c:[type==\"x-ms-sgx-svn\"] => issue(claim=c);", level))
                .containsExactly("x-ms-sgx-svn=3");
        assertThat(issued("c:[type==\"x-ms-sgx-svn\"] => issue(type=\"x-ms-sgx-svn\", value=c.value);", level))
                .hasSize(1);
        assertThat(issued("=> issue(type=\"svn\", value=9); => issue(type=\"tee\", value=\"sgx\");"))
                .hasSize(2);
        assertThat(failure("=> issue(type=\"x-ms-sgx-svn\", value=9);", level))
                .contains("\"x-ms-sgx-svn\" is reserved");
        assertThat(failure("c:[type==\"x-ms-sgx-svn\"] => issue(claim=c);", Claim.custom("x-ms-sgx-svn", 9)))
                .contains("reserved");
        for (String name : List.of(
                "iss",
                "exp",
                "nbf",
                "iat",
                "jti",
                "sub",
                "aud",
                "cnf",
                "nonce",
                "eat_nonce",
                "dbgstat",
                "intuse",
                "tdx_mrtd")) {
            assertThat(failure("=> issue(type=\"" + name + "\", value=9);")).contains("reserved");
            assertThat(failure("=> issueproperty(type=\"" + name + "\", value=9);"))
                    .contains("reserved");
        }
        // It goes nowhere, so it may be called as one likes.
        assertThat(issued("=> add(type=\"iss\", value=9);")).isEmpty();
    }

    @Test
    void readOnlyClaimsAreLookedAtAndNotIssued() {
        Claim pcrs = Claim.proven("pcrs", "{\"PCRs\":[1]}");

        assertThat(holds("c:[type==\"pcrs\"] && [value==JmesPath(c.value, \"@\")]", pcrs))
                .isTrue();
        assertThat(failure("c:[type==\"pcrs\"] => issue(claim=c);", pcrs)).contains("comes from a read-only claim");
        assertThat(failure("c:[type==\"pcrs\"] => issue(type=\"a\", value=c.value);", pcrs))
                .contains("read-only");
        assertThat(failure("c:[type==\"pcrs\"] => issueproperty(type=\"a\", value=c.value);", pcrs))
                .contains("read-only");
        assertThat(failure(
                        "c:[type==\"pcrs\"] => add(type=\"a\", value=JsonToClaimValue(JmesPath(c.value, \"PCRs\")));"
                                + "d:[type==\"a\"] => issue(type=\"b\", value=d.value);",
                        pcrs))
                .contains("read-only");
        assertThat(failure("c:[type==\"pcrs\"] => issue(type=\"a\", value=AppendString(\"x\", c.value));", pcrs))
                .contains("read-only");
        // What says something about it, and does not hold it, may be issued.
        assertThat(issued(
                        "c:[type==\"pcrs\"] => issue(type=\"a\", value=ContainsOnlyValue(c.value, \"x\"));"
                                + "c:[type==\"pcrs\"] => issue(type=\"b\", value=IsSubsetOf(c.value, c.value));"
                                + "c:[type==\"pcrs\"] => issue(type=\"c\", value=c.type);",
                        pcrs))
                .containsExactly("a=false", "b=true", "c=\"pcrs\"");
        assertThat(issued("c:[type==\"pcrs\"] => issue(claim=c);", Claim.custom("pcrs", "mine")))
                .containsExactly("pcrs=\"mine\"");
    }

    @Test
    void nothingIsIssuedUnlessPermitted() {
        Policy policy = Policy.parse(
                        "version=1.2;authorizationrules{[type==\"svn\"]=>permit();[type==\"bad\"]=>deny();};"
                                + "issuancerules{=>issue(type=\"a\",value=1);=>issueproperty(type=\"p\",value=2);};")
                .orThrow();

        assertThat(policy.evaluate(List.of(SVN)).issued()).hasSize(1);
        assertThat(policy.evaluate(List.of(SVN)).properties())
                .containsExactly(new Claim("p", ClaimValue.of(2), Issuer.ATTESTATION_POLICY));
        for (List<Claim> claims : List.of(List.<Claim>of(), List.of(SVN, Claim.custom("bad", true)))) {
            assertThat(policy.evaluate(claims).issued()).isEmpty();
            assertThat(policy.evaluate(claims).properties()).isEmpty();
        }
    }

    @Test
    void anErrorWhileIssuingTakesThePermitBack() {
        Decision decision = Policies.issuing(
                        "=> issue(type=\"a\", value=1); => issue(type=\"b\", value=NegateBool(1));")
                .evaluate(List.of());

        assertThat(decision.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(decision.issued()).isEmpty();
    }

    @Test
    void configurationRulesRunFirstAndAlone() {
        Policy policy = Policy.parse(
                        "version=1.1;configurationrules{[type==\"kind\"]=>issueproperty(type=\"x-ms-sgx-tcbidentifier\","
                            + " value=\"12\");};authorizationrules{[type==\"x-ms-sgx-tcbidentifier\"]=>permit();};")
                .orThrow();

        assertThat(policy.configure(List.of(Claim.proven("kind", "sgx"))).configuration())
                .containsExactly(new Claim("x-ms-sgx-tcbidentifier", ClaimValue.of("12"), Issuer.ATTESTATION_POLICY));
        assertThat(policy.configure(List.of()).configuration()).isEmpty();
        assertThat(policy.configure(List.of()).permitted()).isFalse();
        assertThat(policy.evaluate(List.of(Claim.proven("kind", "sgx"))).permitted())
                .isTrue();
        assertThat(policy.evaluate(List.of(Claim.proven("kind", "sgx"))).issued())
                .isEmpty();
    }

    @Test
    void plainValuesBecomeClaims() {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("text", "a");
        plain.put("number", 7);
        plain.put("flags", new ArrayList<>(List.of(true, "x")));

        assertThat(Claim.proven(plain))
                .containsExactly(
                        new Claim("text", ClaimValue.of("a"), Issuer.ATTESTATION_SERVICE),
                        new Claim("number", ClaimValue.of(7), Issuer.ATTESTATION_SERVICE),
                        new Claim("flags", ClaimValue.of(true), Issuer.ATTESTATION_SERVICE),
                        new Claim("flags", ClaimValue.of("x"), Issuer.ATTESTATION_SERVICE));
        assertThat(Decision.byType(Claim.proven(plain)))
                .containsEntry("flags", List.of(ClaimValue.of(true), ClaimValue.of("x")));
    }

    private static Outcome decide(String rules, Claim... claims) {
        return Policies.authorizing(rules).evaluate(List.of(claims)).outcome();
    }
}
