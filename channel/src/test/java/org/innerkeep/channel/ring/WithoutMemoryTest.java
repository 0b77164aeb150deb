package org.innerkeep.channel.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.channel.ring.Memory.frame;
import static org.innerkeep.channel.ring.Memory.in;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nobody waits for ever, or until a deadline, because a process ran out of threads or of memory for a moment. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WithoutMemoryTest {
    private static final long CALLS = Region.calls(Ring.Side.HOST);
    private static final Duration SOON = Duration.ofSeconds(10);

    /** Waits as it should, but for the first few times. */
    private static final class Failing implements Doorbell {
        private final Doorbell doorbell = Memory.futex();
        private final AtomicInteger failures;

        Failing(int failures) {
            this.failures = new AtomicInteger(failures);
        }

        @Override
        public void await(Region region, long word, int value, long nanos) throws RingException {
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new OutOfMemoryError("a test's");
            }
            doorbell.await(region, word, value, nanos);
        }

        @Override
        public void wake(Region region, long word, int most) {
            doorbell.wake(region, word, most);
        }
    }

    private final Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
    private final ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
    private Memory memory;

    @BeforeEach
    void make() throws Exception {
        memory = new Memory();
    }

    @AfterEach
    void remove() throws Exception {
        virtual.close();
        memory.close();
        assertThat(broken).isEmpty();
    }

    private static Spinning spinning() {
        return new Spinning(new AtomicInteger());
    }

    /** Slow enough that callers sleep. */
    private Ring serving(Doorbell doorbell) throws Exception {
        Ring ring = Ring.map(memory.file, Ring.Side.ENCLAVE, doorbell, ServingEnd.LINGER_NANOS);
        ring.serve(
                (request, _) -> {
                    LockSupport.parkNanos(20_000_000);
                    return frame(request);
                },
                1000,
                broken::add);
        return ring;
    }

    private void everybodyIsAnswered(AskingEnd asking) throws Exception {
        List<Future<Reply>> calls = new ArrayList<>();
        Instant begun = Instant.now();
        for (byte i = 0; i < 20; i++) {
            byte number = i;
            calls.add(virtual.submit(() -> asking.exchange(frame(number), 1000, in(60_000), () -> false)));
        }
        for (byte i = 0; i < 20; i++) {
            assertThat(((Reply.Frame) calls.get(i).get(40, TimeUnit.SECONDS)).bytes()).containsExactly(i);
        }
        assertThat(Duration.between(begun, Instant.now())).isLessThan(SOON);
    }

    @Test
    void callersAreAnsweredWhereThereCanBeNoThreadThatListensForThem() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        ThreadFactory none = _ -> {
            refused.incrementAndGet();
            throw new OutOfMemoryError("unable to create native thread");
        };
        try (Ring _ = serving(Memory.futex())) {
            everybodyIsAnswered(new AskingEnd(memory.region(), CALLS, Memory.futex(), spinning(), none));
        }
        assertThat(refused).hasPositiveValue();
    }

    @Test
    void aThreadThatCouldNotBeStartedIsStartedForALaterCaller() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        ThreadFactory late = run -> {
            if (asked.incrementAndGet() < 3) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return Thread.ofPlatform().daemon().unstarted(() -> {
                ran.incrementAndGet();
                run.run();
            });
        };
        AskingEnd asking = new AskingEnd(memory.region(), CALLS, Memory.futex(), spinning(), late);
        try (Ring _ = serving(Memory.futex())) {
            everybodyIsAnswered(asking);
        }
        asking.end();
        assertThat(ran).hasPositiveValue();
    }

    @Test
    void whoeverListensGoesOnWhenThereIsMemoryAgain() throws Exception {
        ThreadFactory daemons = Thread.ofPlatform().daemon().factory();
        AskingEnd asking = new AskingEnd(memory.region(), CALLS, new Failing(5), spinning(), daemons);
        try (Ring _ = serving(Memory.futex())) {
            everybodyIsAnswered(asking);
        }
        asking.end();
    }

    @Test
    void callersDoNotWaitForOneThatListensAndIsGone() throws Exception {
        // It returns at once, as if it had died; the next caller that waits has another.
        ThreadFactory dead = _ -> Thread.ofPlatform().daemon().unstarted(() -> {});
        try (Ring _ = serving(Memory.futex())) {
            everybodyIsAnswered(new AskingEnd(memory.region(), CALLS, Memory.futex(), spinning(), dead));
        }
    }

    @Test
    void whoeverServesGoesOnWhenThereIsMemoryAgain() throws Exception {
        ThreadFactory daemons = Thread.ofPlatform().daemon().factory();
        AskingEnd asking = new AskingEnd(memory.region(), CALLS, Memory.futex(), spinning(), daemons);
        try (Ring _ = serving(new Failing(5))) {
            Thread.sleep(50);
            everybodyIsAnswered(asking);
        }
        asking.end();
    }
}
