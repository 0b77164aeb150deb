package org.innerkeep.cli.policy;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.innerkeep.cli.text.Shown;
import picocli.CommandLine;

/** What the tools have in common: where they print, and how they fail. */
abstract class Tool implements Callable<Integer> {
    /** What was asked does not hold. */
    static final int NO = 1;

    /** A file is of no use, or the command line is wrong. */
    static final int UNUSABLE = 2;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /** Does the work. */
    abstract int run(PrintWriter out) throws UnusableException, IOException;

    @Override
    public final Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            return run(out);
        } catch (UnusableException e) {
            spec.commandLine().getErr().println("innerkeep: " + e.getMessage());
            return UNUSABLE;
        } catch (IOException e) {
            spec.commandLine().getErr().println("innerkeep: " + Shown.line(String.valueOf(e.getMessage())));
            return UNUSABLE;
        } finally {
            out.flush();
        }
    }

    /** The command line says something that cannot be. */
    final CommandLine.ParameterException wrong(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }
}
