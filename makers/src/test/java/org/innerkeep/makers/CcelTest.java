package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.eventlog.CcelEvidence;
import org.innerkeep.evidence.eventlog.CcelVerifier;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.HardwareCheck;
import org.innerkeep.evidence.internal.Verification;
import org.junit.jupiter.api.Test;

/** Event logs of TDX, over quotes that are taken as they are. */
class CcelTest {
    private static final Bytes QUOTE = Bytes.fromHex("0400");

    private static FakeEventLog log() {
        return FakeEventLog.booted(EventLog.Format.CCEL, TpmHash.SHA384).padded(1000);
    }

    private static List<Bytes> rtmrs(FakeEventLog log) {
        List<Bytes> found = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            found.add(log.register(TpmHash.SHA384, i));
        }
        return found;
    }

    private static Verdict verify(Bytes log, HardwareCheck check) {
        try {
            return CcelVerifier.verify(
                    CcelEvidence.parse(EvidenceParts.parse(CcelEvidence.collect(QUOTE, log).toByteArray())),
                    new Verification(Endorsements.none(), TpmTest.NOW, VerifierOptions.of(), new Crypto(Optional.empty(), 0)),
                    check);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static Verdict verify(Bytes log, List<Bytes> rtmrs) {
        return verify(log, (quote, run) -> {
            assertThat(quote).isEqualTo(QUOTE);
            Map<String, ClaimValue> details = new TreeMap<>();
            for (int i = 0; i < rtmrs.size(); i++) {
                details.put("tdx_rtmr" + i, ClaimValue.of(rtmrs.get(i)));
            }
            return Optional.of(new Claims("tdx-quote", "tdx", Optional.empty(), Optional.empty(), OptionalLong.empty(),
                    OptionalLong.empty(), false, Bytes.EMPTY, Optional.empty(), Bytes.EMPTY, details));
        });
    }

    private static Set<Code> codes(FakeEventLog log) {
        return TpmTest.codes(verify(log.toBytes(), rtmrs(log)));
    }

    @Test
    void acceptsALogThatLeadsToTheRegisters() {
        Verdict.Accepted accepted = (Verdict.Accepted) verify(log().toBytes(), rtmrs(log()));
        assertThat(accepted.claims().kind()).isEqualTo("tdx-quote");
        assertThat(accepted.claims().details())
                .containsEntry("secureboot", ClaimValue.of(true))
                .containsKeys("tdx_rtmr0", "event-log-events");
    }

    @Test
    void refusesALogThatLeadsElsewhere() {
        for (int i = 1; i < 7; i++) {
            assertThat(codes(log().forget(i))).as("without event %d", i).containsExactly(Code.EVENT_LOG_MISMATCH);
        }
        assertThat(TpmTest.codes(verify(log().measure(2, FakeEventLog.IPL, new byte[] {1}).toBytes(), rtmrs(log()))))
                .containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void theOperatingSystemMayExtendItsRegistersOutsideOfTheLog() {
        FakeEventLog extended = log().measure(4, FakeEventLog.IPL, new byte[] {1});
        Verdict.Accepted accepted = (Verdict.Accepted) verify(log().toBytes(), rtmrs(extended));
        assertThat(accepted.checks()).anyMatch(check -> check.name().equals("RTMR 3") && !check.done());
    }

    @Test
    void refusesALogThatCanBeReadInTwoWays() {
        assertThat(codes(log().separate(1))).containsExactly(Code.EVENT_LOG_MISMATCH);
        assertThat(codes(log().measure(1, 0x12345678, new byte[] {1}))).containsExactly(Code.EVENT_LOG_MISMATCH);
        assertThat(codes(log().measure(0, FakeEventLog.IPL, new byte[] {1}))).containsExactly(Code.EVENT_LOG_MISMATCH);
        FakeEventLog forged = new FakeEventLog(EventLog.Format.CCEL, TpmHash.SHA384)
                .measure(1, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(false), FakeEventLog.secureBoot(true));
        assertThat(codes(forged)).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void refusesALogWithoutSha384() {
        FakeEventLog sha256 = FakeEventLog.booted(EventLog.Format.CCEL, TpmHash.SHA256);
        assertThat(TpmTest.codes(verify(sha256.toBytes(), rtmrs(log())))).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void refusesEvidenceWithoutRegisters() {
        assertThat(TpmTest.codes(verify(log().toBytes(), List.of()))).containsExactly(Code.NOT_VERIFIABLE);
        assertThat(TpmTest.codes(verify(log().toBytes(), HardwareCheck.none()))).containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void theFormOfTheLogIsStrict() {
        byte[] good = log().toBytes().toArray();
        byte[] padding = good.clone();
        padding[good.length - 1] = 0;
        byte[] register = good.clone();
        register[0] = 5;
        FakeEventLog old = FakeEventLog.booted(EventLog.Format.LEGACY, TpmHash.SHA1);
        for (Bytes bad : List.of(Bytes.of(padding), Bytes.of(register), Bytes.EMPTY, old.toBytes(),
                FakeEventLog.booted(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA384).toBytes())) {
            Verdict verdict = new Verifier().verify(
                    CcelEvidence.collect(QUOTE, bad).toByteArray(), Endorsements.none(), TpmTest.NOW, VerifierOptions.of());
            assertThat(TpmTest.codes(verdict)).containsExactly(Code.MALFORMED);
        }
    }
}
