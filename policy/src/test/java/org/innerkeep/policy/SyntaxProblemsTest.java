package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said about a text that is no policy: where, what was found, what was expected, what to write. */
class SyntaxProblemsTest {
    @Test
    void oneEqualsSignComparesNothing() {
        assertThat(rule("[type=\"a\"] => permit();"))
                .containsExactly("line 3, column 6: found '=', expected '=='; write '==' to compare");
    }

    @Test
    void twoEqualsSignsSetNothing() {
        assertThat(rule("=> add(type==\"a\", value=1);"))
                .containsExactly("line 3, column 12: found '==', expected '='; write '=' to set");
    }

    @Test
    void curlyQuotesAreNoQuotes() {
        assertThat(rule("[type==\u201Ca\u201D] => permit();"))
                .containsExactly(
                        "line 3, column 8: found '\u201C', expected a value: text in quotes, a whole number, 'true',"
                                + " 'false', an identifier's property or a function; curly quotes come from word"
                                + " processors; write straight ones");
        assertThat(rule("[type==\"a\u201D] => permit();"))
                .startsWith("line 3, column 10: found '\u201D', expected '\"'; curly quotes come from word processors;"
                        + " write straight ones");
    }

    @Test
    void namesOfSectionsAreInLowerCase() {
        assertThat(problems("version=1.0;\nauthorizationrules{=>permit();};\nIssuancerules{};"))
                .containsExactly(
                        "line 3, column 1: found 'Issuancerules', expected 'authorizationrules' or 'issuancerules';"
                                + " write 'issuancerules', in lower case");
    }

    @Test
    void sectionsStandInOneOrderAndOnce() {
        assertThat(problems("version=1.0;\nissuancerules{};\nauthorizationrules{=>permit();};"))
                .containsExactly("line 3, column 1: found 'authorizationrules' behind 'issuancerules', expected"
                        + " 'configurationrules', 'authorizationrules', 'issuancerules' in this order, each once;"
                        + " move the section");
        assertThat(problems("version=1.0;\nauthorizationrules{};\nauthorizationrules{=>permit();};")
                        .getFirst())
                .endsWith("put the rules of both into one section");
    }

    @Test
    void aSectionEndsWithASemicolon() {
        assertThat(problems("version=1.0;\nauthorizationrules{=>permit();}\nissuancerules{};"))
                .containsExactly("line 3, column 1: found 'issuancerules', expected ';'; a section ends with '};'");
        assertThat(problems("version=1.0;\nauthorizationrules{=>permit();}"))
                .containsExactly(
                        "line 2, column 32: found the end of the text, expected ';'; a section ends with '};'");
    }

    @Test
    void aSectionIsClosed() {
        assertThat(problems("version=1.0;\nauthorizationrules{=>permit();\nissuancerules{};"))
                .containsExactly(
                        "line 3, column 1: found 'issuancerules', expected '}'; close 'authorizationrules' with '};'");
    }

    @Test
    void authorizationRulesAreNeeded() {
        assertThat(problems("version=1.0;"))
                .containsExactly(
                        "line 1, column 13: found the end of the text, expected 'authorizationrules'; without a rule"
                                + " that permits nothing is: write 'authorizationrules{…};'");
    }

    @Test
    void permitHasParentheses() {
        assertThat(rule("=> permit;")).containsExactly("line 3, column 10: found ';', expected '('; write 'permit()'");
        assertThat(rule("=> deny(\"no\");"))
                .containsExactly("line 3, column 9: found \"no\", expected ')'; 'deny()' takes no arguments");
        assertThat(rule("=> Permit();"))
                .containsExactly(
                        "line 3, column 4: found 'Permit', expected 'permit', 'deny' or 'add'; write 'permit' in lower"
                                + " case");
        assertThat(rule("permit();"))
                .containsExactly(
                        "line 3, column 1: found 'permit', expected a rule, or '}' at the end of the section; write"
                                + " '=> permit();'");
    }

    @Test
    void aRuleEndsWithASemicolon() {
        assertThat(rule("=> permit()"))
                .containsExactly("line 4, column 1: found '}', expected ';'; a rule ends with ';'");
        assertThat(rule("=> permit() => deny();"))
                .containsExactly("line 3, column 13: found '=>', expected ';'; a rule ends with ';'");
    }

