package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.innerkeep.cli.demo.World.HospitalSide;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * SIGKILL of each party at several steps of the main job. Whoever waits is told within seconds, what was stored stays as it
 * was, no enclave is left behind, and the job runs anew. This is about the death of processes, not of the machine's power.
 */
final class ProcessDeathIT {
    private static final Duration SOON = Duration.ofSeconds(8);

    /** How far the job is when someone dies. */
    enum Step {
        STARTED(0),
        FIRST_RELEASED(1),
        ALL_RELEASED(3),
        TRAINING(3),
        TRAINED(3);

        private final int releases;

        Step(int releases) {
            this.releases = releases;
        }
    }

    private static Stage stage;
    private static World world;
    private static Path job;
    private static String model;

    @BeforeAll
    static void buildWorld() throws Exception {
        Study study = Study.wisconsin(Built.root().resolve("examples/hospitals/data/breast_cancer.csv"));
        stage = Built.stage();
        world = World.build(stage, study, new Steps(new PrintWriter(Writer.nullWriter())));
        job = Files.write(stage.root().resolve("agreed/job.json"), world.job().bytes().toArray());
        // There is something to lose: every hospital has a result, and so has the operator's storage.
        model = runToTheEnd();
    }

    @AfterAll
    static void endAll() throws IOException {
        if (stage != null) {
            stage.close();
        }
    }

    /** One run of the job, brought to a step. */
    private static final class Run implements AutoCloseable {
        private final Child operator;
        private final ProcessHandle enclave;
        private final List<Child> clients = new ArrayList<>();

        private Run(Child operator, ProcessHandle enclave) {
            this.operator = operator;
            this.enclave = enclave;
        }

        static Run to(Step step) throws Exception {
            Child operator = world.operate(
                    world.bundle(World.Bundle.AGREED), job, world.storage(), world.keeperSocket(), Map.of());
            ProcessHandle enclave = Attacks.enclave(operator.require("enclave")).orElseThrow();
            Run run = new Run(operator, enclave);
            String address = operator.require("listening");
            operator.require("ready");
            List<HospitalSide> hospitals = world.hospitals();
            for (int i = 0; i < step.releases; i++) {
                HospitalSide hospital = hospitals.get(i);
                run.clients.add(world.release(hospital, hospital.name(), job, world.anchor(), address));
            }
            run.clients.forEach(client -> client.require("released"));
            if (step.compareTo(Step.TRAINING) >= 0) {
                operator.tell("train");
            }
            if (step == Step.TRAINING) {
                // Long enough for the call to be under way, shorter than any training.
                Thread.sleep(100);
            }
            if (step == Step.TRAINED) {
                operator.require("trained");
            }
            return run;
        }

