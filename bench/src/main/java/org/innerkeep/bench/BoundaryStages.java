package org.innerkeep.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How fast host, enclave and client reach each other, each stage beside its peers and limits and with the goal that it has. Every line is
 * driven by a process of its own; only one of them is busy at a time.
 */
final class BoundaryStages {
    /**
     * The mean call of 64 bytes of the last SDK of this kind for Java, Conclave 1.3.1, in nanoseconds: host and enclave in one JVM, in its
     * mock mode, where no thread is changed and nothing leaves the processor. Measured by us with its own jars on JDK 17 and 25, on a
     * machine like the one of the figures in the README; it does not run on this JDK's class path beside ours.
     */
    private static final double MOCK_CALL_NANOS = 280;

    private static final int SMALL = 64;
    private static final int LARGE = 64 << 10;
    private static final int CALLERS = 64;
    private static final long IDLE_MICROS = 5000;

    /** How often a line is warmed up at most, and how often it must have been no faster. */
    private static final int MAX_WARM_UPS = 12;

    private static final int STEADY = 2;

    /** What is written as 0.0 %. */
    private static final double NO_PERCENT = 0.05;

    private final Stage stage;
    private final Optional<Limits> limits;
    private final Report report;
    private final int rounds;
    private final long millis;
    private final long warmUp;
    private final int wakes;
    private final long idleMillis;
    private final long streamBytes;

    BoundaryStages(Stage stage, Optional<Limits> limits, Report report, boolean quick) {
        this.stage = stage;
        this.limits = limits;
        this.report = report;
        this.rounds = quick ? 3 : 9;
        this.millis = quick ? 300 : 1000;
        this.warmUp = quick ? 700 : 2000;
        this.wakes = quick ? 40 : 150;
        this.idleMillis = quick ? 10_000 : 30_000;
        this.streamBytes = quick ? 64L << 20 : 1L << 30;
    }

    private static String name(int bytes) {
        return bytes < 1024 ? bytes + " B" : bytes / 1024 + " KiB";
    }

    private Child load(String... arguments) throws IOException {
        return Child.start(
                List.of("-D" + Stage.PROPERTY + "=" + stage.folder(), "-Xmx1g", "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow"),
                CallLoad.class.getName(),
                arguments);
    }

    private Child grpcServer(Path socket) throws IOException {
        return Child.start(
                List.of("-Xmx1g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"),
                GrpcProcess.class.getName(),
                socket.toString());
    }

    private Path socket(String name) {
        return stage.folder().resolve(name);
    }

    private static Latency latency(Child load, String order) throws IOException {
        return Latency.parse(load.ask(order));
    }

    /** {@return the median call in microseconds} */
    private static double micros(Latency latency) {
        return latency.middle() / 1000.0;
    }

    /**
     * Lets a line be compiled: an order again and again until it is no faster than before. How long that takes depends on what else the
     * machine does.
     *
     * @param order without its time
     * @param sign 1 if a larger figure is faster, -1 if a smaller one is
     */
    private void warmUp(Child load, String order, int sign) throws IOException {
        double best = Double.NEGATIVE_INFINITY;
        for (int step = 0, steady = 0; step < MAX_WARM_UPS && steady < STEADY; step++) {
            String said = load.ask(order + warmUp);
            double found = sign * (sign > 0 ? Double.parseDouble(said) : micros(Latency.parse(said)));
            steady = found - best > Math.abs(found) / 20 ? 0 : steady + 1;
            best = Math.max(best, found);
        }
    }

    private static double rate(Child load, String order) throws IOException {
        return Double.parseDouble(load.ask(order));
    }

    private void skipLimits(String stageName) {
        report.skip(stageName + ", the limits written in C: cc is missing, apt-get install gcc libc6-dev");
    }

