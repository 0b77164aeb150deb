package org.innerkeep.examples.hospitals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.examples.hospitals.RefusedException.Reason;

/**
 * The computation of the job: trains one model on all owners' patients, less those held out, and for each owner one on its
 * own alone, and judges all of them on the same held-out patients of all owners.
 */
final class JointTraining {
    /**
     * What one owner may learn of how good the models are; nothing of another owner's alone model.
     *
     * @param heldOut how many patients the models are judged on
     * @param pooled the AUC of the model of all owners
     * @param alone the AUC of the model of this owner's patients alone
     * @param gain by how much the model of all is better, with the interval of the paired difference
     */
    record Quality(int heldOut, Estimate pooled, Estimate alone, Estimate gain) {}

    private final byte[] model;
    private final int trainedOn;
    private final List<Quality> qualities;

    private JointTraining(byte[] model, int trainedOn, List<Quality> qualities) {
        this.model = model;
        this.trainedOn = trainedOn;
        this.qualities = List.copyOf(qualities);
    }

    /**
     * Trains.
     *
     * @param trainer the engine
     * @param job the job
     * @param tables one for each of the job's owners, in the job's order; hostile to each other only by their values
     * @return model and qualities
     * @throws RefusedException if the job's parameters are not understood, or there are too few records
     */
    static JointTraining run(Trainer trainer, Job job, List<PatientTable> tables) throws RefusedException {
        Settings settings = Settings.of(job.parameters());
        check(job, tables);
        HeldOut heldOut = new HeldOut(job.digest(), settings.heldOut());
        List<PatientTable> kept = new ArrayList<>();
        List<PatientTable> held = new ArrayList<>();
        for (PatientTable table : tables) {
            IntPredicate isHeld = heldOut.of(table);
            held.add(table.select(isHeld));
            kept.add(table.select(isHeld.negate()));
        }
        PatientTable judges = PatientTable.join(held);
        if (judges.positives() < 2 || judges.rows() - judges.positives() < 2) {
            throw RefusedException.of(Reason.TOO_FEW_RECORDS, "fewer than two held-out patients of one class");
        }
        PatientTable common = PatientTable.join(kept);
        byte[] model = trainer.train(common, job.columns(), settings);
        float[] labels = judges.labels();
        float[] pooled = trainer.predict(model, judges);
        List<Quality> qualities = new ArrayList<>();
        for (PatientTable own : kept) {
            float[] alone = trainer.predict(trainer.train(own, job.columns(), settings), judges);
            qualities.add(new Quality(
                    judges.rows(),
                    DeLong.auc(labels, pooled),
                    DeLong.auc(labels, alone),
                    DeLong.difference(labels, pooled, alone)));
        }
        return new JointTraining(model, common.rows(), qualities);
    }

    /** {@return the model of all owners in XGBoost's UBJSON form, a copy} */
    byte[] model() {
        return model.clone();
    }

    /** {@return how many patients the model of all owners was trained on} */
    int trainedOn() {
        return trainedOn;
    }

    /** {@return what each owner may learn, in the job's order} */
    List<Quality> qualities() {
        return qualities;
    }

    private static void check(Job job, List<PatientTable> tables) throws RefusedException {
        if (tables.size() != job.owners().size()) {
            throw RefusedException.of(Reason.OWNERS_MISSING, "expected the table of every owner");
        }
        for (int i = 0; i < tables.size(); i++) {
            JobOwner owner = job.owners().get(i);
            if (tables.get(i).columns() != job.columns().size()) {
                throw RefusedException.of(Reason.COLUMNS_DIFFER, "the table of " + owner.name());
            }
            if (tables.get(i).rows() < job.minimumRecords()) {
                throw RefusedException.of(
                        Reason.TOO_FEW_RECORDS,
                        owner.name() + " brings fewer than " + job.minimumRecords() + " patients");
            }
        }
    }
}