    @Test
    void conditionsAreJoinedByAnd() {
        assertThat(rule("[type==\"a\"] [type==\"b\"] => permit();"))
                .containsExactly("line 3, column 13: found '[', expected '&&' or '=>'; join conditions with '&&'");
        assertThat(rule("[type==\"a\"] & [type==\"b\"] => permit();"))
                .containsExactly("line 3, column 13: found '&', expected '&&' or '=>'; write '&&'");
        assertThat(rule("[type==\"a\" && value==1] => permit();"))
                .containsExactly(
                        "line 3, column 12: found '&&', expected ',' or ']'; within brackets write ',' for 'and'");
        assertThat(rule("[type==\"a\"] || [type==\"b\"] => permit();").getFirst())
                .endsWith("found '||', expected '&&' or '=>'; there is no 'or': write one rule for each case");
    }

    @Test
    void functionsAreNamedAsTheyAre() {
        assertThat(issuing("c:[type==\"a\"] => issue(type=\"b\", value=JMESPath(c.value, \"x\"));"))
                .containsExactly("line 3, column 40: found 'JMESPath', expected JmesPath, JsonToClaimValue, IsSubsetOf,"
                        + " ContainsOnlyValue, AppendString or NegateBool; write 'JmesPath'");
        assertThat(issuing("=> issue(type=\"b\", value=RegExReplace(\"x\"));").getFirst())
                .endsWith("there are no regular expressions; JmesPath searches JSON text (version 1.2)");
        assertThat(issuing("=> issue(type=\"b\", value=NegateBool(true, false));"))
                .containsExactly(
                        "line 3, column 48: found NegateBool with 2 arguments, expected 1; write NegateBool(value)");
    }

    @Test
    void issuingHasItsPlace() {
        assertThat(rule("=> issue(type=\"a\", value=1);"))
                .containsExactly(
                        "line 3, column 4: found 'issue' in 'authorizationrules', expected 'permit', 'deny' or 'add';"
                                + " move the rule to 'issuancerules'; 'add' makes a claim that later rules see");
        assertThat(issuing("=> permit();"))
                .containsExactly(
                        "line 3, column 4: found 'permit' in 'issuancerules', expected 'issue', 'issueproperty' or"
                                + " 'add'; permit and deny in 'authorizationrules'");
        assertThat(problems("version=1.1;configurationrules{\n=> add(type=\"a\", value=1);};authorizationrules{};")
                        .getFirst())
                .startsWith("line 2, column 4: found 'add' in 'configurationrules', expected 'issueproperty'");
    }

    @Test
    void whatALaterVersionHasIsNamedWithItsVersion() {
        assertThat(problems("version=1.1;authorizationrules{\n![type==\"a\"] => permit();};"))
                .containsExactly(
                        "line 2, column 1: found '!' in a policy of version 1.1, expected a condition; conditions that"
                                + " must not hold are of version 1.2: write 'version=1.2;'");
        assertThat(problems("version=1.0;authorizationrules{\n[value==NegateBool(true)] => permit();};"))
                .containsExactly(
                        "line 2, column 9: found 'NegateBool' in a policy of version 1.0, expected a value; functions"
                                + " are of version 1.2: write 'version=1.2;'");
        assertThat(problems("version=1.0;\nconfigurationrules{};authorizationrules{};"))
                .containsExactly("line 2, column 1: found 'configurationrules' in a policy of version 1.0, expected"
                        + " 'authorizationrules'; configuration rules are of version 1.1: write 'version=1.1;'");
    }

    @Test
    void theVersionIsOneOfThree() {
        assertThat(problems("version=2.0;authorizationrules{};"))
                .containsExactly(
                        "line 1, column 9: found '2.0', expected '1.0', '1.1' or '1.2'; there are no other versions");
        assertThat(problems("version=1.00;authorizationrules{};")).hasSize(1);
        assertThat(problems("version==1.0;authorizationrules{};"))
                .containsExactly("line 1, column 8: found '==', expected '='; write 'version=1.2;'");
        assertThat(problems("authorizationrules{};").getFirst())
                .startsWith("line 1, column 1: found 'authorizationrules', expected 'version'; a policy begins with"
                        + " 'version=1.0;'");
    }

