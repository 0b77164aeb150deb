package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.attestation.store.RecordedChange.Step;
import org.innerkeep.attestation.store.RecordedChange.Value;
import org.innerkeep.attestation.store.StoreException.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in memory and what the journal has are never told apart by anybody. */
class MemoryDatabaseTest {
    /** Called while a change is kept. */
    private interface Hook {
        void run() throws IOException;
    }

    private final List<byte[]> kept = new ArrayList<>();
    private final List<byte[]> images = new ArrayList<>();
    private Hook whileKept = () -> {};
    private MemoryDatabase database;

    private final class Journal implements ChangeJournal {
        private boolean wants;

        @Override
        public void replay(Reader reader) {
            // The very first time.
        }

        @Override
        public void append(byte[] change) throws IOException {
            kept.add(change.clone());
            whileKept.run();
        }

        @Override
        public boolean wantsImage() {
            return wants;
        }

        @Override
        public void image(byte[] bytes) throws IOException {
            if (wants) {
                whileKept.run();
            }
            images.add(bytes.clone());
        }
    }

    private final Journal journal = new Journal();

    @BeforeEach
    void open() throws Exception {
        database = MemoryDatabase.open(journal);
        execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, text TEXT) STRICT");
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void execute(String sql) throws StoreException {
        database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    private long number(String sql) throws StoreException {
        return database.read(connection -> {
            try (Statement statement = connection.createStatement();
                    var found = statement.executeQuery(sql)) {
                assertThat(found.next()).isTrue();
                return found.getLong(1);
            }
        });
    }

    private void assertEnded(Code code) {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> number("SELECT COUNT(*) FROM thing"))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> execute("INSERT INTO thing VALUES (2, 'two')"))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    @Test
    void nothingThatIsSortedGoesToADisk() throws Exception {
        assertThat(number("PRAGMA temp_store")).as("MEMORY").isEqualTo(2);
    }

