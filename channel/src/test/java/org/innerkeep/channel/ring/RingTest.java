package org.innerkeep.channel.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.innerkeep.channel.ring.Memory.frame;
import static org.innerkeep.channel.ring.Memory.in;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RingTest {
    private static final int ANY = Ring.MAX_FRAME_BYTES;

    private final Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
    private Memory memory;
    private Ring host;
    private Ring enclave;

    @BeforeEach
    void map() throws IOException {
        memory = new Memory();
        host = memory.host();
        enclave = memory.enclave();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
        enclave.close();
        memory.close();
        assertThat(broken).isEmpty();
    }

    private void serve(Memory.Answering answering) {
        enclave.serve(answering.handler(), ANY, broken::add);
    }

    private static byte[] echo(byte[] request) {
        return frame(request);
    }

    private static byte[] content(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.Frame.class);
        return ((Reply.Frame) reply).bytes();
    }

    private static Reply ask(Ring ring, byte[] frame, long millis) throws Exception {
        return ring.exchange(frame, ANY, in(millis), () -> false);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64, 4096, Ring.MAX_FRAME_BYTES})
    void carriesFramesOfAnyLengthThatFits(int length) throws Exception {
        serve(RingTest::echo);
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        assertThat(content(ask(host, frame(content), 10_000))).isEqualTo(content);
    }

    @Test
    void carriesNothingThatDoesNotFit() throws Exception {
        serve(RingTest::echo);
        assertThat(ask(host, new byte[Ring.PREFIX_BYTES + Ring.MAX_FRAME_BYTES + 1], 100)).isEqualTo(Reply.Without.NO_ROOM);
    }

    @Test
    void carriesNothingToASideThatIsNotThere() throws Exception {
        try (Memory other = new Memory();
                Ring alone = other.host()) {
            assertThat(ask(alone, frame((byte) 1), 100)).isEqualTo(Reply.Without.NO_ROOM);
        }
    }

    @Test
    void refusesAFileOfAnotherLength() throws IOException {
        memory.cut(Ring.BYTES + 1);
        assertThatIOException()
                .isThrownBy(() -> memory.host())
                .withMessageEndingWith("expected " + Ring.BYTES + " bytes, found " + (Ring.BYTES + 1));
    }

    @Test
    void bothSidesAskAndEachOtherWhileTheyAnswer() throws Exception {
        host.serve((request, _) -> request[0] == 0 ? echo(request) : content(enclave, request), ANY, broken::add);
        serve(request -> content(host, request));
        assertThat(content(ask(host, frame((byte) 5, (byte) 7), 10_000))).containsExactly(0, 7);
    }

    private static byte[] content(Ring ring, byte[] request) {
        request[0]--;
        try {
            // Each hop goes to the ring whose owner serves the other's calls.
            return request[0] <= 0 ? frame(new byte[] {0, request[1]}) : frame(RingTest.content(ask(ring, frame(request), 10_000)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anEmptyAnswerSaysThatItComesAnotherWay() throws Exception {
        serve(request -> new byte[0]);
        assertThat(ask(host, frame((byte) 1), 10_000)).isEqualTo(Reply.Without.ELSEWHERE);
    }

    // No wake-up is lost: every call of these ends with its own answer, long before the timeout of the test.

    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "64, false", "100, false", "1, true", "2, true", "64, true", "100, true"})
    void everyCallerGetsItsOwnAnswerWhateverTheirPauses(int callers, boolean virtual) throws Exception {
        serve(request -> {
            pause(request[0]);
            return echo(request);
        });
        int calls = Math.max(150, 4000 / callers);
        try (ExecutorService threads = virtual
                ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newFixedThreadPool(callers)) {
            List<Future<?>> all = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                int number = caller;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < calls; i++) {
                        ThreadLocalRandom random = ThreadLocalRandom.current();
                        pause((byte) random.nextInt(8));
                        byte[] content = ByteBuffer.allocate(9).put((byte) random.nextInt(8)).putInt(number).putInt(i).array();
                        Reply reply = ask(host, frame(content), 20_000);
                        while (reply == Reply.Without.NO_ROOM) {
                            Thread.sleep(1);
                            reply = ask(host, frame(content), 20_000);
                        }
                        assertThat(content(reply)).isEqualTo(content);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                Object _ = each.get(50, TimeUnit.SECONDS);
            }
        }
        assertThat(host.freeSlots()).isEqualTo(Region.SLOTS);
    }

    /** Most do not pause; some spin, some sleep for about as long as it takes to fall asleep. */
    private static void pause(byte kind) {
        if (kind == 5) {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(200_000));
        } else if (kind == 6) {
            long until = System.nanoTime() + ThreadLocalRandom.current().nextInt(100_000);
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        } else if (kind == 7) {
            Thread.yield();
        }
    }

    @Test
    void everyCallerGetsItsOwnAnswerWhereBothSidesLookAgainAndAgain() throws Exception {
        try (Memory other = new Memory();
                Ring asks = Ring.map(other.file, Ring.Side.HOST, new PollingDoorbell(), ServingEnd.LINGER_NANOS);
                Ring answers = Ring.map(other.file, Ring.Side.ENCLAVE, new PollingDoorbell(), ServingEnd.LINGER_NANOS);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            answers.serve((request, _) -> echo(request), ANY, broken::add);
            List<Future<byte[]>> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                byte number = (byte) i;
                all.add(threads.submit(() -> content(ask(asks, frame(number), 10_000))));
            }
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).get()).containsExactly(i);
            }
        }
    }

    @Test
    void noRequestWaitsBehindAnother() throws Exception {
        Semaphore entered = new Semaphore(0);
        CountDownLatch go = new CountDownLatch(1);
        serve(request -> {
            entered.release();
            await(go);
            return echo(request);
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Reply>> all = new ArrayList<>();
            for (int i = 0; i < Region.SLOTS; i++) {
                byte number = (byte) i;
                all.add(threads.submit(() -> ask(host, frame(number), 30_000)));
            }
            assertThat(entered.tryAcquire(Region.SLOTS, 20, TimeUnit.SECONDS)).isTrue();
            assertThat(ask(host, frame((byte) 1), 100)).isEqualTo(Reply.Without.NO_ROOM);
            go.countDown();
            for (int i = 0; i < all.size(); i++) {
                assertThat(content(all.get(i).get())).containsExactly(i);
            }
        }
    }

    private static void await(CountDownLatch go) {
        try {
            go.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallThatIsGivenUpKeepsItsSlotUntilItsAnswerIsThereAndNobodyElseGetsIt(boolean virtual) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        serve(request -> {
            if (request[0] == 1) {
                await(go);
            }
            return echo(request);
        });
        try (ExecutorService threads = virtual
                ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newFixedThreadPool(1)) {
            Instant begun = Instant.now();
            assertThat(threads.submit(() -> ask(host, frame((byte) 1), 100)).get()).isEqualTo(Reply.Without.GIVEN_UP);
            assertThat(Duration.between(begun, Instant.now())).isBetween(Duration.ofMillis(100), Duration.ofSeconds(3));
            assertThat(host.freeSlots()).isEqualTo(Region.SLOTS - 1);
            for (byte i = 2; i < 100; i++) {
                assertThat(content(ask(host, frame(i), 10_000))).containsExactly(i);
            }
            go.countDown();
            Instant until = Instant.now().plusSeconds(20);
            while (host.freeSlots() < Region.SLOTS && Instant.now().isBefore(until)) {
                Thread.sleep(1);
            }
            assertThat(host.freeSlots()).isEqualTo(Region.SLOTS);
            for (byte i = 2; i < 100; i++) {
                assertThat(content(ask(host, frame(i), 10_000))).containsExactly(i);
            }
        }
    }

    @Test
    void aRequestThatNobodyTookIsTakenBack() throws Exception {
        memory.arrive(Ring.Side.ENCLAVE);
        assertThat(ask(host, frame((byte) 1), 50)).isEqualTo(Reply.Without.WITHDRAWN);
        assertThat(host.freeSlots()).isEqualTo(Region.SLOTS);
        Queue<byte[]> seen = new ConcurrentLinkedQueue<>();
        serve(request -> {
            seen.add(request);
            return echo(request);
        });
        assertThat(content(ask(host, frame((byte) 2), 10_000))).containsExactly(2);
        assertThat(seen).containsExactly(new byte[] {2});
    }

    @ParameterizedTest
    @CsvSource({"false, 0", "false, 50", "true, 0", "true, 50"})
    void anInterruptEndsTheWait(boolean virtual, long after) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        serve(request -> {
            await(go);
            return echo(request);
        });
        CountDownLatch ended = new CountDownLatch(1);
        Runnable call = () -> {
            try {
                assertThat(ask(host, frame((byte) 1), 30_000)).isIn(Reply.Without.GIVEN_UP, Reply.Without.WITHDRAWN);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            ended.countDown();
        };
        Thread caller = virtual ? Thread.ofVirtual().start(call) : Thread.ofPlatform().start(call);
        Thread.sleep(after);
        caller.interrupt();
        assertThat(ended.await(3, TimeUnit.SECONDS)).isTrue();
        go.countDown();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallerWhoNeedNotWaitAnyMoreIsLetGoWhenItIsUnparked(boolean virtual) throws Exception {
        memory.arrive(Ring.Side.ENCLAVE);
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Runnable call = () -> {
            try {
                assertThat(host.exchange(frame((byte) 1), ANY, in(30_000), over::get)).isEqualTo(Reply.Without.WITHDRAWN);
                ended.countDown();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        Thread caller = virtual ? Thread.ofVirtual().start(call) : Thread.ofPlatform().start(call);
        Thread.sleep(30);
        over.set(true);
        LockSupport.unpark(caller);
        assertThat(ended.await(3, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anInterruptedThreadAnnouncesNothing() throws Exception {
        memory.arrive(Ring.Side.ENCLAVE);
        Region region = memory.region();
        Thread.currentThread().interrupt();
        assertThat(ask(host, frame((byte) 1), 10_000)).isEqualTo(Reply.Without.WITHDRAWN);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(region.ready(Region.calls(Ring.Side.HOST))).isZero();
    }

    @Test
    void whoeverCarriesOutARequestSeesThatItsCallerHasGivenUp() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        BlockingQueue<Boolean> seen = new LinkedBlockingQueue<>();
        enclave.serve(
                (request, givenUp) -> {
                    seen.add(givenUp.getAsBoolean());
                    await(go);
                    seen.add(givenUp.getAsBoolean());
                    return echo(request);
                },
                ANY,
                broken::add);
        assertThat(ask(host, frame((byte) 1), 1000)).isEqualTo(Reply.Without.GIVEN_UP);
        go.countDown();
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isFalse();
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isTrue();
        // The slot's next call is another.
        assertThat(content(ask(host, frame((byte) 2), 10_000))).containsExactly(2);
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void requestsAreServedAtOnceHoweverManyOthersAreBusy() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Semaphore entered = new Semaphore(0);
        serve(request -> {
            if (request[0] == 1) {
                entered.release();
                await(go);
            }
            return echo(request);
        });
        int busy = 2 * Runtime.getRuntime().availableProcessors() + 2;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < busy; i++) {
                Future<?> _ = threads.submit(() -> ask(host, frame((byte) 1), 30_000));
            }
            assertThat(entered.tryAcquire(busy, 20, TimeUnit.SECONDS)).isTrue();
            Region region = memory.region();
            assertThat(region.searching(Region.calls(Ring.Side.HOST))).as("those that are busy search for nothing").isBetween(0, 1);
            assertThat(content(ask(host, frame((byte) 2), 10_000))).containsExactly(2);
            go.countDown();
        }
    }

    @Test
    void threadsThatAreNotNeededEndAlsoWhileOthersAreUsed() throws Exception {
        try (Memory other = new Memory();
                Ring asks = Ring.map(other.file, Ring.Side.HOST, Memory.futex(), 100_000_000);
                Ring answers = Ring.map(other.file, Ring.Side.ENCLAVE, Memory.futex(), 100_000_000);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch go = new CountDownLatch(1);
            Semaphore entered = new Semaphore(0);
            answers.serve(
                    (request, _) -> {
                        if (request[0] == 1) {
                            entered.release();
                            await(go);
                        }
                        return echo(request);
                    },
                    ANY,
                    broken::add);
            for (int i = 0; i < 12; i++) {
                Future<?> _ = threads.submit(() -> ask(asks, frame((byte) 1), 30_000));
            }
            assertThat(entered.tryAcquire(12, 20, TimeUnit.SECONDS)).isTrue();
            assertThat(answers.servers()).isGreaterThanOrEqualTo(12);
            go.countDown();
            Instant until = Instant.now().plusSeconds(20);
            while (answers.servers() > 3 && Instant.now().isBefore(until)) {
                // Slowly enough that each call wakes one that sleeps, in turn.
                Thread.sleep(1);
                assertThat(content(ask(asks, frame((byte) 2), 10_000))).containsExactly(2);
            }
            assertThat(answers.servers()).isBetween(1, 3);
        }
    }

    @Test
    void anInterruptOfAServerByWhatItCarriedOutBeforeDoesNotReachTheNextRequest() throws Exception {
        Queue<Thread> servers = new ConcurrentLinkedQueue<>();
        serve(request -> {
            servers.add(Thread.currentThread());
            return echo(request);
        });
        for (byte i = 0; i < 50; i++) {
            assertThat(content(ask(host, frame(i), 10_000))).containsExactly(i);
            servers.forEach(Thread::interrupt);
        }
    }

    @Test
    void noThreadServesAfterTheEnd() throws Exception {
        serve(RingTest::echo);
        assertThat(content(ask(host, frame((byte) 1), 10_000))).containsExactly(1);
        enclave.close();
        Instant until = Instant.now().plusSeconds(10);
        while (enclave.servers() > 0 && Instant.now().isBefore(until)) {
            Thread.sleep(1);
        }
        assertThat(enclave.servers()).isZero();
    }
}
