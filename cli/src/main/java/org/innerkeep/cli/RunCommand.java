package org.innerkeep.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.cli.trust.CarriedVault;
import org.innerkeep.client.Trust;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.host.StateFolder;
import org.innerkeep.host.VaultAccess;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A host for enclaves that need nothing from theirs but to be started and reached, and vaults to be reached. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Starts a bundle and carries clients' connections to it until it ends or is interrupted.",
        footer = {
            "",
            "Examples:",
            "  innerkeep run hello.enclave --listen 127.0.0.1:8443",
            "  innerkeep run hello.enclave --listen 127.0.0.1:8443 --log logs --counters",
            "  innerkeep run register.enclave --listen 127.0.0.1:8443 --state register-state",
            "  innerkeep run study.enclave --vault https://vault.hospital.example:8443 --files sealed",
            "",
            "A log comes sealed, one age file for each fetch that finds something new; whoever the program",
            "names reads it: innerkeep unseal 20261124T101500Z-1.log.age --identity developer.age"
        })
final class RunCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BUNDLE", description = "The bundle's file.")
    private Path bundle;

    @Option(names = "--keeper", paramLabel = "SOCKET", description = "The keeper's socket, unless the usual one.")
    private Optional<Path> keeper = Optional.empty();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where clients connect (${DEFAULT-VALUE}); port 0 takes a free one.")
    private String listen = "127.0.0.1:0";

    @Option(names = "--log", paramLabel = "DIR", description = "Where the enclave's sealed log is stored.")
    private Optional<Path> log = Optional.empty();

    @Option(names = "--counters", description = "Prints the program's counters whenever they have changed.")
    private boolean counters;

    @Option(names = "--every", paramLabel = "SECONDS", description = "How often log and counters are fetched (${DEFAULT-VALUE}).")
    private int every = 5;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Where the enclave's sealed state is kept, a folder for this program alone. None unless given.")
    private Optional<Path> state = Optional.empty();

    @CommandLine.ArgGroup(exclusive = false, multiplicity = "0..*")
    private List<CarriedVault> vaults = new ArrayList<>();

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "Certificates that vouch for the servers of the vaults that are in no enclave, PEM; else those of the"
                    + " system.")
    private Optional<Path> authorities = Optional.empty();

    @Option(
            names = "--files",
            paramLabel = "DIR",
            description = "A folder whose ordinary files, sealed ones, the enclave may have. None unless given.")
    private Optional<Path> files = Optional.empty();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        InetSocketAddress wanted = Addresses.parse(spec.commandLine(), listen);
        Platform platform = keeper.map(Platform::process).orElse(Platform.PROCESS);
        try (Enclave enclave = host(platform).start(bundle)) {
            InetSocketAddress address = enclave.listen(wanted);
            var out = spec.commandLine().getOut();
            out.println("enclave   " + enclave.id());
            out.println("listening " + address.getAddress().getHostAddress() + ":" + address.getPort());
            out.flush();
            if (log.isPresent() || counters) {
                var err = spec.commandLine().getErr();
                try (Telltale telltale = new Telltale(enclave, log, counters ? Optional.of(out) : Optional.empty(), err)) {
                    telltale.watch(Duration.ofSeconds(Math.max(1, every)));
                }
            } else {
                enclave.ended().toCompletableFuture().join();
            }
            spec.commandLine().getErr().println("innerkeep: the enclave has ended");
        }
        return Main.FAILED;
    }

    private Host host(Platform platform) throws IOException {
        Host host = Host.on(platform);
        if (state.isPresent()) {
            host = host.offering(StateStore.class, StateFolder.open(state.get()));
        }
        if (vaults.isEmpty() && files.isEmpty()) {
            return host;
        }
        VaultAccess access = VaultAccess.none();
        boolean ordinary = false;
        for (CarriedVault vault : vaults) {
            Optional<Trust> evidence = vault.trust();
            ordinary |= evidence.isEmpty();
            try {
                access = evidence.isPresent()
                        ? access.to(vault.address(), evidence.get())
                        : authorities.isPresent() ? access.to(vault.address(), authorities.get()) : access.to(vault.address());
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(spec.commandLine(), "--vault: " + e.getMessage(), e);
            }
        }
        if (authorities.isPresent() && !ordinary && !vaults.isEmpty()) {
            throw new CommandLine.ParameterException(spec.commandLine(),
                    "--cacert: expected with a vault that is in no enclave: the certificate of one in an enclave is taken for the"
                            + " evidence in it");
        }
        return host.carrying(files.isPresent() ? access.files(files.get()) : access);
    }
}
