package org.innerkeep.cli.keys;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** An owner's vault: keys, and who may use them. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = {
            "Keys in your vault, and which enclaves may use them. A key never leaves the vault: an enclave that you grant it gets the key"
                    + " of one file at a time.",
            "The vault runs in 'innerkeep serve'; you are known to it by its admin key."
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the vault refuses, or cannot be reached; the message says why",
            "2:the command line is wrong"
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep keys create patients",
            "  innerkeep keys grant patients --signer 5f0c… --product 7 --least-version 3 --platform process --memory root",
            "  innerkeep seal --key patients patients.csv -o patients.age",
            "  innerkeep keys why patients",
            "  innerkeep keys update patients study-3.enclave study-4.enclave",
            "  innerkeep keys revoke patients 3f9a…"
        },
        subcommands = {
            ChangeCommands.Create.class,
            ChangeCommands.Import.class,
            ShowCommands.Keys.class,
            ShowCommands.Show.class,
            GrantCommand.class,
            ChangeCommands.Revoke.class,
            UpdateCommand.class,
            ChangeCommands.Rotate.class,
            ChangeCommands.Enable.class,
            ChangeCommands.Disable.class,
            ChangeCommands.Delete.class,
            ChangeCommands.Recover.class,
            ChangeCommands.Purge.class,
            ShowCommands.Enclaves.class,
            ShowCommands.Why.class,
            ShowCommands.Log.class
        })
public final class KeysCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(),
                "say what to do: create, import, list, show, grant, revoke, update, rotate, enable, disable, delete, recover, purge,"
                        + " enclaves, why or log");
    }
}
