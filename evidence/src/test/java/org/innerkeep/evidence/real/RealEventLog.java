package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.LogVerifier;
import org.innerkeep.evidence.eventlog.Replay;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.Verification;

/** Event logs of real machines with their register values. A log alone is no evidence: nobody signed it. */
final class RealEventLog implements RealKind {
    private static final Map<EventLog.Format, String> FORMATS =
            Map.of(EventLog.Format.LEGACY, "legacy SHA-1", EventLog.Format.CRYPTO_AGILE, "crypto-agile");

    /** TPM_ALG_SM3_256. */
    private static final int SM3 = 0x12;

    @Override
    public void check(RealCase each) throws Exception {
        Expected expected = each.expected();
        byte[] bytes = each.file("eventLog").toArray();
        EventLog log = EventLog.parse(bytes);
        assertThat(log.toByteArray()).isEqualTo(bytes);
        expected.text("format", FORMATS.get(log.format()));
        assertThat(expected.texts("algorithms"))
                .containsExactlyElementsOf(log.algorithms().stream().map(RealEventLog::name).toList());
        expected.number("events", log.events().size());
        expected.known("sourceTest", "says what the source's own test does");
        assertThat(expected.text("signature")).isEmpty();
        List<String> failures = expected.texts("failures");

        Map<TpmHash, SortedMap<Integer, Bytes>> stated = banks(expected.take("pcrs"));
        Map<TpmHash, SortedMap<Integer, Bytes>> replayed = banks(expected.take("replayedPcrs"));
        replayed.forEach((hash, values) -> assertThat(Replay.of(log, hash)).as("%s, %s", each, hash).isEqualTo(values));
        for (Map<TpmHash, SortedMap<Integer, Bytes>> quoted : List.of(stated, replayed)) {
            if (quoted.isEmpty()) {
                continue;
            }
            Verification run = new Verification(
                    Endorsements.none(), each.at(), VerifierOptions.of(), new Crypto(Optional.empty(), 0));
            boolean proven = LogVerifier.verify(run, log, quoted).isPresent();
            assertThat(proven || !failures.isEmpty()).as("%s: %s", each, run.reasons() > 0 ? run.refusal() : "").isTrue();
        }
        Verdict asEvidence = new Verifier().verify(bytes, Endorsements.none(), each.at(), VerifierOptions.of());
        assertThat(((Verdict.Refused) asEvidence).has(Code.KIND_UNKNOWN)).isTrue();
    }

    /** Names as tools for TPMs have them, also of an algorithm that the Java platform does not have. */
    private static String name(EventLog.Algorithm algorithm) {
        return TpmHash.of(algorithm.id()).map(TpmHash::claimName).orElse(algorithm.id() == SM3 ? "sm3_256" : "other");
    }

    private static Map<TpmHash, SortedMap<Integer, Bytes>> banks(Optional<JsonValue> expected) {
        Map<TpmHash, SortedMap<Integer, Bytes>> banks = new TreeMap<>();
        if (expected.isEmpty()) {
            return banks;
        }
        ((JsonValue.Obj) expected.get()).fields().forEach((bank, values) -> {
            if (bank.startsWith("sm3")) {
                return;
            }
            SortedMap<Integer, Bytes> registers = new TreeMap<>();
            ((JsonValue.Obj) values).fields().forEach((register, value) ->
                    registers.put(Integer.valueOf(register), Bytes.fromHex(((JsonValue.Text) value).value())));
            banks.put(PcrFiles.hash(bank), registers);
        });
        return banks;
    }
}
