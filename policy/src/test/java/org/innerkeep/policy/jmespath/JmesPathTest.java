package org.innerkeep.policy.jmespath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the compliance suite does not say. */
class JmesPathTest {
    private static final String EVENTS = """
            {"Events": [
              {"EventSeq": 1, "PcrIndex": 7, "ProcessedData": {"UnicodeName": "SecureBoot", "VariableData": "AQ"}},
              {"EventSeq": 2, "PcrIndex": 12, "ProcessedData": {"File": "\\\\Windows\\\\System32\\\\Drivers\\\\a.sys"}},
              {"EventSeq": 3, "PcrIndex": 12}
            ]}""";

    private static Json search(String query, String value) throws JmesPathException, JsonException {
        return JmesPath.compile(query).search(Json.parse(value, JsonLimits.CLAIM), Budget.standard());
    }

    private static JmesPathException failure(String query, Json value, Budget budget) {
        try {
            Json result = JmesPath.compile(query).search(value, budget);
            throw new AssertionError(query + " was answered: " + result.toText(100).orElse("too long"));
        } catch (JmesPathException e) {
            return e;
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '~', value = {
        "Events[?PcrIndex == `7`].ProcessedData.UnicodeName | [0]; \"SecureBoot\"",
        "Events[?EventSeq < `3`] | length(@) == `2` && @[1].PcrIndex; 12",
        "Events[?ProcessedData.File && equals_ignore_case(ProcessedData.File, '\\windows\\system32\\drivers\\A.SYS')] |"
                + " length(@); 1",
        "Events[].{seq: EventSeq, name: ProcessedData.UnicodeName} | [2]; {\"seq\":3,\"name\":null}"
    })
    void answersWhatPoliciesAskOfBootEvents(String query, String result) throws JmesPathException, JsonException {
        assertThat(search(query, EVENTS).toText()).isEqualTo(result);
    }

    @Test
    void anEmptyListIsNotNull() throws JmesPathException, JsonException {
        // Documented policies get this wrong; the meaning stays, and whoever writes policies is told by the linter.
        assertThat(search("Events[?PcrIndex == `99`] | @ != `null`", EVENTS)).isEqualTo(Json.Bool.TRUE);
        // A name without backticks is a field, and there is none.
        assertThat(search("Events[?PcrIndex == true] | length(@)", EVENTS)).isEqualTo(Json.of(0));
        assertThat(search("Events[?Nothing == true] | length(@)", EVENTS)).isEqualTo(Json.of(3));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', value = {
        "'a', 'A', true", "'a', 'b', false", "'a', `1`, false", "missing, 'a', false", "missing, missing, false", "'é', 'É', true"
    })
    void equalsIgnoreCaseIsTrueForTextsOnly(String one, String two, boolean same) throws JmesPathException, JsonException {
        assertThat(search("equals_ignore_case(" + one + ", " + two + ")", "{}")).isEqualTo(Json.of(same));
    }

    @ParameterizedTest
    @CsvSource({
        "'contains(`\"aaab\"`, ''aab'')', true", "'contains(''abab'', ''abb'')', false",
                "'contains(''aabaaab'', ''aaab'')', true",
        "'contains(''x'', '''')', true", "'contains('''', ''x'')', false", "'contains(''abcabcabd'', ''abcabd'')', true",
        "'contains(''ab'', ''abc'')', false"
    })
    void containsFindsAPartAnywhere(String query, boolean found) throws JmesPathException, JsonException {
        assertThat(search(query, "null")).isEqualTo(Json.of(found));
    }

    @ParameterizedTest
    @CsvSource({
        "foo = bar, 4, '==', SYNTAX", "foo[0, 5, ']', SYNTAX", "foo.nosuch(@), 4, nosuch, UNKNOWN_FUNCTION",
                "abs(), 0, 1 argument, INVALID_ARITY",
        "foo && merge(), 7, at least 1, INVALID_ARITY", "a[::0], 5, step, INVALID_VALUE", "'', 0, an expression, SYNTAX",
        "a | 'x, 4, raw string, SYNTAX", "foo #, 4, another character, SYNTAX", "foo[99999999999], 4, nine digits, SYNTAX",
        "`{a: 1}`, 1, JSON, SYNTAX", "&foo, 0, an expression, SYNTAX"
    })
    void aQueryThatCannotBeReadSaysWhere(String query, int position, String hint, JmesPathException.Kind kind) {
        assertThatThrownBy(() -> JmesPath.compile(query)).isInstanceOfSatisfying(JmesPathException.class, e -> {
            assertThat(e.position()).as(e.getMessage()).isEqualTo(position);
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(hint).startsWith("JMESPath, character " + (position + 1) + ": ");
        });
    }

