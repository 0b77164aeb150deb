package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

/** What services send that is looked into before a verifier is: headers with certificates, and documents' validity. */
class PemChainFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            Made.header(Made.authority("A")).getBytes(StandardCharsets.ISO_8859_1),
            Made.pem(Made.authority("A"), Made.authority("B")).getBytes(StandardCharsets.ISO_8859_1),
            Made.list(Made.authority("A")).toArray(),
            "{\"tcbInfo\":{\"nextUpdate\":\"2026-06-01T00:00:00Z\"}}".getBytes(StandardCharsets.ISO_8859_1));

    private static final List<Bytes> MADE = SEEDS.stream()
            .flatMap(seed -> PemChain.ofHeader(new String(seed, StandardCharsets.ISO_8859_1)).stream())
            .toList();

    @Test
    void aLastLineThatBeginsWithinTheFirstIsNoCertificate() {
        assertThat(PemChain.of("-----BEGIN CERTIFICATE-----END CERTIFICATE-----")).isEmpty();
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(9, SEEDS).run(5_000, input -> target(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(9, SEEDS).run(20_000, input -> target(input, found -> {
            if (!MADE.containsAll(found)) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, found -> {});
    }

    private static void target(byte[] input, Consumer<List<Bytes>> behind) {
        List<Bytes> found = PemChain.ofHeader(new String(input, StandardCharsets.ISO_8859_1));
        assertThat(found).hasSizeLessThanOrEqualTo(8).allMatch(each -> PemChain.subject(each).isPresent());
        assertThat(Validity.until(List.of(Bytes.of(input)))).isNotNull();
        behind.accept(found);
    }
}
