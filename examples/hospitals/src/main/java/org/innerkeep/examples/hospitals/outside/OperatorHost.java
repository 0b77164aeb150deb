package org.innerkeep.examples.hospitals.outside;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.examples.hospitals.Operator;
import org.innerkeep.examples.hospitals.Operator.Answer;
import org.innerkeep.examples.hospitals.SealedResult;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.host.StartException;
import org.innerkeep.host.VaultAccess;

/**
 * The operator's own program: stores ciphertext, starts the enclave, gives it job and files, carries the hospitals' sessions.
 * It reads commands from standard input: {@code obtain} (keys from the owners' vaults), {@code train}, {@code status}, {@code
 * quit}.
 */
public final class OperatorHost {
    private static final Duration TRAINING_DEADLINE = Duration.ofMinutes(10);

    private final Arguments arguments;
    private final Path storage;

    private OperatorHost(Arguments arguments) {
        this.arguments = arguments;
        this.storage = arguments.path("storage");
    }

    /**
     * Runs until {@code quit}, the end of standard input, or the end of the enclave.
     *
     * @param arguments {@code --bundle FILE --keeper SOCKET --storage DIR --job FILE [--record FILE]
     *     [--vaults URL,… --vault-certificates FILE]}
     */
    public static void main(String[] arguments) {
        try {
            System.exit(new OperatorHost(new Arguments(arguments, 0)).run());
        } catch (StartException e) {
            Say.refused(e.refusal().map(Enum::name).orElse("START_FAILED"), String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            Say.line("USAGE " + e.getMessage());
            System.exit(2);
        } catch (CallException e) {
            Say.line("ENDED " + e.code() + " " + e.getMessage());
        } catch (IOException | JobException e) {
            Say.line("FAILED " + e.getMessage());
        }
        System.exit(1);
    }

    private int run() throws IOException, JobException {
        Files.createDirectories(storage.resolve("results"));
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (Enclave enclave = host().start(arguments.path("bundle"))) {
            var _ = enclave.ended().thenRun(() -> {
                Say.line("ENDED the enclave has ended");
                Runtime.getRuntime().halt(1);
            });
            Say.line("enclave " + enclave.id());
            Operator operator = enclave.bind(Operator.class, TRAINING_DEADLINE);
            if (!handOver(operator)) {
                return 1;
            }
            InetSocketAddress address = enclave.listen(new InetSocketAddress(loopback, 0));
            if (arguments.has("record")) {
                address = RecordingRelay.before(address, arguments.path("record"));
            }
            Say.line("listening 127.0.0.1:" + address.getPort());
            Say.line("ready");
            return obey(operator);
        }
    }

    /** Carries to the vaults that were named, and keeps a copy of what it carries. */
    private Host host() throws IOException {
        Host host = Host.on(Platform.process(arguments.path("keeper")));
        if (!arguments.has("vaults")) {
            return host;
        }
        VaultAccess access = VaultAccess.none();
        for (String vault : arguments.text("vaults").split(",", -1)) {
            access = access.to(URI.create(vault), arguments.path("vault-certificates"));
        }
        VaultCarrier carrier = access.carrier();
        return host.offering(
                VaultCarrier.class,
                arguments.has("record") ? RecordingCarrier.before(carrier, arguments.path("record")) : carrier);
    }

    /** Gives the enclave the job and the files that are stored. */
    private boolean handOver(Operator operator) throws IOException, JobException {
        byte[] job = Files.readAllBytes(arguments.path("job"));
        if (operator.agree(job) instanceof Answer.Refused refused) {
            Say.refused(refused.reason().name(), "the enclave refuses");
            return false;
        }
        for (JobOwner owner : Job.parse(job).owners()) {
            Path input = storage.resolve("inputs").resolve(owner.name() + ".age");
            if (Files.exists(input)
                    && operator.input(owner.name(), Files.readAllBytes(input)) instanceof Answer.Refused refused) {
                Say.refused(refused.reason().name(), "the enclave refuses");
                return false;
            }
        }
        return true;
    }

    private int obey(Operator operator) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            switch (command) {
                case "obtain" -> obtain(operator);
                case "train" -> train(operator);
                case "status" -> {
                    Operator.Status status = operator.status();
                    Say.line("status released=" + String.join(",", status.released()) + " trained=" + status.trained());
                }
                case "quit" -> {
                    return 0;
                }
                default -> Say.line("USAGE say obtain, train, status or quit");
            }
        }
        return 0;
    }

    private static void obtain(Operator operator) {
        switch (operator.obtain()) {
            case Answer.Refused refused -> Say.refused(refused.reason().name(), "the enclave refuses");
            case Answer.NotObtained not -> Say.refused(not.reason().name(), not.owner() + ": " + not.explanation());
            case Answer.Done _, Answer.Trained _ -> Say.line("obtained");
        }
    }

    private void train(Operator operator) throws IOException {
        switch (operator.train()) {
            case Answer.Refused refused ->
                Say.refused(refused.reason().name(), "the enclave refuses");
            case Answer.Trained trained -> {
                for (SealedResult result : trained.results()) {
                    Path results = storage.resolve("results");
                    Durable.replaceAll(
                            results.resolve(result.recipient()),
                            Map.of("result.age", result.result(), "result.statement", result.statement()));
                }
                Say.line("trained");
            }
            case Answer.NotObtained not -> Say.refused(not.reason().name(), not.owner() + ": " + not.explanation());
            case Answer.Done done -> Say.line("trained");
        }
    }
}
