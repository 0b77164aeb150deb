package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The worst that a policy and its claims can do ends within the limits. The times allowed are many times what is needed, for slow
 * machines; without the limits these would not end within them.
 */
@Timeout(60)
class BoundsTest {
    @Test
    void claimsThatComeInAreCounted() {
        List<Claim> claims = numbered(Limits.MAX_CLAIMS + 1);

        assertThat(problem("=>permit();", claims)).isEqualTo("10001 claims came in, at most 10000 are allowed");
        assertThat(problem("=>permit();", List.of(Claim.proven("big", "x".repeat(Limits.MAX_TEXT + 1)))))
                .startsWith("the claim \"big\" is too long");
        assertThat(problem(
                        "=>permit();",
                        numbered(5).stream()
                                .map(each -> Claim.proven(each.type() + each.value(), "x".repeat(Limits.MAX_TEXT)))
                                .toList()))
                .contains("16777216 of all claims together");
    }

    @Test
    void comparingAllClaimsWithAllConditionsIsCounted() {
        String rules = "[value!=1,value!=2]&&".repeat(2400) + "[value!=3]=>permit();";

        assertThat(problem(rules, numbered(Limits.MAX_CLAIMS)))
                .contains("the evaluation takes more than 20000000 steps");
    }

    @Test
    void conditionsThatReferToEachOtherDoNotMultiply() {
        String rules = "a0:[type==\"n\"]&&"
                + IntStream.range(1, 200)
                        .mapToObj(i -> "a" + i + ":[type==\"n\",value==a" + (i - 1) + ".value]")
                        .collect(Collectors.joining("&&"))
                + "=>permit();";

        assertThat(Policies.authorizing(rules)
                        .evaluate(numbered(Limits.MAX_CLAIMS))
                        .permitted())
                .isTrue();
    }

    @Test
    void comparingOrderWithManyValuesIsCounted() {
        assertThat(problem("a:[type==\"n\"]&&[type==\"n\",value<a.value]=>permit();", numbered(Limits.MAX_CLAIMS)))
                .contains("steps");
    }

    @Test
    void textsThatDoubleAreStopped() {
        String doubling = "=>add(type=\"t0\",value=\"" + "x".repeat(1000) + "\");"
                + IntStream.range(1, 40)
                        .mapToObj(i -> "c:[type==\"t" + (i - 1) + "\"]=>add(type=\"t" + i
                                + "\",value=AppendString(c.value,c.value));")
                        .collect(Collectors.joining());

        assertThat(problem(doubling, List.of())).contains("would have 8192000 characters, at most 4194304 are allowed");
    }

    @Test
    void manyTextsTogetherAreStopped() {
        List<Claim> claims = List.of(Claim.proven("t", "x".repeat(Limits.MAX_TEXT - 1)));
        String rules = IntStream.range(0, 10)
                .mapToObj(i -> "c:[type==\"t\"]=>add(type=\"u\",value=AppendString(c.value,\"" + i + "\"));")
                .collect(Collectors.joining());

        assertThat(problem(rules, claims)).contains("more than 16777216 characters together");
    }

    @Test
    void claimsThatMultiplyAreStopped() {
        String numbers = IntStream.range(0, Limits.MAX_CLAIMS + 1)
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(",", "[", "]"));
        List<Claim> claims = List.of(Claim.proven("json", numbers));

        assertThat(problem("c:[type==\"json\"]=>add(type=\"n\",value=JsonToClaimValue(c.value));", claims))
                .contains("there are more than 10000 claims");
    }

    @Test
    void queriesAreCounted() {
        String numbers = IntStream.range(0, 2000).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
        String rules =
                "c:[type==\"json\"]=>add(type=\"n\",value=JmesPath(c.value,\"[*].[@,@][].[@,@][].[@,@][].[@,@][].[@,@][].[@,@][]|sort(@)|length(@)\"));";

        assertThat(problem(rules.repeat(300), List.of(Claim.proven("json", numbers))))
                .containsAnyOf("steps", "failed");
    }

    @Test
    void jsonTextIsReadOnceAndNotTooDeep() {
        String large = "[" + "\"xxxxxxxxxxxxxxxx\",".repeat(200_000) + "1]";
        String rules = "c:[type==\"json\"]=>add(type=\"n\",value=JmesPath(c.value,\"[-1]\"));".repeat(800);

        assertThat(Policies.authorizing(rules + "=>permit();")
                        .evaluate(List.of(Claim.proven("json", large)))
                        .permitted())
                .isTrue();
        assertThat(problem(rules, List.of(Claim.proven("json", "[".repeat(33) + "]".repeat(33)))))
                .contains("no JSON text");
    }

    @Test
    void textsOfOneHashCodeAreNoSlower() {
        List<String> texts = new ArrayList<>(List.of(""));
        while (texts.size() < 8192) {
            texts = texts.stream()
                    .flatMap(each -> List.of(each + "Aa", each + "BB").stream())
                    .collect(Collectors.toCollection(ArrayList::new));
        }
        List<Claim> claims = texts.stream().map(each -> Claim.proven("t", each)).toList();
        assertThat(texts.stream().map(String::hashCode).distinct()).hasSize(1);
        String rules =
                "a:[type==\"t\"]&&b:[type==\"t\",value==a.value]&&[type==\"t\",value==b.value]=>permit();".repeat(20);

        assertThat(Assertions.assertTimeout(
                        Duration.ofSeconds(20),
                        () -> Policies.authorizing(rules).evaluate(claims).permitted()))
                .isTrue();
    }

    private static List<Claim> numbered(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Claim.proven("n", i + 10))
                .toList();
    }

    private static String problem(String rules, List<Claim> claims) {
        Decision decision = Policies.authorizing(rules).evaluate(claims);
        assertThat(decision.permitted()).isFalse();
        return decision.problem().orElseThrow().toString();
    }
}
