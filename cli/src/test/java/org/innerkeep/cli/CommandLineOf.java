package org.innerkeep.cli;

import picocli.CommandLine;

/** The command, for tests of other packages. */
public final class CommandLineOf {
    private CommandLineOf() {}

    /** {@return the whole command} */
    public static CommandLine innerkeep() {
        return Main.commandLine();
    }
}