    @Test
    void whatTheRulesOfDirectoryServicesHaveIsToldApart() {
        assertThat(rule("[type==\"a\", value=~\"x.*\"] => permit();").getFirst())
                .isEqualTo("line 3, column 18: found '=~', expected '==', '!=', '<', '<=', '>' or '>='; there are no"
                        + " regular expressions; compare with '==', or search JSON text with JmesPath (version"
                        + " 1.2)");
        assertThat(rule("exists([type==\"a\"]) => permit();").getFirst())
                .endsWith("a condition in brackets means that such a claim exists: leave 'exists' and its parentheses"
                        + " out");
        assertThat(rule("NOT EXISTS([type==\"a\"]) => permit();").getFirst())
                .endsWith("write '![…]' for 'no such claim' (version 1.2)");
        assertThat(rule("count([type==\"a\"]) => permit();").getFirst()).contains("there is no counting");
        assertThat(issuing("c:[type==\"a\"] => issue(type=\"b\", value=\"x\" + c.value);"))
                .containsExactly(
                        "line 3, column 44: found '+', expected ',' or ')'; join text with AppendString(a, b) (version"
                                + " 1.2)");
        assertThat(issuing("=> issue(store=\"a\");").getFirst()).endsWith("there are no stores");
    }

    @Test
    void identifiersAreKnownBehindTheirConditionInTheSameRule() {
        assertThat(rule("[type==\"a\", value==d.value] && c:[type==\"b\"] => permit();")
                        .getFirst())
                .startsWith("line 3, column 20: found 'd', expected a value that needs no identifier");
        assertThat(rule("c:[type==\"a\", value==c.value] => permit();")).hasSize(1);
        assertThat(rule("c:[type==\"a\"] && c:[type==\"b\"] => permit();"))
                .containsExactly(
                        "line 3, column 18: found 'c', expected an identifier that no other condition of this rule has;"
                                + " give each condition an identifier of its own");
        assertThat(issuing("c:[type==\"a\"] => issue(claim=d);").getFirst())
                .startsWith("line 3, column 30: found 'd', expected an identifier of this rule: c");
        assertThat(issuing("c:[type==\"a\"] => issue(type=\"b\", value=c);"))
                .containsExactly("line 3, column 40: found 'c', expected a value; write 'c.value'");
        assertThat(issuing("c:[type==\"a\"] => issue(type=\"b\", value=c.Value);"))
                .containsExactly(
                        "line 3, column 42: found 'Value', expected 'type', 'value', 'valueType' or 'issuer'; write"
                                + " 'value'");
    }

    @Test
    void onlyValuesHaveAnOrder() {
        assertThat(rule("[type>=\"a\"] => permit();"))
                .containsExactly(
                        "line 3, column 6: found '>=' with 'type', expected '==' or '!='; only values that are whole"
                                + " numbers have an order");
    }

    @Test
    void aClaimThatIsMadeHasATypeAndAValueOnce() {
        assertThat(issuing("=> issue(\"PlatformAttested\", value=true);").getFirst())
                .startsWith(
                        "line 3, column 10: found \"PlatformAttested\", expected 'claim', 'type', 'value', 'valueType'"
                                + " or 'issuer'");
        assertThat(issuing("=> issue(type=\"a\");"))
                .containsExactly(
                        "line 3, column 4: found 'issue' without 'value', expected both 'type' and 'value'; write"
                                + " 'issue(type=\"…\", value=…)'");
        assertThat(issuing("=> issue(type=\"a\", type=\"b\", value=1);"))
                .containsExactly(
                        "line 3, column 20: found a second 'type', expected each argument once; remove one of them");
        assertThat(issuing("=> issue(type=1, value=1);"))
                .containsExactly("line 3, column 15: found no text, expected text in quotes; 'type' is always text");
        assertThat(issuing("=> issue(type=\"\", value=1);")).hasSize(1);
    }

    @Test
    void aRuleSpeaksForThePolicyOnly() {
        assertThat(issuing("=> add(type=\"a\", value=1, issuer=\"AttestationService\");"))
                .containsExactly(
                        "line 3, column 34: found \"AttestationService\", expected \"AttestationPolicy\"; leave"
                                + " 'issuer' out: what a rule makes is the policy's, and nobody else's");
        assertThat(issuing("=> add(type=\"a\", value=1, valueType=\"Float\");").getFirst())
                .startsWith("line 3, column 37: found \"Float\", expected \"String\", \"Integer\" or \"Boolean\"");
    }

