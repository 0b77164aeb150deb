package org.innerkeep.channel.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.innerkeep.channel.ring.Memory.frame;
import static org.innerkeep.channel.ring.Memory.in;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One side does with the shared memory as it likes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RingAttackTest {
    private static final int MOST = 1000;
    private static final long HOST_CALLS = Region.calls(Ring.Side.HOST);
    private static final long FIRST = Region.slot(HOST_CALLS, 0);

    private final BlockingQueue<Throwable> broken = new LinkedBlockingQueue<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private Memory memory;
    private Region hostile;
    private @Nullable Ring honest;

    @BeforeEach
    void map() throws IOException {
        memory = new Memory();
        hostile = memory.region();
    }

    @AfterEach
    void close() throws IOException {
        stop.set(true);
        if (honest != null) {
            honest.close();
        }
        memory.close();
    }

    // A hostile enclave, and a host that calls it.

    private void asHost() throws IOException {
        honest = memory.host();
        hostile.arrive(Ring.Side.ENCLAVE);
    }

    /** Waits for a request in the first slot, and does something with it. */
    private void then(LongFunction<String> what) {
        Thread.ofPlatform().daemon().start(() -> {
            while ((hostile.state(FIRST) & Region.STATE_MASK) != Region.REQUEST && !stop.get()) {
                Thread.onSpinWait();
            }
            String _ = what.apply(hostile.state(FIRST) & ~Region.STATE_MASK);
        });
    }

    private void answer(int state, int length) {
        write(FIRST + 4, length);
        hostile.publish(FIRST, state);
        Memory.futex().wake(hostile, FIRST, 1);
        hostile.ring(Region.callersBell(HOST_CALLS));
        Memory.futex().wake(hostile, Region.callersBell(HOST_CALLS), 1);
    }

    private void write(long at, int value) {
        try (FileChannel channel = FileChannel.open(memory.file, StandardOpenOption.WRITE)) {
            int _ = channel.write(ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).flip(), at);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Ring honest() {
        return Objects.requireNonNull(honest);
    }

    private Reply ask(long millis) throws Exception {
        return honest().exchange(frame((byte) 1), MOST, in(millis), () -> false);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, MOST + 1, Ring.MAX_FRAME_BYTES + 1})
    void anAnswerOfALengthThatCannotBeTakesNoMemoryAndBreaksTheRing(int length) throws Exception {
        asHost();
        then(number -> {
            answer((int) number | Region.ANSWER, length);
            return "";
        });
        assertThatThrownBy(() -> ask(20_000)).isInstanceOf(RingException.class).hasMessageContaining("a frame of " + length);
    }

    @ParameterizedTest
    @CsvSource({"8, 3", "-8, 3", "8, 1", "0, 0", "0, 4", "0, 7"})
    void anAnswerToAnotherCallAndAStateThatIsNoneBreakTheRing(int difference, int state) throws Exception {
        asHost();
        then(number -> {
            answer((int) number + difference | state, 5);
            return "";
        });
        assertThatThrownBy(() -> ask(20_000)).isInstanceOf(RingException.class).hasMessageContaining("slot 0 has state");
    }

    @Test
    void anAnswerGivenBeforeAnyCallIsNotTheAnswerOfTheNext() throws Exception {
        asHost();
        // The number of the next call can be guessed, and so its answer can be there before; the request is written over it.
        hostile.publish(FIRST, 8 | Region.ANSWER);
        assertThat(ask(100)).isEqualTo(Reply.Without.WITHDRAWN);
    }

    @Test
    void aLateAnswerIsNeverTheAnswerOfTheNextCall() throws Exception {
        asHost();
        then(number -> {
            hostile.publish(FIRST, (int) number | Region.TAKEN);
            return "";
        });
        assertThat(ask(200)).isEqualTo(Reply.Without.GIVEN_UP);
        assertThat(honest().freeSlots()).isEqualTo(Region.SLOTS - 1);
        // Answered again and again: the slot is free once, and its next call has another number.
        hostile.publish(FIRST, 8 | Region.ANSWER);
        assertThat(honest().freeSlots()).isEqualTo(Region.SLOTS);
        hostile.publish(FIRST, 8 | Region.ANSWER);
        assertThat(honest().freeSlots()).isEqualTo(Region.SLOTS);
        then(number -> {
            answer(8 | Region.ANSWER, 5);
            return "";
        });
        assertThatThrownBy(() -> ask(20_000)).isInstanceOf(RingException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoeverTakesAndNeverAnswersHoldsNobodyBeyondTheDeadline(boolean virtual) throws Exception {
        asHost();
        // Takes the request, takes that back, pretends that nobody sleeps and that servers are awake, and rings back its bells.
        Thread.ofPlatform().daemon().start(() -> {
            while (!stop.get()) {
                int state = hostile.state(FIRST);
                if ((state & Region.STATE_MASK) == Region.REQUEST) {
                    hostile.change(FIRST, state, state ^ 3);
                } else if ((state & Region.STATE_MASK) == Region.TAKEN) {
                    hostile.change(FIRST, state, state ^ 3);
                }
                hostile.waiting(FIRST, 0);
                int _ = hostile.addSearching(HOST_CALLS, 1);
                hostile.unmarkReady(HOST_CALLS, 0);
                write(Region.callersBell(HOST_CALLS), 0);
                write(Region.serversBell(HOST_CALLS), 0);
            }
        });
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        Runnable call = () -> {
            try {
                outcome.add(ask(500));
            } catch (Exception e) {
                outcome.add(e);
            }
        };
        Instant begun = Instant.now();
        Thread _ = virtual ? Thread.ofVirtual().start(call) : Thread.ofPlatform().start(call);
        assertThat(outcome.poll(20, TimeUnit.SECONDS)).isIn(Reply.Without.GIVEN_UP, Reply.Without.WITHDRAWN);
        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void whoeverNeverAnswersUsesUpSlotsAndNothingElse() throws Exception {
        asHost();
        Thread.ofPlatform().daemon().start(() -> {
            while (!stop.get()) {
                for (int i = 0; i < Region.SLOTS; i++) {
                    long slot = Region.slot(HOST_CALLS, i);
                    int state = hostile.state(slot);
                    if ((state & Region.STATE_MASK) == Region.REQUEST) {
                        hostile.change(slot, state, state ^ 3);
                    }
                }
            }
        });
        for (int i = 0; i < Region.SLOTS; i++) {
            assertThat(ask(20)).isIn(Reply.Without.GIVEN_UP, Reply.Without.WITHDRAWN);
            if (honest().freeSlots() == 0) {
                break;
            }
        }
        while (honest().freeSlots() > 0) {
            assertThat(ask(20)).isIn(Reply.Without.GIVEN_UP, Reply.Without.WITHDRAWN);
        }
        assertThat(ask(20)).isEqualTo(Reply.Without.NO_ROOM);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallerOutlivesAFileThatIsCutShort(boolean before) throws Exception {
        asHost();
        if (before) {
            memory.cut(0);
        } else {
            then(number -> {
                try {
                    memory.cut(0);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return "";
            });
        }
        assertThatThrownBy(() -> ask(20_000)).isInstanceOf(RingException.class).hasMessageContaining("cut short");
    }

    // A hostile host, and an enclave that serves it.

    private void asEnclave(Memory.Answering answering) throws IOException {
        Ring enclave = memory.enclave();
        honest = enclave;
        hostile.arrive(Ring.Side.HOST);
        enclave.serve(answering.handler(), MOST, broken::add);
    }

    private void request(int slot, int state, int length) {
        long at = Region.slot(HOST_CALLS, slot);
        write(at + 4, length);
        hostile.publish(at, state);
        announce(slot);
    }

    private void announce(int slot) {
        hostile.markReady(HOST_CALLS, slot);
        hostile.ring(Region.serversBell(HOST_CALLS));
        Memory.futex().wake(hostile, Region.serversBell(HOST_CALLS), 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, MOST + 1, Ring.MAX_FRAME_BYTES + 1})
    void aRequestOfALengthThatCannotBeIsNotCarriedOut(int length) throws Exception {
        AtomicBoolean carriedOut = new AtomicBoolean();
        asEnclave(request -> {
            carriedOut.set(true);
            return frame(request);
        });
        request(3, 8 | Region.REQUEST, length);
        assertThat(broken.poll(20, TimeUnit.SECONDS)).isInstanceOf(RingException.class);
        assertThat(carriedOut).isFalse();
    }

    @Test
    void aRequestIsCopiedOnceAndChangesNoMore() throws Exception {
        BlockingQueue<byte[]> seen = new LinkedBlockingQueue<>();
        CountDownLatch changed = new CountDownLatch(1);
        asEnclave(request -> {
            seen.add(request);
            try {
                changed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return frame(request);
        });
        write(FIRST + 64, 0x01010101);
        request(0, 8 | Region.REQUEST, 4);
        byte[] request = seen.poll(20, TimeUnit.SECONDS);
        write(FIRST + 64, 0x02020202);
        write(FIRST + 4, 900);
        assertThat(request).containsExactly(1, 1, 1, 1);
        changed.countDown();
    }

    @Test
    void aSlotThatIsChangedWhileItsRequestIsCarriedOutBreaksTheRing() throws Exception {
        asEnclave(request -> {
            hostile.publish(FIRST, 16 | Region.REQUEST);
            return frame(request);
        });
        request(0, 8 | Region.REQUEST, 4);
        assertThat(broken.poll(20, TimeUnit.SECONDS)).isInstanceOf(RingException.class).hasMessageContaining("was changed");
    }

    @Test
    void requestsThatAreNotThereAreNotLookedForForEver() throws Exception {
        asEnclave(Memory::frame);
        Thread.ofPlatform().daemon().start(() -> {
            while (!stop.get()) {
                for (int i = 0; i < Region.SLOTS; i++) {
                    hostile.markReady(HOST_CALLS, i);
                }
                announce(0);
            }
        });
        assertThat(broken.poll(30, TimeUnit.SECONDS)).isInstanceOf(RingException.class).hasMessageContaining("not there");
    }

    @Test
    void garbageInAllWordsEndsInBoundedTime() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            try (Memory other = new Memory()) {
                Ring enclave = other.enclave();
                Region scribbled = other.region();
                enclave.serve((request, _) -> frame(request), MOST, broken::add);
                int before = broken.size();
                Instant most = Instant.now().plusSeconds(20);
                while (broken.size() == before && Instant.now().isBefore(most)) {
                    int slot = random.nextInt(Region.SLOTS);
                    long at = Region.slot(HOST_CALLS, slot);
                    switch (random.nextInt(6)) {
                        case 0 -> scribbled.publish(at, random.nextInt());
                        case 1 -> scribbled.markReady(HOST_CALLS, slot);
                        case 2 -> { int _ = scribbled.addSearching(HOST_CALLS, random.nextInt()); }
                        case 3 -> scribbled.waiting(at, random.nextInt(5));
                        case 4 -> scribbled.write(at, new byte[MOST], 0, random.nextInt(MOST));
                        default -> scribbled.ring(Region.serversBell(HOST_CALLS));
                    }
                }
                assertThat(broken.size()).as("it broke in round %d", round).isGreaterThan(before);
                enclave.close();
                Instant until = Instant.now().plusSeconds(10);
                while (enclave.servers() > 0 && Instant.now().isBefore(until)) {
                    Thread.sleep(1);
                }
                assertThat(enclave.servers()).isZero();
            }
        }
        assertThat(broken).hasSizeGreaterThanOrEqualTo(20).allSatisfy(failure -> assertThat(failure).isInstanceOf(RingException.class));
    }

    /** By then all that touches the memory is compiled, where its error comes later than where it is interpreted. */
    private static final int WARM = 20_000;

    @Test
    void bothOutliveAFileThatIsCutShortWhileCompiledCodeIsInIt() throws Exception {
        asEnclave(Memory::frame);
        try (Ring host = memory.host()) {
            for (int i = 0; i < WARM; i++) {
                assertThat(host.exchange(frame((byte) i), MOST, in(20_000), () -> false)).isInstanceOf(Reply.Frame.class);
            }
            memory.cut(0);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < WARM; i++) {
                            Reply _ = host.exchange(frame((byte) i), MOST, in(20_000), () -> false);
                        }
                    })
                    .isInstanceOfAny(RingException.class, InternalError.class);
            assertThat(broken.poll(20, TimeUnit.SECONDS)).isInstanceOf(RingException.class);
        }
    }

    @Test
    void anErrorOfWhatCarriesOutARequestForLackOfMemoryIsNotTheEndOfTheOthers() throws Exception {
        asEnclave(request -> {
            if (request[0] == 1) {
                throw new OutOfMemoryError("a test's");
            }
            return frame(request);
        });
        try (Ring host = memory.host()) {
            assertThat(host.exchange(frame((byte) 1), MOST, in(20_000), () -> false)).isEqualTo(Reply.Without.ELSEWHERE);
            assertThat(host.exchange(frame((byte) 2), MOST, in(20_000), () -> false)).isInstanceOf(Reply.Frame.class);
        }
        assertThat(broken).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 30})
    void aServerOutlivesAFileThatIsCutShort(long after) throws Exception {
        asEnclave(Memory::frame);
        // While it spins, and while it sleeps.
        Thread.sleep(after);
        memory.cut(0);
        assertThat(broken.poll(20, TimeUnit.SECONDS)).isInstanceOf(RingException.class).hasMessageContaining("cut short");
    }
}
