package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The line that records have of an enclave: one reading, and written again as it was. */
class ProvenEnclaveFuzzTest {
    private static final ProvenEnclave WHOLE = new ProvenEnclave(
            "keeper-report",
            "process",
            Optional.of(Measurement.sha256(FakeEnclave.digest("code"))),
            Optional.of(FakeEnclave.digest("signer")),
            OptionalLong.of(7),
            OptionalLong.of(0xffffffffL),
            Optional.of("root"),
            true);

    private static final ProvenEnclave LEAST = new ProvenEnclave(
            "snp", "snp", Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), Optional.empty(), false);

    private static final List<byte[]> LINES = List.of(
            WHOLE.toString().getBytes(StandardCharsets.UTF_8), LEAST.toString().getBytes(StandardCharsets.UTF_8));

    @Test
    void comesBackFromItsLine() {
        assertThat(ProvenEnclave.parse(WHOLE.toString())).contains(WHOLE);
        assertThat(ProvenEnclave.parse(LEAST.toString())).contains(LEAST);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "keeper-report", "keeper-report of process,", "keeper-report of process, version", "keeper-report of process, version 03",
        "keeper-report of process, version 3, product 7", "keeper-report of process, signer ABCD", "keeper-report of process, signer abc",
        "keeper-report of process, measurement sha-256:00", "keeper-report of process, version 3, version 4",
        "keeper-report of process, version 99999999999", "keeper-report of process, debug, debug", "keeper-report of process…"
    })
    void anyOtherLineIsNone(String line) {
        assertThat(ProvenEnclave.parse(line)).isEmpty();
    }

    @Test
    void survivesHostileLines() {
        assertThat(new Fuzzer(62, LINES).run(30_000, input -> read(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(62, LINES).run(30_000, input -> read(input, found -> {
                    if (!found.securityVersion().equals(WHOLE.securityVersion()) && found.securityVersion().isPresent()) {
                        throw new ArithmeticException("planted");
                    }
                })))
                .isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data, found -> {});
    }

    private static void read(byte[] input, Consumer<ProvenEnclave> behind) {
        String line = new String(input, StandardCharsets.UTF_8);
        ProvenEnclave.parse(line).ifPresent(found -> {
            assertThat(found.toString()).isEqualTo(line);
            assertThat(found.signer().map(Bytes::hex).orElse("")).matches("[0-9a-f]*");
            behind.accept(found);
        });
    }
}
