package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ReleaseRulesTest {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final String ISSUER = "https://attest.example";

    /** Of the form that Azure documents for confidential virtual machines: authorities of two regions, conditions within conditions. */
    private static final String OF_GUESTS = """
            {"version":"1.0.0","anyOf":[
              {"authority":"https://east.attest.example/","allOf":[
                {"anyOf":[
                  {"claim":"x-ms-isolation-tee.x-ms-attestation-type","equals":"sevsnpvm"},
                  {"claim":"x-ms-isolation-tee.x-ms-attestation-type","equals":"tdxvm"}]},
                {"claim":"x-ms-isolation-tee.x-ms-compliance-status","equals":"compliant"}]},
              {"authority":"https://west.attest.example/","allOf":[
                {"claim":"x-ms-isolation-tee.x-ms-compliance-status","equals":"compliant"}]}]}
            """;

    private static ReleaseRules rules(String text) throws MalformedException {
        return ReleaseRules.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode claims(String text) throws MalformedException {
        return JSON.object("claims", text.getBytes(StandardCharsets.UTF_8));
    }

    private static ReleaseDecision decide(String rules, String issuer, String claims) throws MalformedException {
        return rules(rules).decide(issuer, claims(claims));
    }

    /** One condition of one authority. */
    private static boolean met(String condition, String claims) throws MalformedException {
        return decide("{\"version\":\"1.0.0\",\"anyOf\":[{\"authority\":\"" + ISSUER + "\",\"allOf\":[" + condition + "]}]}", ISSUER, claims)
                .released();
    }

    private static void refused(String text, String message) {
        assertThatThrownBy(() -> rules(text)).isInstanceOf(MalformedException.class).hasMessageContaining(message);
    }

    @Test
    void aGuestOfEitherKindIsReleasedToWhenItsAuthoritySaysSo() throws Exception {
        for (String type : List.of("sevsnpvm", "tdxvm")) {
            assertThat(decide(OF_GUESTS, "https://east.attest.example", """
                    {"x-ms-isolation-tee":{"x-ms-attestation-type":"%s","x-ms-compliance-status":"compliant"}}""".formatted(type))
                    .released()).isTrue();
        }
    }

    @Test
    void aRefusalSaysWhichConditionFailedOnWhatValueAndWhichAuthoritiesDidNotIssueTheToken() throws Exception {
        ReleaseDecision decision = decide(OF_GUESTS, "https://east.attest.example", """
                {"x-ms-isolation-tee":{"x-ms-attestation-type":"sgx","x-ms-compliance-status":"compliant"}}""");

        assertThat(decision.released()).isFalse();
        assertThat(decision.lines())
                .anySatisfy(line -> assertThat(line).startsWith("/anyOf/0: ").contains("issued the token"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("/anyOf/0/allOf/0/anyOf/1: ").contains("must be 'tdxvm', found 'sgx'"))
                .anySatisfy(line -> assertThat(line).startsWith("/anyOf/1: ").contains("is not the issuer"))
                .noneSatisfy(line -> assertThat(line).startsWith("/anyOf/0/allOf/1"));
    }

    @Test
    void aReleaseSaysWhichAuthorityAndConditionsLetItHappen() throws Exception {
        ReleaseDecision decision = decide(OF_GUESTS, "https://west.attest.example", """
                {"x-ms-isolation-tee":{"x-ms-compliance-status":"compliant"}}""");

        assertThat(decision.lines()).containsExactly(
                "/anyOf/1: authority 'https://west.attest.example/' issued the token",
                "/anyOf/1/allOf: all of these must be met, 1 of 1 are",
                "/anyOf/1/allOf/0: claim 'x-ms-isolation-tee.x-ms-compliance-status' must be 'compliant', found 'compliant'");
    }

    @Test
    void authoritiesAreTheSameWithAndWithoutTheirSchemeAndASlashAtTheEnd() throws Exception {
        for (String authority : List.of(ISSUER, ISSUER + "/", "attest.example", "attest.example/")) {
            String rules = "{\"anyOf\":[{\"authority\":\"" + authority + "\",\"allOf\":[{\"claim\":\"a\",\"equals\":1}]}]}";
            assertThat(decide(rules, ISSUER, "{\"a\":1}").released()).as(authority).isTrue();
            assertThat(decide(rules, ISSUER + "/", "{\"a\":1}").released()).as(authority).isTrue();
        }
    }

    @Test
    void authoritiesThatOnlyLookAlikeAreOthers() throws Exception {
        String rules = "{\"anyOf\":[{\"authority\":\"" + ISSUER + "\",\"allOf\":[{\"claim\":\"a\",\"equals\":1}]}]}";
        for (String issuer : List.of("http://attest.example", "https://attest.example.evil", "https://evil/attest.example",
                "https://attest.example//", "https://attest.example/x", "https://ATTEST.example", "https://attest.example:443")) {
            assertThat(decide(rules, issuer, "{\"a\":1}").released()).as(issuer).isFalse();
        }
    }

    @Test
    void scalarsAreComparedByTheirOneTextForm() throws Exception {
        assertThat(met("{\"claim\":\"debug\",\"equals\":\"false\"}", "{\"debug\":false}")).isTrue();
        assertThat(met("{\"claim\":\"debug\",\"equals\":false}", "{\"debug\":\"false\"}")).isTrue();
        assertThat(met("{\"claim\":\"vmpl\",\"equals\":\"0\"}", "{\"vmpl\":0}")).isTrue();
        assertThat(met("{\"claim\":\"svn\",\"equals\":12345678901234567890123}", "{\"svn\":12345678901234567890123}")).isTrue();
        assertThat(met("{\"claim\":\"svn\",\"equals\":12345678901234567890123}", "{\"svn\":12345678901234567890124}")).isFalse();
        assertThat(met("{\"claim\":\"debug\",\"equals\":\"False\"}", "{\"debug\":false}")).isFalse();
        assertThat(met("{\"claim\":\"svn\",\"equals\":1}", "{\"svn\":\"01\"}")).isFalse();
        assertThat(met("{\"claim\":\"svn\",\"equals\":1}", "{\"svn\":1.0}")).isFalse();
    }

    @Test
    void aClaimThatIsMissingOrNoScalarMeetsNothing() throws Exception {
        for (String claims : List.of("{}", "{\"a\":null}", "{\"a\":[1]}", "{\"a\":{\"b\":1}}", "{\"b\":{\"a\":1}}", "{\"a.b\":1}")) {
            assertThat(met("{\"claim\":\"a\",\"equals\":1}", claims)).as(claims).isFalse();
            assertThat(met("{\"claim\":\"a\",\"equals\":\"null\"}", claims)).as(claims).isFalse();
        }
    }

    @Test
    void aDotLeadsIntoObjectsAndNowhereElse() throws Exception {
        String condition = "{\"claim\":\"a.b.c\",\"equals\":\"x\"}";
        assertThat(met(condition, "{\"a\":{\"b\":{\"c\":\"x\"}}}")).isTrue();
        assertThat(met(condition, "{\"a.b.c\":\"x\"}")).isFalse();
        assertThat(met(condition, "{\"a\":{\"b.c\":\"x\"}}")).isFalse();
        assertThat(met(condition, "{\"a\":[{\"b\":{\"c\":\"x\"}}]}")).isFalse();
        assertThat(met(condition, "{\"a\":\"b.c\"}")).isFalse();
    }

    @Test
    void olderSpellingsOfAzuresOwnExamplesAreRead() throws Exception {
        for (String version : List.of("\"version\":\"1.0.0\",", "\"version\":\"1.0\",", "\"version\":\"0.2\",", "")) {
            String rules = "{" + version + "\"anyOf\":[{\"anyOf\":[{\"claim\":\"sdk-test\",\"condition\":\"equals\",\"value\":\"true\"}],"
                    + "\"authority\":\"https://attest.example/\"}]}";
            assertThat(decide(rules, ISSUER, "{\"sdk-test\":true}").released()).as(version).isTrue();
        }
        assertThat(decide("{\"anyOf\":[{\"authority\":\"attest.example\",\"allof\":[{\"anyof\":[{\"claim\":\"a\",\"equals\":1}]}]}]}",
                ISSUER, "{\"a\":1}").released()).isTrue();
    }

    @Test
    void whatIsNoPolicyIsRefusedWithItsPlace() {
        String condition = "{\"claim\":\"a\",\"equals\":1}";
        refused("{", "release policy at byte");
        refused("[]", "expected a JSON object");
        refused("{\"version\":\"1.0.0\"}", "expected 'anyOf'");
        refused("{\"version\":\"2.0.0\",\"anyOf\":[]}", "at /version");
        refused("{\"anyOf\":[]}", "at /anyOf: expected a list of at least one");
        refused("{\"anyOf\":[1]}", "at /anyOf/0: expected a JSON object");
        refused("{\"anyOf\":[{\"allOf\":[" + condition + "]}]}", "at /anyOf/0/authority");
        refused("{\"anyOf\":[{\"authority\":\"https://\",\"allOf\":[" + condition + "]}]}", "at /anyOf/0/authority");
        refused("{\"anyOf\":[{\"authority\":\"a\"}]}", "at /anyOf/0: expected 'allOf' or 'anyOf'");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[]}]}", "at /anyOf/0/allOf: expected a list of at least one");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[" + condition + "],\"anyOf\":[" + condition + "]}]}", "found both");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{}]}]}", "at /anyOf/0/allOf/0: expected a condition");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a\"}]}]}", "at /anyOf/0/allOf/0/equals");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a\",\"equals\":null}]}]}", "at /anyOf/0/allOf/0/equals");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a\",\"equals\":1.5}]}]}", "at /anyOf/0/allOf/0/equals");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a..b\",\"equals\":1}]}]}", "at /anyOf/0/allOf/0/claim");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a\",\"equals\":1,\"comment\":\"x\"}]}]}", "found another");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a\",\"equals\":1,\"equals\":2}]}]}", "every name once");
        refused("{\"anyOf\":[" + "{\"authority\":\"a\",\"allOf\":[" + condition + "]}" + "],\"x\":1}", "found another");
    }

    @Test
    void operatorsThatAzureListsAndDoesNotEvaluateAreRefusedByName() {
        for (String operator : List.of("notEquals", "less", "lessOrEquals", "greater", "greaterOrEquals", "exists")) {
            refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a\",\"" + operator + "\":1}]}]}",
                    "at /anyOf/0/allOf/0/" + operator + ": expected 'equals'");
        }
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[{\"claim\":\"a\",\"condition\":\"notEquals\",\"value\":1}]}]}",
                "at /anyOf/0/allOf/0/condition");
    }

    @Test
    void hugeAndDeepPoliciesAreRefused() {
        String condition = "{\"claim\":\"a\",\"equals\":1}";
        StringBuilder deep = new StringBuilder(condition);
        for (int i = 0; i < 9; i++) {
            deep.insert(0, "{\"allOf\":[").append("]}");
        }
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[" + deep + "]}]}", "nested at most 8 deep");
        refused("{\"anyOf\":[{\"authority\":\"a\",\"allOf\":[" + "{},".repeat(10_000) + "{}]}]}", "expected at most");
        refused("{\"anyOf\":[{\"authority\":\"" + "a".repeat(3000) + "\",\"allOf\":[" + condition + "]}]}", "1 to 2048 characters");
    }

    @Test
    void whatAnExplanationQuotesIsPrintableAndShort() throws Exception {
        String claims = "{\"a\":\"" + "\\u0007<evil>'\\n".repeat(100) + "\"}";
        ReleaseDecision decision = decide(
                "{\"anyOf\":[{\"authority\":\"" + ISSUER + "\",\"allOf\":[{\"claim\":\"a\",\"equals\":1}]}]}", ISSUER, claims);
        assertThat(decision.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(400).matches("[ -~…]*"));
    }
}
