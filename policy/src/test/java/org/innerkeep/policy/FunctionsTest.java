package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.policy.Policies.failure;
import static org.innerkeep.policy.Policies.issued;

import org.junit.jupiter.api.Test;

/** The six functions of version 1.2. */
class FunctionsTest {
    private static final Claim JSON =
            Claim.proven("json", "{\"foo\":\"bar\",\"n\":[1,2,2],\"o\":{\"deep\":true},\"nothing\":null}");

    @Test
    void jmesPathGivesJsonText() {
        assertThat(made("JmesPath(c.value, \"foo\")")).isEqualTo("\"\\\"bar\\\"\"");
        assertThat(made("JmesPath(c.value, \"n[0]\")")).isEqualTo("\"1\"");
        assertThat(made("JmesPath(c.value, \"o\")")).isEqualTo("\"{\\\"deep\\\":true}\"");
        assertThat(made("JmesPath(c.value, \"absent\")")).isEqualTo("\"null\"");
        assertThat(made("JmesPath(c.value, AppendString(\"n[?@ == `\", \"2`]\"))"))
                .isEqualTo("\"[2,2]\"");
    }

    @Test
    void jmesPathKeepsTheLanguagesOwnWays() {
        // A filter that finds nothing gives an empty list, which is not null; a name without backticks is a field, not
        // a literal.
        assertThat(made("JmesPath(c.value, \"n[?@ == `9`] | @ != `null`\")")).isEqualTo("\"true\"");
        assertThat(made("JmesPath(c.value, \"o.deep == true\")")).isEqualTo("\"false\"");
        assertThat(made("JmesPath(c.value, \"equals_ignore_case(foo, 'BAR')\")"))
                .isEqualTo("\"true\"");
    }

    @Test
    void jsonToClaimValueGivesTheValue() {
        assertThat(made("JsonToClaimValue(\"7\")")).isEqualTo("7");
        assertThat(made("JsonToClaimValue(\"true\")")).isEqualTo("true");
        assertThat(made("JsonToClaimValue(\"\\\"bar\\\"\")")).isEqualTo("\"bar\"");
        assertThat(made("JsonToClaimValue(\"abc\")")).isEqualTo("\"abc\"");
        assertThat(made("JsonToClaimValue(JmesPath(c.value, \"foo\"))")).isEqualTo("\"bar\"");
    }

    @Test
    void anArrayOfScalarsIsSeveralClaimsAndNullIsNone() {
        assertThat(issued("=> issue(type=\"a\", value=JsonToClaimValue(\"[1,\\\"x\\\",true,1,null]\"));"))
                .containsExactly("a=1", "a=\"x\"", "a=true");
        assertThat(issued("=> issue(type=\"a\", value=JsonToClaimValue(\"[]\"));"))
                .isEmpty();
        assertThat(issued("=> issue(type=\"a\", value=JsonToClaimValue(\"null\"));"))
                .isEmpty();
    }

    @Test
    void whatIsNoClaimValueIsAnError() {
        assertThat(failing("JsonToClaimValue(\"1.5\")"))
                .endsWith("was given the number 1.5, expected a whole number of 64 bits");
        assertThat(failing("JsonToClaimValue(\"9223372036854775808\")")).contains("whole number of 64 bits");
        assertThat(failing("JsonToClaimValue(JmesPath(c.value, \"o\"))")).contains("was given an object");
        assertThat(failing("JsonToClaimValue(\"[[1]]\")")).contains("an array within an array");
        assertThat(failing("JsonToClaimValue(\"{\\\"a\\\":\")")).contains("no JSON text");
        assertThat(failing("JsonToClaimValue(\"\")")).contains("no JSON text");
        assertThat(failing("JsonToClaimValue(\"[1,2\")")).contains("no JSON text");
        assertThat(failing("JsonToClaimValue(7)"))
                .endsWith("the only argument of JsonToClaimValue is 7, expected text");
    }

    @Test
    void isSubsetOfComparesSets() {
        assertThat(made("IsSubsetOf(JsonToClaimValue(\"[1,2]\"), JsonToClaimValue(\"[2,1,3]\"))"))
                .isEqualTo("true");
        assertThat(made("IsSubsetOf(JsonToClaimValue(\"[1,\\\"2\\\"]\"), JsonToClaimValue(\"[2,1,3]\"))"))
                .isEqualTo("false");
        assertThat(made("IsSubsetOf(JsonToClaimValue(\"[]\"), 1)")).isEqualTo("true");
        assertThat(made("IsSubsetOf(1, JsonToClaimValue(\"null\"))")).isEqualTo("false");
    }

    @Test
    void containsOnlyValueWantsAtLeastOne() {
        assertThat(made("ContainsOnlyValue(JsonToClaimValue(\"[1,1]\"), 1)")).isEqualTo("true");
        assertThat(made("ContainsOnlyValue(JsonToClaimValue(\"[1,2]\"), 1)")).isEqualTo("false");
        assertThat(made("ContainsOnlyValue(JsonToClaimValue(\"[]\"), 1)")).isEqualTo("false");
        assertThat(made("ContainsOnlyValue(1, \"1\")")).isEqualTo("false");
        assertThat(failing("ContainsOnlyValue(1, JsonToClaimValue(\"[1,2]\"))"))
                .endsWith("the second argument of ContainsOnlyValue is 2 different values, expected one value");
    }

    @Test
    void appendStringJoinsTwoTexts() {
        assertThat(made("AppendString(\"a\", AppendString(\"b\", \"\"))")).isEqualTo("\"ab\"");
        assertThat(failing("AppendString(\"a\", 1)"))
                .endsWith("the second argument of AppendString is 1, expected text");
        assertThat(failing("AppendString(JsonToClaimValue(\"null\"), \"a\")"))
                .endsWith("the first argument of AppendString is nothing, expected one value");
    }

    @Test
    void negateBoolTakesATruthValue() {
        assertThat(made("NegateBool(NegateBool(false))")).isEqualTo("false");
        assertThat(failing("NegateBool(\"true\")"))
                .endsWith("the only argument of NegateBool is \"true\", expected true or false");
    }

    @Test
    void whatIsNoJsonOrNoQueryIsNamedWithItsPlace() {
        assertThat(failing("JmesPath(\"{\", \"a\")"))
                .startsWith("rule 1 of issuancerules (line 1, column 59), at line 1, column 101: the first argument of"
                        + " JmesPath is no JSON text");
        assertThat(failing("JmesPath(c.value, \"[?\")")).contains("the query \"[?\" failed");
        assertThat(failing("JmesPath(c.value, \"length(`1`)\")")).contains("failed");
        assertThat(failing("JmesPath(c.value, \"\")")).contains("empty text");
        assertThat(failing("JmesPath(\"\", \"a\")")).contains("empty text");
    }

    @Test
    void functionsAreEvaluatedInConditionsToo() {
        assertThat(Policies.holds(
                        "c:[type==\"json\"] && [type==\"d\", value==JsonToClaimValue(JmesPath(c.value, \"n\"))]",
                        JSON,
                        Claim.proven("d", 2)))
                .isTrue();
        assertThat(Policies.holds("[type==AppendString(\"js\", \"on\")]", JSON)).isTrue();
    }

    private static String made(String expression) {
        return issued("c:[type==\"json\"] => issue(type=\"a\", value=" + expression + ");", JSON)
                .getFirst()
                .substring(2);
    }

    private static String failing(String expression) {
        return failure("c:[type==\"json\"] => issue(type=\"a\", value=" + expression + ");", JSON);
    }
}
