package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.innerkeep.channel.call.CallException;
import org.jspecify.annotations.Nullable;

/**
 * An operator's host that misbehaves on schedule. A scenario uses it as it would use an honest one. What it does and where follows
 * from the schedule and from counted events. Time has a part in three things. A delayed record is passed on after 50 ms at most,
 * in its order. What a move withheld is waited for in vain, and such a connection is ended: with enclaves in this process, on
 * Linux, when no thread of the process works any more, however long that takes; with others, after 5 s in which nothing moved.
 * A run that has not ended after 3 minutes counts as one that does not end. Safe for use by several threads.
 *
 * {@snippet :
 * HostileHost.explore(LongStream.range(0, 200), GreetingScenario::new, List.of(rightAnswerOnly, Invariant.unseen(secrets)))
 *         .orThrow();
 * }
 */
public final class HostileHost implements Operation, AutoCloseable {
    private static final Duration RUN_LIMIT = Duration.ofMinutes(3);
    private static final Duration UNSEEN_IDLE = Duration.ofSeconds(5);

    private final Scenario<?> scenario;
    private final Journal journal;
    private final Seen seen = new Seen();
    private final CallPool pool = new CallPool();
    private final Storage storage;
    private final ReentrantLock life = new ReentrantLock();
    private final List<Instance> all = new ArrayList<>();
    private final Map<Build, Instance> variants = new EnumMap<>(Build.class);
    private volatile @Nullable Instance primary;
    private volatile @Nullable Instance second;
    private volatile boolean closed;
    private volatile boolean elsewhere;
    private final Watch watch = new Watch(() -> !elsewhere, UNSEEN_IDLE);
    private @Nullable SessionRelay relay;

    HostileHost(Scenario<?> scenario, Schedule schedule) {
        this.scenario = scenario;
        this.journal = new Journal(schedule);
        this.storage = new Storage(journal, seen);
    }

    /**
     * Runs a scenario once.
     *
     * @param scenario a new one
     * @param schedule what the host does
     * @param <R> what comes out of it
     * @return what happened
     */
    public static <R> Run<R> run(Scenario<R> scenario, Schedule schedule) {
        return new Runner<>(scenario, schedule, RUN_LIMIT).run();
    }

    /**
     * Runs a scenario under a schedule for each seed, with every move that it offers the builds for, until an invariant fails.
     * First it runs it undisturbed: that must end with a result and break no invariant, and its extent is what schedules are
     * drawn from. Beside the invariants, no run may end with an undeclared failure, in whichever thread, or not end, and where a
     * schedule has one step, {@link Run#neglected} must be empty.
     *
     * @param seeds one run each
     * @param scenarios makes a new scenario for each run
     * @param invariants what must hold after each run
     * @param <R> what comes out of a run
     * @return what was done, and the finding if there is one
     */
    public static <R> Exploration explore(
            LongStream seeds, Supplier<? extends Scenario<R>> scenarios, List<Invariant<R>> invariants) {
        Set<Build> builds = scenarios.get().builds();
        Set<Move> moves = EnumSet.noneOf(Move.class);
        for (Move move : Move.values()) {
            if (move.build().isEmpty() || builds.contains(move.build().get())) {
                moves.add(move);
            }
        }
        return explore(seeds, moves, scenarios, invariants);
    }

    /**
     * Runs a scenario under a schedule for each seed, with some moves only; see the other method.
     *
     * @param seeds one run each
     * @param moves what schedules are drawn from
     * @param scenarios makes a new scenario for each run
     * @param invariants what must hold after each run
     * @param <R> what comes out of a run
     * @return what was done, and the finding if there is one
     */
    public static <R> Exploration explore(
            LongStream seeds,
            Set<Move> moves,
            Supplier<? extends Scenario<R>> scenarios,
            List<Invariant<R>> invariants) {
        return new Explorer<R>(scenarios, invariants, moves, RUN_LIMIT).explore(seeds);
    }

    /** Starts the agreed enclave and begins to listen for clients. */
    void open() throws Exception {
        replacePrimary(Build.AGREED, Optional.empty());
        relay = SessionRelay.open(this);
    }

    /** {@return where clients connect, on the loopback address} */
    public InetSocketAddress address() {
        SessionRelay open = relay;
        if (open == null) {
            throw new IllegalStateException("clients come when the enclave has started");
        }
        return open.address();
    }

    @Override
    public <T> T bind(Class<T> service) {
        return CallMeddler.bind(this, service, this::primary);
    }

