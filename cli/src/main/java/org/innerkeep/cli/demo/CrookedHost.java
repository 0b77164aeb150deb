package org.innerkeep.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.examples.hospitals.Operator;
import org.innerkeep.examples.hospitals.Operator.Answer;
import org.innerkeep.examples.hospitals.OwnersVault;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.host.VaultAccess;
import org.jspecify.annotations.Nullable;

/**
 * An operator's host that does not carry to vaults as it should.
 *
 * <ul>
 *   <li>{@code swap}: what is for the first owner's vault goes to the last one's, and its answers come back.
 *   <li>{@code replay}: gives a second enclave the answer that the first owner's vault gave to a first.
 * </ul>
 */
final class CrookedHost {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private CrookedHost() {}

    /**
     * Says what came of it: {@code REFUSED} and why, or {@code obtained}.
     *
     * @param arguments kind, bundle, keeper's socket, storage, job, certificates of the vaults
     * @throws Exception if it cannot do even this
     */
    public static void main(String[] arguments) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(arguments[4]));
        Job job = Job.parse(bytes);
        VaultAccess access = VaultAccess.none();
        for (JobOwner owner : job.owners()) {
            access = access.to(URI.create(address(job, owner)), Path.of(arguments[5]));
        }
        String first = address(job, job.owners().getFirst());
        String last = address(job, job.owners().getLast());
        switch (arguments[0]) {
            case "swap" -> say(run(arguments, job, new Swapping(access.carrier(), first, last)));
            case "replay" -> {
                Replaying replaying = new Replaying(access.carrier(), first);
                Answer genuine = run(arguments, job, replaying);
                say(genuine instanceof Answer.Done ? run(arguments, job, replaying) : genuine);
            }
            default -> throw new IllegalArgumentException("swap or replay");
        }
        System.exit(0);
    }

    private static String address(Job job, JobOwner owner) throws Exception {
        return OwnersVault.of(job.parameters(), owner).orElseThrow().location().address();
    }

    private static Answer run(String[] arguments, Job job, VaultCarrier carrier) throws IOException {
        Host host = Host.on(Platform.process(Path.of(arguments[2]))).offering(VaultCarrier.class, carrier);
        try (Enclave enclave = host.start(Path.of(arguments[1]))) {
            Operator operator = enclave.bind(Operator.class, LIMIT);
            Answer agreed = operator.agree(job.bytes().toArray());
            if (!(agreed instanceof Answer.Done)) {
                return agreed;
            }
            for (JobOwner owner : job.owners()) {
                Answer given = operator.input(
                        owner.name(), Files.readAllBytes(Path.of(arguments[3]).resolve("inputs/" + owner.name() + ".age")));
                if (!(given instanceof Answer.Done)) {
                    return given;
                }
            }
            return operator.obtain();
        }
    }

    private static void say(Answer answer) {
        PrintStream out = System.out;
        out.println(switch (answer) {
            case Answer.Refused refused -> "REFUSED " + refused.reason();
            case Answer.NotObtained not -> "REFUSED " + not.reason() + "\n  " + not.owner() + ": " + not.explanation();
            case Answer.Done _, Answer.Trained _ -> "obtained";
        });
        out.flush();
    }

    private record Swapping(VaultCarrier carrier, String from, String to) implements VaultCarrier {
        private String instead(String vault) {
            return vault.equals(from) ? to : vault;
        }

        @Override
        public VaultCarrier.Answer challenge(String vault) throws NotCarriedException {
            return carrier.challenge(instead(vault));
        }

        @Override
        public VaultCarrier.Answer release(String vault, String key, byte[] call) throws NotCarriedException {
            return carrier.release(instead(vault), key, call);
        }

        @Override
        public Answer register(String vault, String key, byte[] call) throws NotCarriedException {
            return carrier.register(instead(vault), key, call);
        }

        @Override
        public InputStream file(String name) throws NotCarriedException {
            return carrier.file(name);
        }
    }

    private static final class Replaying implements VaultCarrier {
        private final VaultCarrier carrier;
        private final String vault;
        private VaultCarrier.@Nullable Answer kept;

        Replaying(VaultCarrier carrier, String vault) {
            this.carrier = carrier;
            this.vault = vault;
        }

        @Override
        public VaultCarrier.Answer challenge(String asked) throws NotCarriedException {
            return carrier.challenge(asked);
        }

        @Override
        public synchronized VaultCarrier.Answer release(String asked, String key, byte[] call) throws NotCarriedException {
            VaultCarrier.Answer answer = carrier.release(asked, key, call);
            if (!asked.equals(vault)) {
                return answer;
            }
            if (kept == null) {
                kept = answer;
            }
            return Objects.requireNonNull(kept);
        }

        @Override
        public Answer register(String asked, String key, byte[] call) throws NotCarriedException {
            return carrier.register(asked, key, call);
        }

        @Override
        public InputStream file(String name) throws NotCarriedException {
            return carrier.file(name);
        }
    }
}
