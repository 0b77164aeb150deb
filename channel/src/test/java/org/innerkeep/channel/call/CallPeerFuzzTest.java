package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.innerkeep.channel.call.Samples.Leaf;
import org.innerkeep.channel.call.Samples.Rich;
import org.innerkeep.channel.call.Samples.Tree;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Feeds whole conversations of a hostile peer to an end of a connection. */
class CallPeerFuzzTest {
    interface Target {
        Rich echo(Rich value);

        Tree grow(Tree tree, int by);
    }

    private static final ServiceSchema<Target> SCHEMA = ServiceSchema.of(Target.class);
    private static final CallLimits LIMITS = new CallLimits(1 << 16, 4, 4, 1 << 18);
    private static final List<byte[]> SEEDS = List.of(
            conversation(
                    Link.bind(1, Target.class),
                    Link.request(2, 0, 1000, cbor -> cbor.array(1).raw(Codec.of(Rich.class).encode(Samples.rich("x", 9, 2)))),
                    Link.request(3, 1, 1, cbor -> cbor.array(2).array(2).text("Leaf").integer(8).integer(1)),
                    cbor -> cbor.array(2).integer(5).integer(2),
                    Link.bind(4, Target.class)),
            conversation(
                    Link.bind(1, Target.class),
                    Link.request(2, 1, 60_000, cbor -> cbor.array(2).array(2).text("Leaf").integer(7).integer(1)),
                    Link.request(3, 1, 60_000, cbor -> cbor.array(2).array(3).text("Branch").array(0).nil().integer(1))));

    private static class Growing implements Target {
        @Override
        public Rich echo(Rich value) {
            return value;
        }

        @Override
        public Tree grow(Tree tree, int by) {
            return tree;
        }
    }

    /** Ends only when the requests read so far are done, since the end of the stream interrupts them. */
    private static final class Conversation extends ByteArrayInputStream {
        private final CompletableFuture<CallPeer> peer = new CompletableFuture<>();

        Conversation(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] into, int offset, int length) {
            int count = super.read(into, offset, length);
            while (count < 0 && peer.join().underWay() > 0) {
                LockSupport.parkNanos(1000);
            }
            return count;
        }
    }

    /** Returns once the connection has ended; throws if it does not end, or for another reason than hostile bytes. */
    private static void converse(Target implementation, byte[] input) throws Exception {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        Conversation in = new Conversation(input);
        CallPeer peer = CallPeer.over(in, OutputStream.nullOutputStream(), Disclosure.TO_CLIENT)
                .limits(LIMITS)
                .failures(failures::add)
                .offer(SCHEMA, implementation)
                .start();
        in.peer.complete(peer);
        CallException reason = peer.closed().get(10, TimeUnit.SECONDS);
        Throwable cause = reason.getCause();
        if (cause != null && !(cause instanceof MalformedException) && !(cause instanceof EOFException)) {
            throw new AssertionError("ended by a bug", reason);
        }
        for (Throwable failure : failures) {
            if (!(failure instanceof MalformedException) && !(failure instanceof Output.TooLargeException)) {
                throw new AssertionError("failed by a bug", failure);
            }
        }
    }

    @SafeVarargs
    private static byte[] conversation(Consumer<CborWriter>... frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Consumer<CborWriter> frame : frames) {
            bytes.writeBytes(Link.frame(frame));
        }
        return bytes.toByteArray();
    }

    @Test
    @Timeout(120)
    void survivesHostileBytes(@TempDir Path dir) throws IOException {
        assertThat(new Fuzzer(3, SEEDS).run(50_000, input -> converse(new Growing(), input))).isEmpty();
        assertNoThreadStays(dir);
    }

    @Test
    @Timeout(120)
    void findsAPlantedBug() {
        AtomicInteger hits = new AtomicInteger();
        Target planted = new Growing() {
            @Override
            public Tree grow(Tree tree, int by) {
                if (tree instanceof Leaf(int value) && value > 8) {
                    hits.incrementAndGet();
                }
                return tree;
            }
        };
        assertThat(new Fuzzer(3, SEEDS).run(50_000, input -> {
                    converse(planted, input);
                    if (hits.get() > 0) {
                        throw new IllegalStateException("planted");
                    }
                }))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws Exception {
        converse(new Growing(), data);
    }

    /** Virtual threads are in no thread group; the dump of the JVM lists them. */
    private static void assertNoThreadStays(Path dir) throws IOException {
        HotSpotDiagnosticMXBean diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        Instant until = Instant.now().plus(Duration.ofSeconds(20));
        String threads;
        int attempt = 0;
        do {
            Path dump = dir.resolve("threads-" + attempt++);
            diagnostics.dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
            threads = Files.readString(dump);
        } while (threads.contains("innerkeep-call") && Instant.now().isBefore(until));
        assertThat(threads).contains("main").doesNotContain("innerkeep-call");
    }

    @Test
    void threadsWouldBeSeen(@TempDir Path dir) throws IOException {
        CallPeer peer;
        try (Link link = new Link()) {
            peer = link.near(Disclosure.TO_CLIENT).start();
            Path dump = dir.resolve("threads");
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
            assertThat(Files.readString(dump)).contains("innerkeep-call-reader").contains("innerkeep-call-deadlines");
        }
        assertThat(peer.closed().join().code()).isEqualTo(CallException.Code.DISCONNECTED);
        assertNoThreadStays(dir);
    }
}
