package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** A store in memory does what every store does, and is what its journal says. */
class MemoryStoreTest extends StoreContract {
    private final Kept kept = new Kept();

    /** A journal in the test's memory. */
    private static final class Kept implements ChangeJournal {
        private byte[] image = {};
        private List<byte[]> changes = new ArrayList<>();
        private int acknowledged;
        private int failures;
        private boolean keptAllTheSame;
        private boolean ends;
        private boolean refuses;
        private boolean wants;
        private Runnable afterwards = () -> {};

        Kept copy() {
            Kept copy = new Kept();
            copy.image = image.clone();
            copy.changes = new ArrayList<>(changes);
            copy.acknowledged = acknowledged;
            return copy;
        }

        @Override
        public void replay(Reader reader) throws IOException {
            reader.image(image);
            for (byte[] each : changes) {
                reader.change(each);
            }
        }

        private void mayFail() throws IOException {
            if (ends) {
                throw new EndedException("it has ended", new IOException("no register"));
            }
            if (failures > 0) {
                failures--;
                throw new IOException("the host does not answer");
            }
        }

        /** In the place of whatever nobody was told of. */
        @Override
        public void append(byte[] change) throws IOException {
            if (refuses) {
                throw new RefusedException("it is full");
            }
            if (keptAllTheSame && failures > 0) {
                put(change);
            }
            mayFail();
            put(change);
            afterwards.run();
            acknowledged = changes.size();
        }

        private void put(byte[] change) {
            changes.subList(acknowledged, changes.size()).clear();
            changes.add(change.clone());
        }

        @Override
        public boolean wantsImage() {
            return wants;
        }

        @Override
        public void image(byte[] database) throws IOException {
            mayFail();
            image = database.clone();
            changes.clear();
            acknowledged = 0;
            wants = false;
        }
    }

    private static StoreOptions options(Kept journal) {
        return StoreOptions.of(new StoreLocation.Memory(journal), Samples.KEY).withClock(Samples.CLOCK);
    }

    @Override
    StoreOptions options() {
        return options(kept);
    }

