package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a tutorial which is wrong does not pass: what is read of it, and what a terminal notices. */
final class TutorialTest {
    private static final String SECTION =
            """
            Some text.

            ```sh
            # terminal 1
            one
            ```

            ```
            begins … ends
            …
            (last)
            ```

            ```java
            class Shown {}
            ```

            ```sh
            # terminal 3: press Ctrl-C, then
            two \\
                three
            ```

            ```sh
            # terminal 1, exit code 1
            four
            ```
            """;

    @TempDir
    private Path folder;

    private Terminal terminal() throws IOException {
        return new Terminal("terminal", folder, System.getenv());
    }

    private static Terminal.Ended run(Terminal terminal, String commands) throws Exception {
        terminal.paste(commands);
        return terminal.awaitEnd();
    }

    @Test
    void aSectionIsReadBlockByBlock() throws IOException {
        List<Tutorial.Step> steps = Tutorial.steps(SECTION);

        assertThat(steps).extracting(Tutorial.Step::terminal).containsExactly(1, 3, 1);
        assertThat(steps).extracting(Tutorial.Step::exitCode).containsExactly(0, 0, 1);
        assertThat(steps).extracting(Tutorial.Step::afterCtrlC).containsExactly(false, true, false);
        assertThat(steps).extracting(Tutorial.Step::goesOn).containsExactly(false, true, false);
        assertThat(steps.get(1).commands()).contains("two \\\n    three\n");
        assertThat(steps.get(0).output()).hasSize(2);
        assertThat(steps.get(0).output().getFirst().asMatchPredicate()).accepts("begins and ends").rejects("it begins and ends", "begins");
        assertThat(steps.get(0).output().getLast().asMatchPredicate()).accepts("(last)").rejects("last");
        assertThat(Tutorial.blocks(SECTION, "java")).containsExactly("class Shown {}\n");
    }

    @Test
    void aBlockThatDoesNotSayWhereItBelongsIsRefused() {
        assertThatThrownBy(() -> Tutorial.steps("```sh\nmvn verify\n```\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("# terminal N");
    }

    @Test
    void onlyTheNamedSectionIsTakenAndAMissingOneIsSaid() throws IOException {
        Path document = Files.writeString(folder.resolve("a.md"), "# A\n\n## One\n\n1\n\n## Two\n\n2\n");
        assertThat(Tutorial.section(document, "One")).isEqualTo("\n1\n");
        assertThat(Tutorial.section(document, "Two")).isEqualTo("\n2\n");
        assertThatThrownBy(() -> Tutorial.section(document, "Three")).isInstanceOf(IOException.class).hasMessageContaining("Three");
    }

    @Test
    void everyCommandThatFailsIsCountedNotOnlyTheLast() throws Exception {
        try (Terminal terminal = terminal()) {
            assertThat(run(terminal, "true\necho done\n")).isEqualTo(new Terminal.Ended(0, 0));
            assertThat(run(terminal, "false\ntrue\n")).isEqualTo(new Terminal.Ended(0, 1));
            assertThat(run(terminal, "false | cat\ntrue\n")).isEqualTo(new Terminal.Ended(0, 1));
            assertThat(run(terminal, "for i in 1 2; do false; done\n")).isEqualTo(new Terminal.Ended(1, 2));
            assertThat(run(terminal, "(exit 3)\n")).isEqualTo(new Terminal.Ended(3, 1));
        }
    }

    @Test
    void aTerminalKeepsWhatWasSetInIt() throws Exception {
        try (Terminal terminal = terminal()) {
            run(terminal, "mkdir there\ncd there\nword=kept\n");
            run(terminal, "echo \"$word in $PWD\"\n");
            assertThat(terminal.output()).contains("kept in " + folder.toRealPath().resolve("there"));
        }
    }

    @Test
    void outputThatDoesNotComeIsSaid() throws Exception {
        try (Terminal terminal = terminal()) {
            run(terminal, "printf 'first\\n\\033[1msecond\\033[m\\n'\n");
            terminal.rewind();
            terminal.await(Pattern.compile("second"));
            assertThatThrownBy(() -> terminal.await(Pattern.compile("first"))).isInstanceOf(IOException.class).hasMessageContaining("first");
        }
    }

    @Test
    void whatGoesOnIsEndedByCtrlCAndTheTerminalGoesOn() throws Exception {
        try (Terminal terminal = terminal()) {
            terminal.paste("echo ready\nsleep 600\n");
            terminal.await(Pattern.compile("ready"));
            terminal.pressCtrlC();
            assertThat(run(terminal, "echo again\n")).isEqualTo(new Terminal.Ended(0, 0));
        }
    }

    /** As when the machine is slow: the shell has said what was waited for, and the program is not there yet. */
    @Test
    void ctrlCWaitsForAProgramThatIsYetToStart() throws Exception {
        try (Terminal terminal = terminal()) {
            terminal.paste("echo ready\nfor ((i = 0; i < 200000; i++)); do :; done\nsleep 600\n");
            terminal.await(Pattern.compile("ready"));
            terminal.pressCtrlC();
            assertThat(run(terminal, "echo again\n")).isEqualTo(new Terminal.Ended(0, 0));
        }
    }

    @Test
    void ctrlCAfterTheEndChangesNothing() throws Exception {
        try (Terminal terminal = terminal()) {
            terminal.paste("echo ready\n");
            terminal.await(Pattern.compile("ready"));
            terminal.pressCtrlC();
            assertThat(run(terminal, "echo again\n")).isEqualTo(new Terminal.Ended(0, 0));
        }
    }

    @Test
    void nothingOutlivesATerminal() throws Exception {
        long child;
        try (Terminal terminal = terminal()) {
            terminal.paste("bash -c 'echo $$; exec sleep 600'\n");
            Pattern number = Pattern.compile("\\d+");
            terminal.await(number);
            child = Long.parseLong(terminal.output().lines().filter(number.asMatchPredicate()).findFirst().orElseThrow());
            assertThat(ProcessHandle.of(child)).isPresent();
        }
        assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
    }
}
