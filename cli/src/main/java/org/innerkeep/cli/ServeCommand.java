package org.innerkeep.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.cli.enclosed.EnclosedService;
import org.innerkeep.cli.enclosed.InEnclave;
import org.innerkeep.host.Platform;
import org.innerkeep.vault.VaultPart;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the attestation service and the vault. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the attestation service: turns evidence into signed tokens by policies that you set. Its interface is Microsoft Azure"
                    + " Attestation's, so existing clients work by changing an address.",
            "It also runs your vault: keys that enclaves get one file at a time of; see 'innerkeep keys'. Pin the keepers whose enclaves may"
                    + " ask with the setting keeper-anchor. docs/vault.md says how its master key is kept, and recovered from shares.",
            "With --in-enclave both run in an enclave of a keeper on this machine: settings are measured, what is kept lies here"
                    + " sealed, and"
                    + " clients verify it before they send anything. docs/vault.md has the steps.",
            "Without options it serves this machine alone, with a certificate made for a trial, and keeps everything in"
                    + " ~/.innerkeep/service. docs/attestation-service.md lists all settings."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was ended by a signal",
            "1:it cannot start, or was not closed in order: a file, the store or the address cannot be used",
            "2:a setting or the command line is wrong"
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep serve",
            "  innerkeep serve --fetch",
            "  innerkeep serve --listen 0.0.0.0:443 --issuer https://attest.example --tls-cert chain.pem --tls-key key.pem",
            "  innerkeep serve --config service.properties --store jdbc:postgresql://db.example/attestation",
            "  innerkeep serve --in-enclave --config vault.properties --issuer https://vault.example --key developer.pem"
                    + " --pack-only",
            "  innerkeep serve --in-enclave --bundle service.enclave --listen 0.0.0.0:443 --state /var/lib/vault"
        })
final class ServeCommand implements Callable<Integer> {
    @Option(names = "--config", paramLabel = "FILE", description = "A file of properties with these and further settings.")
    private @Nullable Path config;

    @Option(names = "--folder", paramLabel = "DIR", description = "Where keys and the store are, unless they are named.")
    private @Nullable Path folder;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Where to listen (127.0.0.1:8443).")
    private @Nullable String listen;

    @Option(names = "--issuer", paramLabel = "URL", description = "The name in tokens, and the address that clients use.")
    private @Nullable String issuer;

    @Option(names = "--store", paramLabel = "FILE|URL", description = "An SQLite file, or jdbc:postgresql:… for several instances.")
    private @Nullable String store;

    @Option(names = "--mode", paramLabel = "MODE", description = "Who may set policies: authorized (also: aad) or isolated.")
    private @Nullable String mode;

    @Option(names = "--policy-signers", paramLabel = "FILE", description = "With isolated: certificates of the first policy signers, PEM.")
    private @Nullable Path policySigners;

