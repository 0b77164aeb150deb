package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.innerkeep.keeper.Keeper;
import org.innerkeep.keeper.KeeperSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The trusted side of the software platforms. */
@Command(
        name = "keeper",
        mixinStandardHelpOptions = true,
        description = "Runs or installs this machine's keeper: it measures, starts and vouches for enclaves.",
        footer = {"", "Example: innerkeep keeper run"},
        subcommands = {KeeperCommand.Run.class, KeeperCommand.Anchor.class, KeeperInstallCommand.class})
final class KeeperCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    static Path defaultFolder() {
        return Path.of(System.getProperty("user.home"), ".innerkeep", "keeper");
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say run, install or anchor");
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = "Runs a keeper until it is interrupted.",
            footer = {
                "",
                "Example: innerkeep keeper run --folder ~/.innerkeep/keeper",
                "",
                "Started by an ordinary user, keeper, host and enclaves share that user, reports say so, and default",
                "trust refuses them. 'innerkeep keeper install' sets up a service that separates them."
            })
    static final class Run implements Callable<Integer> {
        @Option(names = "--folder", paramLabel = "DIR", description = "The keeper's own folder (${DEFAULT-VALUE}).")
        private Path folder = defaultFolder();

        @Option(
                names = "--allow-user",
                paramLabel = "USER",
                description = "A further user, by name or number, who may start enclaves. Repeatable.")
        private List<String> allowed = List.of();

        @Option(
                names = "--enclave-uids",
                paramLabel = "FIRST",
                description = "The first of 16777216 user ids for enclaves (${DEFAULT-VALUE}); no account may have one.")
        private int firstUid = KeeperSettings.in(Path.of(".")).firstEnclaveUid();

        @Option(
                names = "--secret-heaps",
                paramLabel = "BYTES",
                description = "The most memory that all secret heaps may lock together; half of the machine's if not given.")
        private @Nullable Long secretHeaps;

        private static final Set<String> SAID_ABOVE = Set.of("separate-users", "namespaces");

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            KeeperSettings sound = KeeperSettings.in(folder.toAbsolutePath());
            KeeperSettings settings = new KeeperSettings(
                    sound.folder(),
                    new HashSet<>(allowed),
                    firstUid,
                    sound.maxEnclaves(),
                    sound.maxBundleBytes(),
                    sound.launchTimeout(),
                    secretHeaps == null ? sound.maxSecretHeapBytes() : secretHeaps);
            try (Keeper keeper = Keeper.open(settings, new SecureRandom(), Clock.systemUTC())) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> closeQuietly(keeper)));
                var out = spec.commandLine().getOut();
                out.println("anchor    " + keeper.anchor());
                out.println("socket    " + keeper.socket());
                out.println("isolation "
                        + (keeper.separatesUsers()
                                ? "each enclave has a user of its own"
                                : "same-user: enclaves share this user; default trust refuses them"));
                out.println("network   "
                        + (keeper.separatesNetworks()
                                ? "each enclave has a network of its own, with nothing in it"
                                : "enclaves share this machine's network; servers in enclaves are refused"));
                keeper.platform().findings().stream()
                        .filter(each -> !SAID_ABOVE.contains(each.name()))
                        .forEach(each -> out.println(each.name() + (each.given() ? ": " : ": no, ") + each.explanation()));
                out.println("ready");
                out.flush();
                keeper.serve();
            }
            return 0;
        }

        private static void closeQuietly(Keeper keeper) {
            try {
                keeper.close();
            } catch (IOException e) {
                // The process ends, and with it the keeper's end of every enclave's input.
            }
        }
    }

    @Command(
            name = "anchor",
            mixinStandardHelpOptions = true,
            description = "Prints the keeper's public key, for relying parties to pin.",
            footer = {"", "Example: innerkeep keeper anchor --folder /var/lib/innerkeep"})
    static final class Anchor implements Callable<Integer> {
        @Option(names = "--folder", paramLabel = "DIR", description = "The keeper's own folder (${DEFAULT-VALUE}).")
        private Path folder = defaultFolder();

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            spec.commandLine().getOut().print(Files.readString(folder.resolve("keeper.anchor")));
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
