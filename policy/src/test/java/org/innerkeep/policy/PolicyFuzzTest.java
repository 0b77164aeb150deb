package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Reads hostile policies and evaluates those that are policies. */
class PolicyFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            seed("""
                version=1.2;
                configurationrules{=>issueproperty(type="m", value=0xF);};
                authorizationrules{ // c
                c:[type=="svn", value>=2]&&![value==c.value,type!="svn"]=>permit();
                [type=="debug",value==true]=>deny();};\
                """),
            seed("version=1.0;authorizationrules{=>permit();};issuancerules{c:[type==\"svn\"]=>issue(claim=c);"
                    + "=>issue(type=\"a\\\"\",value=-1,valueType=\"Integer\");};"),
            seed(
                    "version=1.2;authorizationrules{c:[type==\"json\"]=>add(type=\"x\",value=JsonToClaimValue(JmesPath(c.value,\"a[?b>`1`].c\")));"
                        + "d:[type==\"x\"]=>permit();};issuancerules{d:[type==\"x\"]=>issue(type=\"all\",value=IsSubsetOf(d.value,"
                        + "JsonToClaimValue(\"[1,2]\")));=>issue(type=\"s\",value=AppendString(\"a\",\"b\"));"
                        + "=>issue(type=\"n\",value=NegateBool(ContainsOnlyValue(1,1)));};"));
    private static final List<Claim> CLAIMS = List.of(
            Claim.proven("svn", 3),
            Claim.proven("debug", false),
            Claim.custom("debug", "no"),
            Claim.proven("json", "{\"a\":[{\"b\":2,\"c\":1},{\"b\":1,\"c\":[]}]}"));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(3, SEEDS).run(30_000, input -> target(input, (policy, decision) -> {})))
                .isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(3, SEEDS)
                .run(
                        50_000,
                        input -> target(input, (policy, decision) -> {
                            if (decision.permitted()
                                    && decision.issued().stream()
                                            .anyMatch(each -> each.value().equals(ClaimValue.of(-2)))) {
                                throw new ArithmeticException("planted");
                            }
                        }));

        assertThat(finding).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        target(data, (policy, decision) -> {});
    }

    private static void target(byte[] input, BiConsumer<Policy, Decision> behind) {
        switch (Policy.parse(input)) {
            case Parsed.Invalid invalid -> {
                assertThat(invalid.problems()).isNotEmpty().hasSizeLessThanOrEqualTo(Limits.MAX_PROBLEMS);
                assertThat(invalid.problems())
                        .allSatisfy(each -> assertThat(each.toString()).hasLineCount(1));
            }
            case Parsed.Valid valid -> {
                Decision decision = valid.policy().evaluate(CLAIMS);
                assertThat(decision.permitted() || decision.issued().isEmpty()).isTrue();
                Explanation explanation = valid.policy().explain(CLAIMS);
                assertThat(explanation.decision()).isEqualTo(decision);
                assertThat(explanation.render().chars().allMatch(c -> c == '\n' || !Character.isISOControl(c)))
                        .isTrue();
                behind.accept(valid.policy(), decision);
            }
        }
    }

    private static byte[] seed(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
