package org.innerkeep.attestation.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which paths are of which operation. */
class RouteTest {
    private static Route route(String template) {
        return new Route("name", "GET", template, "", Access.ANYONE, Set.of(), List.of(), 0, call -> Reply.noContent());
    }

    @Test
    void aPathWithoutVariablesIsItself() {
        assertThat(route("/log/head").match("/log/head")).contains(Map.of());
        for (String other : List.of("/log/head/", "//log/head", "/log", "/log/Head", "", "/log%2fhead", "/log/head;x")) {
            assertThat(route("/log/head").match(other)).as(other).isEmpty();
        }
    }

    @Test
    void variablesAreSegmentsOfLettersDigitsAndHyphens() {
        Route route = route("/vault/keys/{name}/grants/{grant}");
        assertThat(route.match("/vault/keys/a-1/grants/F0")).contains(Map.of("name", "a-1", "grant", "F0"));
        for (String other : List.of("/vault/keys//grants/F0", "/vault/keys/a/grants/", "/vault/keys/a.b/grants/F0", "/vault/keys/../grants/F0",
                "/vault/keys/a%2e/grants/F0", "/vault/keys/é/grants/F0", "/vault/keys/a/b/grants/F0",
                "/vault/keys/" + "a".repeat(128) + "/grants/F0")) {
            assertThat(route.match(other)).as(other).isEmpty();
        }
        assertThat(route.variableNames()).containsExactly("name", "grant");
    }

    @Test
    void whatStandsBehindAVariableIsPartOfThePath() {
        Route reset = route("/policies/{type}:reset");
        assertThat(reset.match("/policies/SgxEnclave:reset")).contains(Map.of("type", "SgxEnclave"));
        assertThat(reset.match("/policies/SgxEnclave")).isEmpty();
        assertThat(reset.match("/policies/:reset")).isEmpty();
        assertThat(route("/policies/{type}").match("/policies/SgxEnclave:reset")).isEmpty();
    }

    @Test
    void aVariableMayBeEmptyOnlyWhereTheTemplateSaysSo() {
        Route release = route("/keys/{name}/{version?}/release");
        assertThat(release.match("/keys/skr//release")).contains(Map.of("name", "skr", "version", ""));
        assertThat(release.match("/keys/skr/1a/release")).contains(Map.of("name", "skr", "version", "1a"));
        assertThat(release.match("/keys//1a/release")).isEmpty();
        assertThat(release.variableNames()).containsExactly("name", "version");
    }
}