    @Test
    void aWrongTypeSaysWhichArgument() {
        JmesPathException failure = failure("a.b || join(',', c)", Json.Null.NULL, Budget.standard());

        assertThat(failure.kind()).isEqualTo(JmesPathException.Kind.INVALID_TYPE);
        assertThat(failure).hasMessage("JMESPath, character 18: expected an array of strings as argument 2 of join(), found"
                + " null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "!", "a.[", "f(", "[?", "{a:", "a||("})
    void deepNestingIsRefusedWithoutAnOverflow(String opening) {
        JmesPathException failure =
                failure(opening.repeat(JmesPath.MAX_LENGTH / opening.length()), Json.Null.NULL, Budget.standard());

        assertThat(failure.kind()).isIn(JmesPathException.Kind.LIMIT, JmesPathException.Kind.SYNTAX);
    }

    @ParameterizedTest
    @ValueSource(strings = {".a", "[0]", " | a", " || a", " == a", "[*]", "[]", ".*", "[?a]", "[1:]", ".[a]"})
    void longChainsAreRefusedWithoutAnOverflow(String link) {
        JmesPathException failure =
                failure("a" + link.repeat((JmesPath.MAX_LENGTH - 1) / link.length()), Json.Null.NULL, Budget.standard());

        assertThat(failure.kind()).isEqualTo(JmesPathException.Kind.LIMIT);
    }

    @Test
    void aQueryThatIsTooLongIsRefused() {
        assertThat(failure("a".repeat(JmesPath.MAX_LENGTH + 1), Json.Null.NULL, Budget.standard()).kind())
                .isEqualTo(JmesPathException.Kind.LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // Each doubles what the one before made; in memory they are small, as text they are not.
        "[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]",
        "[@,@]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]",
        "{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}"
                + "|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|{a:@,b:@}|to_string(@)",
        "[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|@ == @",
        "[to_string(@),to_string(@)]|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]"
                + "|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]"
                + "|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]|[join('',@),join('',@)]"
    })
    void aResultThatGrowsWithoutBoundIsRefused(String query) throws JsonException {
        Json value = Json.parse("\"" + "x".repeat(1000) + "\"", JsonLimits.CLAIM);

        assertThat(failure(query, value, new Budget(200_000, 1 << 16)).kind()).isEqualTo(JmesPathException.Kind.LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "map(&map(&map(&@, $), $), $)", "[*].[$[*].[$[*].a]]", "[?contains($, @)]", "[].[sort($)]", "[?$ == $]",
                "[*].[to_string($)]",
        "[*].[join('-', $)]", "[?max($) == @]"
    })
    void slowSearchesEndWithTheBudget(String shape) throws JsonException {
        StringBuilder array = new StringBuilder("\"0000\"");
        for (int i = 1; i < 2000; i++) {
            array.append(",\"").append("a".repeat(8)).append(i).append('"');
        }
        // The array itself as a literal, so that each inner step goes through all of it.
        String query = shape.replace("$", "`[" + array + "]`");
        Budget budget = new Budget(100_000, 1 << 16);
        long start = System.nanoTime();

        JmesPathException failure = failure(query, Json.parse("[" + array + "]", JsonLimits.CLAIM), budget);

        assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(JmesPathException.Kind.LIMIT);
        assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
    }

    @Test
    void searchesShareABudget() throws JmesPathException, JsonException {
        Budget budget = new Budget(10, 100);
        JmesPath query = JmesPath.compile("a.b");
        Json value = Json.parse("{\"a\":{\"b\":1}}", JsonLimits.CLAIM);

        assertThat(query.search(value, budget)).isEqualTo(Json.of(1));
        assertThat(budget.left()).isEqualTo(7);
        query.search(value, budget);
        query.search(value, budget);
        assertThat(failure("a.b", value, budget).kind()).isEqualTo(JmesPathException.Kind.LIMIT);
        assertThat(budget.left()).isZero();
    }

    @Test
    void textsAreOrderedByCodePoints() throws JmesPathException, JsonException {
        assertThat(search("sort(@)", "[\"\ud83d\ude00\",\"\uffee\",\"a\"]").toText())
                .isEqualTo("[\"a\",\"\uffee\",\"\ud83d\ude00\"]");
        assertThat(search("reverse('a\ud83d\ude00')", "null")).isEqualTo(Json.of("\ud83d\ude00a"));
        assertThat(search("length('a\ud83d\ude00')", "null")).isEqualTo(Json.of(2));
    }
}
