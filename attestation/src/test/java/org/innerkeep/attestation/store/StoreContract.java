package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.attestation.store.Samples.NOW;
import static org.innerkeep.attestation.store.Samples.TYPE;
import static org.innerkeep.attestation.store.Samples.bytes;
import static org.innerkeep.attestation.store.Samples.decision;
import static org.innerkeep.attestation.store.Samples.receiptOf;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.SigningKey.KeyMaterial;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;

/** What holds for every store, whichever database it is in. */
abstract class StoreContract {
    /** Options for an empty store of this test, the same one at each call. */
    abstract StoreOptions options();

    private final LogVerifier verifier = new LogVerifier(Samples.KEY.anchor());

    @Test
    void policyIsTheDefaultUntilOneIsSet() throws StoreException {
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policy(TYPE)).isEqualTo(new Versioned<>(0, Optional.empty(), "", Instant.EPOCH));
        }
    }

    @Test
    void policyIsKeptAsItWasSentAcrossAReopening() throws StoreException {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(TYPE, 0, "eyJhbGciOiJub25lIn0.é.", "admin");
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policy(TYPE)).isEqualTo(new Versioned<>(1, Optional.of("eyJhbGciOiJub25lIn0.é."), "admin", NOW));
            assertThat(store.policy("SgxEnclave").version()).isZero();
        }
    }

    @Test
    void policyThatCouldNotBeGivenBackAsItWasIsRefused() throws StoreException {
        try (AttestationStore store = AttestationStore.open(options())) {
            for (String bad : new String[] {"\ud800", "p".repeat(AttestationStore.MAX_POLICY_CHARS + 1)}) {
                assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> store.setPolicy(TYPE, 0, bad, "admin"));
            }
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> store.setPolicy("no type", 0, "one", "admin"));
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> store.setPolicy(TYPE, 0, "one", "two\nlines"));
            assertThat(size(store)).isEqualTo(1);
        }
    }

    @Test
    void policyThatSomebodyElseChangedIsNotOverwritten() throws StoreException {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(TYPE, 0, "one", "first");
            long leaves = size(store);

            Change<Optional<String>> late = store.setPolicy(TYPE, 0, "two", "second");

            assertThat(late).isEqualTo(new Change.Conflict<>(new Versioned<>(1, Optional.of("one"), "first", NOW)));
            assertThat(store.policy(TYPE).value()).contains("one");
            assertThat(size(store)).isEqualTo(leaves);
        }
    }

    @Test
    void resetPolicyIsAVersionOfItsOwn() throws StoreException {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPolicy(TYPE, 0, "one", "admin");
            Receipt receipt = receiptOf(store.resetPolicy(TYPE, 1, "admin"));

            assertThat(store.policy(TYPE)).isEqualTo(new Versioned<>(2, Optional.empty(), "admin", NOW));
            assertThat(receipt.entry().kind()).isEqualTo(LogEntry.POLICY_RESET);
        }
    }

    @Test
    void eachPolicyChangeIsALeafWithTheDigestOfTheText() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            Receipt receipt = receiptOf(store.setPolicy(TYPE, 0, "the text", "admin"));

            assertThat(receipt.entry().kind()).isEqualTo(LogEntry.POLICY_SET);
            assertThat(receipt.entry().subject()).isEqualTo(TYPE + " version 1");
            assertThat(receipt.entry().digest("policy")).contains(Samples.digest("the text"));
            assertThat(receipt.entry().digest("set-by")).contains(Samples.digest("admin"));
            assertThat(receipt.entry().time()).isEqualTo(NOW);
            assertThat(verifier.verify(List.of(receipt), store.log()).intact()).isTrue();
        }
    }

    @Test
    void signersAndKeysAreKeptInOrder() throws StoreException {
        List<Bytes> certificates = List.of(bytes("b"), bytes("a"));
        List<SigningKey> keys = List.of(
                key("two", new KeyMaterial.Pkcs11("token=t;object=o")), key("one", new KeyMaterial.Wrapped(bytes("wrapped"))));
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policySigners().value()).isEmpty();
            assertThat(store.signingKeys().value()).isEmpty();
            store.setPolicySigners(0, certificates, "admin");
            store.setSigningKeys(0, keys, "service");
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policySigners().value()).isEqualTo(certificates);
            assertThat(store.signingKeys().value()).isEqualTo(keys);
            assertThat(store.setSigningKeys(0, List.of(), "service")).isInstanceOf(Change.Conflict.class);
        }
    }

    @Test
    void anApprovedChangeIsMadeAndTakenOffTheListOrNeither() throws StoreException {
        PendingChange waits = new PendingChange(PendingChange.Action.SET_POLICY, TYPE, "new", 0, "one", NOW);
        try (AttestationStore store = AttestationStore.open(options())) {
            store.setPendingChanges(0, List.of(waits), "one");
            long leaves = size(store);

            // Of each in turn another version than holds.
            Change<Optional<String>> otherPolicy =
                    store.setApprovedPolicy(TYPE, 1, Optional.of("new"), "both", new AttestationStore.Approval(1, List.of(), "two"));
            Change<Optional<String>> otherList =
                    store.setApprovedPolicy(TYPE, 0, Optional.of("new"), "both", new AttestationStore.Approval(0, List.of(), "two"));
            Change<List<Bytes>> otherSigners =
                    store.setApprovedSigners(1, List.of(bytes("a")), "both", new AttestationStore.Approval(1, List.of(), "two"));
            assertThat(List.of(otherPolicy, otherList, otherSigners)).allMatch(change -> change instanceof Change.Conflict);
            assertThat(size(store)).isEqualTo(leaves);
            assertThat(store.pendingChanges().value()).containsExactly(waits);

            Receipt receipt = receiptOf(
                    store.setApprovedPolicy(TYPE, 0, Optional.of("new"), "both", new AttestationStore.Approval(1, List.of(), "two")));
            assertThat(receipt.entry().kind()).isEqualTo(LogEntry.POLICY_SET);
            assertThat(receipt.head().head().size()).isEqualTo(leaves + 2);
            assertThat(store.pendingChanges().value()).isEmpty();
            assertThat(store.policy(TYPE).value()).contains("new");
            assertThat(store.setApprovedSigners(0, List.of(bytes("a")), "both", new AttestationStore.Approval(2, List.of(), "two")))
                    .isInstanceOf(Change.Made.class);
            assertThat(store.policySigners().value()).containsExactly(bytes("a"));
        }
    }

    @Test
    void howManyApprovalsAChangeTakesIsOneUntilItIsSetAndALeafWhenItIs() throws StoreException {
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.approvals().value()).isEqualTo(1);
            Receipt receipt = receiptOf(store.setApprovals(0, 2, "set-up"));
            assertThat(receipt.entry().kind()).isEqualTo(LogEntry.APPROVALS_SET);
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> store.setApprovals(1, 3, "set-up"));
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.approvals()).isEqualTo(new Versioned<>(1, 2, "set-up", NOW));
            assertThat(store.setApprovals(0, 1, "set-up")).isInstanceOf(Change.Conflict.class);
        }
    }

    @Test
    void twoKeysOfOneIdAreRefused() throws StoreException {
        SigningKey key = key("same", new KeyMaterial.Wrapped(bytes("wrapped")));
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> store.setSigningKeys(0, List.of(key, key), "service"));
        }
    }

    @Test
    void nonceSecretStaysTheSame() throws StoreException {
        byte[] secret;
        try (AttestationStore store = AttestationStore.open(options())) {
            secret = store.nonceSecret();
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.nonceSecret()).hasSize(32).isEqualTo(secret).isNotEqualTo(new byte[32]);
        }
    }

    @Test
    void aFurtherPartKeepsDocumentsWithTheirLeavesInTheSameLog() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            var made = further.work(
                    writer -> writer.set("vault-key", "one", Optional.of(bytes("body")), "key-created", "owner"), 0);

            assertThat(made.value()).isEqualTo(
                    new LoggedStore.Document("one", 1, Optional.of(bytes("body")), "owner", NOW, made.receipt().orElseThrow().entry().sequence()));
            assertThat(made.receipt().orElseThrow().entry().kind()).isEqualTo("key-created");
            assertThat(made.receipt().orElseThrow().entry().subject()).isEqualTo("one version 1");
            assertThat(made.receipt().orElseThrow().entry().digest("vault-key")).contains(Samples.digest("body"));
            store.setPolicy(TYPE, 0, "one", "admin");
            further.work(writer -> writer.set("vault-key", "two", Optional.of(bytes("second")), "key-created", "owner"), 0);
            further.work(writer -> writer.set("vault-key", "one", Optional.empty(), "key-purged", "owner"), 0);
            assertThat(verifier.verify(List.of(made.receipt().orElseThrow()), store.log()).intact()).isTrue();
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            assertThat(further.look(reader -> reader.document("vault-key", "one")).orElseThrow().version()).isEqualTo(2);
            Optional<LoggedStore.Document> never = further.look(reader -> reader.document("vault-key", "three"));
            assertThat(never).isEmpty();
            List<String> all = further.look(reader -> reader.names("vault-key", "", 10));
            assertThat(all).containsExactly("two");
            List<String> rest = further.look(reader -> reader.names("vault-key", "two", 10));
            assertThat(rest).isEmpty();
            Set<String> ever = further.look(reader -> reader.names("vault-key"));
            assertThat(ever).containsExactlyInAnyOrder("one", "two");
            long version = further.look(reader -> reader.version("vault-key", "one"));
            assertThat(version).isEqualTo(2);
        }
    }

    @Test
    void theOlderOfWhatHappenedIsForgottenAndItsLeavesStay() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            for (int i = 0; i < 6; i++) {
                Bytes record = bytes("record " + i);
                further.work(writer -> writer.happened("refused", "key", record, Map.of()), 0);
                further.work(writer -> writer.happened("refused", "other", record, Map.of()), 0);
                further.work(
                        writer -> {
                            writer.forget("refused", "key", 3);
                            return true;
                        },
                        0);
            }
            List<LoggedStore.Event> kept = further.look(reader -> reader.events("refused", "key", Long.MAX_VALUE, 10));
            assertThat(kept).extracting(LoggedStore.Event::record).containsExactly(bytes("record 5"), bytes("record 4"), bytes("record 3"));
            List<LoggedStore.Event> others = further.look(reader -> reader.events("refused", "other", Long.MAX_VALUE, 10));
            assertThat(others).hasSize(6);
            assertThat(store.log().head().orElseThrow().head().size()).isEqualTo(13);
        }
    }

    @Test
    void whatIsWrongWithOneDocumentIsNotWrongWithTheOthers() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            List<Boolean> made = together(8, i -> {
                try {
                    further.work(
                            writer -> {
                                if (i == 3) {
                                    throw StoreException.damaged("a document");
                                }
                                return writer.happened("happened", "key", bytes("record"), Map.of());
                            },
                            0);
                    return true;
                } catch (StoreException e) {
                    assertThat(e.code()).isEqualTo(StoreException.Code.DAMAGED);
                    return false;
                }
            });
            assertThat(made).containsOnlyOnce(false);
            further.work(writer -> writer.happened("happened", "key", bytes("later"), Map.of()), 0);
        }
    }

    @Test
    void workSeesWhatWasWrittenBeforeItThoughItSharesATransaction() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            var counts = together(40, i -> further.work(
                            writer -> {
                                long now = writer.add("uses", 1);
                                writer.happened("file-key-released", "patients", bytes("record " + now), Map.of());
                                return now;
                            },
                            0)
                    .value());

            assertThat(counts).doesNotHaveDuplicates().contains(1L, 40L);
            assertThat(tally(further, "uses")).isEqualTo(40);
            assertThat(tally(further, "others")).isZero();
            List<LoggedStore.Event> last =
                    further.look(reader -> reader.events("file-key-released", "patients", Long.MAX_VALUE, 3));
            assertThat(last).hasSize(3).isSortedAccordingTo((one, other) -> Long.compare(other.sequence(), one.sequence()));
            assertThat(last.getFirst().record()).isEqualTo(bytes("record 40"));
            long before = last.getLast().sequence();
            List<LoggedStore.Event> older =
                    further.look(reader -> reader.events("file-key-released", "patients", before, 100));
            assertThat(older).hasSize(37);
            List<LoggedStore.Event> others =
                    further.look(reader -> reader.events("file-key-released", "others", Long.MAX_VALUE, 3));
            assertThat(others).isEmpty();
        }
    }

    @Test
    void aValueIsSpentOnceHoweverManyTryAndForgottenAfterItsTime() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            Instant later = NOW.plusSeconds(60);
            var spent = together(20, i -> further.work(writer -> writer.spend(bytes("nonce"), later), 0).value());
            assertThat(spent.stream().filter(each -> each)).hasSize(1);
            assertThat(spent(further, bytes("nonce"))).isTrue();
            long leaves = size(store);
            assertThat(further.work(writer -> writer.spend(bytes("old"), NOW.minusSeconds(1)), 0).receipt()).isEmpty();
            assertThat(further.work(writer -> writer.spend(bytes("other"), later), 0).value()).isTrue();
            assertThat(spent(further, bytes("old"))).isFalse();
            assertThat(spent(further, bytes("nonce"))).isTrue();
            assertThat(size(store)).as("spending has no leaf").isEqualTo(leaves);
        }
    }

    private static long tally(LoggedStore store, String place) throws StoreException {
        return store.look(reader -> reader.tally(place));
    }

    private static boolean spent(LoggedStore store, Bytes value) throws StoreException {
        return store.look(reader -> reader.spent(value));
    }

    @Test
    void workThatThrowsLeavesNothingAndHarmsNobodyElse() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            var outcomes = together(20, i -> {
                try {
                    return further.work(
                                    writer -> {
                                        writer.add("sum", 1);
                                        if (i % 2 == 0) {
                                            throw new StoreException(StoreException.Code.FAILED, "on purpose", null);
                                        }
                                        return true;
                                    },
                                    0)
                            .value();
                } catch (StoreException e) {
                    return false;
                }
            });
            assertThat(outcomes.stream().filter(each -> each)).hasSize(10);
            assertThat(tally(further, "sum")).isEqualTo(10);
        }
    }

    @Test
    void whatAFurtherPartCannotKeepIsRefused() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            LoggedStore further = store.further();
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> further.look(reader -> reader.document("Not A Kind", "one")));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> further.look(reader -> reader.names("kind", "", LoggedStore.MAX_PAGE + 1)));
            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> further.work(
                    writer -> writer.set("kind", "name", Optional.of(Bytes.of(new byte[LoggedStore.MAX_BYTES + 1])), "leaf", "owner"), 0));
            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> further.work(writer -> writer.add("sum", -1), 0));
            assertThat(further.work(writer -> writer.add("sum", 1), 0).value()).isEqualTo(1);
        }
    }

    @Test
    void decisionComesBackWithEveryContent() throws StoreException {
        Decision decision = decision("evidence 1");
        try (AttestationStore store = AttestationStore.open(options())) {
            Receipt receipt = store.record(decision);
            RecordedDecision found = store.decision(receipt.entry().sequence()).orElseThrow();

            assertThat(found.record()).isEqualTo(decision.record());
            assertThat(found.contents()).isEqualTo(decision.contents());
            assertThat(found.missingInputs()).isEmpty();
            assertThat(receipt.entry().digest("record")).contains(Bytes.sha256(decision.record().toByteArray()));
            assertThat(store.decision(0)).isEmpty();
        }
    }

    @Test
    void onlyDigestsAreKeptWhereContentsAreSwitchedOff() throws Exception {
        try (AttestationStore store = AttestationStore.open(options().withoutContents())) {
            Receipt receipt = store.record(decision("evidence"));

            assertThat(store.decision(receipt.entry().sequence()).orElseThrow().missingInputs()).containsExactly("evidence", "policy");
            assertThat(verifier.verify(List.of(receipt), store.log()).intact()).isTrue();
        }
    }

    @Test
    void pruningKeepsTheLogAndWhatIsStillUsed() throws Exception {
        Instant later = NOW.plus(Duration.ofDays(90));
        StoreOptions then = options().withClock(Clock.fixed(later, ZoneOffset.UTC));
        List<Receipt> receipts = new ArrayList<>();
        try (AttestationStore store = AttestationStore.open(options())) {
            receipts.add(store.record(decision("old evidence", "shared policy")));
        }
        try (AttestationStore store = AttestationStore.open(then)) {
            receipts.add(store.record(decision("new evidence", "shared policy")));

            assertThat(store.prune(later.minus(Duration.ofDays(30)))).isEqualTo(new AttestationStore.Pruned(1, 1));
            assertThat(store.decision(receipts.get(0).entry().sequence())).isEmpty();
            assertThat(store.decision(receipts.get(1).entry().sequence()).orElseThrow().missingInputs()).isEmpty();
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
            assertThat(store.log().receipt(size(store) - 1).orElseThrow().entry().kind()).isEqualTo(LogEntry.PRUNED);
            assertThat(store.prune(later.minus(Duration.ofDays(30)))).isEqualTo(new AttestationStore.Pruned(0, 0));
        }
    }

    @Test
    void receiptsUnderOldHeadsStayRightWhileTheLogGrows() throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        try (AttestationStore store = AttestationStore.open(options())) {
            for (int i = 0; i < 20; i++) {
                receipts.add(store.record(decision("evidence " + i)));
            }
            for (int i = 0; i < 21; i++) {
                receipts.add(store.log().receipt(i).orElseThrow());
            }
            assertThat(store.log().receipt(21)).isEmpty();
            assertThat(receipts).allMatch(each -> verifier.verify(each).intact());
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
            for (Receipt older : receipts) {
                long from = older.head().head().size();
                assertThat(verifier.verify(older.head(), store.log().head().orElseThrow(), store.log().consistency(from, 21)))
                        .matches(verdict -> verdict.intact());
            }
        }
    }

    @Test
    void changesThatWaitTogetherShareASignature() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            List<Receipt> receipts = together(32, i -> store.record(decision("evidence " + i)));

            assertThat(receipts.stream().map(each -> each.entry().sequence()).distinct()).hasSize(32);
            assertThat(receipts.stream().map(Receipt::head).distinct().count()).isLessThan(32);
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
        }
    }

    @Test
    void ofManyWhoChangeOnePolicyAtOnceOneSucceeds() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            List<Change<Optional<String>>> changes = together(16, i -> store.setPolicy(TYPE, 0, "policy " + i, "admin"));

            assertThat(changes).filteredOn(each -> each instanceof Change.Made<?>).hasSize(1);
            assertThat(store.policy(TYPE).version()).isEqualTo(1);
        }
    }

    @Test
    void anotherLogKeyIsRefused() throws StoreException {
        AttestationStore.open(options()).close();
        StoreOptions other = StoreOptions.of(options().location(), LogKey.generate());

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(other))
                .matches(e -> e.code() == StoreException.Code.WRONG_KEY)
                .withMessageContaining(Samples.KEY.anchor().id().shortHex());
    }

    @Test
    void closedStoreTakesNothing() throws StoreException {
        AttestationStore store = AttestationStore.open(options());
        store.close();
        store.close();

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.record(decision("evidence")))
                .matches(e -> e.code() == StoreException.Code.CLOSED && !e.mayHaveHappened());
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.policy(TYPE))
                .matches(e -> e.code() == StoreException.Code.CLOSED);
    }

    @Test
    void logIsReadWithoutItsKey() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            Receipt receipt = store.record(decision("evidence"));
            try (StoredLog log = StoredLog.open(options().location())) {
                assertThat(verifier.verify(List.of(receipt), log).intact()).isTrue();
            }
        }
    }

    static SigningKey key(String kid, KeyMaterial material) {
        return new SigningKey(kid, List.of(bytes("certificate of " + kid)), material, NOW, NOW.plusSeconds(1), NOW.plusSeconds(2));
    }

    static long size(AttestationStore store) throws StoreException {
        try {
            return store.log().head().orElseThrow().head().size();
        } catch (IOException e) {
            if (e instanceof StoreException failure) {
                throw failure;
            }
            throw new AssertionError(e);
        }
    }

    /** Does something in so many threads at once. */
    static <T> List<T> together(int times, Numbered<T> action) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                int number = i;
                tasks.add(() -> action.run(number));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : threads.invokeAll(tasks)) {
                results.add(each.get());
            }
            return results;
        }
    }

    @FunctionalInterface
    interface Numbered<T> {
        T run(int number) throws Exception;
    }

}
