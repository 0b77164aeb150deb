package org.innerkeep.testing.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class StillnessTest {
    private volatile boolean done;

    @Test
    void aThreadThatWorksOrWaitsForAProcessorIsNoStillness() throws InterruptedException {
        Thread busy = Thread.ofPlatform().daemon().start(this::work);
        try {
            for (int look = 0; look < 50; look++) {
                assertThat(Stillness.now()).isFalse();
            }
        } finally {
            done = true;
            busy.join();
        }
    }

    private void work() {
        while (!done) {
            Thread.onSpinWait();
        }
    }

    /** Threads of the JVM itself have something to do now and then. */
    @Test
    @Timeout(60)
    void stillnessComesWhereNothingIsDone() {
        while (!Stillness.now()) {
            Thread.onSpinWait();
        }
    }
}
