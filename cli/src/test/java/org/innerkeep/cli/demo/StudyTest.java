package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the demonstration takes from other owners, and what it refuses before anything starts. */
class StudyTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        Owners.write(folder);
    }

    private Study read() throws IOException {
        return Study.read(folder.resolve("job.json"), folder.resolve("data"));
    }

    private void change(String file, String from, String to) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        assertThat(text).contains(from);
        Files.writeString(path, text.replaceFirst(java.util.regex.Pattern.quote(from), to));
    }

    @Test
    void takesEachOwnersTableInTheJobsOrder() throws Exception {
        Study study = read();

        assertThat(study.tables().keySet()).containsExactly("south", "operator");
        assertThat(study.table("south")).isEqualTo(Files.readAllBytes(folder.resolve("data/south.csv")));
        assertThat(study.title()).startsWith("2 owners");
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of("job.json", "\"label\"", "\"lable\"", "job.json: job, line 1, column 1: label is missing"),
                Arguments.of("job.json", "\"rounds\"", "\"round\"", "job.json: parameter rounds: expected a whole number"),
                Arguments.of("job.json", "\"heldOut\": 0.5", "\"heldOut\": 2", "job.json: parameter heldOut: expected a number"),
                Arguments.of("job.json", "\"rounds\": 20", "\"rounds\": 20, \"trees\": 1", "unknown parameters [trees]"),
                Arguments.of("job.json", "\"pulse\"", "\"smoker\"", "COLUMNS_DIFFER: line 1, column 3: expected \"smoker\""),
                Arguments.of("job.json", "[\"south\", \"operator\"]", "[\"south\"]", "owners: the demonstration wants 2 to 16, found 1"),
                Arguments.of("job.json", "\"operator\"", "\"north\"", "north.csv: no such file, but "),
                Arguments.of("job.json", ": 40", ": 61", "south.csv: TOO_FEW_RECORDS: found 60 records, the job wants at least 61"),
                Arguments.of("data/operator.csv", ",0\n", ",2\n", "operator.csv: INPUT_UNREADABLE: line "),
                Arguments.of("data/south.csv", "height,", "Height,", "south.csv: COLUMNS_DIFFER: line 1, column 1"));
    }

    @ParameterizedTest(name = "{0}: {1} becomes {2}")
    @MethodSource("changes")
    void refuses(String file, String from, String to, String message) throws Exception {
        change(file, from, to);

        assertThatIOException().isThrownBy(this::read).withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"twelve", "1,000", "0x10", "NaN", " 1", "\"1\""})
    void namesLineAndColumnOfACellThatIsNoNumberAndNeverTheCell(String cell) throws Exception {
        Path table = folder.resolve("data/south.csv");
        String[] lines = Files.readString(table).split("\n", -1);
        lines[6] = cell + lines[6].substring(lines[6].indexOf(','));
        Files.writeString(table, String.join("\n", lines));

        assertThatIOException()
                .isThrownBy(this::read)
                .withMessageContaining("south.csv: INPUT_UNREADABLE: line 7: ")
                .satisfies(e -> {
                    String message = String.valueOf(e.getMessage());
                    assertThat(message.substring(message.indexOf("line 7"))).doesNotContain(cell);
                });
    }

    @Test
    void refusesMoreOwnersThanSixteen() throws Exception {
        String names = IntStream.range(0, 17).mapToObj(i -> "\"o" + i + "\"").collect(Collectors.joining(", "));
        change("job.json", "\"south\", \"operator\"", names);

        assertThatIOException().isThrownBy(this::read).withMessageContaining("2 to 16, found 17");
    }

    @Test
    void refusesRowsTooPlainToBeSearchedFor() throws Exception {
        Files.writeString(
                folder.resolve("data/south.csv"), "height,weight,pulse,ill\n" + "1,2,3,0\n3,2,1,1\n".repeat(30));

        assertThatIOException().isThrownBy(this::read).withMessageContaining("south.csv: no row is distinctive enough");
    }

    @Test
    void refusesAFolderThatHoldsSomethingAndTakesAnEmptyOneForItsUserAlone() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(KeepFolder.claim(empty).folder()).isEqualTo(empty);
        assertThat(Files.getPosixFilePermissions(KeepFolder.claim(folder.resolve("new/one")).folder())).hasSize(3);

        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> KeepFolder.claim(folder.resolve("data")))
                .withMessageContaining("is not empty");
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> KeepFolder.claim(folder.resolve("job.json")))
                .withMessageContaining("is no folder");
    }
}
