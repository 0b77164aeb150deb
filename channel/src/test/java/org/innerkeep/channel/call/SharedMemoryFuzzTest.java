package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.channel.call.Samples.Rich;
import org.innerkeep.channel.ring.Ring;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scribbles over the memory that two ends share while they call each other: every call ends, with a result or a clean failure. */
class SharedMemoryFuzzTest {
    interface Target {
        Rich echo(Rich value);

        byte[] bytes(byte[] value);
    }

    private static final ServiceSchema<Target> SCHEMA = ServiceSchema.of(Target.class);
    private static final int CALLERS = 3;
    private static final int CALLS = 10;

    // Where the calls of each side begin, how long a slot is, and what is interesting in them; see docs/protocol.md.
    private static final int[] SIDES = {4096, 4_997_120};
    private static final int[] WORDS = {0, 4, 128, 256, 384};
    private static final int SLOT_BYTES = 77_952;
    private static final int[] SLOT_WORDS = {0, 4, 8, 64, 68, 72, 80, 96, 128};

    private static final class Echo implements Target {
        @Override
        public Rich echo(Rich value) {
            return value;
        }

        @Override
        public byte[] bytes(byte[] value) {
            return value;
        }
    }

    /**
     * Each four bytes of the script are one change: side and word, slot, kind, value; over and over until all calls have ended. Returns
     * how many calls came to a result.
     */
    private static int converse(byte[] script) throws Exception {
        AtomicInteger results = new AtomicInteger();
        try (Link link = Link.sharing();
                FileChannel channel =
                        FileChannel.open(link.memory(), StandardOpenOption.READ, StandardOpenOption.WRITE);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, Ring.BYTES);
            CallPeer far = link.far(Disclosure.TO_CLIENT).offer(SCHEMA, new Echo()).start();
            CallPeer near = link.near(Disclosure.TO_CLIENT).offer(SCHEMA, new Echo()).start();
            List<Future<?>> calls = new ArrayList<>();
            List<Target> targets = new ArrayList<>();
            for (CallPeer each : List.of(near, far)) {
                // Opened before, so that what follows goes through the memory.
                byte[] _ = each.bind(SCHEMA, Duration.ofSeconds(20)).bytes(new byte[1]);
                Target target = each.bind(SCHEMA, Duration.ofMillis(200));
                open(target);
                targets.add(target);
            }
            for (int side : SIDES) {
                assertThat(memory.getInt(side + 4096)).as("a call went through the memory").isNotZero();
            }
            for (Target target : targets) {
                for (int i = 0; i < CALLERS; i++) {
                    calls.add(threads.submit(() -> callOften(target, results)));
                }
            }
            ByteBuffer changes = ByteBuffer.wrap(script);
            while (changes.capacity() >= 4 && !calls.stream().allMatch(Future::isDone)) {
                if (changes.remaining() < 4) {
                    changes.clear();
                }
                scribble(memory, changes);
                Thread.yield();
            }
            for (Future<?> each : calls) {
                try {
                    Object _ = each.get(20, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    throw new AssertionError("failed by a bug", e.getCause());
                }
            }
            near.close();
            far.close();
        }
        return results.get();
    }

    /** However slow the machine is just now. */
    private static void open(Target target) {
        for (int tries = 0; ; tries++) {
            try {
                byte[] _ = target.bytes(new byte[1]);
                return;
            } catch (CallException e) {
                if (tries == 50) {
                    throw e;
                }
            }
        }
    }

    private static void callOften(Target target, AtomicInteger results) {
        for (int i = 0; i < CALLS; i++) {
            try {
                Object _ = i % 2 == 0 ? target.echo(Samples.rich("x", i, 2)) : target.bytes(new byte[1000]);
                results.incrementAndGet();
            } catch (CallException e) {
                if (e.code() == CallException.Code.DISCONNECTED) {
                    return;
                }
            }
        }
    }

    private static void scribble(MappedByteBuffer memory, ByteBuffer changes) {
        int where = changes.get() & 0xff;
        int slot = changes.get() & 0x3f;
        int side = SIDES[where & 1];
        int at = (where & 2) == 0
                ? side + 4096 + slot % 4 * SLOT_BYTES + SLOT_WORDS[(where >> 2) % SLOT_WORDS.length]
                : side + WORDS[(where >> 2) % WORDS.length];
        byte kind = changes.get();
        byte value = changes.get();
        switch (kind & 3) {
            case 0 -> memory.put(at, value);
            case 1 -> memory.putInt(at, value);
            case 2 -> memory.putInt(at, Integer.rotateLeft(value, kind >> 2));
            default -> memory.put(at, (byte) (memory.get(at) ^ 1 << (value & 7)));
        }
    }

    @Test
    @Timeout(60)
    void callsComeToTheirResultsWhereNobodyScribbles() throws Exception {
        assertThat(converse(new byte[0])).isEqualTo(2 * CALLERS * CALLS);
    }

    @Test
    @Timeout(120)
    void everyCallEndsWhateverIsScribbled() throws Exception {
        Random random = new Random(5);
        int results = 0;
        for (int i = 0; i < 25; i++) {
            byte[] script = new byte[4 * (1 + random.nextInt(400))];
            random.nextBytes(script);
            results += converse(script);
        }
        assertThat(results).as("some calls go through unharmed").isPositive();
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] script) throws Exception {
        int _ = converse(script);
    }
}
