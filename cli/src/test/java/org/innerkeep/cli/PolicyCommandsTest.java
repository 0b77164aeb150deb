package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies checked, evaluated, linted, tested and formatted from the shell: what people and programs get, and the exit codes. */
final class PolicyCommandsTest {
    private static final String SIGNER = "ab".repeat(32);
    private static final String POLICY = """
            version=1.0;

            authorizationrules {
                [type=="x-ms-sgx-is-debuggable", value==false]
                && [type=="x-ms-sgx-mrsigner", value=="SIGNER"]
                => permit();
                [type=="x-ms-sgx-svn", value<2] => deny();
            };

            issuancerules {
                c:[type=="x-ms-sgx-svn"] => issue(type="svn", value=c.value);
            };
            """.replace("SIGNER", SIGNER);

    @TempDir
    private Path folder;

    private Path policy;
    private Path claims;

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void write() throws IOException {
        policy = Files.writeString(folder.resolve("policy.txt"), POLICY);
        claims = Files.writeString(folder.resolve("claims.json"),
                "{\"x-ms-sgx-is-debuggable\": false, \"x-ms-sgx-mrsigner\": \"" + SIGNER + "\", \"x-ms-sgx-svn\": 3}");
    }

    private static Outcome run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    private static Outcome runWithInput(String input, Object... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return run(arguments);
        } finally {
            System.setIn(before);
        }
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aGoodPolicyIsSaidToBeOne() {
        Outcome checked = run("policy", "check", policy);

        assertThat(checked.exitCode()).as(checked.err()).isZero();
        assertThat(checked.out()).isEqualTo(policy + ": a policy of version 1.0 with 3 rules\n");
    }

    @Test
    void aWrongPolicyIsShownWithTheLineAndAMark() throws IOException {
        Path wrong = file("wrong.txt", "version=1.0;\nauthorizationrules {\n\t[type=\"x\"] => permit();\n};\n");
        Outcome checked = run("policy", "check", policy, wrong);

        assertThat(checked.exitCode()).isEqualTo(1);
        assertThat(checked.out()).contains(wrong + ":3:7: found '=', expected '=='; write '==' to compare\n"
                + "     [type=\"x\"] => permit();\n"
                + "          ^\n");
    }

    @Test
    void programsGetProblemsAsJson() {
        Outcome checked = runWithInput("version=1.0;", "policy", "check", "-", "--json");
        JsonObject result = JsonParser.parseString(checked.out()).getAsJsonArray().get(0).getAsJsonObject();

        assertThat(checked.exitCode()).isEqualTo(1);
        assertThat(result.get("valid").getAsBoolean()).isFalse();
        assertThat(result.getAsJsonArray("problems").get(0).getAsJsonObject().get("line").getAsInt()).isEqualTo(1);
    }

    @Test
    void whatIsPermittedIsShownWithWhatIsIssued() {
        Outcome permitted = run("policy", "eval", policy, "--claims", claims);

        assertThat(permitted.exitCode()).as(permitted.err()).isZero();
        assertThat(permitted.out()).startsWith("permitted by rule 1 of authorizationrules (line 4, column 5)")
                .containsPattern("(?m)^issued$").containsPattern("(?m)^  \"svn\" +3$");
    }

