package org.innerkeep.channel.ring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.evidence.MalformedException;

/**
 * One side's end of the memory that a host and its enclave share for calls. Frames are given as they would be written to a stream,
 * with {@value #PREFIX_BYTES} bytes for their length in front, which stay behind. Safe for use by several threads.
 */
public final class Ring implements AutoCloseable {
    /** How long the file is that both sides map, in bytes. It must be all zero at first. */
    public static final long BYTES = Region.BYTES;

    /**
     * The most bytes of its own memory that the other side can make an end hold whose requests it serves: a request and an answer for
     * each slot, copied before anything else counts them.
     */
    public static final long MAX_HELD_BYTES = 2L * Region.SLOTS * Region.FRAME_BYTES;

    /** The largest frame that fits, in bytes, without what stays behind. */
    public static final int MAX_FRAME_BYTES = Region.FRAME_BYTES;

    /** How many bytes at the beginning of a frame do not cross. */
    public static final int PREFIX_BYTES = 4;

    /** Whose end it is. */
    public enum Side {
        /** The host's. */
        HOST(0),
        /** The enclave's. */
        ENCLAVE(1);

        private final int place;

        Side(int place) {
            this.place = place;
        }

        /** {@return whether it comes first or second in the memory} */
        int place() {
            return place;
        }

        Side other() {
            return this == HOST ? ENCLAVE : HOST;
        }
    }

    /** Carries out requests. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Carries out one, on the thread that serves it; several at once.
         *
         * @param request its frame, without a prefix; not empty
         * @param givenUp whether its caller has given up, as far as is known; for the calling thread, until this returns. To be asked once
         *     the request is where it can be stopped: what tells it to stop may have come before
         * @return the answer's frame after a prefix; or nothing but a prefix, or less, where it goes another way or nobody waits for it
         * @throws MalformedException if the request breaks the protocol; the connection must end then
         */
        byte[] handle(byte[] request, BooleanSupplier givenUp) throws MalformedException;
    }

    private final Region region;
    private final Side side;
    private final AskingEnd asking;
    private final ServingEnd serving;

    private Ring(Region region, Side side, Doorbell doorbell, long lingerNanos) {
        this.region = region;
        this.side = side;
        AtomicInteger spinners = new AtomicInteger();
        this.asking = new AskingEnd(region, Region.calls(side), doorbell, new Spinning(spinners), daemons("innerkeep-answers"));
        this.serving = new ServingEnd(
                region, Region.calls(side.other()), doorbell, new Spinning(spinners), daemons("innerkeep-call-"), lingerNanos);
    }

    private static ThreadFactory daemons(String name) {
        return Thread.ofPlatform().daemon().name(name, 0).inheritInheritableThreadLocals(false).factory();
    }

    /**
     * Maps a file, where this process can wait and wake by it: on Linux, with the JVM's option {@code --enable-native-access}. The other
     * side sends requests once this one serves.
     *
     * @param file of {@link #BYTES}
     * @param side whose end this is
     * @return the end; empty where this process could not wait
     * @throws IOException if the file cannot be opened for reading and writing, has another length, or cannot be mapped
     */
    public static Optional<Ring> map(Path file, Side side) throws IOException {
        Optional<Machine> machine = Machine.current();
        if (machine.isEmpty() || !Ring.class.getModule().isNativeAccessEnabled()) {
            return Optional.empty();
        }
        return Optional.of(map(file, side, new FutexDoorbell(new Kernel(machine.get())), ServingEnd.LINGER_NANOS));
    }

    /** Maps a file; both sides must wait in the same way. */
    static Ring map(Path file, Side side, Doorbell doorbell, long lingerNanos) throws IOException {
        return new Ring(Region.map(file), side, doorbell, lingerNanos);
    }

    /**
     * Begins to carry out the other side's requests, on threads that are started as they are needed and that carry out one after the
     * other. Tells the other side that this one is there.
     *
     * @param handler carries them out
     * @param maxRequestBytes the largest request; one that is larger breaks the ring
     * @param onBroken told why the ring is of no more use; once or several times
     */
    public void serve(Handler handler, int maxRequestBytes, Consumer<? super Throwable> onBroken) {
        try {
            serving.start(handler, maxRequestBytes, onBroken);
            region.arrive(side);
        } catch (InternalError e) {
            onBroken.accept(RingException.gone(e));
        }
    }

    /**
     * Sends a request and waits.
     *
     * @param frame the request's frame, after a prefix
     * @param maxAnswerBytes the largest answer; one that is larger breaks the ring
     * @param deadlineNanos a value of {@link System#nanoTime()}
     * @param over whether the caller need not wait any more, for a reason of its own; asked now and then, and when its thread is unparked
     * @return what came of it; if the thread was interrupted it still is
     * @throws RingException if the ring is of no more use
     * @throws InternalError the same: where memory is gone, the error for an access can come a little later than the access, even
     *     after the return
     */
    public Reply exchange(byte[] frame, int maxAnswerBytes, long deadlineNanos, BooleanSupplier over) throws RingException {
        if (Thread.currentThread().isInterrupted()) {
            // Before anything is announced that would be taken back at once.
            return Reply.Without.WITHDRAWN;
        }
        if (frame.length - PREFIX_BYTES > MAX_FRAME_BYTES) {
            return Reply.Without.NO_ROOM;
        }
        try {
            Reply reply = region.isThere(side.other())
                    ? asking.exchange(frame, maxAnswerBytes, deadlineNanos, over)
                    : Reply.Without.NO_ROOM;
            if (reply instanceof Reply.Without) {
                // It may be that only because the memory is gone. The error for that comes where a thread looks whether it is stopped,
                // which compiled code may put off until after the return; to call what is not compiled is such a place.
                boolean _ = Thread.holdsLock(this);
            }
            return reply;
        } catch (InternalError e) {
            throw RingException.gone(e);
        }
    }

    /** {@return how many slots can be used now} */
    int freeSlots() {
        return asking.freeSlots();
    }

    /** {@return how many threads serve} */
    int servers() {
        return serving.threads();
    }

    /** Serves no more. Callers are not woken: they are unparked by who knows that they need not wait any more. */
    @Override
    public void close() {
        serving.end();
        asking.end();
    }
}
