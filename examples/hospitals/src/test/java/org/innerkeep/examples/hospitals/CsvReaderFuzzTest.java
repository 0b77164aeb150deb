package org.innerkeep.examples.hospitals;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class CsvReaderFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            (CsvReaderTest.HEADER + "61,-1.5e-1,1\r\n,2,0\n7,1E2,1").getBytes(US_ASCII),
            (CsvReaderTest.HEADER + "1,2,0\n").getBytes(US_ASCII));

    private static PatientTable read(byte[] input) throws IOException, RefusedException {
        return CsvReader.read(new ByteArrayInputStream(input), CsvReaderTest.COLUMNS, "dead");
    }

    /** Accepts or refuses with the declared exception; what is accepted is bounded by the bytes, and finite or missing. */
    private static void target(byte[] input) throws IOException {
        try {
            PatientTable table = read(input);
            assertThat(table.rows()).isBetween(1, input.length / 3);
            for (int row = 0; row < table.rows(); row++) {
                assertThat(table.label(row)).isIn(0f, 1f);
                for (int column = 0; column < table.columns(); column++) {
                    assertThat(Float.isInfinite(table.feature(row, column))).isFalse();
                }
            }
        } catch (RefusedException e) {
            assertThat(e.getMessage()).matches("[A-Z_]+: line [0-9]+.*");
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(2, SEEDS).run(50_000, CsvReaderFuzzTest::target)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(2, SEEDS).run(50_000, input -> {
                    try {
                        PatientTable table = read(input);
                        if (table.feature(table.rows() - 1, 0) < 0) {
                            throw new IllegalStateException("planted");
                        }
                    } catch (RefusedException e) {
                        // A proper refusal.
                    }
                }))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws IOException {
        target(data);
    }
}