    @Test
    void whatIsNotPermittedExitsWith1() throws IOException {
        Outcome denied = run("policy", "eval", policy, "--claims", file("old.json", "{\"x-ms-sgx-svn\": 1}"), "--json");
        Outcome failed = run("policy", "eval", policy, "--claims", file("text.json", "{\"x-ms-sgx-svn\": \"1\"}"));
        Outcome nobody = runWithInput("{}", "policy", "eval", policy, "--claims", "-");

        assertThat(denied.exitCode()).isEqualTo(1);
        assertThat(JsonParser.parseString(denied.out()).getAsJsonObject().get("decision").getAsString()).isEqualTo("deny");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.out()).contains("ended with an error").contains("line 7");
        assertThat(nobody.exitCode()).isEqualTo(1);
        assertThat(nobody.out()).startsWith("not permitted: no rule permits");
    }

    @Test
    void anExplanationSaysWhatEveryRuleFound() {
        Outcome explained = run("policy", "explain", policy, "--claims", claims);

        assertThat(explained.exitCode()).as(explained.err()).isZero();
        assertThat(explained.out()).contains("rule 1, line 4: permit(): yes").contains("rule 2, line 7: deny(): no").contains(SIGNER);
    }

    @Test
    void lintShowsFindingsWithTheLineAndAMark() throws IOException {
        Path open = file("open.txt", "version=1.0;\nauthorizationrules {\n    c:[type==\"$is-debuggable\"] && [value==true] => deny();\n"
                + "    => permit();\n};\n");
        Outcome found = run("policy", "lint", open, "--type", "SgxEnclave");

        assertThat(found.exitCode()).isEqualTo(1);
        assertThat(found.out()).contains(open + ":3:35: error: ").contains("[any-claim]")
                .contains("\n" + "    " + "    c:[type==\"$is-debuggable\"] && [value==true] => deny();\n" + " ".repeat(38) + "^\n");
        assertThat(run("policy", "lint", policy, "--type", "sgx").out()).isEqualTo(policy + ": nothing found\n");
        assertThat(run("policy", "lint", policy, "--type", "sgx").exitCode()).isZero();
        JsonArray json = JsonParser.parseString(run("policy", "lint", open, "--json").out()).getAsJsonArray();
        assertThat(json.get(0).getAsJsonObject().getAsJsonArray("findings")).isNotEmpty();
        assertThat(run("policy", "lint", policy, "--type", "abacus").exitCode()).isEqualTo(2);
    }

    @Test
    void notesAloneAreNoFailure() throws IOException {
        Outcome found = run("policy", "lint", file("note.txt", POLICY.replace("[type==\"x-ms-sgx-mrsigner", "s:[type==\"x-ms-sgx-mrsigner")));

        assertThat(found.out()).contains("note: nothing refers to 's'");
        assertThat(found.exitCode()).isZero();
    }

    @Test
    void testCasesPassOrSayWhatDiffers() throws IOException {
        Path cases = file("cases.json", """
                {"cases": [
                  {"name": "ours", "claims": {"x-ms-sgx-is-debuggable": false, "x-ms-sgx-mrsigner": "SIGNER", "x-ms-sgx-svn": 3},
                   "expect": {"decision": "permit", "issued": {"svn": 3}}},
                  {"name": "too old", "claims": {"x-ms-sgx-svn": 1}, "expect": {"decision": "deny"}}
                ]}""".replace("SIGNER", SIGNER));
        Outcome passed = run("policy", "test", policy, cases);
        Path wrong = file("wrong.json", Files.readString(cases).replace("\"svn\": 3}}", "\"svn\": 4}}"));
        Outcome failed = run("policy", "test", policy, wrong);

        assertThat(passed.exitCode()).as(passed.out() + passed.err()).isZero();
        assertThat(passed.out()).startsWith("ok      ours\nok      too old\n").contains("2 cases: 2 passed, 0 failed")
                .contains("coverage: 3 of 3 rules fired").contains("condition 2 (line 5, column 8) failed in no case");
        assertThat(run("policy", "test", policy, cases, "--require-coverage").exitCode()).isEqualTo(1);
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.out()).contains("FAILED  ours\n          issued \"svn\": expected 4, found 3\n");
        assertThat(JsonParser.parseString(run("policy", "test", policy, wrong, "--json").out()).getAsJsonObject().get("passed").getAsBoolean())
                .isFalse();
    }

    @Test
    void casesOfOtherPoliciesAreLeftOutAndAFileWithoutCasesIsRefused() throws IOException {
        String one = "{\"policy\": \"policy.txt\", \"expect\": {\"decision\": \"none\"}}";
        String other = "{\"policy\": \"other.txt\", \"expect\": {\"decision\": \"permit\"}}";

        assertThat(run("policy", "test", policy, file("both.json", "[" + one + "," + other + "]")).out())
                .contains("1 cases: 1 passed, 0 failed; 1 of other policies left out");
        assertThat(run("policy", "test", policy, file("other.json", "[" + other + "]")).exitCode()).isEqualTo(2);
        assertThat(run("policy", "test", policy, file("none.json", "[]")).exitCode()).isEqualTo(2);
    }

    @Test
    void policiesArePrintedCheckedAndWrittenInTheirLayout() throws IOException {
        Path messy = file("messy.txt", "version= 1.0 ;authorizationrules{=>permit();};");
        String expected = "version=1.0;\n\nauthorizationrules {\n    => permit();\n};\n";

        assertThat(run("policy", "fmt", messy).out()).isEqualTo(expected);
        assertThat(runWithInput(Files.readString(messy), "policy", "fmt", "-").out()).isEqualTo(expected);
        assertThat(run("policy", "fmt", messy, policy).exitCode()).isEqualTo(2);
        Outcome checked = run("policy", "fmt", "--check", messy, policy);
        assertThat(checked.exitCode()).isEqualTo(1);
        assertThat(checked.out()).isEqualTo(messy + "\n");
        assertThat(Files.readString(policy)).isEqualTo(POLICY);
        Outcome written = run("policy", "fmt", "--write", messy, policy);
        assertThat(written.exitCode()).isZero();
        assertThat(Files.readString(messy)).isEqualTo(expected);
        assertThat(run("policy", "fmt", "--check", messy, policy).exitCode()).isZero();
    }

    @Test
    void nothingIsWrittenIfOneFileIsNoPolicy() throws IOException {
        Path messy = file("messy.txt", "version= 1.0 ;authorizationrules{=>permit();};");
        Path wrong = file("wrong.txt", "version");

        assertThat(run("policy", "fmt", "--write", messy, wrong).exitCode()).isEqualTo(2);
        assertThat(Files.readString(messy)).startsWith("version= 1.0 ;");
        assertThat(run("policy", "fmt", "--write", "-").exitCode()).isEqualTo(2);
    }

    @Test
    void whatIsOfNoUseExitsWith2AndSaysWhy() throws IOException {
        Path wrong = file("wrong.txt", "version=1.0;\nauthorizationrules { => allow(); };");

        assertThat(run("policy", "eval", wrong, "--claims", claims)).satisfies(outcome -> {
            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("this is no policy").contains(wrong + ":2:").contains("^");
        });
        assertThat(run("policy", "eval", policy, "--claims", file("bad.json", "{\"a\": 1.5}"))).satisfies(outcome -> {
            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("bad.json").contains("whole number");
        });
        assertThat(run("policy", "check", folder.resolve("missing.txt"))).satisfies(outcome -> {
            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("no such file");
        });
        assertThat(run("policy").exitCode()).isEqualTo(2);
        assertThat(run("policy", "check", file("huge.txt", " ".repeat(100_000))).exitCode()).isEqualTo(1);
    }

    @Test
    void hostileTextDoesNotReachTheTerminal() throws IOException {
        Path escape = file("escape.txt", "version=1.0;\nauthorizationrules { [type==\"\u001b[2J\u202e\", value==\"\u001b[2J\"] => permit(); };");
        Path hostile = file("hostile.json", "{\"\\u001b[2J\": \"\\u001b[2J\\nrule 9 of authorizationrules fired\"}");

        for (Outcome outcome : new Outcome[] {
            run("policy", "check", escape), run("policy", "lint", escape), run("policy", "eval", policy, "--claims", hostile),
            run("policy", "explain", policy, "--claims", hostile), run("policy", "eval", escape, "--claims", hostile)
        }) {
            assertThat(outcome.out() + outcome.err()).doesNotContain("\u001b").doesNotContain("\u202e")
                    .doesNotContainPattern("(?m)^rule 9 of");
        }
    }

    @Test
    void everyToolHasHelpWithAnExample() {
        for (String tool : new String[] {"check", "eval", "explain", "lint", "test", "fmt"}) {
            Outcome help = run("policy", tool, "--help");
            assertThat(help.exitCode()).isZero();
            assertThat(help.out()).contains("Exit codes:").contains("innerkeep policy " + tool);
        }
    }
}