    @Test
    void placeholdersAreToBeReplaced() {
        assertThat(rule("[type==\"a\", value==<product-id>] => permit();").getFirst())
                .startsWith("line 3, column 20: found '<', expected a value")
                .endsWith("a placeholder in angle brackets is to be replaced by a value");
    }

    @Test
    void wordsThatAreNoValuesBelongInQuotes() {
        assertThat(rule("[type==svn] => permit();"))
                .containsExactly("line 3, column 8: found 'svn', expected a value; write text in quotes");
        assertThat(rule("[value==True] => permit();"))
                .containsExactly(
                        "line 3, column 9: found 'True', expected a value; write 'true' and 'false' in lower case");
        assertThat(rule("[type=='a'] => permit();").getFirst()).endsWith("write text in double quotes");
        assertThat(rule("[value==1.5] => permit();").getFirst())
                .endsWith("numbers are whole; write text in quotes for anything else");
        assertThat(rule("/* no */ => permit();").getFirst())
                .endsWith("a comment begins with '//' and ends with the line");
    }

    @Test
    void numbersHaveSixtyFourBits() {
        assertThat(rule("[value==9223372036854775808] => permit();").getFirst())
                .startsWith("line 3, column 9: found '9223372036854775808', expected a whole number from"
                        + " -9223372036854775808");
        assertThat(rule("[value==0x] => permit();")).hasSize(1);
    }

    @Test
    void backslashesAreWrittenTwice() {
        assertThat(rule("[type==\"a\\d\"] => permit();"))
                .containsExactly(
                        "line 3, column 10: found '\\' before 'd', expected '\\\"' or '\\\\'; write '\\\\' for one"
                                + " backslash, or leave it out");
    }

    @Test
    void aStringThatIsNotClosedIsNamedWhereItBegins() {
        assertThat(rule("[type==\"a] => permit();").getFirst())
                .startsWith("line 3, column 8: found a string without end, expected '\"' at its end");
        assertThat(problems("version=1.0;authorizationrules{\n[type==\"a] => permit();\n[type==\"b\"] => permit();};")
                        .getFirst())
                .startsWith(
                        "line 3, column 9: found 'b', expected ',' or ']'; the string before it, from line 2, column"
                                + " 8,");
    }

    @Test
    void oneRunReportsTheMistakesOfSeveralRules() {
        assertThat(problems("""
                        version=1.0;authorizationrules{
                        => permit;
                        => deny;
                        [type="a"] => permit();
                        => deny();
                        };
                        """))
                .extracting(each -> each.substring(0, 16))
                .containsExactly("line 2, column 1", "line 3, column 8", "line 4, column 6");
    }

    @Test
    void problemsAreBounded() {
        assertThat(problems("version=1.0;authorizationrules{" + "=>x;".repeat(500) + "};"))
                .hasSize(Limits.MAX_PROBLEMS);
        assertThat(problems("\"\\a".repeat(5000))).hasSize(Limits.MAX_PROBLEMS);
    }

    @Test
    void messagesAreOneLineWhateverTheTextIs() {
        String hostile = "version=1.0;authorizationrules{[type==\"a\"] \"\n\u202Eline 1, column 1: all is well"
                + "x".repeat(500) + "\" => permit();};";

        assertThat(problems(hostile).getFirst())
                .hasLineCount(1)
                .hasSizeLessThan(400)
                .doesNotContain("\u202E");
    }

    @Test
    void messagesAreShortWhateverNamesTheTextHas() {
        String name = "n".repeat(20_000);

        assertThat(rule(name + ":[type==\"a\"] && [value==x.value] => permit();"))
                .allSatisfy(each -> assertThat(each).hasSizeLessThan(600));
        assertThat(rule(name + ":[type==\"a\"] && [value==" + name + "] => permit();"))
                .hasSize(1)
                .allSatisfy(each -> assertThat(each).hasSizeLessThan(600));
        assertThat(rule("[type==\"a\", value==" + name + ".value] => permit();"))
                .hasSize(1)
                .allSatisfy(each -> assertThat(each).hasSizeLessThan(600));
        assertThat(rule("[value==" + "9".repeat(20_000) + "] => permit();"))
                .allSatisfy(each -> assertThat(each).hasSizeLessThan(600));
    }

