package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SpawningTest {
    private final List<String> happened = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch ended = new CountDownLatch(2);

    private final class Told implements Spawning.Step {
        private final String name;
        private final boolean fails;

        Told(String name, boolean fails) {
            this.name = name;
            this.fails = fails;
        }

        @Override
        public void apply() throws IOException {
            happened.add(name + " before, on " + Thread.currentThread().getName());
            if (fails) {
                throw new IOException(name + " cannot be done");
            }
        }

        @Override
        public void attend(Process process) {
            happened.add(name + " after");
        }

        @Override
        public void end() {
            happened.add(name + " end");
            ended.countDown();
        }
    }

    @Test
    void theStepsAreTakenInOrderOnAThreadOfTheirOwnAndThenTheProcessIsStarted() throws Exception {
        Process process = Spawning.start(
                List.of(new Told("one", false), new Told("two", false)), new ProcessBuilder("/bin/sh", "-c", "exit 7"));

        assertThat(process.waitFor()).isEqualTo(7);
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(happened).containsExactly(
                "one before, on spawning", "two before, on spawning", "one after", "two after", "one end", "two end");
    }

    @Test
    void aStepThatFailsStartsNothingAndEveryStepLetsGo() throws Exception {
        Throwable failure = catchThrowable(() -> Spawning.start(
                List.of(new Told("one", true), new Told("two", false)), new ProcessBuilder("/bin/sh", "-c", "exit 7")));

        assertThat(failure).isInstanceOf(IOException.class).hasMessage("one cannot be done");
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(happened).containsExactly("one before, on spawning", "one end", "two end");
    }

    @Test
    void aProcessThatDoesNotStartIsTold() throws Exception {
        Throwable failure = catchThrowable(() -> Spawning.start(
                List.of(new Told("one", false), new Told("two", false)), new ProcessBuilder("/no/such/program")));

        assertThat(failure).isInstanceOf(IOException.class).hasMessageContaining("/no/such/program");
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** A host that leaves interrupts the start of its enclave; a process that nobody knows of would run for ever. */
    @Test
    void anInterruptedCallerStillGetsTheProcess() throws Exception {
        Thread.currentThread().interrupt();
        Process process = Spawning.start(List.of(), new ProcessBuilder("/bin/true"));

        assertThat(Thread.interrupted()).as("and stays interrupted").isTrue();
        assertThat(process.waitFor()).isZero();
    }
}
