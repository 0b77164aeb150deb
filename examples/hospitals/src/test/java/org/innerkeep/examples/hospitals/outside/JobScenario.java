package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.job.Job;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.examples.hospitals.HospitalsEnclave;
import org.innerkeep.examples.hospitals.Operator;
import org.innerkeep.examples.hospitals.RefusedException;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.innerkeep.examples.hospitals.Release;
import org.innerkeep.examples.hospitals.Result;
import org.innerkeep.examples.hospitals.SealedResult;
import org.innerkeep.examples.hospitals.Training;
import org.innerkeep.testing.hostile.Build;
import org.innerkeep.testing.hostile.HostedEnclave;
import org.innerkeep.testing.hostile.HostileHost;
import org.innerkeep.testing.hostile.Operation;
import org.innerkeep.testing.hostile.Outcome;
import org.innerkeep.testing.hostile.Run;
import org.innerkeep.testing.hostile.Scenario;
import org.innerkeep.testing.hostile.Schedule;
import org.innerkeep.testing.hostile.Storage;

/**
 * The whole job: three hospitals release, the operator trains, each hospital opens its result and checks the statement as its own
 * program does. What comes out is the digest of the model that each hospital took for good.
 */
class JobScenario implements Scenario<Map<String, Bytes>> {
    /** Not every hospital took a model; some may have. */
    static final class NotEverybody extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient Map<String, Bytes> accepted;
        private final transient Map<String, Exception> refusals;

        NotEverybody(Map<String, Bytes> accepted, Map<String, Exception> refusals) {
            super(refusals.toString());
            this.accepted = accepted;
            this.refusals = refusals;
        }

        /** Why each hospital did not get further, the first time. */
        Map<String, Exception> refusals() {
            return refusals;
        }

