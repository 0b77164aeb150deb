package org.innerkeep.examples.hospitals;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntPredicate;
import org.innerkeep.evidence.Bytes;

/**
 * Chooses the patients who are held out, by a hash of the patient's own row salted with the job's digest. Whoever has the
 * job and the rows gets the same choice in any order and on any machine, a patient who comes twice is on one side only, and
 * nobody chooses patients that flatter a model.
 *
 * @param jobDigest the salt, 32 bytes
 * @param share which share of the patients is held out, from 0 to 1
 */
record HeldOut(Bytes jobDigest, BigDecimal share) {
    private static final byte[] LABEL = "innerkeep hospitals held-out v1".getBytes(StandardCharsets.US_ASCII);

    /** {@return a condition on the number of a row} */
    IntPredicate of(PatientTable table) {
        double threshold = share.doubleValue() * 0x1p53;
        byte[] salt = jobDigest.toArray();
        return row -> {
            ByteBuffer content = ByteBuffer.allocate(4 * (table.columns() + 1)).putFloat(table.label(row));
            for (int column = 0; column < table.columns(); column++) {
                content.putInt(Float.floatToIntBits(table.feature(row, column)));
            }
            byte[] hash = Bytes.sha256(LABEL, salt, content.array()).toArray();
            return (ByteBuffer.wrap(hash).getLong() >>> 11) < threshold;
        };
    }
}
