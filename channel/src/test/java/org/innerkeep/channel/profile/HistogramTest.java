package org.innerkeep.channel.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Medians within an eighth, from any numbers. */
final class HistogramTest {
    private static Spread of(long... numbers) {
        Histogram histogram = new Histogram();
        Arrays.stream(numbers).forEach(histogram::add);
        return histogram.spread();
    }

    @Test
    void smallNumbersAreExact() {
        assertThat(of()).isEqualTo(Spread.NONE);
        assertThat(of(7)).isEqualTo(new Spread(1, 7, 7, 7));
        assertThat(of(1, 2, 15)).isEqualTo(new Spread(3, 18, 2, 15));
        assertThat(of(-5, 0, 0)).isEqualTo(new Spread(3, 0, 0, 0));
    }

    @Test
    void medianIsWithinAnEighthBelowAndNeverAboveTheLargest() {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            long[] numbers = random.longs(1 + random.nextInt(50)).map(each -> each >>> (8 + random.nextInt(55))).toArray();
            Spread spread = of(numbers);
            Arrays.sort(numbers);
            long median = numbers[(numbers.length - 1) / 2];

            assertThat(spread.median()).isBetween(median - median / 8 - 1, median);
            assertThat(spread.largest()).isEqualTo(numbers[numbers.length - 1]);
            assertThat(spread.count()).isEqualTo(numbers.length);
        }
    }

    @Test
    void theLargestNumberHasItsPlace() {
        assertThat(of(Long.MAX_VALUE).median()).isBetween(Long.MAX_VALUE - (Long.MAX_VALUE >> 3), Long.MAX_VALUE);
    }
}