    @Option(names = "--admin-key-file", paramLabel = "FILE", description = "The key that lets set policies, readable by its owner only.")
    private @Nullable Path adminKeyFile;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "The server's certificate and those above it, PEM.")
    private @Nullable Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key, PKCS #8 in PEM, readable by its owner only.")
    private @Nullable Path tlsKey;

    @Option(names = "--plain-http", description = "No TLS; on a loopback address only.")
    private boolean plainHttp;

    @Option(names = "--endorsements", paramLabel = "PLACE", description = "A folder of certificates, revocation lists and TCB info.")
    private @Nullable String endorsements;

    @Option(names = "--fetch", description = "Ask Intel's and AMD's services for endorsements, and keep them.")
    private boolean fetch;

    @Option(names = "--pccs", paramLabel = "URI", description = "Ask this caching service in place of Intel's; implies --fetch.")
    private @Nullable String pccs;

    @CommandLine.Mixin
    private InEnclave enclave;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        CountDownLatch signal = new CountDownLatch(1);
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        if (enclave.wanted()) {
            return inEnclave(signal, ended);
        }
        RunningService running = start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endInOrder(signal, ended, Runtime.getRuntime()::halt)));
        return serve(running, () -> {
            say(running);
            signal.await();
        }, ended);
    }

    private int inEnclave(CountDownLatch signal, CompletableFuture<Integer> ended) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        ServiceConfiguration settings;
        Path bundle;
        try {
            settings = configuration();
            if (enclave.recovers()) {
                enclave.recover(settings).forEach(spec.commandLine().getOut()::println);
                return 0;
            }
            enclave.refuseSettingsOfAPackedBundle(settings);
            // Clients know the service by this address, and inside nothing tells it.
            settings = settings.text("issuer").isPresent() ? settings : settings.with(Map.of("issuer", "https://localhost:"
                    + address(settings).getPort()));
            bundle = enclave.bundle(settings, lines);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        if (enclave.packOnly()) {
            lines.forEach(spec.commandLine().getOut()::println);
            spec.commandLine().getOut().println("measurement  innerkeep measure " + bundle);
            return 0;
        }
        EnclosedService running = EnclosedService.start(
                bundle, enclave.keeper().map(Platform::process).orElse(Platform.PROCESS), enclave.state(settings),
                        address(settings));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endInOrder(signal, ended, Runtime.getRuntime()::halt)));
        lines.addAll(running.said());
        lines.add("port         " + running.address().getPort());
        lines.add("ready");
        lines.add("");
        lines.add("Whoever is to trust it compares what is measured, settings included, and verifies it before anything is"
                + " sent:");
        lines.add("  innerkeep measure " + bundle);
        lines.add("  innerkeep keys create NAME --server ADDRESS --admin-key-file FILE --vault-anchor keeper.anchor"
                + " --vault-measurement …");
        var _ = running.ended().whenComplete((done, failure) -> endedByItself(signal, ended, "the enclave has ended"));
        var _ = running.over().thenRun(() -> endedByItself(signal, ended, "the service in the enclave answers nobody any more,"
                + " since it is not known what is kept of the last change; start it again, which finds out"));
        int code = serve(running, () -> {
            lines.forEach(spec.commandLine().getOut()::println);
            spec.commandLine().getOut().flush();
            signal.await();
        }, ended);
        return ended.getNow(code);
    }

    private void endedByItself(CountDownLatch signal, CompletableFuture<Integer> ended, String what) {
        if (!ended.isDone() && signal.getCount() > 0) {
            spec.commandLine().getErr().println("innerkeep: " + what);
            ended.complete(Main.FAILED);
            signal.countDown();
        }
    }

    private InetSocketAddress address(ServiceConfiguration settings) {
        return Addresses.parse(spec.commandLine(), settings.text("listen").orElse("127.0.0.1:8443"));
    }

    /** What is done while it serves. */
    interface Meanwhile {
        void run() throws InterruptedException;
    }

    /** Serves until what is done meanwhile ends, and says by its code how it ended. */
    int serve(AutoCloseable running, Meanwhile meanwhile, CompletableFuture<Integer> ended) throws InterruptedException {
        try {
            try (running) {
                meanwhile.run();
            }
            ended.complete(0);
            return 0;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            // Said here: when it was ended by a signal, nothing comes after.
            spec.commandLine().getErr().println("error: " + e.getMessage());
            spec.commandLine().getErr().flush();
            return Main.FAILED;
        } finally {
            ended.complete(Main.FAILED);
        }
    }

    /** The process must not end before what is under way has been answered; and then not as one that a signal has ended. */
    static void endInOrder(CountDownLatch signal, CompletableFuture<Integer> ended, IntConsumer halt) {
        boolean bySignal = !ended.isDone();
        signal.countDown();
        int code = ended.join();
        if (bySignal) {
            halt.accept(code);
        }
    }

    private RunningService start() throws IOException {
        try {
            enclave.refuseWithoutEnclave();
            return RunningService.start(
                    configuration(), RunningService.Clocks.ofSystem(), List.of(new VaultPart(ConsoleTerminal.here())));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private ServiceConfiguration configuration() throws IOException {
        ServiceConfiguration base = config == null ? ServiceConfiguration.of(Map.of()) : ServiceConfiguration.read(config);
        return base.with(given());
    }

    private Map<String, String> given() {
        Map<String, String> values = new LinkedHashMap<>();
        put(values, "folder", folder);
        put(values, "listen", listen);
        put(values, "issuer", issuer);
        put(values, "store", store);
        put(values, "mode", mode);
        put(values, "policy-signers", policySigners);
        put(values, "admin-key-file", adminKeyFile);
        put(values, "tls-certificate", tlsCertificate);
        put(values, "tls-key", tlsKey);
        put(values, "endorsements", endorsements);
        put(values, "pccs", pccs);
        put(values, "plain-http", plainHttp ? "true" : null);
        put(values, "fetch", fetch ? "true" : null);
        return values;
    }

    private static void put(Map<String, String> values, String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value.toString());
        }
    }

    private void say(RunningService running) {
        var out = spec.commandLine().getOut();
        String address = running.service().settings().issuer();
        out.println("issuer       " + address);
        out.println("port         " + running.port());
        out.println("log key      " + running.logAnchor());
        running.said().forEach(out::println);
        running.adminKeyFile().ifPresent(file -> out.println("admin key    in " + file));
        running.trialCertificate().ifPresent(file -> out.println("certificate  made for a trial on this machine, in " + file));
        out.println("ready");
        out.println();
        out.println("Next:");
        String trust = running.trialCertificate().map(file -> "--cacert " + file + " ").orElse("");
        out.println("  curl " + trust + address + "/certs");
        out.println("  curl " + trust + address + "/openapi.json");
        // Through a pipe: what stands on a command line is seen by every user of the machine.
        running.adminKeyFile().ifPresent(file -> out.println("  sed 's/^/Authorization: Bearer /' " + file + " | curl " + trust + "-H @- '"
                + address + "/policies/SgxEnclave?api-version=2025-06-01'"));
        out.println("  innerkeep keys create NAME" + (folder == null ? "" : " --server " + address + " --admin-key-file FILE --cacert FILE"));
        out.println("  Point a client of Azure Attestation at " + address + ", and set a policy of your own: docs/policies.md.");
        if (!fetch && pccs == null && endorsements == null && config == null) {
            out.println("  Without --fetch or --endorsements, SGX and TDX quotes cannot be decided: their makers' collateral is missing.");
        }
        out.flush();
    }
}
