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
        private int failures;
        private boolean ends;
        private boolean wants;

        Kept copy() {
            Kept copy = new Kept();
            copy.image = image.clone();
            copy.changes = new ArrayList<>(changes);
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

        @Override
        public void append(byte[] change) throws IOException {
            mayFail();
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
