package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What {@code docs/policies.md} shows is what the reader does. */
class PoliciesPageTest {
    private static final Path PAGE = Path.of(System.getProperty("innerkeep.root", ".."), "docs", "policies.md");

    @Test
    void everyExampleIsAPolicy() throws IOException {
        assertThat(blocks("policy"))
                .hasSizeGreaterThan(3)
                .allSatisfy(text -> assertThat(Policy.parse(text)).isInstanceOf(Parsed.Valid.class));
    }

    @Test
    void theProblemsOfTheWrongOneAreThoseOnThePage() throws IOException {
        String problems = ((Parsed.Invalid) Policy.parse(blocks("not-a-policy").getFirst()))
                .problems().stream().map(each -> each + "\n").collect(Collectors.joining());

        assertThat(problems).isEqualTo(blocks("problems").getFirst());
    }

    @Test
    void theLimitsOnThePageAreTheLimits() throws IOException {
        String page = Files.readString(PAGE).replace(",", "");

        for (long limit : List.of(
                (long) Limits.MAX_POLICY_BYTES,
                (long) Limits.MAX_RULES,
                (long) Limits.MAX_NESTING,
                (long) Limits.MAX_CLAIMS,
                (long) Limits.MAX_TEXT,
                (long) Limits.MAX_CLAIM_TEXT,
                (long) Limits.MAX_MADE_TEXT,
                (long) Limits.MAX_QUERY_RESULT,
                (long) Limits.MAX_JSON_DEPTH,
                (long) Limits.MAX_JSON_VALUES,
                (long) Limits.MAX_TYPE,
                Limits.MAX_STEPS)) {
            assertThat(page).containsPattern("\\b" + limit + "\\b");
        }
    }

    private static List<String> blocks(String kind) throws IOException {
        return Pattern.compile("(?ms)^```" + kind + "\\R(.*?)^```$")
                .matcher(Files.readString(PAGE))
                .results()
                .map(each -> each.group(1))
                .toList();
    }
}
