package org.innerkeep.attestation.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.attestation.store.Samples.KEY;
import static org.innerkeep.attestation.store.Samples.TYPE;
import static org.innerkeep.attestation.store.Samples.decision;
import static org.innerkeep.attestation.store.Samples.receiptOf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.StoreException.Code;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with a file: nothing is acknowledged that is not there, and what is there stays readable. */
class SqliteFailureTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    private Path folder;

    private final LogVerifier verifier = new LogVerifier(KEY.anchor());

    private Path file() {
        return folder.resolve("store.db");
    }

    private StoreOptions options() {
        return Samples.sqlite(file()).withPatience(SHORT);
    }

    @Test
    void lockedDatabaseAcknowledgesNothingAndStaysReadable() throws Exception {
        try (AttestationStore store = AttestationStore.open(options());
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = other.createStatement()) {
            Receipt receipt = receiptOf(store.setPolicy(TYPE, 0, "one", "admin"));
            statement.execute("BEGIN IMMEDIATE");

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.setPolicy(TYPE, 1, "two", "admin"))
                    .matches(e -> e.code() == Code.BUSY && !e.mayHaveHappened());
            assertThat(store.writeFailure()).isPresent();
            assertThat(store.policy(TYPE).value()).contains("one");

            statement.execute("ROLLBACK");
            assertThat(receiptOf(store.setPolicy(TYPE, 1, "three", "admin")).entry().sequence())
                    .isEqualTo(receipt.entry().sequence() + 1);
            assertThat(store.writeFailure()).isEmpty();
        }
    }

    @Test
    void strangersLeaveRoomToWhoeverAdministers() throws Exception {
        try (AttestationStore store = AttestationStore.open(options().withMaxWaiting(8).withPatience(Duration.ofSeconds(20)));
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = other.createStatement();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            statement.execute("BEGIN IMMEDIATE");
            List<Future<Receipt>> strangers = new ArrayList<>();
            while (strangers.stream().filter(Future::isDone).count() < 100) {
                int number = strangers.size();
                strangers.add(threads.submit(() -> store.record(decision("evidence " + number))));
            }
            Future<?> contributor = threads.submit(() -> store.setPolicy(TYPE, 0, "policy", "admin"));
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> contributor.get(300, TimeUnit.MILLISECONDS));
            statement.execute("ROLLBACK");
            contributor.get(20, TimeUnit.SECONDS);
            assertThat(store.policy(TYPE).version()).isEqualTo(1);
        }
    }

    @Test
    void moreChangesThanAreAcceptedAreRefusedAtOnce() throws Exception {
        try (AttestationStore store = AttestationStore.open(options().withMaxWaiting(2).withPatience(Duration.ofSeconds(5)));
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = other.createStatement();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            statement.execute("BEGIN IMMEDIATE");
            List<Future<Receipt>> waiting = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int number = i;
                waiting.add(threads.submit(() -> store.record(decision("evidence " + number))));
            }
            // Up to three are being tried together, and two wait.
            while (waiting.stream().filter(Future::isDone).count() < 35) {
                Thread.onSpinWait();
            }
            Map<Boolean, List<Future<Receipt>>> done = waiting.stream().collect(Collectors.partitioningBy(Future::isDone));
            List<Future<Receipt>> accepted = done.getOrDefault(false, List.of());
            assertThat(done.getOrDefault(true, List.of()))
                    .allMatch(each -> each.exceptionNow() instanceof StoreException e && e.code() == Code.BUSY);
            statement.execute("ROLLBACK");
            List<Receipt> receipts = new ArrayList<>();
            for (Future<Receipt> each : accepted) {
                receipts.add(each.get(10, TimeUnit.SECONDS));
            }
            assertThat(receipts).hasSizeBetween(1, 5);
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
        }
    }

    @Test
    void changesThatHoldMoreMemoryThanIsGivenAreRefusedAtOnce() throws Exception {
        String large = "8 MiB: ".repeat(Decision.MAX_CONTENT_BYTES / 7);
        Decision decision = decision(large, large + "p");
        try (AttestationStore store = AttestationStore.open(options().withPatience(Duration.ofSeconds(5)));
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = other.createStatement();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            statement.execute("BEGIN IMMEDIATE");
            List<Future<Receipt>> waiting = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                waiting.add(threads.submit(() -> store.record(decision)));
            }
            // Three of 16 MiB are accepted: a quarter of the room is not for strangers.
            while (waiting.stream().filter(Future::isDone).count() < 5) {
                Thread.onSpinWait();
            }
            statement.execute("ROLLBACK");
            int refused = 0;
            for (Future<Receipt> each : waiting) {
                try {
                    each.get(20, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOfSatisfying(StoreException.class, busy -> assertThat(busy.code()).isEqualTo(Code.BUSY));
                    refused++;
                }
            }
            assertThat(refused).isEqualTo(5);
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.record(decision).entry().sequence()).isEqualTo(4);
        }
    }

    @Test
    void fullDiskAcknowledgesNothingAndStaysReadable() throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small.toString()),
                "SKIPPED: the test of a full disk needs to mount a small file system, and this user may not");
        try {
            Path reserve = small.resolve("reserve");
            Files.write(reserve, new byte[1024 * 1024]);
            try (AttestationStore store = AttestationStore.open(Samples.sqlite(small.resolve("store.db")))) {
                List<Receipt> receipts = new ArrayList<>();
                receipts.add(receiptOf(store.setPolicy(TYPE, 0, "one", "admin")));
                StoreException full = fill(store, receipts);

                assertThat(full.code()).isEqualTo(Code.FULL);
                assertThat(full).hasMessageContaining("no room").matches(e -> !e.mayHaveHappened());
                assertThat(store.policy(TYPE).value()).contains("one");
                assertThat(store.decision(receipts.getLast().entry().sequence()).orElseThrow().missingInputs()).isEmpty();
                assertThat(StoreContract.size(store)).isEqualTo(receipts.getLast().head().head().size());
                assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();

                Files.delete(reserve);
                receipts.add(store.record(decision("there is room again")));
                assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
                assertThat(store.writeFailure()).isEmpty();
            }
        } finally {
            assertThat(run("umount", small.toString())).isTrue();
        }
    }

    private static StoreException fill(AttestationStore store, List<Receipt> receipts) {
        try {
            for (int i = 0; i < 1000; i++) {
                receipts.add(store.record(decision(("evidence " + i).repeat(5000))));
            }
        } catch (StoreException e) {
            return e;
        }
        throw new AssertionError("the disk was never full");
    }

    private static boolean run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void changeThatTheDatabaseRefusesDoesNoHarmToOthers() throws Exception {
        AttestationStore.open(options()).close();
        change("CREATE TRIGGER refuse BEFORE INSERT ON document WHEN NEW.name = 'Poison' BEGIN SELECT RAISE(ABORT, 'poison'); END");
        try (AttestationStore store = AttestationStore.open(options())) {
            List<Receipt> receipts = StoreContract.together(30, i -> {
                if (i % 10 == 5) {
                    assertThatExceptionOfType(StoreException.class)
                            .isThrownBy(() -> store.setPolicy("Poison", 0, "policy", "admin"))
                            .matches(e -> e.code() == Code.FAILED)
                            .withMessageContaining("poison");
                }
                return store.record(decision("evidence " + i));
            });
            assertThat(StoreContract.size(store)).isEqualTo(31);
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
        }
    }

    @Test
    void changeThatFailsHalfWayLeavesNothing() throws Exception {
        AttestationStore.open(options()).close();
        change("CREATE TRIGGER refuse BEFORE UPDATE ON log_state BEGIN SELECT RAISE(ABORT, 'no head'); END");
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.record(decision("evidence")));
            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.setPolicy(TYPE, 0, "policy", "admin"));

            assertThat(store.decision(1)).isEmpty();
            assertThat(store.policy(TYPE).version()).isZero();
            assertThat(store.log().leaves(0, 10)).hasSize(1);
            assertThat(verifier.verify(store.log()).intact()).isTrue();
        }
        assertThat(count("SELECT COUNT(*) FROM content")).isZero();
    }

    @Test
    void interruptedCallerIsToldThatItIsUnknown() throws Exception {
        try (AttestationStore store = AttestationStore.open(options().withPatience(Duration.ofSeconds(10)));
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread caller = Thread.startVirtualThread(() -> {
                try {
                    store.record(decision("evidence"));
                    thrown.complete(new AssertionError("it was recorded"));
                } catch (StoreException e) {
                    thrown.complete(e);
                }
            });
            caller.interrupt();

            assertThat(thrown.get(5, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.code() == Code.INTERRUPTED && e.mayHaveHappened()).isTrue());
            statement.execute("ROLLBACK");
        }
    }

    @Test
    void closingWaitsForWhatWasAccepted() throws Exception {
        List<Future<Receipt>> accepted = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            AttestationStore store = AttestationStore.open(options());
            for (int i = 0; i < 50; i++) {
                int number = i;
                accepted.add(threads.submit(() -> store.record(decision("evidence " + number))));
            }
            accepted.getFirst().get();
            store.close();
        }
        List<Receipt> receipts = new ArrayList<>();
        for (Future<Receipt> each : accepted) {
            try {
                receipts.add(each.get());
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOfSatisfying(StoreException.class, too -> assertThat(too.code()).isEqualTo(Code.CLOSED));
            }
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(StoreContract.size(store)).isEqualTo(receipts.size() + 1);
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
        }
    }

    @Test
    void fileOfSomethingElseIsRefusedAndLeftAlone() throws Exception {
        byte[] garbage = "something else, long enough not to be taken for an empty file".repeat(100).getBytes(UTF_8);
        Files.write(file(), garbage);

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(options()))
                .matches(e -> e.code() == Code.CORRUPT)
                .withMessageContaining("store.db");
        assertThat(file()).hasBinaryContent(garbage);
    }

    @Test
    void databaseOfAnotherProgramIsRefused() throws Exception {
        change("CREATE TABLE theirs (a INTEGER)");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(options()))
                .withMessageContaining("another program");
        assertThat(count("SELECT COUNT(*) FROM sqlite_schema")).isEqualTo(1);
    }

    @Test
    void damagedPagesAreNeverReadAsSomethingElse() throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        try (AttestationStore store = AttestationStore.open(options())) {
            receipts.add(receiptOf(store.setPolicy(TYPE, 0, "one", "admin")));
            for (int i = 0; i < 30; i++) {
                receipts.add(store.record(decision(("evidence " + i).repeat(300))));
            }
        }
        byte[] good = Files.readAllBytes(file());
        int refused = 0;
        for (int at = 4096; at < good.length; at += 4096) {
            byte[] bad = good.clone();
            Arrays.fill(bad, at, Math.min(at + 4096, bad.length), (byte) 0xa5);
            Files.write(file(), bad);
            if (!readsAsBefore(receipts)) {
                refused++;
            }
        }
        assertThat(refused).as("pages whose damage matters").isGreaterThan(20);
    }

    /** Everything is as it was, or something is refused; anything else fails the test. */
    private boolean readsAsBefore(List<Receipt> receipts) throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policy(TYPE).value()).contains("one");
            for (int i = 0; i < 30; i++) {
                RecordedDecision found = store.decision(receipts.get(i + 1).entry().sequence()).orElseThrow();
                assertThat(found.record()).isEqualTo(decision(("evidence " + i).repeat(300)).record());
                assertThat(found.missingInputs()).isEmpty();
            }
            return verifier.verify(receipts, store.log()).intact();
        } catch (StoreException e) {
            assertThat(e.code()).isIn(Code.CORRUPT, Code.FAILED, Code.SCHEMA);
            return false;
        }
    }

    @Test
    void fileThatIsNotThereIsCreatedOnlyInAFolderThatIs() {
        StoreOptions nowhere = Samples.sqlite(folder.resolve("no folder").resolve("store.db"));

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(nowhere))
                .matches(e -> e.code() == Code.UNREACHABLE);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> StoredLog.open(nowhere.location()))
                .withMessageContaining("no such file");
    }

    @Test
    void schemaOfANewerProgramIsRefused() throws Exception {
        AttestationStore.open(options()).close();
        change("INSERT INTO schema_file (number, digest) VALUES (99, x'00')");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(options()))
                .matches(e -> e.code() == Code.SCHEMA)
                .withMessageContaining("99");
    }

    @Test
    void schemaMadeFromAnotherFileIsRefused() throws Exception {
        AttestationStore.open(options()).close();
        change("UPDATE schema_file SET digest = x'00'");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(options()))
                .matches(e -> e.code() == Code.SCHEMA)
                .withMessageContaining("another file");
    }

    private void change(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement each = connection.createStatement()) {
            each.executeUpdate(statement);
        }
    }

    private long count(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement each = connection.createStatement();
                var found = each.executeQuery(query)) {
            return found.next() ? found.getLong(1) : -1;
        }
    }
}
