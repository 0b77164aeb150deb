package org.innerkeep.cli.keys;

import java.io.Console;

/** A question at the terminal. */
final class Question {
    private Question() {}

    /** Asks; whoever is not at a terminal, or types anything else, has not said yes. */
    static boolean yes(String question) {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            return false;
        }
        String answer = console.readLine("%s", question);
        return answer != null && answer.strip().equals("yes");
    }
}