    @Test
    void longTextsManyRulesAndDeepCallsAreRefused() {
        assertThat(problems("version=1.0;authorizationrules{};" + " ".repeat(Limits.MAX_POLICY_BYTES))
                        .getFirst())
                .startsWith("line 1, column 1: found a longer text, expected at most 65536 bytes");
        assertThat(problems("version=1.0;authorizationrules{};//" + "é".repeat(Limits.MAX_POLICY_BYTES / 2))
                        .getFirst())
                .contains("at most 65536 bytes");
        assertThat(texts(Policy.parse(new byte[Limits.MAX_POLICY_BYTES + 1]))).hasSize(1);
        assertThat(problems("version=1.0;authorizationrules{" + "=>deny();".repeat(1001) + "};"))
                .containsExactly(
                        "line 1, column 9032: found rule 1001, expected at most 1000 rules; split or shorten the"
                                + " policy");
        assertThat(Policy.parse("version=1.0;authorizationrules{" + "=>deny();".repeat(1000) + "};"))
                .isInstanceOf(Parsed.Valid.class);
        assertThat(rule("[value==" + "NegateBool(".repeat(33) + "true" + ")".repeat(33) + "] => permit();")
                        .getFirst())
                .contains("calls within calls, 33 deep, expected at most 32");
        assertThat(rule("[value==" + "NegateBool(".repeat(32) + "true" + ")".repeat(32) + "] => permit();"))
                .isEmpty();
        assertThat(rule("[value==" + "NegateBool(".repeat(5000) + "] => permit();"))
                .hasSize(1);
    }

    @Test
    void bytesAreStrictUtf8() {
        byte[] latin =
                "version=1.0;authorizationrules{[type==\"é\"]=>permit();};".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(texts(Policy.parse(latin)))
                .containsExactly(
                        "line 1, column 1: found bytes that are not UTF-8, expected text in UTF-8; save the file in"
                                + " UTF-8");
    }

    @Test
    void whoeverInsistsOnAPolicyIsToldEveryProblem() {
        assertThatThrownBy(() -> Policy.parse("version=1.0;authorizationrules{=>a;=>b;};")
                        .orThrow())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 'a'")
                .hasMessageContaining("found 'b'");
    }

    @Test
    void textThatWasWrittenForHtmlOrAProgramIsToldOnce() {
        assertThat(rule("[type==&quot;a&quot;, value==1] &amp;&amp; [type==&quot;b&quot;] =&gt; permit();"))
                .containsExactly("line 3, column 8: found '&quot;', expected a value: text in quotes, a whole number, 'true',"
                        + " 'false', an identifier's property or a function; the text was written for HTML: write what"
                        + " '&quot;' stands for");
        assertThat(rule("[type==\"a\"] &#38;&#38; [type==\"b\"] => permit();").getFirst())
                .startsWith("line 3, column 13: found '&#38;', expected '&&' or '=>'");
        assertThat(rule("[type==\\\"a\\\", value==1] => permit();"))
                .singleElement().asString()
                .startsWith("line 3, column 8: found '\\\\\"', expected a value")
                .endsWith("the quotes have backslashes before them, as in JSON or in a program: leave the backslashes out");
        assertThat(problems("version=1.0;\\nauthorizationrules{\\n=> permit();\\n};").getFirst())
                .isEqualTo("line 1, column 13: found '\\\\n', expected 'configurationrules' or 'authorizationrules'; line ends"
                        + " and tabs are written as in JSON or in a program: put real ones in their place");
        assertThat(problems("version=1.0; \\\nauthorizationrules{=> permit();};"))
                .singleElement().asString().endsWith("not at the end of a line either: leave it out");
        assertThat(problems("\"version=1.0;\" +\n\"authorizationrules{=> permit();};\"").getFirst())
                .endsWith("the text stands in quotes, as in a program: write it without them");
        assertThat(problems("```\nversion=1.0;\nauthorizationrules{=> permit();};\n```").getFirst())
                .endsWith("leave out the fence that Markdown puts around code");
    }

    @Test
    void anEnvelopeIsNoPolicy() {
        assertThat(problems("eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6IiJ9."))
                .containsExactly("line 1, column 1: found 'eyJhbGciOiJub25lIn0', expected 'version'; this is a policy in its"
                        + " envelope, a JWS: the text is what its payload has as 'AttestationPolicy', in base64url");
    }

