package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The tutorials, word by word: every block of commands as it stands there, in the terminal that it names, and what comes out compared
 * with what stands there. Only the port is another one, so that tests do not meet; {@link ScratchHome} says what is special about the
 * machine.
 */
final class TutorialIT {
    private static final Path ROOT = Path.of(System.getProperty("innerkeep.root"));
    private static final String PORT = "8443";
    private static final String PROGRAM = "salaries/enclave/src/main/java/com/example/salaries/enclave/SalariesEnclave.java";

    @Test
    void yourOwnEnclaveInTenMinutes() throws Exception {
        String section = Tutorial.section(ROOT.resolve("README.md"), "Ten minutes: your own enclave");
        try (ScratchHome home = ScratchHome.make()) {
            perform(home, section);

            String program = Files.readString(home.folder().resolve(PROGRAM)).replace("LEAST = 3", "LEAST = 5");
            assertThat(Tutorial.blocks(section, "java")).hasSize(1).allMatch(program::contains);
            assertThat(home.localRepository().resolve("org/innerkeep/innerkeep-enclave")).isDirectory();
        }
    }

    @Test
    void helloByHand() throws Exception {
        try (ScratchHome home = ScratchHome.make()) {
            perform(home, Tutorial.section(ROOT.resolve("examples/hello/README.md"), "Run it by hand"));
        }
    }

    private static void perform(ScratchHome home, String section) throws Exception {
        List<Tutorial.Step> steps = Tutorial.steps(section.replace(PORT, Integer.toString(FreePort.find())));
        assertThat(steps).hasSizeGreaterThan(3);
        for (Tutorial.Step step : steps) {
            perform(home.terminal(step.terminal()), step);
        }
    }

    private static void perform(Terminal terminal, Tutorial.Step step) throws Exception {
        if (step.afterCtrlC()) {
            terminal.pressCtrlC();
        }
        terminal.paste(step.commands());
        if (!step.goesOn()) {
            Terminal.Ended ended = terminal.awaitEnd();
            String what = step.commands() + "\n" + terminal.output();
            assertThat(ended.exitCode()).as(what).isEqualTo(step.exitCode());
            assertThat(ended.failed()).as(what).isEqualTo(step.exitCode() == 0 ? 0 : 1);
            terminal.rewind();
        }
        for (Pattern line : step.output()) {
            terminal.await(line);
        }
    }
}
