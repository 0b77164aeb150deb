package org.innerkeep.cli.keys;

import java.io.Console;
import java.util.Optional;

/** A question at the terminal. */
final class Question {
    private Question() {}

    /** Asks; whoever is not at a terminal, or types anything else, has not said yes. */
    static boolean yes(String question) {
        return Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .map(console -> console.readLine("%s", question))
                .filter(answer -> answer.strip().equals("yes"))
                .isPresent();
    }
}