    /** A call of few bytes. */
    void call() throws Exception {
        Path socket = socket("s");
        try (Child ours = load("enclave");
                Child _ = Child.start(List.of(), EchoProcess.class.getName(), "unix", socket.toString());
                Child bare = load("socket", socket.toString())) {
            String order = "echo " + SMALL + " ";
            warmUp(ours, order, -1);
            warmUp(bare, order, -1);
            Contest contest = Contest.of("host calls enclave and back, " + name(SMALL), "µs", () -> micros(latency(ours, order + millis)));
            limits.ifPresentOrElse(
                    c -> contest.against(
                            "C over shared memory, both spinning", () -> micros(c.call(SMALL, millis)), Goal.times(2)),
                    () -> skipLimits("call"));
            contest.against("call in one JVM, Conclave's mock mode (not this run)", () -> MOCK_CALL_NANOS / 1000, Goal.times(3))
                    .against("bare Unix-domain socket between two JVMs", () -> micros(latency(bare, order + millis)));
            report.add(contest.run(rounds));
        }
    }

    /** A record each way. */
    void record() throws Exception {
        Path socket = socket("g");
        try (Child ours = load("enclave");
                Child _ = grpcServer(socket);
                Child grpc = load("grpc", socket.toString())) {
            warmUp(ours, "reading ", -1);
            warmUp(grpc, "reading ", -1);
            report.add(Contest.of(
                            "a record of eight fields, host to enclave and back", "µs",
                            () -> micros(latency(ours, "reading " + millis)), new Goal(2, true, " µs"))
                    .against("gRPC-java, the same record, Unix-domain socket", () -> micros(latency(grpc, "reading " + millis)),
                            Goal.times(0.1))
                    .run(rounds));
        }
    }

    /** Many bytes each way. */
    void bulk() throws Exception {
        try (Child ours = load("enclave")) {
            String order = "echo " + LARGE + " ";
            warmUp(ours, order, -1);
            Contest contest = Contest.of("host calls enclave and back, " + name(LARGE), "µs", () -> micros(latency(ours, order + millis)));
            limits.ifPresentOrElse(
                    c -> contest.against(
                                    "two memcpys of " + name(LARGE) + " in C, rotating over 32 MiB",
                                    () -> micros(c.twoCopies(LARGE, millis)), Goal.times(2))
                            .against("C over shared memory, both spinning", () -> micros(c.call(LARGE, millis))),
                    () -> skipLimits("bulk"));
            report.add(contest.run(rounds));
        }
    }

    /** Nothing is called. */
    void idle(Child keeper) throws Exception {
        Path socket = socket("i");
        List<Long> before = keeper.handle().descendants().map(ProcessHandle::pid).toList();
        try (Child ours = load("enclave");
                Child bare = Child.start(List.of(), EchoProcess.class.getName(), "unix", socket.toString())) {
            warmUp(ours, "echo " + SMALL + " ", -1);
            List<Long> enclave = keeper.handle().descendants().map(ProcessHandle::pid).filter(pid -> !before.contains(pid)).toList();
            if (enclave.isEmpty()) {
                throw new IOException("the keeper has no process of an enclave");
            }
            List<Long> all = new ArrayList<>(List.of(bare.handle().pid(), ours.handle().pid()));
            all.addAll(enclave);
            // What is still to be compiled is no work of an idle process.
            Thread.sleep(3000);
            double[] percent = ProcessorTime.percent(all, idleMillis);
            double inside = 0;
            for (int i = 2; i < percent.length; i++) {
                inside += percent[i];
            }
            report.add(idle("idle for " + idleMillis / 1000 + " s: processor time of the enclave", inside, percent[0]));
            report.add(idle("idle for " + idleMillis / 1000 + " s: processor time of its host", percent[1], percent[0]));
        }
    }

    private static Contest idle(String name, double percent, double bare) throws Exception {
        return Contest.of(name, "%", () -> percent, new Goal(NO_PERCENT, true, " %"))
                .against("a JVM that waits for a connection", () -> bare)
                .run(1);
    }

