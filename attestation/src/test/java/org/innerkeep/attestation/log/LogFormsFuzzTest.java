package org.innerkeep.attestation.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Receipts hold leaves and heads, so their parser meets hostile bytes of all three. */
class LogFormsFuzzTest {
    private static final List<byte[]> SEEDS = seeds();

    private static List<byte[]> seeds() {
        Receipt small = LogFormsTest.receipt();
        LogHead.Signed larger = LogFormsTest.KEY.sign(new LogHead(4, LogFormsTest.DIGEST, LogFormsTest.TIME));
        Receipt withPath = new Receipt(LogFormsTest.ENTRY, List.of(LogFormsTest.DIGEST, LogFormsTest.DIGEST), larger);
        return List.of(small.toByteArray(), withPath.toByteArray());
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(10_000, input -> target(input, receipt -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(10_000, input -> target(input, receipt -> {
            if (receipt.entry().sequence() > 0) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        target(data, receipt -> {});
    }

    private static void target(byte[] input, Consumer<Receipt> behind) {
        Receipt receipt;
        try {
            receipt = Receipt.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(receipt.toByteArray()).isEqualTo(input);
        // Whatever it says, verifying it ends.
        assertThat(new LogVerifier(LogFormsTest.KEY.anchor()).verify(receipt)).isNotNull();
        behind.accept(receipt);
    }
}
