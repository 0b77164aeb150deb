package org.innerkeep.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class TpmQuoteFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            new TpmQuote(Bytes.fromHex("000b" + "11".repeat(32)), Bytes.fromHex("0102"), 5, 6, 7, true, 8,
                    List.of(PcrSelection.of(TpmHash.SHA256, List.of(0, 7, 23))), Bytes.fromHex("22".repeat(32))).toByteArray(),
            new TpmQuote(Bytes.EMPTY, Bytes.EMPTY, -1, 0, 0, false, -1,
                    List.of(new PcrSelection(TpmHash.SHA1, Bytes.fromHex("01")), new PcrSelection(TpmHash.SHA384, Bytes.fromHex("01020304"))),
                    Bytes.EMPTY).toByteArray());

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {
            if (parsed.selections().size() == 2 && parsed.selections().getLast().registers().contains(31)) {
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

    private static void target(byte[] input, Consumer<TpmQuote> behind) {
        TpmQuote parsed;
        try {
            parsed = TpmQuote.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.toByteArray()).isEqualTo(input);
        behind.accept(parsed);
    }
}
