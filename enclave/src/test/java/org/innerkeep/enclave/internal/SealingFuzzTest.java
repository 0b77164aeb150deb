package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class SealingFuzzTest {
    private static final Sealing ENCLAVE = new Sealing(new TestPlatform("fraud", 3), 3, 0, new SecureRandom());
    private static final List<byte[]> SEEDS = seeds();

    private static List<byte[]> seeds() {
        try {
            return List.of(
                    ENCLAVE.seal(SealTo.SIGNER, new byte[0]),
                    ENCLAVE.seal(SealTo.SIGNER, TestPlatform.repeated(1, 40)),
                    ENCLAVE.seal(SealTo.MEASUREMENT, TestPlatform.repeated(2, 300)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Opens nothing but the seeds themselves; refuses all else with the one exception, whose message is printable. */
    private static void target(byte[] input, Consumer<UnsealException> behind) throws IOException {
        try {
            byte[] opened = ENCLAVE.unseal(input);
            assertThat(SEEDS.stream().map(Bytes::of)).as("opened %d bytes", opened.length).contains(Bytes.of(input));
        } catch (UnsealException e) {
            assertThat(e.getMessage()).matches("[ -~]+");
            behind.accept(e);
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(5, SEEDS).run(50_000, input -> target(input, refusal -> {}))).isEmpty();
    }

    /** Behind the parser and behind the keeper's answer: a value sealed at a version that this enclave may not open. */
    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(5, SEEDS).run(50_000, input -> target(input, refusal -> {
                    if (String.valueOf(refusal.getMessage()).startsWith("sealed at security version 7,")) {
                        throw new ArrayIndexOutOfBoundsException("planted");
                    }
                })))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws IOException {
        target(data, refusal -> {});
    }
}
