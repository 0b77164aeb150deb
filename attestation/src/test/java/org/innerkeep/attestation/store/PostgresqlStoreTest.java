package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.attestation.store.Samples.CLOCK;
import static org.innerkeep.attestation.store.Samples.KEY;
import static org.innerkeep.attestation.store.Samples.TYPE;
import static org.innerkeep.attestation.store.Samples.decision;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.attestation.log.HeadFile;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.StoreException.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The store on a real PostgreSQL server, which several instances share. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresqlStoreTest extends StoreContract {
    private final AtomicInteger databases = new AtomicInteger();
    private final LogVerifier verifier = new LogVerifier(KEY.anchor());
    private Optional<RealPostgresql> started = Optional.empty();
    private String database = "";

    @BeforeAll
    void start() throws Exception {
        Optional<Path> programs = RealPostgresql.installed();
        if (programs.isEmpty()) {
            System.err.println("SKIPPED: the store on PostgreSQL is not tested, for no PostgreSQL is installed; apt-get install postgresql");
        }
        Assumptions.assumeTrue(programs.isPresent(), "no PostgreSQL is installed");
        started = Optional.of(RealPostgresql.start(programs.get()));
    }

    @AfterAll
    void stop() throws Exception {
        if (started.isPresent()) {
            started.get().close();
        }
    }

    @BeforeEach
    void create() throws Exception {
        database = "test" + databases.incrementAndGet();
        server().execute("postgres", "CREATE DATABASE " + database);
    }

    /** A server with few files starts again sooner. */
    @AfterEach
    void drop() throws Exception {
        server().execute("postgres", "DROP DATABASE " + database + " WITH (FORCE)");
    }

    private RealPostgresql server() {
        return started.orElseThrow();
    }

    @Override
    StoreOptions options() {
        return StoreOptions.of(StoreLocation.parse(server().url(database)), KEY).withClock(CLOCK);
    }

    @Test
    void instancesThatAppendAtOnceNeverForkTheLog() throws Exception {
        try (AttestationStore one = AttestationStore.open(options());
                AttestationStore other = AttestationStore.open(options())) {
            List<Receipt> receipts = together(400, i -> (i % 2 == 0 ? one : other).record(decision("evidence " + i)));

            assertThat(size(one)).isEqualTo(401);
            assertThat(receipts.stream().map(each -> each.entry().sequence()).distinct()).hasSize(400);
            assertThat(verifier.verify(receipts, one.log()).intact()).isTrue();
            assertThat(verifier.verify(receipts, other.log()).intact()).isTrue();
        }
    }

    @Test
    void everyInstanceNoticesADatabaseThatWasPutBack(@TempDir Path folder) throws Exception {
        String old = database + "_old";
        try {
            for (String instance : List.of("one", "other")) {
                try (HeadFile heads = HeadFile.open(folder.resolve(instance), KEY.anchor());
                        AttestationStore store = AttestationStore.open(options().withHeadFile(heads, ""))) {
                    store.record(decision("evidence of " + instance));
                }
            }
            server().execute("postgres", "CREATE DATABASE " + old + " TEMPLATE " + database);
            try (HeadFile one = HeadFile.open(folder.resolve("one"), KEY.anchor());
                    HeadFile other = HeadFile.open(folder.resolve("other"), KEY.anchor());
                    AttestationStore first = AttestationStore.open(options().withHeadFile(one, ""));
                    AttestationStore second = AttestationStore.open(options().withHeadFile(other, ""))) {
                together(20, i -> (i % 2 == 0 ? first : second).record(decision("later evidence " + i)));
            }
            StoreOptions restored = StoreOptions.of(StoreLocation.parse(server().url(old)), KEY).withClock(CLOCK);
            for (String instance : List.of("one", "other")) {
                try (HeadFile heads = HeadFile.open(folder.resolve(instance), KEY.anchor())) {
                    assertThatExceptionOfType(StoreException.class)
                            .isThrownBy(() -> AttestationStore.open(restored.withHeadFile(heads, "")))
                            .matches(e -> e.code() == StoreException.Code.ROLLED_BACK)
                            .withMessageContaining("its log has 3 leaves");
                    AttestationStore.open(options().withHeadFile(heads, "")).close();
                }
            }
            // One after the other accepts it, and each goes on from there: by then it has more leaves than when the other was refused.
            List<String> values = new ArrayList<>();
            for (String instance : List.of("one", "other")) {
                try (HeadFile heads = HeadFile.open(folder.resolve(instance), KEY.anchor())) {
                    LogHead kept = heads.kept().orElseThrow().head();
                    values.add(kept.size() + ":" + kept.root().hex());
                }
            }
            for (int i = 0; i < 2; i++) {
                try (HeadFile heads = HeadFile.open(folder.resolve(List.of("one", "other").get(i)), KEY.anchor());
                        AttestationStore store = AttestationStore.open(restored.withHeadFile(heads, values.get(i)))) {
                    store.record(decision("after the rollback " + i));
                    assertThat(size(store)).isEqualTo(4 + i);
                }
            }
        } finally {
            server().execute("postgres", "DROP DATABASE IF EXISTS " + old + " WITH (FORCE)");
        }
    }

    @Test
    void theServersDefaultForTransactionsTurnsNobodyAway() throws Exception {
        server().execute("postgres", "ALTER DATABASE " + database + " SET default_transaction_isolation = 'repeatable read'");
        try (AttestationStore one = AttestationStore.open(options());
                AttestationStore other = AttestationStore.open(options())) {
            List<Receipt> receipts = together(100, i -> (i % 2 == 0 ? one : other).record(decision("evidence " + i)));

            assertThat(size(one)).isEqualTo(101);
            assertThat(verifier.verify(receipts, other.log()).intact()).isTrue();
        }
    }

    @Test
    void instancesThatStartOnAnEmptyDatabaseAtOnceMakeOneStore() throws Exception {
        List<AttestationStore> stores = together(4, i -> AttestationStore.open(options()));
        try {
            assertThat(stores).allMatch(each -> Arrays.equals(each.nonceSecret(), stores.getFirst().nonceSecret()));
            assertThat(size(stores.getFirst())).isEqualTo(1);
            List<Receipt> receipts = together(40, i -> stores.get(i % 4).record(decision("evidence " + i)));
            assertThat(verifier.verify(receipts, stores.getLast().log()).intact()).isTrue();
        } finally {
            stores.forEach(AttestationStore::close);
        }
    }

    @Test
    void instancesSeeEachOthersPoliciesAtOnce() throws Exception {
        try (AttestationStore one = AttestationStore.open(options());
                AttestationStore other = AttestationStore.open(options())) {
            List<Change<Optional<String>>> changes =
                    together(20, i -> (i % 2 == 0 ? one : other).setPolicy(TYPE, 0, "policy " + i, "admin"));

            assertThat(changes).filteredOn(each -> each instanceof Change.Made<?>).hasSize(1);
            assertThat(one.policy(TYPE)).isEqualTo(other.policy(TYPE));
            assertThat(other.setPolicy(TYPE, 1, "the next", "admin")).isInstanceOf(Change.Made.class);
            assertThat(one.policy(TYPE).value()).contains("the next");
        }
    }

    @Test
    void instanceThatHoldsTheLockDoesNotHoldTheOthersForEver() throws Exception {
        try (AttestationStore store = AttestationStore.open(options().withPatience(Duration.ofMillis(500)));
                Connection stuck = server().connect(database);
                Statement statement = stuck.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + PostgresqlDatabase.LOCK + ")");

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.record(decision("evidence")))
                    .matches(e -> e.code() == Code.BUSY && !e.mayHaveHappened());
            assertThat(store.policy(TYPE).version()).isZero();

            statement.execute("SELECT pg_advisory_unlock(" + PostgresqlDatabase.LOCK + ")");
            assertThat(store.record(decision("evidence")).entry().sequence()).isEqualTo(1);
        }
    }

    @Test
    void whatWasAcknowledgedIsThereAfterTheServerWasKilled() throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        try (AttestationStore store = AttestationStore.open(options().withPatience(Duration.ofSeconds(5)))) {
            for (int i = 0; i < 20; i++) {
                receipts.add(store.record(decision("evidence " + i)));
            }
            server().killAndStartAgain();
            receipts.add(recordSooner(store));
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
        }
    }

    /** Connections of before are found broken, one by one; what they say is never that something happened. */
    private static Receipt recordSooner(AttestationStore store) throws StoreException {
        for (int i = 0; i < 20; i++) {
            try {
                return store.record(decision("after"));
            } catch (StoreException e) {
                assertThat(e.code()).isEqualTo(Code.UNREACHABLE);
            }
        }
        return store.record(decision("after"));
    }

    @Test
    void databaseThatAcceptsNoChangesStaysReadable() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(TYPE, 0, "one", "admin");
        }
        server().execute("postgres", "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.setPolicy(TYPE, 1, "two", "admin"))
                    .matches(e -> e.code() == Code.READ_ONLY);
            assertThat(store.policy(TYPE).value()).contains("one");
        }
    }

    @Test
    void commitsWaitForTheDiskWhateverTheServersDefaultIs() throws Exception {
        server().execute("postgres", "ALTER DATABASE " + database + " SET synchronous_commit = off");
        try (Database opened = Database.open(options())) {
            String mode = opened.write(connection -> {
                try (Statement statement = connection.createStatement();
                        ResultSet found = statement.executeQuery("SHOW synchronous_commit")) {
                    return found.next() ? found.getString(1) : "";
                }
            });
            assertThat(mode).isEqualTo("on");
        }
    }

    @Test
    void serverThatDoesNotWaitForItsDiskIsRefused() throws Exception {
        server().execute("postgres", "ALTER SYSTEM SET fsync = off");
        server().execute("postgres", "SELECT pg_reload_conf()");
        try {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> {
                        // The server takes a moment to read its settings again.
                        for (int i = 0; i < 100; i++) {
                            AttestationStore.open(options()).close();
                        }
                    })
                    .withMessageContaining("fsync off");
        } finally {
            server().execute("postgres", "ALTER SYSTEM RESET fsync");
            server().execute("postgres", "SELECT pg_reload_conf()");
        }
    }

    @Test
    void serverThatIsNotThereIsSaidWithoutThePassword() {
        StoreLocation nowhere = StoreLocation.parse("jdbc:postgresql://127.0.0.1:1/db?user=u&password=hush");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(StoreOptions.of(nowhere, KEY).withPatience(Duration.ofMillis(500))))
                .matches(e -> e.code() == Code.UNREACHABLE && !String.valueOf(e.getMessage()).contains("hush"));
        assertThat(nowhere.toString()).isEqualTo("jdbc:postgresql://127.0.0.1:1/db");
    }
}
