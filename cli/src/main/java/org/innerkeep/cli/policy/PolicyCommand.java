package org.innerkeep.cli.policy;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Tools for attestation policies; none needs a service. */
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        description = "Checks, formats, tests and explains attestation policies, without a service.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  innerkeep policy check policy.txt",
            "  innerkeep policy explain policy.txt --claims claims.json",
            "  innerkeep policy lint policy.txt --type sgx",
            "  innerkeep policy test policy.txt cases.json"
        },
        subcommands = {
            CheckCommand.class, EvalCommand.class, ExplainCommand.class, LintCommand.class, TestCommand.class, FmtCommand.class
        })
public final class PolicyCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: check, eval, explain, lint, test or fmt");
    }
}
