package org.innerkeep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.innerkeep.keeper.ProcessPlatform;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What this machine can do for enclaves. */
@Command(
        name = "platforms",
        mixinStandardHelpOptions = true,
        description = "Says what this machine and this user can protect enclaves by, why not by more, and what would change that.",
        footer = {"", "Example: sudo innerkeep platforms"})
final class PlatformsCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println("process: a confined process that a keeper starts");
        print(ProcessPlatform.look(), out);
        out.flush();
        return 0;
    }

    static void print(ProcessPlatform platform, PrintWriter out) {
        platform.findings().forEach(each ->
                out.printf("  %-18s  %-3s  %s%n", each.name(), each.given() ? "yes" : "no", each.explanation()));
    }
}
