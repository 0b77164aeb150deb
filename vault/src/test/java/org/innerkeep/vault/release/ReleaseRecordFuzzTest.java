package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Records of decisions: read or refused, and written again as they were. */
class ReleaseRecordFuzzTest {
    private static ReleaseRecord record(boolean released, List<String> reasons) {
        return new ReleaseRecord(
                Instant.parse("2026-06-01T12:00:00.123Z"),
                released,
                "patients",
                released ? Optional.of("0".repeat(32)) : Optional.empty(),
                released ? Optional.of("1".repeat(32)) : Optional.empty(),
                "keeper-report of process",
                FakeEnclave.digest("request"),
                FakeEnclave.digest("header"),
                FakeEnclave.digest("evidence"),
                reasons);
    }

    private static final List<byte[]> RECORDS = List.of(
            record(true, List.of()).toByteArray(), record(false, List.of("VERSION security-version", "é")).toByteArray());

    @Test
    void whatIsTooLongIsCutOnceAndComesBack() throws MalformedException {
        ReleaseRecord record = record(false, List.of("x".repeat(5000), "two\nlines \ud800", "\ud83d\ude00".repeat(600)));
        assertThat(record.reasons()).allMatch(each -> each.length() <= ReleaseRecord.MAX_LINE + 1 && !each.contains("\n"));
        assertThat(record.reasons().get(1)).isEqualTo("two?lines ?");
        assertThat(ReleaseRecord.parse(record.toByteArray())).isEqualTo(record);
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(61, RECORDS).run(30_000, input -> read(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(61, RECORDS).run(30_000, input -> read(input, found -> {
                    if (!found.key().equals("patients")) {
                        throw new ArithmeticException("planted");
                    }
                })))
                .isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data, found -> {});
    }

    private static void read(byte[] input, Consumer<ReleaseRecord> behind) {
        ReleaseRecord record;
        try {
            record = ReleaseRecord.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(record.toByteArray()).isEqualTo(input);
        behind.accept(record);
    }
}