    /** A call of somebody who sleeps. */
    void wake() throws Exception {
        try (Child ours = load("enclave")) {
            warmUp(ours, "echo " + SMALL + " ", -1);
            String order = "wake " + SMALL + " " + wakes + " " + IDLE_MICROS;
            latency(ours, order);
            Contest contest = Contest.of("the same call after 5 ms in which nothing was called", "µs", () -> micros(latency(ours, order)));
            limits.ifPresentOrElse(
                    c -> contest.against("one wake by a futex in C, answer awaited spinning",
                                    () -> micros(c.futex(wakes, IDLE_MICROS)), Goal.times(2))
                            .against("one wake by an eventfd in C, answer awaited spinning",
                                    () -> micros(c.eventfd(wakes, IDLE_MICROS)), Goal.times(2)),
                    () -> skipLimits("wake"));
            report.add(contest.run(rounds));
        }
    }

    /** Many who call at once. */
    void callers() throws Exception {
        Path socket = socket("c");
        try (Child ours = load("enclave");
                Child _ = grpcServer(socket);
                Child grpc = load("grpc", socket.toString())) {
            String blocking = "callers " + SMALL + " " + CALLERS + " ";
            String outstanding = "outstanding " + SMALL + " " + CALLERS + " ";
            warmUp(ours, blocking, 1);
            warmUp(grpc, blocking, 1);
            warmUp(grpc, outstanding, 1);
            report.add(Contest.of(
                            CALLERS + " threads of the host call at once, " + name(SMALL), "/s", () -> rate(ours, blocking + millis))
                    .against("gRPC-java, " + CALLERS + " threads, one channel", () -> rate(grpc, blocking + millis),
                            Goal.atLeastTimes(5))
                    .against("gRPC-java, asynchronous, " + CALLERS + " calls under way", () -> rate(grpc, outstanding + millis))
                    .run(rounds));
        }
    }

    /** Streams, host and enclave. */
    void streams() throws Exception {
        try (Child ours = load("enclave")) {
            for (String direction : List.of("take", "give")) {
                String order = direction + " ";
                for (int i = 0; i < 3; i++) {
                    rate(ours, order + streamBytes / 4);
                }
                Contest contest = Contest.of(
                        "a stream of " + (streamBytes >> 20) + " MiB " + (direction.equals("take") ? "into" : "out of") + " the enclave",
                        "GB/s", () -> rate(ours, order + streamBytes));
                limits.ifPresentOrElse(
                        c -> contest.against("memcpy in C, " + name(LARGE) + " at a time, rotating over 32 MiB",
                                () -> 2.0 * LARGE / c.twoCopies(LARGE, millis).middle()),
                        () -> skipLimits("streams"));
                report.add(contest.run(Math.min(rounds, 5)));
            }
        }
    }

    /** A client's call in a session. */
    void session() throws Exception {
        String certificate = stage.certificate().toString();
        try (Child host = Child.start(
                        List.of("-D" + Stage.PROPERTY + "=" + stage.folder(), "--enable-native-access=ALL-UNNAMED"),
                        HostProcess.class.getName());
                Child ours = load("session", host.answer());
                Child server = Child.start(List.of(TlsEcho.NO_TICKETS), EchoProcess.class.getName(), "tls", certificate);
                Child forwarder = Child.start(List.of(), Forwarder.class.getName(), server.answer());
                Child relayed = load("tls", forwarder.answer(), certificate);
                Child direct = load("tls", server.answer(), certificate)) {
            for (int bytes : List.of(SMALL, LARGE)) {
                String order = "echo " + bytes + " ";
                for (Child each : List.of(ours, relayed, direct)) {
                    warmUp(each, order, -1);
                }
                report.add(Contest.of(
                                "client calls enclave through its host, " + name(bytes), "µs",
                                () -> micros(latency(ours, order + millis)))
                        .against("JDK TLS 1.3 through a bare TCP forwarder", () -> micros(latency(relayed, order + millis)),
                                Goal.times(1.3))
                        .against("JDK TLS 1.3, nobody between", () -> micros(latency(direct, order + millis)))
                        .run(rounds));
            }
        }
    }
}