        String address() {
            return operator.said().lines()
                    .filter(line -> line.startsWith("listening "))
                    .map(line -> line.substring("listening ".length()))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void close() {
            clients.forEach(Child::close);
            operator.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STARTED", "FIRST_RELEASED", "TRAINING"})
    void whenTheEnclaveDiesItsHostAndEveryWaitingHospitalAreTold(Step step) throws Exception {
        SortedMap<String, Bytes> before = stored();
        try (Run run = Run.to(step)) {
            run.enclave.destroyForcibly();

            assertTold(run.operator, "ENDED");
            for (Child client : run.clients) {
                assertTold(client, "FAILED");
            }
        }
        assertNothingLost(before);
        assertNoEnclaveLeft();
    }

    @ParameterizedTest
    @EnumSource(names = {"FIRST_RELEASED", "TRAINING"})
    void whenTheHostDiesItsEnclaveEndsAndEveryWaitingHospitalIsTold(Step step) throws Exception {
        SortedMap<String, Bytes> before = stored();
        try (Run run = Run.to(step)) {
            run.operator.kill();

            for (Child client : run.clients) {
                assertTold(client, "FAILED");
            }
            assertSoon("the enclave ends", () -> !run.enclave.isAlive());
        }
        assertNothingLost(before);
        assertNoEnclaveLeft();
        assertThat(world.keeperProcess().alive()).as("the keeper lives on").isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"FIRST_RELEASED", "TRAINING"})
    void whenTheKeeperDiesNoEnclaveOutlivesItAndEverybodyIsTold(Step step) throws Exception {
        SortedMap<String, Bytes> before = stored();
        SortedMap<String, Bytes> keys = keepersKeys();
        try (Run run = Run.to(step)) {
            world.keeperProcess().kill();

            assertSoon("the enclave ends", () -> !run.enclave.isAlive());
            assertTold(run.operator, "ENDED");
            for (Child client : run.clients) {
                assertTold(client, "FAILED");
            }
        }
        world.restartKeeper();
        assertThat(keepersKeys()).as("the keeper's keys").isEqualTo(keys);
        assertNothingLost(before);
        assertNoEnclaveLeft();
    }

    @Test
    void whenAHospitalsClientDiesAfterItsReleaseTheOthersGoOnAndItsResultIsNotLost() throws Exception {
        HospitalSide dead = world.hospitals().getFirst();
        try (Run run = Run.to(Step.ALL_RELEASED)) {
            run.clients.getFirst().kill();
            run.operator.tell("train");
            run.operator.require("trained");
            for (Child client : run.clients.subList(1, run.clients.size())) {
                client.require("statement verified");
                client.require("done");
            }
            assertThat(refusalOfASecondRelease(dead, run)).isEqualTo("OWNER_ALREADY_RELEASED");
        }
        // The operator stored what it cannot read; the storage survives the end of the operator's program.
        Path results = world.storage().resolve("results").resolve(dead.name());
        Path sealed = handTo(dead, results.resolve("result.age"));
        Path statement = handTo(dead, results.resolve("result.statement"));
        try (Child receive = world.hospital(
                dead, "receive", job, "--result", sealed.toString(), "--statement", statement.toString())) {
            receive.require("statement verified");
            receive.require("done");
        }
        try (Child verify = world.verify(dead, job)) {
            verify.require("statement verified");
        }
    }

    @Test
    void aHospitalThatRunsReleaseAgainAfterItsClientDiedGetsItsResult() throws Exception {
        HospitalSide dead = world.hospitals().getFirst();
        try (Run run = Run.to(Step.ALL_RELEASED)) {
            run.clients.getFirst().kill();

            try (Child again = world.release(dead, dead.name(), job, world.anchor(), run.address())) {
                again.require("released-before");
                run.operator.tell("train");
                again.require("statement verified");
                again.require("done");
                assertThat(again.waitFor()).isZero();
            }
        }
        try (Child verify = world.verify(dead, job)) {
            verify.require("statement verified");
        }
    }

    @Test
    void aResultThatWasStoredSurvivesTheHostAndARerunGivesTheSameModel() throws Exception {
        SortedMap<String, Bytes> stored;
        try (Run run = Run.to(Step.TRAINED)) {
            // Told 'trained': from here on the results are the operator's promise.
            stored = stored();
            run.operator.kill();
            assertSoon("the enclave ends", () -> !run.enclave.isAlive());
        }
        assertThat(stored.keySet()).filteredOn(name -> name.startsWith("results/")).hasSize(2 * world.hospitals().size());
        assertThat(stored()).isEqualTo(stored);
        assertNoEnclaveLeft();

        assertThat(runToTheEnd()).isEqualTo(model);

        for (HospitalSide hospital : world.hospitals()) {
            try (Child verify = world.verify(hospital, job)) {
                verify.require("statement verified");
            }
        }
    }

    @Test
    void aSealedFileIsNeverSeenHalf() throws Exception {
        HospitalSide hospital = world.hospitals().getLast();
        Path folder = stage.folder(hospital.party());
        byte[] large = new byte[48 << 20];
        stage.put(hospital.party(), "large.csv", large);
        Path out = folder.resolve("large.age");
        Child seal = world.hospital(hospital, "seal", job, "--data", "large.csv", "--out", "large.age");
        assertSoon("sealing has begun", () -> Files.exists(folder.resolve("large.age.new")) || Files.exists(out));

        seal.kill();

        seal.waitFor();
        // Whole, with its final chunk, or not there at all.
        if (Files.exists(out)) {
            assertThat(Files.size(out)).isGreaterThan(large.length);
        }
    }

    private static String refusalOfASecondRelease(HospitalSide hospital, Run run) throws IOException {
        try (Child again = world.release(hospital, hospital.name(), job, world.anchor(), run.address(), "--no-wait")) {
            return again.require("REFUSED");
        }
    }

    private static Path handTo(HospitalSide hospital, Path file) throws IOException {
        return stage.put(hospital.party(), "received-" + file.getFileName(), Files.readAllBytes(file));
    }

    /** It says a line that begins so, and ends with exit code 1, soon. */
    private static void assertTold(Child waiting, String word) {
        long start = System.nanoTime();
        String line = waiting.require(word);
        int exitCode = waiting.waitFor();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as("told soon: " + line).isLessThan(SOON);
        assertThat(line).as("told clearly").hasSizeGreaterThan(10).doesNotContain("null");
        assertThat(exitCode).isEqualTo(1);
    }

    private static void assertSoon(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what + " within " + SOON.toSeconds() + " s").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static void assertNoEnclaveLeft() throws Exception {
        Path run = world.keeperFolder().resolve("run");
        assertSoon("the keeper's run folder is empty", () -> {
            try (Stream<Path> left = Files.list(run)) {
                return left.findAny().isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
        assertThat(ProcessHandle.allProcesses().filter(process -> worksIn(process, run))).isEmpty();
    }

    private static boolean worksIn(ProcessHandle process, Path folder) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd")).startsWith(folder);
        } catch (IOException e) {
            return false;
        }
    }

    /** What the operator stored, by its path. */
    private static SortedMap<String, Bytes> stored() throws IOException {
        return digests(world.storage(), 8);
    }

    private static SortedMap<String, Bytes> keepersKeys() throws IOException {
        SortedMap<String, Bytes> digests = digests(world.keeperFolder(), 1);
        // It counts on with every enclave.
        digests.remove("next-user-id");
        return digests;
    }

    private static SortedMap<String, Bytes> digests(Path folder, int depth) throws IOException {
        SortedMap<String, Bytes> digests = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder, depth)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                digests.put(folder.relativize(file).toString(), Bytes.sha256(Files.readAllBytes(file)));
            }
        }
        return digests;
    }

    /** Every file is as it was: inputs, and the results of the run before. */
    private static void assertNothingLost(SortedMap<String, Bytes> before) throws IOException {
        assertThat(before).hasSize(3 * world.hospitals().size());
        assertThat(stored()).containsAllEntriesOf(before);
    }

    /** A whole run, in which every hospital verifies its result; the digest of the model. */
    private static String runToTheEnd() throws Exception {
        List<String> models = new ArrayList<>();
        try (Run run = Run.to(Step.TRAINED)) {
            for (Child client : run.clients) {
                models.add(client.require("model"));
                client.require("statement verified");
                client.require("done");
            }
        }
        assertThat(models).hasSize(world.hospitals().size());
        assertThat(models.stream().distinct()).as("one model for all").hasSize(1);
        return models.getFirst();
    }
}
