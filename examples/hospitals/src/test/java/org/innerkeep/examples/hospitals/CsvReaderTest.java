package org.innerkeep.examples.hospitals;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.floats;
import static org.quicktheories.generators.SourceDSL.lists;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReaderTest {
    static final List<String> COLUMNS = List.of("age", "size");
    static final String HEADER = "age,size,dead\n";

    private static PatientTable read(String text) throws RefusedException, IOException {
        return CsvReader.read(new ByteArrayInputStream(text.getBytes(ISO_8859_1)), COLUMNS, "dead");
    }

    @Test
    void readsNumbersMissingOnesAndLabels() throws Exception {
        PatientTable table = read(HEADER + "61,-1.5e-1,1\r\n,2,0\n0007,1E2,1");
        assertThat(table.features()).containsExactly(61f, -0.15f, Float.NaN, 2f, 7f, 100f);
        assertThat(table.labels()).containsExactly(1f, 0f, 1f);
        assertThat(table.rows()).isEqualTo(3);
        assertThat(table.positives()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "\n", "61,2,1\n", "size,age,dead\n", "age,size\n", "age,size,dead,x\n", "Age,size,dead\n",
                "age, size,dead\n", "\"age\",size,dead\n", "age,size,dead,\n", "age;size;dead\n"
            })
    void refusesAnotherHeader(String text) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(text))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.COLUMNS_DIFFER));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NaN,2,1", "Infinity,2,1", "1f,2,1", "1d,2,1", "0x1p3,2,1", "+1,2,1", " 1,2,1", "1 ,2,1", ".5,2,1", "5.,2,1",
                "1e,2,1", "1e400,2,1", "1e39,2,1", "-1e39,2,1", "1e100,2,1", "--1,2,1", "\"1\",2,1", "'1',2,1", "1.2.3,2,1",
                "1_000,2,1", "-,2,1", "111111111111111111111,2,1", "1,2", "1", "1,2,1,", "1,2,1,0", "1,2,", "1,2,2", "1,2,01",
                "1,2,1.0", "1,2,-0", "1,2,true", "", "1,2,1\n\n1,2,1", "1\r,2,1", "1,2,1\r\r", "1,2,1\u0000", "\t1,2,1",
                "1,2,1\u0080", "é,2,1", "#1,2,1"
            })
    void refusesAnythingElseInARow(String row) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(HEADER + row + "\n"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INPUT_UNREADABLE));
    }

    @Test
    void refusesATableWithoutPatients() {
        for (String text : List.of(HEADER, "age,size,dead")) {
            assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(() -> read(text))
                    .withMessage("INPUT_UNREADABLE: line 2: found no patient");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,2,1/1,x42,1|line 3: column \"size\": expected a decimal number",
                "1,2,42|line 2: column \"dead\": expected 0 or 1",
                "1,2,0/42|line 3: expected 3 columns, found fewer",
                "1,2,0/1,2,0/1,2,3,4|line 4: expected 3 columns, found more",
                "42e38,2,0|line 2: column \"age\": the number is beyond the range of single precision",
            })
    void namesLineAndColumnAndNeverTheValue(String rows, String message) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(HEADER + rows.replace('/', '\n') + "\n"))
                .withMessage("INPUT_UNREADABLE: " + message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("42"));
    }

    @Test
    void aPatientInPlaceOfTheHeaderIsNotShown() {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read("4711,42,1\n"))
                .withMessage("COLUMNS_DIFFER: line 1, column 1: expected \"age\", found another");
    }

    @Test
    void boundsLinesAndRowsBeforeItAllocates() {
        String endless = "1".repeat(10_000);
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(HEADER + endless))
                .withMessageContaining("line 2: longer than 195 bytes");
        // A stream without end, served from a pattern.
        InputStream rows = new InputStream() {
            private long position = -HEADER.length();

            @Override
            public int read() {
                long at = position++;
                return at < 0 ? HEADER.charAt((int) (at + HEADER.length())) : "1,2,1\n".charAt((int) (at % 6));
            }

            @Override
            public int read(byte[] into, int from, int count) {
                for (int i = 0; i < count; i++) {
                    into[from + i] = (byte) read();
                }
                return count;
            }
        };
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> CsvReader.read(rows, COLUMNS, "dead"))
                .withMessageContaining("more than 1048576 rows of 2 columns");
    }

    @Test
    void readsEveryFiniteFloatBackExactly() {
        qt().withFixedSeed(20260104L)
                .forAll(lists().of(floats().any()).ofSizeBetween(1, 20))
                .checkAssert(values -> {
                    StringBuilder text = new StringBuilder(HEADER);
                    List<Float> finite = values.stream()
                            .filter(value -> Float.isFinite(value) && (value == 0 || Math.abs(value) > 1e-18))
                            .toList();
                    for (float value : finite) {
                        // Not more than 20 digits on either side of the point.
                        text.append(String.format("%s,%s,0%n", scientific(value), scientific(-value)));
                    }
                    if (!finite.isEmpty()) {
                        PatientTable table = table(text.toString());
                        for (int i = 0; i < finite.size(); i++) {
                            assertThat(table.feature(i, 0)).isEqualTo(finite.get(i) + 0f);
                            assertThat(table.feature(i, 1)).isEqualTo(-finite.get(i) + 0f);
                        }
                    }
                });
    }

    @Test
    void readsEachHospitalOfTheWisconsinTable() throws Exception {
        Map<String, String> hospitals = Fixtures.hospitals();
        assertThat(hospitals).containsOnlyKeys("district", "oncology", "screening");
        List<PatientTable> tables = Fixtures.tables(Fixtures.job());
        assertThat(tables).extracting(PatientTable::rows).containsExactly(139, 174, 256);
        assertThat(tables).extracting(PatientTable::positives).containsExactly(39, 161, 12);
        assertThat(PatientTable.join(tables).positives()).isEqualTo(212);
    }

    private static PatientTable table(String text) {
        try {
            return read(text);
        } catch (RefusedException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String scientific(float value) {
        BigDecimal exact = new BigDecimal(Float.toString(value)).stripTrailingZeros();
        return exact.unscaledValue() + "e" + -exact.scale();
    }
}
