package org.innerkeep.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A host for enclaves that need nothing from theirs but to be started and reached. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Starts a bundle and carries clients' connections to it until it ends or is interrupted.",
        footer = {"", "Example: innerkeep run hello.enclave --listen 127.0.0.1:8443"})
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

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        InetSocketAddress wanted = Addresses.parse(spec.commandLine(), listen);
        Platform platform = keeper.map(Platform::process).orElse(Platform.PROCESS);
        try (Enclave enclave = Host.start(bundle, platform)) {
            InetSocketAddress address = enclave.listen(wanted);
            var out = spec.commandLine().getOut();
            out.println("enclave   " + enclave.id());
            out.println("listening " + address.getAddress().getHostAddress() + ":" + address.getPort());
            out.flush();
            enclave.ended().toCompletableFuture().join();
            spec.commandLine().getErr().println("innerkeep: the enclave has ended");
        }
        return Main.FAILED;
    }
}
