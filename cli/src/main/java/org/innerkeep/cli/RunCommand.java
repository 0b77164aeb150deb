package org.innerkeep.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.host.StateFolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A host for enclaves that need nothing from theirs but to be started and reached. */
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

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        InetSocketAddress wanted = Addresses.parse(spec.commandLine(), listen);
        Platform platform = keeper.map(Platform::process).orElse(Platform.PROCESS);
        Host host = Host.on(platform);
        if (state.isPresent()) {
            host = host.offering(StateStore.class, StateFolder.open(state.get()));
        }
        try (Enclave enclave = host.start(bundle)) {
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
}
