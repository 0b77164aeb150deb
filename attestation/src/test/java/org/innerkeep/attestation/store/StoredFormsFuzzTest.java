package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.attestation.store.SigningKey.KeyMaterial;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** What stands in a database may have been written by anybody. */
class StoredFormsFuzzTest {
    private static final Forms.Keys KEYS = new Forms.Keys();
    private static final Forms.Signers SIGNERS = new Forms.Signers();
    private static final Forms.Pending PENDING = new Forms.Pending();
    private static final List<byte[]> RECORDS = List.of(
            Samples.decision("evidence").record().toByteArray(),
            new DecisionRecord(
                            Samples.NOW,
                            "SgxEnclave",
                            DecisionRecord.Outcome.REFUSED,
                            Optional.empty(),
                            Samples.decision("e").record().inputs(),
                            Map.of(),
                            List.of("TCB_REVOKED tcb", ""))
                    .toByteArray());
    private static final List<byte[]> LISTS = List.of(
            encoded(KEYS.encode(List.of(
                    StoreContract.key("one", new KeyMaterial.Wrapped(Samples.bytes("wrapped"))),
                    StoreContract.key("two", new KeyMaterial.Pkcs11("token=t"))))),
            encoded(SIGNERS.encode(List.of(Samples.bytes("certificate")))),
            encoded(PENDING.encode(List.of(
                    new PendingChange(PendingChange.Action.SET_POLICY, "SgxEnclave", "a.b.c", 3, "admin-key one", Samples.NOW),
                    new PendingChange(PendingChange.Action.ADD_CERTIFICATE, "", "d.e.f", 0, "subject two", Samples.NOW)))));

    private static byte[] encoded(Optional<Bytes> body) {
        return body.orElseThrow().toArray();
    }

    @Test
    void recordsSurviveHostileBytes() {
        assertThat(new Fuzzer(12, RECORDS).run(20_000, input -> record(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugBehindRecords() {
        assertThat(new Fuzzer(12, RECORDS).run(20_000, input -> record(input, found -> {
                    if (found.nonce().isPresent() && !found.nonce().get().equals("nonce")) {
                        throw new ArithmeticException("planted");
                    }
                })))
                .isPresent();
    }

    @Test
    void listsSurviveHostileBytes() {
        assertThat(new Fuzzer(13, LISTS).run(20_000, StoredFormsFuzzTest::lists)).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        record(data, found -> {});
        lists(data);
    }

    private static void record(byte[] input, Consumer<DecisionRecord> behind) {
        DecisionRecord record;
        try {
            record = DecisionRecord.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(record.toByteArray()).isEqualTo(input);
        behind.accept(record);
    }

    /** Each form has one encoding, so whatever is accepted is written again as it was. */
    private static void lists(byte[] input) {
        try {
            assertThat(encoded(KEYS.encode(KEYS.decode(Optional.of(Bytes.of(input)))))).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
        try {
            assertThat(encoded(PENDING.encode(PENDING.decode(Optional.of(Bytes.of(input)))))).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
        try {
            assertThat(encoded(SIGNERS.encode(SIGNERS.decode(Optional.of(Bytes.of(input)))))).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }
}
