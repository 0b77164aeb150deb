package org.innerkeep.testing.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class WatchTest {
    private static final Duration NEVER = Duration.ofDays(1);

    private final CountDownLatch letGo = new CountDownLatch(1);

    private boolean isLetGo() throws InterruptedException {
        return letGo.await(60, TimeUnit.SECONDS);
    }

    /** This thread is at work the while. */
    private static void awaitLooks(Watch watch, int more) {
        long wanted = watch.looks() + more;
        while (watch.looks() < wanted) {
            Thread.onSpinWait();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void doesNotLetGoWhileAnythingIsAtWorkHoweverLong() throws InterruptedException {
        try (Watch watch = new Watch(() -> true, NEVER)) {
            new Patience(watch, () -> true, letGo::countDown).doubt();
            awaitLooks(watch, 30);
            assertThat(letGo.getCount()).isOne();

            assertThat(isLetGo()).isTrue();
        }
    }

    @Test
    void doesNotLetGoWhatIsNotDoubtedOrHasBeenGivenOrWaitsForNothing() {
        try (Watch watch = new Watch(() -> true, Duration.ZERO)) {
            Patience given = new Patience(watch, () -> true, letGo::countDown);
            given.settle();
            watch.add(given);
            new Patience(watch, () -> false, letGo::countDown).doubt();
            Patience ended = new Patience(watch, () -> true, letGo::countDown);
            ended.end();
            ended.doubt();
            awaitLooks(watch, 5);

            assertThat(letGo.getCount()).isOne();
        }
    }

    @Test
    void goesByTimeWhereWorkCannotBeSeen() throws InterruptedException {
        try (Watch watch = new Watch(() -> false, Duration.ofMillis(1))) {
            new Patience(watch, () -> true, letGo::countDown).doubt();

            assertThat(isLetGo()).isTrue();
        }
    }

    @Test
    void stillnessOfThisProcessSaysNothingOfEnclavesElsewhere() throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(20);
        try (Watch watch = new Watch(() -> false, NEVER)) {
            new Patience(watch, () -> countDown(seen), letGo::countDown).doubt();

            assertThat(seen.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(letGo.getCount()).isOne();
        }
    }

    private static boolean countDown(CountDownLatch latch) {
        latch.countDown();
        return true;
    }
}
