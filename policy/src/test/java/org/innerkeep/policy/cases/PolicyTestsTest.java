package org.innerkeep.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.Issuer;
import org.innerkeep.policy.Policy;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTestsTest {
    private static final String POLICY = """
            version=1.1;
            configurationrules { => issueproperty(type="x-ms-sgx-tcbidentifier", value="15"); };
            authorizationrules {
                [type=="signer", value=="ours"] && [type=="svn", value>=3] => permit();
                [type=="debug", value==true] => deny();
            };
            issuancerules { c:[type=="svn"] => issue(type="version", value=c.value); };
            """;

    private static List<PolicyCase> cases(String json) throws CaseFileException {
        return CaseFile.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static TestReport run(String json) throws CaseFileException {
        return PolicyTests.run(Policy.parse(POLICY), cases(json));
    }

    private static List<Claim> claims(String json) throws CaseFileException {
        return ClaimsFile.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void casesThatPassReachWhatTheyReach() throws CaseFileException {
        TestReport report = run("""
                {"cases": [
                  {"name": "ours", "claims": {"signer": "ours", "svn": 3, "debug": false},
                   "expect": {"decision": "permit", "issued": {"version": 3}, "properties": {},
                              "configuration": {"x-ms-sgx-tcbidentifier": "15"}}},
                  {"name": "too old", "claims": {"signer": "ours", "svn": 2}, "expect": {"decision": "none", "issued": {}}}
                ]}""");

        assertThat(report.allPassed()).as("%s", report.results()).isTrue();
        assertThat(report.rules()).hasSize(4);
        assertThat(report.gaps()).containsExactly(
                "rule 1 of authorizationrules (line 4, column 5), condition 1 (line 4, column 5) failed in no case",
                "rule 2 of authorizationrules (line 5, column 5) fired in no case",
                "rule 2 of authorizationrules (line 5, column 5), condition 1 (line 5, column 5) held in no case");
    }

    @Test
    void everyDifferenceIsNamed() throws CaseFileException {
        TestReport report = run("""
                [{"case": "all wrong", "incoming": [{"type": "signer", "value": "ours"}, {"type": "svn", "value": [3, 4]}],
                  "expected": {"decision": "deny", "issued": {"versions": 3}, "configuration": {"x-ms-sgx-tcbidentifier": "11"}}}]""");

        assertThat(report.allPassed()).isFalse();
        assertThat(report.results().getFirst().differences()).containsExactly(
                "decision: expected deny, found permit by rule 1 of authorizationrules (line 4, column 5)",
                "issued \"versions\": expected 3, found nothing",
                "issued \"version\": expected nothing, found 3, 4",
                "setting \"x-ms-sgx-tcbidentifier\": expected \"11\", found \"15\"");
    }

    @Test
    void anErrorIsADecisionAndItsReasonIsNamed() throws CaseFileException {
        String claims = "\"claims\": {\"signer\": \"ours\", \"svn\": \"3\"}";

        assertThat(run("[{" + claims + ", \"expect\": {\"decision\": \"error\"}}]").allPassed()).isTrue();
        assertThat(run("[{" + claims + ", \"expect\": {\"decision\": \"permit\"}}]").results().getFirst().differences())
                .singleElement().asString().contains("found error: rule 1 of authorizationrules").contains("whole numbers");
    }

    @Test
    void aTextThatIsNoPolicyFailsEveryCaseThatDoesNotExpectIt() throws CaseFileException {
        List<PolicyCase> cases = cases("""
                [{"expect": {"parse": "error"}}, {"expect": {"decision": "permit"}}]""");

        TestReport report = PolicyTests.run(Policy.parse("version=1.0"), cases);
        assertThat(report.results()).extracting(TestReport.Result::passed).containsExactly(true, false);
        assertThat(PolicyTests.run(Policy.parse(POLICY), cases).results()).extracting(TestReport.Result::passed)
                .containsExactly(false, false);
    }

    @Test
    void claimsHaveTwoForms() throws CaseFileException {
        assertThat(claims("{\"a\": \"x\", \"b\": [1, 2], \"c\": true, \"events\": {\"Events\": [1.50]}}")).containsExactly(
                Claim.proven("a", "x"), Claim.proven("b", 1), Claim.proven("b", 2), Claim.proven("c", true),
                Claim.proven("events", "{\"Events\":[1.5]}"));
        assertThat(claims("[{\"type\": \"a\", \"value\": 1, \"issuer\": \"CustomClaim\"}, {\"type\": \"pcrs\", \"value\": [{}]}]"))
                .containsExactly(Claim.custom("a", 1), Claim.proven("pcrs", "[{}]"));
        assertThat(claims("{\"pcrs\": \"x\"}").getFirst().readOnly()).isTrue();
        assertThat(claims("[]")).isEmpty();
        assertThat(Claim.custom("a", 1).issuer()).isEqualTo(Issuer.CUSTOM_CLAIM);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{\"a\": null} | \"a\": expected a value", "{\"a\": 1.5} | whole number", "{\"\": 1} | an empty one", "3 | expected an object",
        "[3] | item 1", "[{\"type\": 1, \"value\": 1}] | expected \"type\"", "[{\"type\": \"a\"}] | expected \"value\"",
        "[{\"type\": \"a\", \"value\": 1, \"issuer\": \"me\"}] | expected \"AttestationService\"",
        "[{\"type\": \"a\", \"value\": 1, \"x\": 1}] | no field \"x\"", "{\"a\": 1, \"a\": 2} | line 1, column 10",
        "{\"a\": 9223372036854775808} | 64 bits"
    })
    void claimsOfAnotherFormAreRefused(String json, String message) {
        assertThatThrownBy(() -> claims(json)).isInstanceOf(CaseFileException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "[] | at least one case", "{} | {\"cases\"", "{\"cases\": 1} | array", "[1] | case 1", "[{\"name\": \"x\"}] | \"expect\"",
        "[{\"name\": \"x\", \"expect\": {}}] | case 1 \"x\": expected \"permit\"",
        "[{\"name\": \"x\", \"expect\": {\"decision\": \"allow\"}}] | expected \"permit\"",
        "[{\"name\": 1, \"expect\": {}}] | text in quotes", "[{\"nam\": \"x\"}] | no field \"nam\"",
        "[{\"expect\": {\"decision\": \"permit\", \"isued\": {}}}] | no field \"isued\"",
        "[{\"expect\": {\"decision\": \"permit\", \"issued\": []}}] | expected an object of names"
    })
    void casesOfAnotherFormAreRefused(String json, String message) {
        assertThatThrownBy(() -> cases(json)).isInstanceOf(CaseFileException.class).hasMessageContaining(message);
    }

    @Test
    void theFormOfTheDocumentedCasesIsRead() throws IOException, CaseFileException {
        Path folder = Path.of(System.getProperty("innerkeep.policies", "../../shared/policies"));
        if (!Files.exists(folder.resolve("expected.json"))) {
            Assumptions.abort("NOT TESTED: no documented policies in " + folder.toAbsolutePath());
        }
        List<PolicyCase> cases = CaseFile.read(Files.readAllBytes(folder.resolve("expected.json")));

        assertThat(cases).hasSizeGreaterThan(20);
        for (String name : cases.stream().map(PolicyCase::policy).flatMap(Optional::stream)
                .filter(each -> each.endsWith(".txt")).distinct().toList()) {
            TestReport report = PolicyTests.run(Policy.parse(Files.readAllBytes(folder.resolve(name))),
                    cases.stream().filter(each -> each.policy().equals(Optional.of(name))).toList());
            assertThat(report.allPassed()).as("%s", report.results()).isTrue();
        }
    }
}
