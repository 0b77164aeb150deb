package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example of a policy: what its page shows is what comes out, and its cases find a policy that was weakened. */
final class PolicyExampleTest {
    private static final Path ROOT = Path.of(System.getProperty("innerkeep.root", "..")).toAbsolutePath().normalize();
    private static final Path FOLDER = ROOT.resolve("examples/policy");
    private static final Pattern COMMAND = Pattern.compile("```sh\n\\./innerkeep (.*)\n```(?:\n```\n((?s).*?)```)?");

    private record Outcome(int exitCode, String out) {}

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        int exitCode = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true)).execute(arguments);
        return new Outcome(exitCode, out.toString());
    }

    /** An ellipsis on a line of its own stands for any lines. */
    private static Pattern shown(String text) {
        return Pattern.compile(Stream.of(text.split("…\n", -1)).map(Pattern::quote).collect(Collectors.joining("(?s:.*)")));
    }

    @Test
    void everyCommandOfThePagePrintsWhatThePageShows() throws IOException {
        Matcher commands = COMMAND.matcher(Files.readString(FOLDER.resolve("README.md")));
        int count = 0;
        while (commands.find()) {
            String[] arguments = commands.group(1).replace("examples/policy/", FOLDER + "/").split(" ");
            Outcome outcome = run(arguments);
            String expected = commands.group(2) == null ? "" : commands.group(2);
            assertThat(outcome.out().replace(FOLDER.toString(), "examples/policy")).as(commands.group(1)).matches(shown(expected));
            assertThat(outcome.exitCode()).as(commands.group(1)).isEqualTo(arguments[1].equals("explain") ? 1 : 0);
            count++;
        }
        assertThat(count).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mrsigner", "product-id", "svn\", value>=3", "is-debuggable", "tcb-status", "deny"})
    void aCaseFailsIfAConditionIsLeftOut(String line) throws IOException {
        List<String> lines = Files.readAllLines(FOLDER.resolve("hospitals.txt"));
        List<String> weaker = lines.stream().filter(each -> !each.contains(line)).toList();
        assertThat(weaker).hasSize(lines.size() - 1);
        String text = String.join("\n", weaker).replace("on a platform that has every fix.\n    && ", "on a platform that has every fix.\n    ");
        Path file = Files.createTempFile("weaker", ".txt");
        try {
            Files.writeString(file, text);
            assertThat(run("policy", "check", file.toString()).exitCode()).isZero();
            Outcome outcome = run("policy", "test", file.toString(), FOLDER.resolve("cases.json").toString());
            assertThat(outcome.exitCode()).as(outcome.out()).isEqualTo(1);
            assertThat(Arrays.stream(outcome.out().split("\n")).filter(each -> each.startsWith("FAILED"))).isNotEmpty();
        } finally {
            Files.delete(file);
        }
    }
}
