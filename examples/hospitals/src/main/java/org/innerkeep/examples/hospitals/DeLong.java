package org.innerkeep.examples.hospitals;

import java.util.Arrays;

/**
 * Area under the receiver operating characteristic (AUC), the probability that a model puts a random patient with the label
 * above a random one without, with the variance of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988).
 *
 * <p>The intervals rest on a normal approximation. For a model without a single error the interval has no width, which says
 * that the sample is small and not that the model is certain.
 */
final class DeLong {
    private DeLong() {}

    /**
     * Judges scores.
     *
     * @param labels 0 or 1 for each patient, at least two of each
     * @param scores the model's, none NaN
     * @return the area, 0 to 1, where 0.5 is chance
     */
    static Estimate auc(float[] labels, float[] scores) {
        Placements placements = Placements.of(labels, scores);
        return Estimate.normal(placements.auc, placements.covariance(placements), 0, 1);
    }

    /**
     * How much better one model is than another on the same patients.
     *
     * @param labels 0 or 1 for each patient, at least two of each
     * @param better the scores of the model from whose area is subtracted
     * @param worse the scores of the other
     * @return the difference, -1 to 1, with the interval of paired samples
     */
    static Estimate difference(float[] labels, float[] better, float[] worse) {
        Placements a = Placements.of(labels, better);
        Placements b = Placements.of(labels, worse);
        double variance = a.covariance(a) + b.covariance(b) - 2 * a.covariance(b);
        return Estimate.normal(a.auc - b.auc, variance, -1, 1);
    }

    /**
     * DeLong's structural components: for each patient the share of patients of the other class who are rightly ordered with
     * it, ties counting half. Found by binary search, so in the time that sorting takes.
     */
    private static final class Placements {
        private final double auc;
        private final double[] positives;
        private final double[] negatives;

        private Placements(double[] positives, double[] negatives) {
            this.auc = mean(positives);
            this.positives = positives;
            this.negatives = negatives;
        }

        static Placements of(float[] labels, float[] scores) {
            if (labels.length != scores.length) {
                throw new IllegalArgumentException("labels and scores differ in number");
            }
            float[] positives = pick(labels, scores, 1);
            float[] negatives = pick(labels, scores, 0);
            if (positives.length < 2 || negatives.length < 2) {
                throw new IllegalArgumentException("expected at least two patients of each class");
            }
            double[] above = shares(positives, negatives);
            double[] below = shares(negatives, positives);
            for (int i = 0; i < below.length; i++) {
                below[i] = 1 - below[i];
            }
            return new Placements(above, below);
        }

        double covariance(Placements other) {
            return covariance(positives, other.positives) / positives.length
                    + covariance(negatives, other.negatives) / negatives.length;
        }

        private static float[] pick(float[] labels, float[] scores, float label) {
            float[] picked = new float[labels.length];
            int count = 0;
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] == label) {
                    picked[count++] = scores[i];
                }
            }
            return Arrays.copyOf(picked, count);
        }

        /** For each score the share of others that lie below it, ties counting half. */
        private static double[] shares(float[] scores, float[] others) {
            float[] sorted = others.clone();
            Arrays.sort(sorted);
            double[] shares = new double[scores.length];
            for (int i = 0; i < scores.length; i++) {
                int below = bound(sorted, scores[i], false);
                int notAbove = bound(sorted, scores[i], true);
                shares[i] = (below + notAbove) / (2.0 * sorted.length);
            }
            return shares;
        }

        /** How many of the sorted values are less than the score, or also equal to it. */
        private static int bound(float[] sorted, float score, boolean orEqual) {
            int low = 0;
            int high = sorted.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (sorted[middle] < score || (orEqual && sorted[middle] == score)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private static double covariance(double[] a, double[] b) {
            double meanA = mean(a);
            double meanB = mean(b);
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += (a[i] - meanA) * (b[i] - meanB);
            }
            return sum / (a.length - 1);
        }

        private static double mean(double[] values) {
            return Arrays.stream(values).sum() / values.length;
        }
    }
}
