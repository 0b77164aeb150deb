package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Whoever has an identity of the recovery may have sealed anything. */
class StoredFormFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            new StoredForm("model", 1, new byte[0]).toByteArray(),
            new StoredForm("a-longer_name-9", RegisterRequest.LAST_VERSION, new byte[300]).toByteArray());

    private static void read(byte[] data) {
        try {
            assertThat(StoredForm.parse(data).toByteArray()).isEqualTo(data);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(81, SEEDS).run(20_000, StoredFormFuzzTest::read)).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data);
    }
}
