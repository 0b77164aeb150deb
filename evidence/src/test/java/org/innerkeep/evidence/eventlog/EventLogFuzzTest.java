package org.innerkeep.evidence.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class EventLogFuzzTest {
    private static final String HEADER = "0000000003000000" + "00".repeat(20) + "21000000" + "53706563204944204576656e743033000000000000020002"
            + "010000000b00200000";
    private static final String SECURE_BOOT = "61dfe48bca93d211aa0d00e098032b8c0a000000000000000100000000000000"
            + "53006500630075007200650042006f006f007400" + "01";
    private static final List<byte[]> SEEDS = List.of(
            Bytes.fromHex(HEADER + "0700000001000080010000000b00" + digest(SECURE_BOOT) + "35000000" + SECURE_BOOT
                    + "0700000004000000010000000b00" + digest("00000000") + "0400000000000000" + "ffffffffffff").toArray(),
            Bytes.fromHex("0400000005000000" + "22".repeat(20) + "03000000414243").toArray());

    private static String digest(String data) {
        return TpmHash.SHA256.digest(Bytes.fromHex(data).toArray()).hex();
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(20_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(20_000, input -> target(input, parsed -> {
            if (parsed.events().size() == 3 && parsed.events().getLast().type() == 5) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, parsed -> {});
    }

    private static void target(byte[] input, Consumer<EventLog> behind) {
        EventLog parsed;
        try {
            parsed = EventLog.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.toByteArray()).isEqualTo(input);
        Optional<TpmHash> hash = Optional.of(TpmHash.SHA256).filter(parsed::has).or(() -> Optional.of(TpmHash.SHA1).filter(parsed::has));
        if (hash.isPresent()) {
            Verification run = new Verification(
                    Endorsements.none(), Instant.EPOCH, VerifierOptions.of(), new Crypto(Optional.empty(), 0));
            boolean proven = LogVerifier.verify(run, parsed, Map.of(hash.get(), Replay.of(parsed, hash.get()))).isPresent();
            assertThat(proven).isEqualTo(run.reasons() == 0);
        }
        try {
            assertThat(EventLog.parseCcel(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // It has registers that TDX has not.
        }
        behind.accept(parsed);
    }
}
