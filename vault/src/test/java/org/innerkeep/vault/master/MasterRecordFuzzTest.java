package org.innerkeep.vault.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** What stands in a database may have been written by anybody. */
class MasterRecordFuzzTest {
    private static final Bytes ID = Bytes.of(new byte[16]);
    private static final Bytes WRAPPED = Bytes.of(new byte[60]);
    private static final List<MasterRecord> RECORDS = records();

    private static List<MasterRecord> records() {
        List<MasterRecord> all = new ArrayList<>();
        for (Wrap wrap : List.of(
                new Wrap.UnderFile(WRAPPED),
                new Wrap.UnderPassphrase(Argon2.STRONG, Bytes.of(new byte[16]), WRAPPED),
                new Wrap.UnderToken("innerkeep-vault", WRAPPED),
                new Wrap.UnderEnclave(WRAPPED))) {
            all.add(new MasterRecord(ID, wrap, Optional.empty()));
            try (Recovery.Made made = Recovery.make(ID, new byte[32], new Quorum(2, 3), new SecureRandom())) {
                all.add(new MasterRecord(ID, wrap, Optional.of(made.recovery())));
            }
        }
        return all;
    }

    @Test
    void recordsComeBackAsTheyWere() throws MalformedException {
        for (MasterRecord record : RECORDS) {
            assertThat(MasterRecord.parse(record.toByteArray())).isEqualTo(record);
        }
    }

    @Test
    void aCostThatWouldTakeAllMemoryOrAllDayIsRefusedBeforeItIsPaid() {
        for (Argon2 cost : List.of(
                new Argon2((256 << 10) + 1, 3, 4), new Argon2(Integer.MAX_VALUE, 1, 1), new Argon2(65_536, 17, 4),
                new Argon2(65_536, 3, 17), new Argon2(8, 1, 2))) {
            byte[] record = new MasterRecord(ID, new Wrap.UnderPassphrase(cost, Bytes.of(new byte[16]), WRAPPED), Optional.empty())
                    .toByteArray();
            assertThatExceptionOfType(MalformedException.class).as(cost.toString()).isThrownBy(() -> MasterRecord.parse(record));
        }
    }

    private static void read(byte[] data) {
        try {
            assertThat(MasterRecord.parse(data).toByteArray()).isEqualTo(data);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    @Test
    void survivesHostileBytes() {
        List<byte[]> seeds = RECORDS.stream().map(MasterRecord::toByteArray).toList();
        assertThat(new Fuzzer(72, seeds).run(30_000, MasterRecordFuzzTest::read)).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data);
    }
}
