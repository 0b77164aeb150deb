package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.innerkeep.channel.call.Samples.Rich;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class CodecFuzzTest {
    private static final Codec<Rich> CODEC = Codec.of(Rich.class);
    private static final List<byte[]> SEEDS =
            List.of(CODEC.encode(Samples.rich("text", 7, 1.5)), CODEC.encode(Samples.rich("", -300, Double.NaN)));

    private static void roundTrip(byte[] bytes) {
        Rich value;
        try {
            value = CODEC.decode(bytes);
        } catch (MalformedException e) {
            return;
        }
        assertThat(CODEC.encode(value)).isEqualTo(bytes);
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, CodecFuzzTest::roundTrip)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, bytes -> {
                    try {
                        if (CODEC.decode(bytes).numbers().int8() < -100) {
                            throw new IllegalStateException("planted");
                        }
                    } catch (MalformedException e) {
                        // As it should be.
                    }
                }))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        roundTrip(data);
    }
}