        Map<String, Bytes> accepted() {
            return accepted;
        }
    }

    private record Visit(Client client, Training training) {}

    /** So long that no machine is too slow for it; waiting in vain ends sooner. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final World world;
    private final Job job;
    private final Class<? extends EnclaveProgram> program;
    private final int attempts;
    private final AtomicBoolean stored = new AtomicBoolean();
    private final Map<String, List<HospitalFolder.Released>> released = new TreeMap<>();

    /**
     * A job.
     *
     * @param attempts how often each hospital runs its program until it has a result
     */
    JobScenario(World world, Class<? extends EnclaveProgram> program, int attempts) {
        this(world, world.job, program, attempts);
    }

    private JobScenario(World world, Job job, Class<? extends EnclaveProgram> program, int attempts) {
        this.world = world;
        this.job = job;
        this.program = program;
        this.attempts = attempts;
        world.owners.keySet().forEach(name -> released.put(name, Owner.none()));
    }

    /** Last month's job, run honestly: its sealed results and statements, which the operator keeps. */
    static Map<String, byte[]> lastMonth(World world) {
        Map<String, byte[]> kept = new TreeMap<>();
        JobScenario scenario = new JobScenario(world, world.lastMonthsJob, HospitalsEnclave.class, 1) {
            @Override
            public Map<String, Bytes> run(HostileHost host) throws Exception {
                Map<String, Bytes> models = super.run(host);
                for (String owner : models.keySet()) {
                    for (String name : List.of(owner + ".result", owner + ".statement")) {
                        kept.put(name, stored(host.storage(), name));
                    }
                }
                return models;
            }
        };
        Outcome<Map<String, Bytes>> outcome = HostileHost.run(scenario, Schedule.of()).outcome();
        if (!(outcome instanceof Outcome.Completed)) {
            throw new IllegalStateException("last month's job came to nothing: " + outcome);
        }
        return kept;
    }

    Trust trust() {
        return world.trust();
    }

    /** Whoever accepted a model accepted the one that plaintext training gives. */
    static Optional<String> rightModelOnly(World world, Run<Map<String, Bytes>> run) {
        Map<String, Bytes> accepted =
                switch (run.outcome()) {
                    case Outcome.Completed<Map<String, Bytes>>(Map<String, Bytes> models) -> models;
                    case Outcome.Refused<Map<String, Bytes>>(NotEverybody some) -> some.accepted();
                    default -> Map.of();
                };
        Bytes right = Bytes.sha256(world.model);
        return accepted.entrySet().stream()
                .filter(each -> !each.getValue().equals(right))
                .map(each -> each.getKey() + " took a wrong model for good")
                .findFirst();
    }

    @Override
    public Set<Build> builds() {
        return EnumSet.allOf(Build.class);
    }

    @Override
    public HostedEnclave start(Build build) throws IOException {
        return world.start(program, build);
    }

    @Override
    public Set<Class<? extends Exception>> refusals() {
        return Set.of(RefusedException.class, MalformedException.class);
    }

    /** The operator's program at every start: gives the enclave the job and the files that are stored. */
    @Override
    public void boot(Operation operation) throws IOException {
        Storage storage = operation.storage();
        if (stored.compareAndSet(false, true)) {
            world.lastMonthsResults().forEach(storage::put);
            storage.put("job", world.lastMonthsJob.bytes().toArray());
            world.owners.values().forEach(owner -> storage.put(owner.name() + ".age", owner.lastMonths()));
            storage.put("job", job.bytes().toArray());
            world.owners.values().forEach(owner -> storage.put(owner.name() + ".age", owner.sealed()));
        }
        Operator operator = operation.bind(Operator.class);
        operator.agree(stored(storage, "job"));
        for (String name : world.owners.keySet()) {
            operator.input(name, stored(storage, name + ".age"));
        }
    }

    private static byte[] stored(Storage storage, String name) throws IOException {
        return storage.get(name).orElseThrow(() -> new IOException(name + " is not stored"));
    }

    @Override
    public Map<String, Bytes> run(HostileHost host) throws Exception {
        Map<String, Bytes> accepted = new TreeMap<>();
        Map<String, Exception> refusals = new TreeMap<>();
        for (int attempt = 1; attempt <= attempts && accepted.size() < world.owners.size(); attempt++) {
            Map<String, Visit> visits = new TreeMap<>();
            try {
                for (Owner owner : world.owners.values()) {
                    try {
                        visits.put(owner.name(), release(host.address(), owner));
                    } catch (IOException | CallException | RefusedException e) {
                        host.refused(e);
                        refusals.putIfAbsent(owner.name(), e);
                    }
                }
                train(host);
                for (Owner owner : world.owners.values()) {
                    try {
                        accepted.put(owner.name(), receive(host, owner, Optional.ofNullable(visits.get(owner.name()))));
                    } catch (IOException | CallException | RefusedException | MalformedException e) {
                        host.refused(e);
                        refusals.putIfAbsent(owner.name(), e);
                    }
                }
            } finally {
                visits.values().forEach(visit -> visit.client().close());
            }
        }
        if (accepted.size() < world.owners.size()) {
            throw new NotEverybody(accepted, refusals);
        }
        return accepted;
    }

    private Visit release(InetSocketAddress address, Owner owner)
            throws IOException, RefusedException, GeneralSecurityException {
        Client client = Client.connect(address, trust());
        boolean done = false;
        try {
            Training training = client.bind(Training.class, LIMIT);
            if (!training.job().map(Bytes::sha256).filter(job.digest()::equals).isPresent()) {
                throw new IOException("the enclave's job is not the one agreed to");
            }
            List<HospitalFolder.Released> own = released.getOrDefault(owner.name(), List.of());
            boolean before = !own.isEmpty();
            Release release = owner.release(
                    owner.name(), owner.sealed(), owner.fileKey(), training.recipient(), job.digest(), client.binding());
            own.add(new HospitalFolder.Released(
                    job.digest(), Bytes.of(release.nonce()), Bytes.of(release.inputDigest())));
            try {
                training.release(release);
            } catch (RefusedException e) {
                if (e.reason() != Reason.OWNER_ALREADY_RELEASED || !before) {
                    throw e;
                }
            }
            done = true;
            return new Visit(client, training);
        } finally {
            if (!done) {
                client.close();
            }
        }
    }

    private static void train(HostileHost host) {
        for (Operator operator : host.everywhere(Operator.class)) {
            try {
                if (operator.train() instanceof Operator.Answer.Trained(List<SealedResult> results)) {
                    for (SealedResult result : results) {
                        host.storage().put(result.recipient() + ".result", result.result());
                        host.storage().put(result.recipient() + ".statement", result.statement());
                    }
                }
                operator.status();
            } catch (CallException e) {
                host.refused(e);
                // The operator tries again some other day; hospitals see that there is no result.
            }
        }
    }

    /** Over the session if there is one and it has the result; and, as a second copy, from what the operator stores. */
    private Bytes receive(HostileHost host, Owner owner, Optional<Visit> visit)
            throws IOException, RefusedException, MalformedException {
        Optional<SealedResult> sealed = Optional.empty();
        if (visit.isPresent()) {
            try {
                sealed = visit.get().training().result(owner.name());
            } catch (CallException e) {
                host.refused(e);
                // The session has broken, but the operator may have stored the result.
            }
        }
        if (sealed.isEmpty()) {
            return check(owner, kept(host, owner));
        }
        Bytes model = check(owner, sealed.get());
        try {
            if (!model.equals(check(owner, kept(host, owner)))) {
                throw new AssertionError(owner.name() + " took two different models for good");
            }
        } catch (IOException | MalformedException e) {
            host.refused(e);
            // It has its result; that the second copy is refused is the operator's loss.
        }
        return model;
    }

    private static SealedResult kept(HostileHost host, Owner owner) throws IOException {
        return new SealedResult(
                owner.name(),
                stored(host.storage(), owner.name() + ".result"),
                stored(host.storage(), owner.name() + ".statement"));
    }

    private Bytes check(Owner owner, SealedResult sealed) throws IOException, MalformedException {
        byte[] opened = owner.open(sealed.result());
        List<StatementCheck.Fault> faults = StatementCheck.faults(
                job,
                trust(),
                new StatementCheck.Own(
                        owner.name(),
                        Base64.getEncoder().encodeToString(owner.key().getPublic().getEncoded()),
                        released.getOrDefault(owner.name(), List.of()),
                        Optional.empty()),
                sealed.statement(),
                opened);
        if (!faults.isEmpty()) {
            throw new IOException(faults.stream().map(StatementCheck.Fault::text).collect(Collectors.joining("\n")));
        }
        Result result = Codec.of(Result.class).decode(opened);
        return Bytes.sha256(result.model());
    }

    /** The operator as a client of its own enclave: releases in others' names, and fetches what is not for it. */
    @Override
    public boolean intrude(InetSocketAddress enclave, Operation operation, int choice) throws Exception {
        String victim = List.copyOf(world.owners.keySet()).get(choice % world.owners.size());
        Operator operator = operation.bind(Operator.class);
        try (Client client = Client.connect(enclave, trust())) {
            Training training = client.bind(Training.class, LIMIT);
            Owner self = world.intruder;
            switch (choice / 3 % 3) {
                case 0 -> {
                    operator.input(victim, self.sealed());
                    training.release(self.release(
                            victim, self.sealed(), self.fileKey(), training.recipient(), job.digest(), client.binding()));
                }
                case 1 -> {
                    byte[] file = world.owners.getOrDefault(victim, self).sealed();
                    training.release(self.release(
                            victim, file, self.fileKey(), training.recipient(), job.digest(), client.binding()));
                }
                default -> training.result(victim).ifPresent(result -> operation.storage().put("taken", result.result()));
            }
        }
        return true;
    }
}