    /**
     * An interface of every enclave that runs by now: the agreed one, a second one after a fork, and what was put in their place.
     *
     * @param service an interface marked {@link org.innerkeep.channel.call.HostVisible}
     * @param <T> the interface
     * @return a proxy for each
     */
    public <T> List<T> everywhere(Class<T> service) {
        List<T> bound = new ArrayList<>(List.of(bind(service)));
        Instance other = second;
        if (other != null) {
            bound.add(other.bind(service));
        }
        return bound;
    }

    @Override
    public Storage storage() {
        return storage;
    }

    /**
     * Ends the enclave and starts the agreed one again, as an honest operator may.
     *
     * @throws Exception if it does not start
     */
    public void restart() throws Exception {
        replacePrimary(Build.AGREED, Optional.empty());
    }

    private void replacePrimary(Build build, Optional<Step> origin) throws Exception {
        life.lock();
        try {
            Instance before = primary;
            if (before != null) {
                before.close();
            }
            primary = start(build, origin);
            // By way of the host: a move within may replace the enclave again.
            scenario.boot(this);
        } finally {
            life.unlock();
        }
    }

    private Instance start(Build build, Optional<Step> origin) throws IOException {
        Offers offers = new Offers();
        scenario.offer(offers, storage);
        HostedEnclave enclave = scenario.start(build);
        if (!enclave.inThisProcess()) {
            elsewhere = true;
        }
        Instance instance = Instance.open(this, enclave, offers, origin);
        synchronized (all) {
            all.add(instance);
            if (closed) {
                instance.close();
            }
        }
        return instance;
    }

    /** Does what a step says to the life of the primary enclave. */
    void live(Step step) {
        Build build = step.move().build().orElse(Build.AGREED);
        if (!scenario.builds().contains(build)) {
            return;
        }
        journal.took(step);
        if (step.move() == Move.KILL) {
            primary().close();
            return;
        }
        try {
            replacePrimary(build, build == Build.AGREED ? Optional.empty() : Optional.of(step));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // The state that it was given did not suit it. It runs or not; clients may be connected to it all the same.
        }
    }

    /** Lets the scenario's own lies loose on the enclave, past the relay and its moves. */
    void intrude(Step step) {
        Instance enclave = primary();
        try (DirectDoor door = DirectDoor.to(enclave)) {
            if (scenario.intrude(door.address(), enclave.unmeddled(), step.choice())) {
                journal.took(step);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // Refused, most likely. What comes after shows whether it had an effect.
            journal.took(step);
        }
    }

    Instance primary() {
        Instance instance = primary;
        if (instance == null) {
            throw new CallException(CallException.Code.DISCONNECTED, "no enclave has started");
        }
        return instance;
    }

    /** {@return a second enclave of the agreed build, started with the same state} */
    Optional<Instance> second() {
        life.lock();
        try {
            if (second == null) {
                second = booted(Build.AGREED).orElse(null);
            }
            return Optional.ofNullable(second);
        } finally {
            life.unlock();
        }
    }

    /** {@return an enclave of another build, started with the same state, if the scenario has one} */
    Optional<Instance> variant(Build build) {
        life.lock();
        try {
            if (!variants.containsKey(build) && scenario.builds().contains(build)) {
                booted(build).ifPresent(instance -> variants.put(build, instance));
            }
            return Optional.ofNullable(variants.get(build));
        } finally {
            life.unlock();
        }
    }

    private Optional<Instance> booted(Build build) {
        try {
            Instance instance = start(build, Optional.empty());
            try {
                scenario.boot(instance);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                // It does not like the state that it was given; clients may still be connected to it.
            }
            return Optional.of(instance);
        } catch (IOException | CallException e) {
            return Optional.empty();
        }
    }

    boolean offers(Build build) {
        return scenario.builds().contains(build);
    }

    /**
     * Notes that somebody in the scenario refused, where that does not end the run: because it tries again, or because others go
     * on. Without it a run that ends with a result counts as one in which nobody refused.
     *
     * @param why what it says
     */
    public void refused(Exception why) {
        journal.refused(why);
    }

    Watch watch() {
        return watch;
    }

    Journal journal() {
        return journal;
    }

    Seen seen() {
        return seen;
    }

    CallPool pool() {
        return pool;
    }

    /** Ends all connections and all enclaves. */
    @Override
    public void close() {
        watch.close();
        SessionRelay open = relay;
        if (open != null) {
            open.close();
        }
        synchronized (all) {
            closed = true;
            all.forEach(Instance::close);
        }
    }
}