    @Test
    void spaceThatIsNoneIsShownByItsNumber() {
        for (String space : List.of("\u00A0", "\u202F", "\u3000")) {
            assertThat(problems("version=1.0;\nauthorizationrules" + space + "{=> permit();};").getFirst())
                    .startsWith("line 2, column 19: found '\\u{" + Integer.toHexString(space.charAt(0)) + "}', expected '{'")
                    .endsWith("this character only looks like space: remove it");
        }
    }

    @Test
    void aSectionIsNotSet() {
        assertThat(problems("version=1.0;\nauthorizationrules={\n=> permit;\n};\nissuancerules={\n};"))
                .containsExactly(
                        "line 2, column 19: found '=', expected '{'; write 'authorizationrules{…};', without '='",
                        "line 3, column 10: found ';', expected '('; write 'permit()'",
                        "line 5, column 14: found '=', expected '{'; write 'issuancerules{…};', without '='");
    }

    @Test
    void whatIsNearlyAWordOfTheLanguageIsNamed() {
        assertThat(problems("Version=1.0;\nauthorizationrules{};").getFirst()).endsWith("write 'version' in lower case");
        assertThat(problems("version=1.0;\nauthizationrules{};").getFirst()).endsWith("; write 'authorizationrules'");
        assertThat(rule("=> premit();").getFirst()).endsWith("expected 'permit', 'deny' or 'add'; write 'permit'");
        assertThat(issuing("=> issueProperty(type=\"a\", value=1);").getFirst()).endsWith("write 'issueproperty' in lower case");
        assertThat(issuing("=> send(type=\"a\", value=1);").getFirst()).endsWith("expected 'issue', 'issueproperty' or 'add'");
    }

    @Test
    void argumentsHaveNames() {
        assertThat(issuing("=> issue(\"attested\", value=true);").getFirst()).endsWith("name what it is: write 'type=\"…\"'");
        assertThat(issuing("=> issue(type=\"attested\", \"yes\");").getFirst())
                .endsWith("name what it is: write 'value=\"…\"'");
    }

    @Test
    void aRuleWithoutItsEndIsFoundBeforeTheNextOne() {
        assertThat(issuing("c:[type==\"a\"] => issue(claim=c)\nd:[type==\"b\"] => issue(claim=d);"))
                .containsExactly("line 4, column 1: found 'd', expected ';'; a rule ends with ';'");
        assertThat(issuing("=> issue(type=\"a\", value=1)\n![type==\"b\"] => issue(type=\"b\", value=1);"))
                .containsExactly("line 4, column 1: found '!', expected ';'; a rule ends with ';'");
    }

    private static List<String> rule(String rule) {
        return problems("version=1.2;\nauthorizationrules{\n" + rule + "\n};");
    }

    private static List<String> issuing(String rule) {
        return problems("version=1.2;authorizationrules{};\nissuancerules{\n" + rule + "\n};");
    }

    private static List<String> problems(String text) {
        return texts(Policy.parse(text));
    }

    private static List<String> texts(Parsed parsed) {
        return switch (parsed) {
            case Parsed.Valid valid -> List.of();
            case Parsed.Invalid invalid ->
                invalid.problems().stream().map(Problem::toString).toList();
        };
    }

    @Test
    void whatEditorsShowInAnotherPlaceIsRefused() {
        String lineEnd = "version=1.0;authorizationrules{=>permit(); // all\r[type==\"debug\",value==true]=>deny();\n};";
        String order = "version=1.0;authorizationrules{=>permit(); // \u202E \u2066\n};";
        String within = "version=1.0;authorizationrules{[type==\"a\u202Eb\"]=>permit();};";

        for (String text : List.of(lineEnd, order, within)) {
            assertThat(Policy.parse(text)).isInstanceOf(Parsed.Invalid.class);
        }
        assertThat(((Parsed.Invalid) Policy.parse(lineEnd)).problems().getFirst().toString())
                .startsWith("line 1, column 50: found '\\u{d}', expected text that is shown as it is read; remove");
        assertThat(Policy.parse("version=1.0; // one\r\nauthorizationrules{}; // two\r")).isInstanceOf(Parsed.Valid.class);
    }
}
