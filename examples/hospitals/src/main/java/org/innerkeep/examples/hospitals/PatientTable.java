package org.innerkeep.examples.hospitals;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Patients' features and labels in single precision, one row for each patient. Immutable and safe for use by several threads.
 * Holds patients' data, so it has no useful {@code toString}.
 */
final class PatientTable {
    private final int columns;
    private final float[] features;
    private final float[] labels;

    /** Takes over both arrays; features are row by row. */
    PatientTable(int columns, float[] features, float[] labels) {
        if (columns < 1 || features.length != Math.multiplyExact(columns, labels.length)) {
            throw new IllegalArgumentException("the features do not fill " + columns + " columns");
        }
        this.columns = columns;
        this.features = features;
        this.labels = labels;
    }

    int rows() {
        return labels.length;
    }

    int columns() {
        return columns;
    }

    /** {@return the label of a row, 0 or 1} */
    float label(int row) {
        return labels[row];
    }

    /** {@return a feature; NaN where it is missing} */
    float feature(int row, int column) {
        return features[row * columns + column];
    }

    /** {@return all features row by row, a copy} */
    float[] features() {
        return features.clone();
    }

    /** {@return all labels, a copy} */
    float[] labels() {
        return labels.clone();
    }

    /** {@return how many rows are labelled 1} */
    int positives() {
        int count = 0;
        for (float label : labels) {
            count += (int) label;
        }
        return count;
    }

    /** {@return the rows that satisfy a condition on their number, in order} */
    PatientTable select(IntPredicate condition) {
        float[] someFeatures = new float[features.length];
        float[] someLabels = new float[labels.length];
        int count = 0;
        for (int row = 0; row < labels.length; row++) {
            if (condition.test(row)) {
                System.arraycopy(features, row * columns, someFeatures, count * columns, columns);
                someLabels[count++] = labels[row];
            }
        }
        return new PatientTable(
                columns, Arrays.copyOf(someFeatures, count * columns), Arrays.copyOf(someLabels, count));
    }

    /** {@return the rows of all tables, in order} */
    static PatientTable join(List<PatientTable> tables) {
        int columns = tables.getFirst().columns;
        int rows = 0;
        for (PatientTable part : tables) {
            if (part.columns != columns) {
                throw new IllegalArgumentException("tables of different columns");
            }
            rows = Math.addExact(rows, part.rows());
        }
        float[] features = new float[Math.multiplyExact(rows, columns)];
        float[] labels = new float[rows];
        int row = 0;
        for (PatientTable part : tables) {
            System.arraycopy(part.features, 0, features, row * columns, part.features.length);
            System.arraycopy(part.labels, 0, labels, row, part.labels.length);
            row += part.rows();
        }
        return new PatientTable(columns, features, labels);
    }
}