    @Test
    void aChangeThatIsKeptAndCannotBeMadeHereEndsIt() throws Exception {
        AtomicReference<Connection> at = new AtomicReference<>();
        whileKept = () -> {
            try (Statement statement = at.get().createStatement()) {
                statement.execute("ROLLBACK");
            } catch (SQLException e) {
                throw new IOException(e);
            }
        };
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> database.write(connection -> {
                    at.set(connection);
                    try (Statement statement = connection.createStatement()) {
                        return statement.execute("INSERT INTO thing VALUES (1, 'one')");
                    }
                }))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(Code.CORRUPT))
                .satisfies(failure -> assertThat(failure.mayHaveHappened()).isTrue());
        whileKept = () -> {};
        int before = kept.size();
        assertEnded(Code.CORRUPT);
        assertThat(kept).hasSize(before);
    }

    @Test
    void anErrorOfTheMachineWhileAChangeIsKeptLeavesADoubtThatIsSettledFirst() throws Exception {
        whileKept = () -> {
            throw new OutOfMemoryError("for the test");
        };
        assertThatExceptionOfType(OutOfMemoryError.class)
                .isThrownBy(() -> execute("INSERT INTO thing VALUES (1, 'one')"));
        whileKept = () -> {};
        Thread.sleep(50);
        assertThat(number("SELECT COUNT(*) FROM thing")).isZero();
        assertThat(RecordedChange.parse(kept.getLast()).isEmpty()).as("it took the place of the change").isTrue();
    }

    @Test
    void anImageOfWhichItIsNotKnownWhetherItCountsEndsIt() throws Exception {
        journal.wants = true;
        whileKept = () -> {
            if (journal.wants && kept.size() > 1) {
                throw new ChangeJournal.EndedException("no register", new IOException("no register"));
            }
        };
        // The change itself is kept, and then no more.
        Hook ends = whileKept;
        whileKept = () -> whileKept = ends;
        execute("INSERT INTO thing VALUES (1, 'one')");
        assertEnded(Code.ROLLED_BACK);
    }

    @Test
    void anImageForWhichThereIsNoMemoryFailsNoChange() throws Exception {
        journal.wants = true;
        Hook fails = () -> {
            throw new OutOfMemoryError("for the test");
        };
        whileKept = () -> whileKept = fails;
        execute("INSERT INTO thing VALUES (1, 'one')");
        assertThat(number("SELECT COUNT(*) FROM thing")).isOne();
    }

    @Test
    void itGrowsToWhatTheHeapHasRoomForAndStrangersDoNotFillIt() throws Exception {
        try (MemoryDatabase small = MemoryDatabase.open(journal, 1 << 20)) {
            database.close();
            database = small;
            execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, text TEXT) STRICT");
            assertThat(small.hasRoomForStrangers()).isTrue();
            int rows = 0;
            while (small.hasRoomForStrangers()) {
                execute("INSERT INTO thing VALUES (" + rows++ + ", '" + "x".repeat(20_000) + "')");
            }
            assertThat(rows).isBetween(35, 45);
            StoreException full = null;
            while (full == null) {
                try {
                    execute("INSERT INTO thing VALUES (" + rows + ", '" + "x".repeat(20_000) + "')");
                    rows++;
                } catch (StoreException e) {
                    full = e;
                }
            }
            assertThat(full.code()).isEqualTo(Code.FULL);
            assertThat(full.mayHaveHappened()).isFalse();
            assertThat(number("SELECT COUNT(*) FROM thing")).isEqualTo(rows).isBetween(45L, 55L);
            // There is a way out.
            execute("DELETE FROM thing WHERE id > 5");
            assertThat(small.hasRoomForStrangers()).isTrue();
        }
    }

    @Test
    void whatWasTakenBackIsInNoImage() throws Exception {
        execute("INSERT INTO thing VALUES (1, 'one')");
        int before = images.size();
        whileKept = () -> {
            whileKept = () -> {};
            journal.wants = true;
            throw new IOException("the host does not answer");
        };
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> execute("INSERT INTO thing VALUES (2, 'a canary')"));
        assertThat(images).hasSize(before + 1);
        // It took the place of the change as well.
        assertThat(number("SELECT COUNT(*) FROM thing")).isOne();
        assertThat(new String(images.getLast(), StandardCharsets.ISO_8859_1)).contains("one").doesNotContain("canary");
    }

    @Test
    void rowsAreLimitedOnlyInAnOrderThatIsNamed() throws Exception {
        execute("INSERT INTO thing VALUES (1, 'one'), (2, 'two')");
        String some = "DELETE FROM thing WHERE id IN (SELECT id FROM thing %s LIMIT 1)";
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> execute(some.formatted("")))
                .withMessageContaining("order");
        execute(some.formatted("ORDER BY id"));
        assertThat(number("SELECT id FROM thing")).isEqualTo(2);
    }

    @Test
    void aChangeThatCouldNotBeReadAgainIsNotMade() throws Exception {
        int before = kept.size();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> execute("INSERT INTO thing VALUES (1, '" + "x".repeat(1 << 16) + "')"))
                .satisfies(failure -> assertThat(failure.mayHaveHappened()).isFalse());
        assertThat(kept).hasSize(before);
        assertThat(number("SELECT COUNT(*) FROM thing")).isZero();
        for (Step each : List.of(new Step("x".repeat(1 << 16), List.of(), 0), step("ä".repeat(1 << 15)))) {
            assertThat(RecordedChange.parse(new RecordedChange(List.of(each)).encode()).steps()).containsExactly(each);
        }
        List<Value> many = Collections.nCopies(33, new Value.Nothing());
        assertThatIllegalArgumentException().isThrownBy(() -> new Step("DELETE", many, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> step("ä".repeat((1 << 15) + 1)));
        assertThatIllegalArgumentException().isThrownBy(() -> step("half \ud83d"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Step("DELETE", List.of(), -2));
        List<Step> steps = Collections.nCopies((1 << 20) + 1, step("DELETE"));
        assertThatIllegalArgumentException().isThrownBy(() -> new RecordedChange(steps));
    }

    private static Step step(String statement) {
        return new Step(statement, List.of(), 0);
    }
}
