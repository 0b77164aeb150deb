package org.innerkeep.channel.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.doubles;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;
import static org.quicktheories.generators.SourceDSL.longs;
import static org.quicktheories.generators.SourceDSL.strings;

import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JobTest {
    private static final String HEX = "ab".repeat(32);

    /** A job file as a person would write it, every field once. */
    private static String written() {
        return """
                {"innerkeep-job": 1, "name": "j-1",
                 "code": {"signer": "%s", "product": 4294967295, "minSvn": 0},
                 "columns": ["age", "size (mm)"], "label": "dead",
                 "parameters": {"rounds": 60, "kind": "tree"},
                 "minimumRecords": 10,
                 "owners": [{"name": "a", "key": "%s"}, {"name": "b", "key": "%s"}],
                 "recipients": [{"name": "a", "recipient": "%s"}]}
                """
                .formatted(HEX, Jobs.key(Jobs.NORTH).base64(), Jobs.key(Jobs.SOUTH).base64(), Jobs.recipient('q'));
    }

    @Test
    void readsEveryField() throws JobException {
        Job job = Job.parse(written().getBytes(UTF_8));
        assertThat(job.name()).isEqualTo("j-1");
        assertThat(job.code()).isEqualTo(new JobCode(Bytes.fromHex(HEX), 4294967295L, 0, List.of(), List.of()));
        assertThat(job.columns()).containsExactly("age", "size (mm)");
        assertThat(job.label()).isEqualTo("dead");
        assertThat(job.parameters())
                .containsExactly(
                        Map.entry("rounds", JobParameter.number("60")), Map.entry("kind", new JobParameter.Text("tree")));
        assertThat(job.minimumRecords()).isEqualTo(10);
        assertThat(job.owners())
                .containsExactly(new JobOwner("a", Jobs.key(Jobs.NORTH)), new JobOwner("b", Jobs.key(Jobs.SOUTH)));
        assertThat(job.recipients()).containsExactly(new JobRecipient("a", Jobs.recipient('q')));
        assertThat(job.owner(Jobs.key(Jobs.SOUTH)).orElseThrow().name()).isEqualTo("b");
        assertThat(job.owner(Jobs.key(Jobs.MALLORY))).isEmpty();
        assertThat(job.recipient("a")).isPresent();
        assertThat(job.recipient("b")).isEmpty();
    }

    @Test
    void digestIsOfExactlyTheBytesOfTheFile() throws JobException {
        byte[] file = written().getBytes(UTF_8);
        Job job = Job.parse(file);
        Job spaced = Job.parse((written() + " ").getBytes(UTF_8));
        assertThat(job.digest()).isEqualTo(Bytes.sha256(file)).isNotEqualTo(spaced.digest());
        assertThat(job.bytes()).isEqualTo(Bytes.of(file));
        file[0] = ' ';
        assertThat(job.bytes().toArray()[0]).isEqualTo((byte) '{');
    }

    static Stream<Arguments> mutations() {
        String a = "{\"name\": \"a\"";
        String keyOfA = Jobs.key(Jobs.NORTH).base64();
        String keyOfB = Jobs.key(Jobs.SOUTH).base64();
        return Stream.of(
                Arguments.of("a later version", "\"innerkeep-job\": 1", "\"innerkeep-job\": 2", "innerkeep-job: expected"),
                Arguments.of("no version", "\"innerkeep-job\": 1, ", "", "innerkeep-job is missing"),
                Arguments.of("an unknown field", "\"label\"", "\"x\": 1, \"label\"", "\"x\" is unknown"),
                Arguments.of("an unknown field of code", "\"product\"", "\"maxSvn\": 1, \"product\"", "\"code.maxSvn\" is"),
                Arguments.of("an unknown field of an owner", a + ", \"key\"", a + ", \"role\": 1, \"key\"", "owners.role"),
                Arguments.of("an unknown field of a recipient", "\"recipient\":", "\"until\": 1, \"recipient\":", "until"),
                Arguments.of("a name with a slash", "j-1", "j/1", "name: expected"),
                Arguments.of("a name that looks like another", "j-1", "j-\u0456", "found \"j-\\u0456\""),
                Arguments.of("a short signer", HEX, HEX.substring(2), "code.signer: expected 64"),
                Arguments.of("a signer in upper case", HEX, HEX.toUpperCase(java.util.Locale.ROOT), "lower-case"),
                Arguments.of("a product too large", "4294967295", "4294967296", "code.product: expected"),
                Arguments.of("a fraction for a whole number", "\"minSvn\": 0", "\"minSvn\": 0.0", "code.minSvn: expected"),
                Arguments.of("an exponent for a whole number", "\"minSvn\": 0", "\"minSvn\": 0e1", "code.minSvn: expected"),
                Arguments.of("a negative number", "\"minSvn\": 0", "\"minSvn\": -1", "code.minSvn: expected"),
                Arguments.of("a number in quotes", "\"minSvn\": 0", "\"minSvn\": \"0\"", "code.minSvn: expected"),
                Arguments.of("no runtime at all", "\"minSvn\"", "\"runtimes\": [], \"minSvn\"", "code.runtimes: expected 1"),
                Arguments.of(
                        "a runtime twice",
                        "\"minSvn\"",
                        "\"runtimes\": [\"" + HEX + "\", \"" + HEX + "\"], \"minSvn\"",
                        "different items"),
                Arguments.of("a measurement without algorithm",
                        "\"minSvn\"", "\"measurements\": [\"" + HEX + "\"], \"minSvn\"", "code.measurements: expected sha"),
                Arguments.of("a measurement of another length",
                        "\"minSvn\"", "\"measurements\": [\"sha-384:" + HEX + "\"], \"minSvn\"", "code.measurements: exp"),
                Arguments.of("no columns", "[\"age\", \"size (mm)\"]", "[]", "columns: expected 1 to"),
                Arguments.of("a column twice", "\"size (mm)\"", "\"age\"", "columns: \"age\" comes twice"),
                Arguments.of("a column with a comma", "size (mm)", "size,mm", "columns: expected a column name"),
                Arguments.of("the label among the columns", "\"dead\"", "\"age\"", "label: is also among"),
                Arguments.of("a parameter that is true", "60", "true", "parameters.rounds: expected a number or a string"),
                Arguments.of("a parameter that is an object", "60", "{}", "parameters.rounds: expected a number or a"),
                Arguments.of("a parameter that reads backwards", "tree", "tr\u202eee", "parameters.kind: expected at most"),
                Arguments.of("no records", "\"minimumRecords\": 10", "\"minimumRecords\": 0", "minimumRecords: expected"),
                Arguments.of("one owner under two names", keyOfB, keyOfA, "owners: the key of \"b\" comes twice"),
                Arguments.of("two owners of one name", "\"b\"", "\"a\"", "owners: the name \"a\" comes twice"),
                Arguments.of("a key in another spelling", keyOfB, keyOfB.replace("==", ""), "owners.key: owner key: "),
                Arguments.of("no owners", "\"owners\": [", "\"owners\": [], \"was\": [", "owners: expected 1 to 64"),
                Arguments.of("no recipients", "\"recipients\": [", "\"recipients\": [], \"was\": [", "recipients: expected"),
                Arguments.of(
                        "a recipient with a slip",
                        Jobs.recipient('q'),
                        "age1" + "q".repeat(58),
                        "recipients: expected a recipient"),
                Arguments.of("an upper-case recipient", "age1", "AGE1", "recipients: expected a recipient"),
                Arguments.of(
                        "a recipient twice",
                        "\"recipients\": [",
                        "\"recipients\": [{\"name\": \"c\", \"recipient\": \"" + Jobs.recipient('q') + "\"}, ",
                        "recipients: the recipient of \"a\" comes twice"),
                Arguments.of("an owner that is no object", "\"owners\": [", "\"owners\": [7, ", "owners: expected an object"),
                Arguments.of("a job that is no object", written(), "[]", "the job: expected an object"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutations")
    void refuses(String what, String from, String to, String message) {
        assertThat(written()).as(what).contains(from);
        byte[] bad = written().replace(from, to).getBytes(UTF_8);
        assertThatExceptionOfType(JobException.class).isThrownBy(() -> Job.parse(bad)).withMessageContaining(message);
    }

    @Test
    void draftAndReaderAreInverse() {
        qt().withFixedSeed(20260101L)
                .forAll(
                        lists().of(strings().betweenCodePoints('a', 'z').ofLengthBetween(1, 12)).ofSizeBetween(1, 8),
                        lists().of(doubles().any()).ofSizeBetween(0, 5),
                        strings().basicLatinAlphabet().ofLengthBetween(0, 60),
                        longs().between(0, JobCode.MAX_NUMBER))
                .checkAssert((columns, numbers, text, svn) -> {
                    List<String> distinct = List.copyOf(new LinkedHashSet<>(columns));
                    JobCode code = new JobCode(Bytes.fromHex(HEX), svn, svn, List.of(), Jobs.code().measurements());
                    JobDraft draft = new JobDraft("p", code, distinct, "LABEL").minimumRecords(text.length() + 1);
                    for (int i = 0; i < numbers.size(); i++) {
                        if (Double.isFinite(numbers.get(i))) {
                            draft.parameter("p" + i, new JobParameter.Decimal(BigDecimal.valueOf(numbers.get(i))));
                        }
                    }
                    draft.parameter("t", new JobParameter.Text(text.replaceAll("[^ -~]", "")))
                            .owner(new JobOwner("o", Jobs.key(Jobs.NORTH)))
                            .recipient(new JobRecipient("o", Jobs.recipient('z')));
                    Job job = read(draft);
                    assertThat(job.columns()).isEqualTo(distinct);
                    assertThat(job.code()).isEqualTo(code);
                    assertThat(job.parameters()).containsEntry("t", new JobParameter.Text(text.replaceAll("[^ -~]", "")));
                    assertThat(read(new JobDraft(job))).isEqualTo(job);
                });
    }

    @Test
    void noByteCanBeChangedWithoutChangingTheDigest() {
        Job job = Jobs.job();
        byte[] file = job.bytes().toArray();
        qt().withFixedSeed(20260102L)
                .forAll(integers().between(0, file.length - 1), integers().between(1, 255))
                .checkAssert((at, change) -> {
                    byte[] other = file.clone();
                    other[at] ^= (byte) change.intValue();
                    try {
                        Job found = Job.parse(other);
                        assertThat(found.digest()).isNotEqualTo(job.digest());
                        assertThat(job.differences(found)).isNotEmpty();
                    } catch (JobException e) {
                        assertThat(e.getMessage()).startsWith("job, line ");
                    }
                });
    }

    @Test
    void recipientsOfBothKindsStandSideBySide() throws JobException {
        JobDraft draft = Jobs.draft();
        // As many parties as a job may have, with the longest recipients: the limit on its size leaves room for them.
        for (int i = Jobs.job().recipients().size(); i < JobReader.MAX_PARTIES; i++) {
            draft.recipient(new JobRecipient("hybrid" + i, Jobs.hybrid()));
        }
        Job job = draft.toJob();
        assertThat(Job.parse(job.bytes().toArray())).isEqualTo(job);
        assertThat(job.recipients()).hasSize(JobReader.MAX_PARTIES);
    }

    @Test
    void hybridRecipientWithASlipIsRefused() {
        String good = Jobs.hybrid();
        String slip = good.substring(0, 1000) + (good.charAt(1000) == 'q' ? 'p' : 'q') + good.substring(1001);
        for (String bad : List.of(slip, good + "q", good.substring(1), good.replace("age1pq1", "age1"))) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new JobRecipient("north", bad))
                    .withMessageContaining("expected a recipient")
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
        }
    }

    @Test
    void hybridRecipientIsComparedWholeAndShownShort() {
        String agreed = Jobs.hybrid();
        String other = Jobs.hybrid();
        JobDraft draft = Jobs.draft().recipient(new JobRecipient("west", agreed));
        List<String> lines = read(draft).differences(read(Jobs.draft().recipient(new JobRecipient("west", other))));
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst())
                .startsWith("recipients.west: agreed " + agreed.substring(0, 27) + "…").endsWith(other.substring(1939))
                .hasSizeLessThan(200);
    }

    @Test
    void explainsEachDifferenceInItsOwnLine() {
        OwnerKey mallory = Jobs.key(Jobs.MALLORY);
        assertThat(differences(Jobs.draft().recipient(new JobRecipient("mallory", Jobs.recipient('m')))))
                .containsExactly("recipients: added mallory (" + Jobs.recipient('m') + ")");
        assertThat(differences(Jobs.draft().owner(new JobOwner("mallory", mallory))))
                .containsExactly("owners: added mallory (" + mallory + ")");
        assertThat(differences(Jobs.draft().parameter("rounds", JobParameter.number("6000"))))
                .containsExactly("parameters.rounds: agreed 60, found 6000");
        assertThat(differences(Jobs.draft().parameter("debug", new JobParameter.Text("yes"))))
                .containsExactly("parameters: added debug (\"yes\")");
        assertThat(differences(Jobs.draft().minimumRecords(1)))
                .containsExactly("minimumRecords: agreed 50, found 1");
    }

    @Test
    void explainsDifferencesOfCodeColumnsAndPeople() {
        JobCode agreed = Jobs.code();
        JobCode code = new JobCode(agreed.signer(), 8, 2, List.of(), agreed.measurements());
        JobDraft other = new JobDraft("tumors", code, List.of("mean texture", "mean radius"), "benign")
                .parameter("rounds", JobParameter.number("60"))
                .minimumRecords(50)
                .owner(new JobOwner("south", Jobs.key(Jobs.SOUTH)))
                .owner(new JobOwner("north", Jobs.key(Jobs.MALLORY)))
                .recipient(new JobRecipient("north", Jobs.recipient('q')));
        assertThat(differences(other))
                .containsExactly(
                        "name: agreed tumours, found tumors",
                        "code.product: agreed 7, found 8",
                        "code.minSvn: agreed 3, found 2",
                        "code.runtimes: removed " + agreed.runtimes().getFirst(),
                        "columns: the same items in another order",
                        "label: agreed malignant, found benign",
                        "parameters: removed learningRate (0.10)",
                        "parameters: removed note (\"agreed on 3 \"May\" \\\")",
                        "owners.north: agreed " + Jobs.key(Jobs.NORTH) + ", found " + Jobs.key(Jobs.MALLORY),
                        "owners: the same items in another order",
                        "recipients: removed south (" + Jobs.recipient('p') + ")");
    }

    @Test
    void saysSoWhenOnlyTheWritingDiffers() throws JobException {
        Job found = Job.parse((Jobs.text() + "\n").getBytes(UTF_8));
        assertThat(Jobs.job().differences(found))
                .containsExactly("the same content is written differently, so that the digests differ");
        assertThat(found.differences(found)).isEmpty();
    }

    @Test
    void checkedValuesCannotBeMadeOtherwise() {
        qt().withFixedSeed(20260103L)
                .forAll(pick(List.of("", "-a", "A", "a b", "a/b", "..", "ä", "a".repeat(65))))
                .checkAssert(name -> {
                    assertThatExceptionOfType(IllegalArgumentException.class)
                            .isThrownBy(() -> new JobOwner(name, Jobs.key(Jobs.NORTH)));
                    assertThatExceptionOfType(IllegalArgumentException.class)
                            .isThrownBy(() -> new JobRecipient(name, Jobs.recipient('q')));
                });
    }

    private static List<String> differences(JobDraft found) {
        return Jobs.job().differences(read(found));
    }

    private static Job read(JobDraft draft) {
        try {
            return draft.toJob();
        } catch (JobException e) {
            throw new AssertionError(e);
        }
    }
}
