package org.innerkeep.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.stream.Collectors;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.cli.keys.KeysCommand;
import org.innerkeep.cli.policy.PolicyCommand;
import org.innerkeep.cli.text.Shown;
import org.innerkeep.evidence.Reason;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Starts the command line. */
@Command(
        name = "innerkeep",
        version = "innerkeep " + Main.VERSION,
        mixinStandardHelpOptions = true,
        description = "Confidential computing for the JVM.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; for a check: it holds",
            "1:failed; for a check: it does not hold",
            "2:the command line is wrong",
            "3:something must be installed first"
        },
        footer = {"", "Example: innerkeep demo"})
public final class Main implements Runnable {
    /** Of the command and of the libraries that it was built with. */
    static final String VERSION = "0.1.0";

    /** Something did not come out right. */
    static final int FAILED = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** Something must be installed first. */
    static final int PREREQUISITE = 3;

    /** In the order of the help. */
    static final List<String> COMMANDS = List.of(
            "help", "demo", "new", "keygen", "pack", "sign", "measure", "inspect", "diff", "keeper", "platforms", "run", "leakcheck", "profile",
            "keys", "seal", "unseal", "verify", "evidence", "policy", "serve", "log");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /**
     * Runs one command and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        boolean known = arguments.length > 0 && COMMANDS.contains(arguments[0]) && !arguments[0].equals("help");
        System.exit(commandLine(known ? List.of(arguments[0]) : COMMANDS).execute(arguments));
    }

    static CommandLine commandLine() {
        return commandLine(COMMANDS);
    }

    /** A command line with some of its commands: to look at all of them takes longer than most take to run. */
    static CommandLine commandLine(List<String> names) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        CommandLine commands = new CommandLine(new Main());
        names.forEach(name -> commands.addSubcommand(name, command(name)));
        sayExitCodes(commands, commands.getCommandSpec().usageMessage());
        return commands.setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("innerkeep: " + message(failure));
                    return FAILED;
                });
    }

    private static Object command(String name) {
        return switch (name) {
            case "help" -> new HelpCommand();
            case "demo" -> new DemoCommand();
            case "new" -> new NewCommand();
            case "keygen" -> new KeygenCommand();
            case "pack" -> new PackCommand();
            case "sign" -> new SignCommand();
            case "measure" -> new MeasureCommand();
            case "inspect" -> new InspectCommand();
            case "diff" -> new DiffCommand();
            case "keeper" -> new KeeperCommand();
            case "platforms" -> new PlatformsCommand();
            case "run" -> new RunCommand();
            case "leakcheck" -> new LeakcheckCommand();
            case "profile" -> new ProfileCommand();
            case "keys" -> new KeysCommand();
            case "seal" -> new SealCommand();
            case "unseal" -> new UnsealCommand();
            case "verify" -> new VerifyCommand();
            case "evidence" -> new EvidenceCommand();
            case "policy" -> new PolicyCommand();
            case "serve" -> new ServeCommand();
            case "log" -> new LogCommand();
            default -> throw new IllegalArgumentException("no command is named " + name);
        };
    }

    /** A command that says nothing of its own about exit codes has those of the whole. */
    private static void sayExitCodes(CommandLine commands, UsageMessageSpec whole) {
        for (CommandLine command : commands.getSubcommands().values()) {
            UsageMessageSpec own = command.getCommandSpec().usageMessage();
            if (own.exitCodeList().isEmpty()) {
                own.exitCodeListHeading(whole.exitCodeListHeading()).exitCodeList(whole.exitCodeList());
            }
            sayExitCodes(command, whole);
        }
    }

    private static String message(Exception failure) {
        return switch (failure) {
            case NoSuchFileException missing -> missing.getMessage() + ": no such file";
            case AccessDeniedException denied -> denied.getMessage() + ": permission denied";
            case SessionRefusedException refused -> "the enclave is refused:\n" + refused.refusal().reasons().stream()
                    .map(Main::line)
                    .collect(Collectors.joining("\n"));
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        };
    }

    /** What was found is often text of the other end's. */
    static String line(Reason reason) {
        return new Reason(
                        reason.code(), Shown.line(reason.path()), Shown.line(reason.found()), Shown.line(reason.wanted()), reason.remedy())
                .toString();
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do; 'innerkeep help' lists it");
    }
}
