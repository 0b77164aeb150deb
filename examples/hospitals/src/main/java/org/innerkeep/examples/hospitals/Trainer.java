package org.innerkeep.examples.hospitals;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Gradient-boosted trees by XGBoost. The same rows, columns and settings give the same model, byte for byte: one thread and
 * no sampling. Safe for use by several threads.
 */
final class Trainer {
    private Trainer() {}

    /**
     * Loads XGBoost's native library from where it lies. Once in a JVM.
     *
     * @param library the file, whose content the caller vouches for
     * @return a trainer
     * @throws UnsatisfiedLinkError if the library, or libgomp1 which it needs, cannot be loaded
     */
    static Trainer load(Path library) {
        // XGBoost logs exceptions, and their messages may quote data. Nothing of it may reach standard error.
        System.setProperty("org.apache.commons.logging.Log", "org.apache.commons.logging.impl.NoOpLog");
        // Its own loader always copies a class path resource to a temporary file and loads that: the copy would be neither
        // measured nor private. (The property xgboostruntime.native.xgboost4j names such a resource, not a file.) So the
        // library is loaded from here, for the same class loader, and the loader is told that nothing is left to do. Should
        // a later version have no such field, this fails and nothing is loaded from elsewhere.
        try {
            Field initialized =
                    Class.forName("ml.dmlc.xgboost4j.java.NativeLibLoader").getDeclaredField("initialized");
            initialized.setAccessible(true);
            System.load(library.toAbsolutePath().toString());
            initialized.setBoolean(null, true);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this is not the XGBoost4J that this class was written for", e);
        }
        return new Trainer();
    }

    /**
     * Trains a model for a label of 0 or 1.
     *
     * @param table the patients, at least one
     * @param names the names of the features, which the model carries
     * @param settings rounds, depth and learning rate
     * @return the model in XGBoost's UBJSON form
     */
    byte[] train(PatientTable table, List<String> names, Settings settings) {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("objective", "binary:logistic");
        parameters.put("tree_method", "hist");
        parameters.put("eta", settings.learningRate().toPlainString());
        parameters.put("max_depth", Integer.toString(settings.maxDepth()));
        // Estimated from the data it fails where all patients are of one class, as they may be in one hospital.
        parameters.put("base_score", "0.5");
        parameters.put("nthread", "1");
        parameters.put("seed", "0");
        parameters.put("verbosity", "0");
        try {
            DMatrix matrix = matrix(table);
            try {
                matrix.setLabel(table.labels());
                matrix.setFeatureNames(names.toArray(String[]::new));
                Booster booster = XGBoost.train(matrix, parameters, settings.rounds(), new HashMap<>(), null, null);
                try {
                    return booster.toByteArray("ubj");
                } finally {
                    booster.dispose();
                }
            } finally {
                matrix.dispose();
            }
        } catch (XGBoostError e) {
            throw failed("training");
        }
    }

    /**
     * Asks a model.
     *
     * @param model as {@link #train} returns it; trusted, since XGBoost's reader is no defence against a hostile model
     * @param table the patients
     * @return for each patient the probability that the label is 1
     */
    float[] predict(byte[] model, PatientTable table) {
        try {
            DMatrix matrix = matrix(table);
            try {
                Booster booster = XGBoost.loadModel(model);
                try {
                    float[][] rows = booster.predict(matrix);
                    float[] result = new float[rows.length];
                    for (int row = 0; row < rows.length; row++) {
                        result[row] = rows[row][0];
                    }
                    return result;
                } finally {
                    booster.dispose();
                }
            } finally {
                matrix.dispose();
            }
        } catch (XGBoostError | IOException e) {
            throw failed("prediction");
        }
    }

    private static DMatrix matrix(PatientTable table) throws XGBoostError {
        return new DMatrix(table.features(), table.rows(), table.columns(), Float.NaN);
    }

    /** Without the cause, whose message may quote data. */
    private static IllegalStateException failed(String what) {
        return new IllegalStateException("XGBoost failed in " + what);
    }
}
