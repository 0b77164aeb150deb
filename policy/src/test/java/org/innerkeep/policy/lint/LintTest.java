package org.innerkeep.policy.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.innerkeep.fuzz.Fuzzer;
import org.innerkeep.policy.Parsed;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.lint.Finding.Code;
import org.innerkeep.policy.tree.Position;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LintTest {
    private static final String SIGNER = "[type==\"x-ms-sgx-mrsigner\", value==\"" + "ab".repeat(32) + "\"]";
    private static final String RELEASE = "[type==\"x-ms-sgx-is-debuggable\", value==false]";

    private static List<Finding> sgx(String text) {
        return Lint.check(Policy.parse(text).orThrow(), Optional.of(AttestationType.SGX));
    }

    /** A policy whose authorization rules these are. */
    private static List<Finding> authorization(String rules) {
        return sgx("version=1.2;authorizationrules{\n" + rules + "\n};");
    }

    /** A good policy with one more condition, on the line 2 from column 1. */
    private static List<Finding> condition(String condition) {
        return authorization(condition + " && " + SIGNER + " && " + RELEASE + " => permit();");
    }

    private static List<Finding> issuance(String rules) {
        return sgx("version=1.2;authorizationrules{" + SIGNER + "&&" + RELEASE + "=>permit();};issuancerules{\n" + rules
                + "\n};");
    }

    private static List<Code> codes(List<Finding> findings) {
        return findings.stream().map(Finding::code).toList();
    }

    @Test
    void aGoodPolicyHasNoFindings() {
        assertThat(sgx("""
                version=1.1;
                configurationrules { => issueproperty(type="x-ms-sgx-tcbidentifier", value="15"); };
                authorizationrules {
                    SIGNER && RELEASE && [type=="x-ms-sgx-svn", value>=3] => permit();
                };
                issuancerules { c:[type=="x-ms-sgx-svn"] => issue(type="svn", value=c.value); };
                """.replace("SIGNER", SIGNER).replace("RELEASE", RELEASE))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[type==\"$svn\", value==1, value==2]", "[type==\"$svn\", value>=3, value<3]", "[type==\"$svn\", value==1, value>1]",
        "[type==\"$svn\", type==\"$tee\"]", "[type==\"$svn\", value==1, value!=1]",
                "[type==\"$svn\", valueType==\"String\", value==1]",
        "[type==\"$svn\", issuer==\"attestationService\"]", "[type==\"$svn\", valueType==\"Number\"]",
        "[type==\"$svn\", value>9223372036854775807]", "[type==\"$svn\", value<-9223372036854775808]"
    })
    void findsAConditionThatNoClaimCanFit(String condition) {
        assertThat(condition(condition)).first().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Code.NEVER_PERMITS);
            assertThat(finding.position()).isEqualTo(new Position(1, 13));
        });
        assertThat(condition(condition)).anySatisfy(finding -> {
            assertThat(finding.code()).isEqualTo(Code.NEVER_FIRES);
            assertThat(finding.position()).isEqualTo(new Position(2, 1));
        });
        assertThat(codes(condition("!" + condition))).containsExactly(Code.ALWAYS_HOLDS);
    }

    @Test
    void numbersWithinLimitsAreNoContradiction() {
        assertThat(condition("[type==\"$svn\", value>=3, value<=3, value==3, value!=4]")).extracting(Finding::code)
                .containsExactly(Code.OTHER_VALUE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[type==\"x-ms-sgx-is-debuggable\", value==\"false\"] | VALUE_KIND | never equal | without quotes",
        "[type==\"$svn\", value>=\"3\"] | VALUE_KIND | ends with an error | without quotes",
        "[type==\"$sgx-mrsigner\", value>=3] | VALUE_KIND | ends with an error | in quotes",
        "[type==\"$svn\", value==true] | VALUE_KIND | never equal | without quotes",
        "[type==\"x-ms-sgx-mrenclave\", value==\"mrenclave1\"] | VALUE_FORM | 64 hexadecimal digits | as the claim has it",
        "[type==\"x-ms-sgx-mrenclave\", value==\"ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\"] "
                + "| VALUE_FORM | lower case | in lower case",
        "[type==\"x-ms-sgx-mrsigners\"] | UNKNOWN_CLAIM | known for sgx | did you mean \"x-ms-sgx-mrsigner\"?",
        "[type==\"aikValidated\"] | UNKNOWN_CLAIM | known for sgx | CustomClaim",
        "c:[type==\"$svn\"] | UNUSED_IDENTIFIER | 'c' | leave 'c:' out",
        "[value==true] | ANY_CLAIM | any claim of any name | add type",
        "[type==\"$svn\", value!=3] | OTHER_VALUE | another value exists | with ==",
        "![type==\"$tee\", value==\"x\"] | ABSENT_PERMITS | no such claim | without '!'"
    })
    void findsWhatIsWrongWithACondition(String condition, Code code, String why, String remedy) {
        assertThat(condition(condition)).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(code);
            assertThat(finding.position().line()).isEqualTo(2);
            assertThat(finding.why()).contains(why);
            assertThat(finding.remedy()).contains(remedy);
        });
    }

    @Test
    void aClaimOfTheClientsOwnIsNotUnknown() {
        assertThat(condition("[type==\"team\", value==\"red\", issuer==\"CustomClaim\"]")).isEmpty();
        assertThat(codes(condition("[type==\"team\", value==\"red\"]"))).containsExactly(Code.UNKNOWN_CLAIM);
    }

    @Test
    void withoutATypeOnlyNearNamesAreReported() {
        Policy policy = Policy.parse("version=1.0;authorizationrules{[type==\"measurment\",value==\"x\"]&&[type==\"team\"]=>permit();};").orThrow();

        assertThat(Lint.check(policy, Optional.empty())).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Code.UNKNOWN_CLAIM);
            assertThat(finding.remedy()).contains("did you mean \"measurement\"?");
        });
    }

    @Test
    void findsThePitfallOfAPublishedSample() {
        List<Finding> findings =
                authorization(SIGNER + " => permit();\nc:[type==\"$is-debuggable\"] && [value==true] => deny();");

        assertThat(findings).filteredOn(finding -> finding.code() == Code.ANY_CLAIM).singleElement().satisfies(finding -> {
            assertThat(finding.position()).isEqualTo(new Position(3, 31));
            assertThat(finding.remedy()).contains("[type==\"$is-debuggable\", …]");
        });
    }

    @Test
    void findsAClaimThatNoRuleMakesBefore() {
        List<Finding> never = issuance("[type==\"ok\", issuer==\"AttestationPolicy\"] => issue(type=\"a\", value=1);");
        List<Finding> later =
                issuance("[type==\"ok\", issuer==\"AttestationPolicy\"] => issue(type=\"a\", value=1);\n=> add(type=\"ok\","
                        + " value=1);");

        assertThat(codes(never)).containsExactly(Code.NOT_MADE);
        assertThat(later).singleElement().satisfies(finding -> assertThat(finding.why()).contains("one after it does"));
        assertThat(issuance("=> add(type=\"ok\", value=1);\n[type==\"ok\", issuer==\"AttestationPolicy\"] => issue(type=\"a\","
                + " value=1);"))
                .isEmpty();
        // A rule whose claims have names that only claims tell may make any.
        assertThat(issuance("c:[type==\"$tee\"] => add(type=c.value, value=1);\n[type==\"ok\", issuer==\"AttestationPolicy\"]"
                + " => issue(type=\"a\", value=1);")).isEmpty();
    }

    @Test
    void findsSettingsThatDoNothing() {
        List<Finding> findings =
                sgx("version=1.1;configurationrules{=>issueproperty(type=\"x-ms-sgx-tcbidentifer\",value=\"11\");"
                + "=>issueproperty(type=\"required_pcr_mask\",value=\"15\");};authorizationrules{" + SIGNER + "&&" + RELEASE
                        + "=>permit();};");

        assertThat(codes(findings)).containsExactly(Code.UNKNOWN_SETTING, Code.UNKNOWN_SETTING);
        assertThat(findings.getFirst().remedy()).contains("\"x-ms-sgx-tcbidentifier\"");
    }

    @Test
    void findsPoliciesThatLetEverythingThrough() {
        assertThat(codes(authorization("=> permit();"))).containsExactly(Code.PERMITS_EVERYTHING);
        assertThat(codes(authorization(RELEASE + " => permit();"))).containsExactly(Code.PERMITS_ANY_CODE);
        assertThat(codes(authorization(SIGNER + " => permit();"))).containsExactly(Code.PERMITS_DEBUG);
        assertThat(codes(authorization("[type==\"$is-debuggable\", value==true] && " + SIGNER + " => permit();")))
                .containsExactly(Code.PERMITS_DEBUG);
        assertThat(authorization("=> permit();\n![type==\"x-ms-sgx-mrsigner\", value==\"" + "ab".repeat(32) + "\"] => deny();\n"
                + "[type==\"$is-debuggable\", value==true] => deny();")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "=> deny();", "=> permit(); => deny();", "[type==\"$svn\", value==1] => permit(); [type==\"$svn\"] => deny();",
        "[type==\"$svn\", value==1, value==2] => permit();",
                "[type==\"$svn\"] && ![type==\"$tee\"] => permit(); ![type==\"$tee\"] => deny();"
    })
    void findsPoliciesThatNeverPermit(String rules) {
        assertThat(codes(authorization(rules))).contains(Code.NEVER_PERMITS);
    }

    @Test
    void findsRulesThatMakeNoDifference() {
        String rule = SIGNER + " && " + RELEASE + " => permit();\n";

        assertThat(authorization(rule + rule)).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Code.COVERED_RULE);
            assertThat(finding.position().line()).isEqualTo(3);
        });
        assertThat(codes(authorization("[type==\"$svn\", value==1] && " + rule + rule))).containsExactly(Code.COVERED_RULE);
        // Between them a rule adds what the second needs.
        assertThat(codes(authorization("[type==\"$svn\", value==1] && " + rule + "=> add(type=\"x\", value=1);" + rule)))
                .isEmpty();
    }

    @Test
    void findsADenialThatLeavingOutAClaimAvoids() {
        String permit = "[type==\"aikPubHash\", value==\"x\"] => permit();";
        String deny = "[type==\"secureBootEnabled\", value==false] => deny();";
        Optional<AttestationType> tpm = Optional.of(AttestationType.TPM);

        assertThat(Lint.check(Policy.parse("version=1.2;authorizationrules{" + permit + "\n" + deny + "};").orThrow(), tpm))
                .singleElement().satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo(Code.ABSENT_PASSES);
                    assertThat(finding.position().line()).isEqualTo(2);
                    assertThat(finding.remedy()).contains("[type==\"secureBootEnabled\", value==true]");
                });
        assertThat(Lint.check(Policy.parse("version=1.2;authorizationrules{" + permit + deny
                + "![type==\"secureBootEnabled\"] => deny();};").orThrow(), tpm)).isEmpty();
        // SGX evidence always says whether it is debuggable.
        assertThat(authorization(SIGNER + "=>permit();[type==\"$is-debuggable\",value==true]=>deny();")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Events[?PcrIndex == `7`] ~ @ != `null` | QUERY_EMPTY_LIST | length(@) > `0`",
        "Events[?PcrIndex == `7`] ~ @ == `null` | QUERY_EMPTY_LIST | length(@) == `0`",
        "Events[*].X == `null` | QUERY_EMPTY_LIST | length(@) == `0`",
        "Events[?Validated == true] | QUERY_LITERAL | `true`",
        "Events[?Name == \\\"x\\\"] | QUERY_COMPARISON | single quotes",
        "Events[?'Name' == 'x'] | QUERY_COMPARISON | without quotes",
        "events[?PcrIndex == `7`] | QUERY_FIELD | 'Events'",
        "Events[?PcrIndex = `7`] | QUERY_INVALID | correct the query"
    })
    void findsQueriesThatFailOpen(String query, Code code, String remedy) {
        List<Finding> findings = Lint.check(Policy.parse("version=1.2;authorizationrules{=>permit();};issuancerules{\n"
                + "c:[type==\"events\"] => add(type=\"x\", value=JmesPath(c.value, \"" + query.replace('~', '|') + "\"));};")
                        .orThrow(),
                Optional.of(AttestationType.TPM));

        assertThat(findings).filteredOn(finding -> finding.code() != Code.PERMITS_EVERYTHING).singleElement()
                .satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(code);
            assertThat(finding.remedy()).contains(remedy);
            assertThat(finding.position().line()).isEqualTo(2);
        });
    }

    @Test
    void aPlaceInAQueryIsThatInThePolicy() {
        String rule = "c:[type==\"events\"] => add(type=\"x\", value=JmesPath(c.value, \"Events[?A == 'a\\\\b\uD83D\uDE00' && B"
                + " == true]\"));";
        List<Finding> findings = Lint.check(
                Policy.parse("version=1.2;authorizationrules{=>permit();};issuancerules{\n" + rule + "};").orThrow(),
                        Optional.empty());

        Position place = findings.getLast().position();
        int column = rule.codePointCount(0, rule.indexOf("true")) + 1;
        assertThat(place).isEqualTo(new Position(2, column));
    }

    @Test
    void aGoodQueryHasNoFindings() {
        assertThat(issuance("[type==\"$tee\"] => issue(type=\"x\", value=JsonToClaimValue(JmesPath(\"{}\", \"length(Events[?A =="
                + " `true` && "
                + "B != 'x' && C == D]) > `0`\")));")).isEmpty();
    }

    @Test
    void findsWhyADocumentedPolicyFailsOpen() throws IOException {
        Path file = Path.of(System.getProperty("innerkeep.root", ".."))
                .resolve(System.getProperty("innerkeep.policies", "../shared/policies"))
                .resolve("tpm-attestation-concepts.2.txt");
        if (!Files.exists(file)) {
            Assumptions.abort("NOT TESTED: no documented policy " + file.toAbsolutePath());
        }
        List<Finding> findings = Lint.check(Policy.parse(Files.readAllBytes(file)).orThrow(), Optional.of(AttestationType.TPM));

        assertThat(codes(findings)).containsExactly(
                Code.PERMITS_EVERYTHING, Code.QUERY_LITERAL, Code.QUERY_EMPTY_LIST, Code.QUERY_LITERAL);
    }

    @Test
    void theLargestPolicyIsCheckedInAShortTime() {
        String rules = IntStream.range(0, 1000)
                .mapToObj(i -> "[type==\"$svn\",value==" + i + "]&&[type==\"t\"]=>permit();")
                .collect(Collectors.joining());
        Policy policy = Policy.parse("version=1.0;authorizationrules{" + rules + "};").orThrow();
        long start = System.nanoTime();

        assertThat(Lint.check(policy, Optional.of(AttestationType.SGX))).hasSize(1000);
        assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
    }

    @Test
    void everyCodeIsDescribed() throws Exception {
        Path root = Path.of(System.getProperty("innerkeep.root", ".."));
        String page = Files.readString(root.resolve("docs/policy-tools.md"));

        assertThat(Arrays.stream(Code.values()).map(Code::text))
                .allSatisfy(code -> assertThat(page).contains("| `" + code + "` |"));
    }

    @Test
    void survivesWhateverIsAPolicy() {
        List<byte[]> seeds = Stream.of(
                        "version=1.2;authorizationrules{" + SIGNER + "&&c:" + RELEASE
                                + "=>permit();[type==\"$svn\",value<3,value!=c.value]=>deny();};",
                        "version=1.2;authorizationrules{=>permit();};issuancerules{c:[type==\"events\"]=>add(type=\"x\",value=JmesPath(c.value,"
                                + "\"Events[?A == 'é\\\\x' && B != null] | @ !="
                                        + " `null`\"));[type==\"x\"]=>issue(type=\"y\",value=true);};")
                .map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();

        assertThat(new Fuzzer(41, seeds).run(20_000, input -> {
            if (Policy.parse(input) instanceof Parsed.Valid valid) {
                Lint.check(valid.policy(), Optional.of(AttestationType.SGX)).forEach(finding -> assertThat(finding.toString())
                        .doesNotContain("\n").doesNotContain("\u001b"));
            }
        })).isEmpty();
    }

    @Test
    void aDenyThatIsTheWrongWayRoundStopsNoDebugging() {
        assertThat(codes(authorization(SIGNER + "=>permit();[type==\"x-ms-sgx-is-debuggable\", value==false]=>deny();"))).contains(Code.PERMITS_DEBUG);
        assertThat(codes(authorization(SIGNER + "=>permit();![type==\"x-ms-sgx-is-debuggable\", value==true]=>deny();"))).contains(Code.PERMITS_DEBUG);
        assertThat(codes(authorization(SIGNER + "=>permit();[type==\"x-ms-sgx-is-debuggable\", value==true]=>deny();"))).isEmpty();
        assertThat(codes(authorization(SIGNER + "=>permit();![type==\"x-ms-sgx-is-debuggable\", value==false]=>deny();"))).isEmpty();
    }

    @Test
    void aConditionOnTheKindOfAValueIsNoneOnTheValue() {
        assertThat(codes(authorization("[type==\"x-ms-sgx-mrsigner\", valueType==\"String\"] && [type==\"$is-debuggable\", valueType==\"Boolean\"] => permit();")))
                .contains(Code.PERMITS_ANY_CODE, Code.PERMITS_DEBUG);
    }

    @Test
    void anotherNameIsAnyName() {
        assertThat(codes(condition("[type!=\"$svn\", value==true]"))).contains(Code.ANY_CLAIM);
    }

    @Test
    void whatIsAddedForTheDecisionCanFailOpenAsWell() {
        assertThat(codes(authorization("![type==\"$is-debuggable\", value==true] => add(type=\"ok\", value=true);"
                        + SIGNER + " && [type==\"ok\", value==true] => permit();")))
                .contains(Code.ABSENT_PERMITS);
        assertThat(codes(authorization("=> add(type=\"x-ms-sgx-is-debuggable\", value=false);" + SIGNER + "&&" + RELEASE + " => permit();")))
                .contains(Code.SHADOWS_CLAIM);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "length(Events[?PcrIndex == `7`]) >= `0`; QUERY_COMPARISON",
        "Events[?PcrIndex == `7`] | length(@) == '1'; QUERY_COMPARISON",
        "('0' != length(Events)); QUERY_COMPARISON",
        "Events[?ProcessedData.UnicodeName == SecureBoot] | length(@) > `0`; QUERY_COMPARISON",
        "Events[?contains(Names, true)] | length(@) > `0`; QUERY_LITERAL",
        "Events[?PcrIndex == `7`] | @ != `null` && length(@) < `9`; QUERY_EMPTY_LIST",
        "sort_by(Events, &EventSeq) != `null`; QUERY_EMPTY_LIST"
    })
    void queriesThatAreAlwaysTrueAreFound(String query, Code code) {
        assertThat(codes(issuance("c:[type==\"events\", issuer==\"CustomClaim\"] => issue(type=\"q\", value=JmesPath(c.value, \"" + query + "\"));")))
                .contains(code);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "AttestationPolicy; \"null\"; false", "AttestationPolicy; \"off\"; true", "AttestationPolicy; true; true",
        "CustomClaim; \"null\"; true", "AttestationService; \"null\"; true"
    })
    void askingWhetherAQueryFoundSomethingIsNotAsked(String issuer, String value, boolean found) {
        List<Code> codes = codes(issuance("[type==\"boot\", issuer==\"" + issuer + "\", value != " + value
                + "] => issue(type=\"measured\", value=true);"));

        assertThat(codes.contains(Code.OTHER_VALUE)).isEqualTo(found);
    }

    @Test
    void manyRulesAreCheckedInTime() {
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < 480; i++) {
            rules.append("[type==\"a").append(i).append("\",value==").append(i).append("]=>permit();[type==\"b").append(i).append("\",value==")
                    .append(i).append("]=>deny();");
        }
        assertThat(Assertions.assertTimeout(Duration.ofSeconds(20), () -> authorization(rules.toString()))).isNotEmpty();
    }
}