    /** Nobody else can open it. */
    @Test
    @Override
    void logIsReadWithoutItsKey() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> StoredLog.open(new StoreLocation.Memory(kept)));
    }

    /** After any change, whatever the journal has by then is the whole store. */
    @Test
    void cutAfterAnyChangeItIsWhatWasAcknowledgedUntilThen() throws Exception {
        Random random = new Random(11);
        List<Kept> states = new ArrayList<>();
        List<String> policies = new ArrayList<>();
        List<Long> sizes = new ArrayList<>();
        try (AttestationStore store = AttestationStore.open(options())) {
            for (int i = 0; i < 60; i++) {
                switch (random.nextInt(4)) {
                    case 0 -> store.setPolicy(Samples.TYPE, store.policy(Samples.TYPE).version(), "policy " + i, "admin");
                    case 1 -> store.record(Samples.decision("evidence " + i));
                    case 2 -> store.prune(Samples.NOW.plusSeconds(random.nextInt(2)));
                    default -> store.further().work(work -> {
                        work.set("kind", "name", Optional.of(Samples.bytes("body")), "kind-set", "owner");
                        return true;
                    }, 0);
                }
                kept.wants = random.nextInt(10) == 0;
                states.add(kept.copy());
                policies.add(store.policy(Samples.TYPE).value().orElse(""));
                sizes.add(size(store));
            }
        }
        for (int i = 0; i < states.size(); i++) {
            try (AttestationStore reopened = AttestationStore.open(options(states.get(i)))) {
                assertThat(reopened.policy(Samples.TYPE).value().orElse("")).isEqualTo(policies.get(i));
                assertThat(size(reopened)).isEqualTo(sizes.get(i));
                assertThat(new LogVerifier(Samples.KEY.anchor()).verify(reopened.log()).intact()).isTrue();
            }
        }
    }

    @Test
    void aChangeThatIsNotKnownToBeKeptIsNotMadeAndSaysSo() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(Samples.TYPE, 0, "one", "admin");
            kept.failures = 1;
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.setPolicy(Samples.TYPE, 1, "two", "admin"))
                    .satisfies(failure -> assertThat(failure.mayHaveHappened()).isTrue());
            assertThat(store.policy(Samples.TYPE).value()).contains("one");
            store.setPolicy(Samples.TYPE, 1, "three", "admin");
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policy(Samples.TYPE).value()).contains("three");
        }
    }

    @Test
    void whereTheJournalHasEndedNothingIsChangedAnyMore() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(Samples.TYPE, 0, "one", "admin");
            kept.ends = true;
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> store.setPolicy(Samples.TYPE, 1, "two", "admin"))
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(StoreException.Code.ROLLED_BACK));
                // Not even if it did not fail any more.
                kept.ends = false;
            }
            // It may be that the last change holds, and that nothing here says so.
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.policy(Samples.TYPE))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(StoreException.Code.ROLLED_BACK));
        }
    }

    /** Otherwise somebody is told that there is no such grant, and at the next start there is one. */
    @Test
    void nobodyIsToldAnythingUntilAChangeThatMayBeKeptIsReplaced() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(Samples.TYPE, 0, "one", "admin");
            kept.keptAllTheSame = true;
            kept.failures = 2;
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.setPolicy(Samples.TYPE, 1, "two", "admin"))
                    .satisfies(failure -> assertThat(failure.mayHaveHappened()).isTrue());
            Kept ended = kept.copy();
            // The second failure.
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> readAt(store))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(StoreException.Code.UNREACHABLE));
            assertThat(readAt(store)).contains("one");
            try (AttestationStore reopened = AttestationStore.open(options(kept.copy()))) {
                assertThat(reopened.policy(Samples.TYPE).value()).as("what readers were told holds").contains("one");
            }
            // Where nobody was told anything either may hold.
            try (AttestationStore reopened = AttestationStore.open(options(ended))) {
                assertThat(reopened.policy(Samples.TYPE).value()).contains("two");
            }
            store.setPolicy(Samples.TYPE, 1, "three", "admin");
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policy(Samples.TYPE).value()).contains("three");
        }
    }

    /** A moment after what failed: a host that takes long to fail is not asked by everybody. */
    private static Optional<String> readAt(AttestationStore store) throws Exception {
        Thread.sleep(50);
        return store.policy(Samples.TYPE).value();
    }

    @Test
    void aChangeThatTheJournalHasNoRoomForLeavesNoDoubt() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(Samples.TYPE, 0, "one", "admin");
            kept.refuses = true;
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.setPolicy(Samples.TYPE, 1, "two", "admin"))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(StoreException.Code.FULL))
                    .satisfies(failure -> assertThat(failure.mayHaveHappened()).isFalse());
            assertThat(store.policy(Samples.TYPE).value()).contains("one");
        }
    }

    @Test
    void anImageThatCannotBeKeptFailsNoChange() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            kept.wants = true;
            Kept journal = kept;
            int before = journal.changes.size();
            store.setPolicy(Samples.TYPE, 0, "one", "admin");
            assertThat(journal.changes).as("a new image, nothing since").isEmpty();
            assertThat(before).isPositive();
            journal.wants = true;
            store.setPolicy(Samples.TYPE, 1, "two", "admin");
            assertThat(journal.changes).isEmpty();
        }
    }

    @Test
    void changesThatDoNotFitWhatTheyAreMadeOnAreFoundOut() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(Samples.TYPE, 0, "one", "admin");
            store.setPolicy(Samples.TYPE, 1, "two", "admin");
        }
        Kept without = kept.copy();
        without.changes.remove(without.changes.size() - 2);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(options(without)))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(StoreException.Code.CORRUPT));
    }

    @Test
    void recordedChangesSurviveHostileBytes() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(Samples.TYPE, 0, "one", "admin");
        }
        List<byte[]> seeds = List.copyOf(kept.changes);
        for (byte[] seed : seeds) {
            assertThat(Bytes.of(RecordedChange.parse(seed).encode())).isEqualTo(Bytes.of(seed));
        }
        assertThat(new Fuzzer(74, seeds).run(5_000, data -> {
            try {
                assertThat(RecordedChange.parse(data).encode()).isEqualTo(data);
            } catch (MalformedException e) {
                // Refused, as it should be.
            }
        })).isEmpty();
    }
}
