package org.innerkeep.examples.hospitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeLongTest {
    private static final double Z = 1.959963984540054;

    @Test
    void agreesWithAnExampleWorkedByHand() {
        // Positives 3, 2, 2 and negatives 1, 2. Shares: 3 is above both (1); 2 is above one and ties one (3/4), twice.
        // AUC = (1 + 3/4 + 3/4) / 3 = 5/6. Variance of (1, 3/4, 3/4) is 1/48; of the negatives' (1, 2/3) it is 1/18.
        // Variance of the AUC = 1/48/3 + 1/18/2 = 5/144.
        Estimate auc = DeLong.auc(new float[] {1, 0, 1, 0, 1}, new float[] {3, 1, 2, 2, 2});
        assertThat(auc.value()).isCloseTo(5.0 / 6, within(1e-12));
        assertThat(auc.low()).isCloseTo(5.0 / 6 - Z * Math.sqrt(5.0 / 144), within(1e-12));
        assertThat(auc.high()).isEqualTo(1);
    }

    @Test
    void knowsPerfectReversedAndEmptyScores() {
        float[] labels = {0, 0, 1, 1};
        assertThat(DeLong.auc(labels, new float[] {1, 2, 3, 4})).isEqualTo(new Estimate(1, 1, 1));
        assertThat(DeLong.auc(labels, new float[] {4, 3, 2, 1})).isEqualTo(new Estimate(0, 0, 0));
        assertThat(DeLong.auc(labels, new float[] {7, 7, 7, 7})).isEqualTo(new Estimate(0.5, 0.5, 0.5));
    }

    @Test
    void agreesWithTheDefinitionPairByPair() {
        for (int seed = 0; seed < 50; seed++) {
            Sample sample = Sample.random(seed, 40 + seed);
            assertThat(DeLong.auc(sample.labels, sample.a).value())
                    .isCloseTo(naive(sample.labels, sample.a), within(1e-12));
        }
    }

    @Test
    void varianceAgreesWithTheDefinitionPairByPair() {
        for (int seed = 0; seed < 50; seed++) {
            Sample sample = Sample.random(seed, 60);
            double spread = Z * Math.sqrt(naiveVariance(sample.labels, sample.a));
            Estimate auc = DeLong.auc(sample.labels, sample.a);
            assertThat(auc.low()).isCloseTo(Math.max(0, auc.value() - spread), within(1e-12));
        }
    }

    @Test
    void intervalsAgreeWithABootstrap() {
        Sample sample = Sample.random(7, 300);
        Estimate auc = DeLong.auc(sample.labels, sample.a);
        Estimate gain = DeLong.difference(sample.labels, sample.a, sample.b);
        double[] aucs = new double[1000];
        double[] gains = new double[1000];
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < aucs.length; i++) {
            Sample again = sample.resample(random);
            aucs[i] = DeLong.auc(again.labels, again.a).value();
            gains[i] = DeLong.difference(again.labels, again.a, again.b).value();
        }
        assertThat(deviation(aucs)).isCloseTo((auc.high() - auc.low()) / (2 * Z), within(0.003));
        assertThat(deviation(gains)).isCloseTo((gain.high() - gain.low()) / (2 * Z), within(0.003));
    }

    @Test
    void intervalHoldsTheTruthAboutNinetyFiveTimesInAHundred() {
        // Normal scores one standard deviation apart: the true AUC is Phi(1 / sqrt 2).
        double truth = 0.7602499389065233;
        int held = 0;
        for (int seed = 0; seed < 1000; seed++) {
            Sample sample = Sample.random(1000 + seed, 200);
            Estimate auc = DeLong.auc(sample.labels, sample.a);
            held += auc.low() <= truth && truth <= auc.high() ? 1 : 0;
        }
        assertThat(held).isBetween(930, 970);
    }

    @Test
    void aModelIsNoBetterThanItself() {
        Sample sample = Sample.random(3, 100);
        assertThat(DeLong.difference(sample.labels, sample.a, sample.a).value()).isZero();
        assertThat(DeLong.difference(sample.labels, sample.a, sample.a).high()).isCloseTo(0, within(1e-7));
    }

    @Test
    void refusesSamplesThatSayNothing() {
        assertThatIllegalArgumentException().isThrownBy(() -> DeLong.auc(new float[] {1, 0, 0}, new float[3]));
        assertThatIllegalArgumentException().isThrownBy(() -> DeLong.auc(new float[] {1, 1, 0, 0}, new float[3]));
    }

    private static double naive(float[] labels, float[] scores) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; j < labels.length; j++) {
                if (labels[i] == 1 && labels[j] == 0) {
                    sum += order(scores[i], scores[j]);
                    pairs++;
                }
            }
        }
        return sum / pairs;
    }

    /** DeLong's S10/m + S01/n from the kernel, written out. */
    private static double naiveVariance(float[] labels, float[] scores) {
        double auc = naive(labels, scores);
        double[] sums = new double[2];
        int[] counts = new int[2];
        for (int i = 0; i < labels.length; i++) {
            double component = 0;
            int others = 0;
            for (int j = 0; j < labels.length; j++) {
                if (labels[j] != labels[i]) {
                    component += labels[i] == 1 ? order(scores[i], scores[j]) : order(scores[j], scores[i]);
                    others++;
                }
            }
            int side = (int) labels[i];
            sums[side] += Math.pow(component / others - auc, 2);
            counts[side]++;
        }
        return sums[0] / (counts[0] - 1) / counts[0] + sums[1] / (counts[1] - 1) / counts[1];
    }

    private static double order(float positive, float negative) {
        return positive > negative ? 1 : positive == negative ? 0.5 : 0;
    }

    private static double deviation(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        return Math.sqrt(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1));
    }

    private static final class Sample {
        private final float[] labels;
        private final float[] a;
        private final float[] b;

        private Sample(float[] labels) {
            this.labels = labels;
            this.a = new float[labels.length];
            this.b = new float[labels.length];
        }

        /** Scores a are normal and one apart; b are a with noise, so that the two are correlated. Some scores tie. */
        static Sample random(long seed, int size) {
            Random random = new Random(seed);
            Sample sample = new Sample(new float[size]);
            for (int i = 0; i < size; i++) {
                sample.labels[i] = i % 3 == 0 ? 1 : 0;
                sample.a[i] = (float) (sample.labels[i] + random.nextGaussian());
                sample.b[i] = (float) (sample.a[i] + random.nextGaussian());
                if (seed < 100 && i % 5 == 0) {
                    sample.a[i] = Math.round(sample.a[i]);
                }
            }
            return sample;
        }

        /** Draws each class by itself with replacement. */
        Sample resample(SplittableRandom random) {
            Sample again = new Sample(labels.clone());
            for (int i = 0; i < labels.length; i++) {
                int from;
                do {
                    from = random.nextInt(labels.length);
                } while (labels[from] != labels[i]);
                again.a[i] = a[from];
                again.b[i] = b[from];
            }
            return again;
        }
    }
}
