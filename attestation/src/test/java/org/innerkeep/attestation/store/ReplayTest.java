package org.innerkeep.attestation.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.attestation.store.Samples.bytes;
import static org.innerkeep.attestation.store.Samples.decision;
import static org.innerkeep.attestation.store.Samples.digest;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.DecisionRecord.Outcome;
import org.innerkeep.attestation.store.Replay.Appraised;
import org.innerkeep.attestation.store.Replay.Result;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record of a decision, and deciding again. */
class ReplayTest {
    @TempDir
    private Path folder;

    /** Stands for verifier and policy: its claims are a function of the evidence. */
    private static Appraised appraise(RecordedDecision decision) {
        String evidence = new String(decision.content("evidence").orElseThrow().toArray(), UTF_8);
        return new Appraised(Outcome.PERMITTED, List.of(), Map.of("claims", bytes("claims of " + evidence)));
    }

    private RecordedDecision recorded(StoreOptions options) throws StoreException {
        try (AttestationStore store = AttestationStore.open(options)) {
            Receipt receipt = store.record(decision("evidence"));
            return store.decision(receipt.entry().sequence()).orElseThrow();
        }
    }

    @Test
    void sameInputsGiveTheSameOutputs() throws StoreException {
        RecordedDecision decision = recorded(Samples.sqlite(folder.resolve("store.db")));

        assertThat(Replay.of(decision, ReplayTest::appraise)).isEqualTo(new Result.Same(Set.of()));
        assertThat(Replay.of(decision, all -> new Appraised(Outcome.PERMITTED, List.of(), Map.of())))
                .isEqualTo(new Result.Same(Set.of("claims")));
    }

    @Test
    void everyDifferenceIsNamed() throws StoreException {
        RecordedDecision decision = recorded(Samples.sqlite(folder.resolve("store.db")));
        Appraised other = new Appraised(Outcome.DENIED, List.of("why"), Map.of("claims", bytes("other"), "more", bytes("more")));

        assertThat(Replay.of(decision, all -> other))
                .isInstanceOfSatisfying(Result.Differs.class, differs -> assertThat(differs.what())
                        .hasSize(4)
                        .anyMatch(each -> each.equals("outcome: recorded permitted, now denied"))
                        .anyMatch(each -> each.startsWith("output 'claims'"))
                        .anyMatch(each -> each.startsWith("output 'more': recorded none"))
                        .anyMatch(each -> each.startsWith("reasons")));
    }

    @Test
    void decisionWithoutItsContentsIsNotReplayed() throws StoreException {
        RecordedDecision decision = recorded(Samples.sqlite(folder.resolve("store.db")).withoutContents());

        assertThat(Replay.of(decision, ReplayTest::appraise)).isEqualTo(new Result.Incomplete(Set.of("evidence", "policy")));
    }

    @Test
    void recordIsReadAsItWasWritten() throws MalformedException {
        DecisionRecord record = new DecisionRecord(
                Samples.NOW,
                "SgxEnclave",
                Outcome.REFUSED,
                Optional.empty(),
                Map.of("policy", digest("p"), "evidence", digest("e")),
                Map.of(),
                List.of("TCB_OUT_OF_DATE tcb: …", "DEBUG_ENABLED debug"));

        assertThat(DecisionRecord.parse(record.toByteArray())).isEqualTo(record);
        assertThat(DecisionRecord.parse(decision("e").record().toByteArray())).isEqualTo(decision("e").record());
    }

    @Test
    void recordOfAnotherFormIsRefused() {
        byte[] good = decision("e").record().toByteArray();
        for (int at = 0; at < good.length; at++) {
            byte[] shorter = Arrays.copyOf(good, at);
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> DecisionRecord.parse(shorter));
        }
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> DecisionRecord.parse(Arrays.copyOf(good, good.length + 1)));
    }

    @Test
    void recordAndContentsMustAgree() {
        DecisionRecord record = decision("evidence").record();

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Decision(record, Map.of("evidence", bytes("other evidence"))));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Decision(record, Map.of("unnamed", bytes("evidence"))));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Decision(record, Map.of("evidence", Bytes.of(new byte[Decision.MAX_CONTENT_BYTES + 1]))));
    }

    @Test
    void recordCannotBeMadeOutOfBounds() {
        Map<String, Bytes> none = Map.of();
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> record("SGX enclave", none, none, List.of()));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> record("SgxEnclave", Map.of("record", digest("r")), none, List.of()));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> record("SgxEnclave", Map.of("both", digest("b")), Map.of("both", digest("b")), List.of()));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> record("SgxEnclave", none, none, List.of("r".repeat(2049))));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new DecisionRecord(
                        Instant.EPOCH.minusSeconds(1), "SgxEnclave", Outcome.DENIED, Optional.empty(), none, none, List.of()));
    }

    private static DecisionRecord record(String type, Map<String, Bytes> inputs, Map<String, Bytes> outputs, List<String> reasons) {
        return new DecisionRecord(Samples.NOW, type, Outcome.DENIED, Optional.empty(), inputs, outputs, reasons);
    }
}
