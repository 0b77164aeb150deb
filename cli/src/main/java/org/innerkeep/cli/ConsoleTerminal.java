package org.innerkeep.cli;

import java.io.Console;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.innerkeep.vault.master.Terminal;

/** The terminal that the command was started at: nothing of what passes here gets into a file or a journal. */
final class ConsoleTerminal implements Terminal {
    /** Clears the screen and what was scrolled off it (ECMA-48, and xterm's for the second). */
    private static final String CLEAR = "\u001b[H\u001b[2J\u001b[3J";

    private final Console console;

    private ConsoleTerminal(Console console) {
        this.console = console;
    }

    /** {@return the terminal, where both input and output are one} */
    static Optional<Terminal> here() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).map(ConsoleTerminal::new);
    }

    @Override
    public char[] secret(String prompt) throws IOException {
        char[] typed = console.readPassword("%s", prompt);
        if (typed == null) {
            throw new IOException("terminal: expected an answer to '" + prompt.strip() + "', found the end of the input");
        }
        return typed;
    }

    @Override
    public void showOnce(List<String> lines) throws IOException {
        lines.forEach(line -> console.printf("%s%n", line));
        String answer = console.readLine("%nType 'kept' when all of them are kept; the screen is then cleared: ");
        console.printf("%s", CLEAR);
        console.flush();
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).equals("kept")) {
            throw new IOException("vault: the shares were not kept, so they are void, and nothing was made or changed. Start again");
        }
    }
}
