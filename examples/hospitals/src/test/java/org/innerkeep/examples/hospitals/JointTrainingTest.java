package org.innerkeep.examples.hospitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.junit.jupiter.api.Test;

class JointTrainingTest {
    /** Which patients are held out depends on the job, so one job shows little: this looks at eight, whatever they give. */
    @Test
    void eachHospitalAloneIsWorseThanAllTogether() throws Exception {
        int jobs = 8;
        double[] gains = new double[3];
        int worse = 0;
        int beyondChance = 0;
        for (int i = 1; i <= jobs; i++) {
            Job job = Fixtures.draft().minimumRecords(i).toJob();
            JointTraining training = JointTraining.run(Fixtures.trainer(), job, Fixtures.tables(job));
            for (int hospital = 0; hospital < gains.length; hospital++) {
                JointTraining.Quality quality = training.qualities().get(hospital);
                assertThat(quality.heldOut()).isBetween(569 * 40 / 100, 569 * 60 / 100);
                assertThat(quality.pooled().value()).isGreaterThan(0.97);
                assertThat(quality.gain().value())
                        .isCloseTo(quality.pooled().value() - quality.alone().value(), within(1e-9));
                gains[hospital] += quality.gain().value() / jobs;
                worse += quality.gain().value() > 0 ? 1 : 0;
                beyondChance += quality.gain().low() > 0 ? 1 : 0;
            }
        }
        assertThat(Arrays.stream(gains).min().orElseThrow()).as("least mean gain").isGreaterThan(0.015);
        assertThat(worse).as("of 24").isGreaterThanOrEqualTo(22);
        assertThat(beyondChance).as("of 24").isGreaterThanOrEqualTo(14);
    }

    @Test
    void theSameRowsGiveTheSameModelByteForByte() throws Exception {
        Job job = Fixtures.job();
        assertThat(digest(job, Fixtures.tables(job))).isEqualTo(digest(job, Fixtures.tables(job)));
    }

    @Test
    void onePatientLessChangesTheModelUnlessThePatientIsHeldOut() throws Exception {
        Job job = Fixtures.job();
        List<PatientTable> tables = Fixtures.tables(job);
        PatientTable first = tables.getFirst();
        IntPredicate held = new HeldOut(job.digest(), Settings.of(job.parameters()).heldOut()).of(first);
        int anyHeld = IntStream.range(0, first.rows()).filter(held).findFirst().orElseThrow();
        int anyKept = IntStream.range(0, first.rows()).filter(held.negate()).findFirst().orElseThrow();
        Bytes before = digest(job, tables);
        assertThat(digest(job, without(tables, anyHeld))).isEqualTo(before);
        assertThat(digest(job, without(tables, anyKept))).isNotEqualTo(before);
    }

    private static List<PatientTable> without(List<PatientTable> tables, int patient) {
        List<PatientTable> fewer = new ArrayList<>(tables);
        fewer.set(0, tables.getFirst().select(row -> row != patient));
        return fewer;
    }

    private static Bytes digest(Job job, List<PatientTable> tables) throws Exception {
        return Bytes.sha256(JointTraining.run(Fixtures.trainer(), job, tables).model());
    }

    @Test
    void heldOutPatientsDoNotDependOnOrderAndDoOnTheJob() throws Exception {
        Job job = Fixtures.job();
        PatientTable table = Fixtures.tables(job).getFirst();
        Settings settings = Settings.of(job.parameters());
        IntPredicate held = new HeldOut(job.digest(), settings.heldOut()).of(table);
        PatientTable tail = table.select(row -> row >= 50);
        IntPredicate heldOfTail = new HeldOut(job.digest(), settings.heldOut()).of(tail);
        IntPredicate heldOfOther = new HeldOut(Bytes.sha256(new byte[0]), settings.heldOut()).of(table);
        int differs = 0;
        for (int row = 50; row < table.rows(); row++) {
            assertThat(heldOfTail.test(row - 50)).isEqualTo(held.test(row));
            differs += heldOfOther.test(row) != held.test(row) ? 1 : 0;
        }
        assertThat(differs).isGreaterThan(10);
    }

    @Test
    void modelCarriesTheColumnsNames() throws Exception {
        Job job = Fixtures.job();
        byte[] model = JointTraining.run(Fixtures.trainer(), job, Fixtures.tables(job)).model();
        assertThat(new String(model, StandardCharsets.ISO_8859_1)).contains("worst concave points");
    }

    @Test
    void trainsAHospitalWhosePatientsAreAllOfOneClass() throws Exception {
        Job job = Fixtures.draft().minimumRecords(1).toJob();
        List<PatientTable> tables = new ArrayList<>(Fixtures.tables(job));
        PatientTable screening = tables.get(2);
        tables.set(2, screening.select(row -> screening.label(row) == 0));
        JointTraining training = JointTraining.run(Fixtures.trainer(), job, tables);
        assertThat(training.qualities().get(2).alone().value()).isEqualTo(0.5);
    }

    @Test
    void refusesTooFewRecordsOfAnyOwner() throws Exception {
        Job job = Fixtures.draft().minimumRecords(140).toJob();
        List<PatientTable> tables = Fixtures.tables(job);
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> JointTraining.run(Fixtures.trainer(), job, tables))
                .withMessage("TOO_FEW_RECORDS: district brings fewer than 140 patients");
    }

    @Test
    void refusesWhenNothingCanBeJudged() throws Exception {
        Job job = Fixtures.draft().minimumRecords(1).toJob();
        List<PatientTable> benign = Fixtures.tables(job).stream()
                .map(table -> table.select(row -> table.label(row) == 0))
                .toList();
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> JointTraining.run(Fixtures.trainer(), job, benign))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.TOO_FEW_RECORDS));
    }

    @Test
    void refusesAMissingOwner() throws Exception {
        Job job = Fixtures.job();
        List<PatientTable> two = Fixtures.tables(job).subList(0, 2);
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> JointTraining.run(Fixtures.trainer(), job, two))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.OWNERS_MISSING));
    }

    @Test
    void refusesParametersThatItDoesNotKnowOrThatAreMissingOrOutOfRange() throws Exception {
        for (Job job : List.of(
                Fixtures.draft().parameter("subsample", JobParameter.number("0.5")).toJob(),
                Fixtures.draft().parameter("rounds", JobParameter.number("0")).toJob(),
                Fixtures.draft().parameter("rounds", JobParameter.number("80.0")).toJob(),
                Fixtures.draft().parameter("rounds", new JobParameter.Text("80")).toJob(),
                Fixtures.draft().parameter("maxDepth", JobParameter.number("1e9")).toJob(),
                Fixtures.draft().parameter("heldOut", JobParameter.number("1")).toJob(),
                new JobDraft("j", Fixtures.job().code(), List.of("a"), "b")
                        .owner(Fixtures.job().owners().getFirst())
                        .recipient(Fixtures.job().recipients().getFirst())
                        .toJob())) {
            assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(() -> Settings.of(job.parameters()))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.JOB_UNUSABLE));
        }
    }
}
