package org.innerkeep.channel.call;

import java.util.List;
import java.util.concurrent.Semaphore;
import org.innerkeep.channel.call.CallException.Code;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/** A request of the other side that is being carried out, on a virtual thread of its own or on one that serves the ring. */
final class Incoming implements Runnable {
    /** No answer, or it went another way. */
    static final byte[] NONE = {};

    private final CallPeer peer;
    private final long id;
    private final Offer offer;
    private final int index;
    private final long deadlineNanos;
    private final Input arguments;
    private final Semaphore places;
    private final long heldBytes;
    private final Streams.Sending sending;
    private final Charge charge = new Charge();

    private @Nullable Thread running;
    private @Nullable Code stopped;

    Incoming(CallPeer peer, long id, Offer offer, int index, long deadlineNanos, Input arguments, Semaphore places, long heldBytes) {
        this.peer = peer;
        this.id = id;
        this.offer = offer;
        this.index = index;
        this.deadlineNanos = deadlineNanos;
        this.arguments = arguments;
        this.places = places;
        this.heldBytes = heldBytes;
        this.sending = peer.streams().sending(id);
    }

    /** Where its place is given back. */
    Semaphore places() {
        return places;
    }

    long id() {
        return id;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    /** {@return the room among requests to give back} */
    long heldBytes() {
        return heldBytes;
    }

    /**
     * Interrupts the implementation. Never its answer: an interrupt while the answer is written would break the connection.
     *
     * @param why DEADLINE, CANCELLED or DISCONNECTED
     */
    synchronized void stop(Code why) {
        if (stopped == null) {
            stopped = why;
            if (running != null) {
                running.interrupt();
            }
        }
    }

    private synchronized boolean begin() {
        running = Thread.currentThread();
        // The thread may have carried out others, and something of theirs may have interrupted it later.
        boolean _ = Thread.interrupted();
        return stopped == null;
    }

    private synchronized @Nullable Code end() {
        running = null;
        // An interrupt that came late has done its work.
        boolean _ = Thread.interrupted();
        return stopped;
    }

    @Override
    public void run() {
        byte[] answer = begin() ? observed() : NONE;
        Code why = end();
        if (why != null) {
            // Nobody will read what the result would have been.
            sending.close();
        }
        if (why == null) {
            peer.answer(this, answer, charge);
        } else if (why == Code.DEADLINE) {
            peer.answer(this, Frame.failure(id, why), charge);
        } else {
            charge.release();
            peer.forget(this);
        }
    }

    private byte[] observed() {
        CallObserver observer = peer.observer();
        if (observer == null) {
            return carryOut(null);
        }
        Crossing crossing = new Crossing(Crossing.Side.SERVED, offer.schema(), index);
        crossing.request(arguments.bytes().length);
        observer.begun(crossing);
        try {
            byte[] answer = carryOut(crossing);
            crossing.answer(answer.length);
            return answer;
        } finally {
            crossing.end();
            observer.ended(crossing);
        }
    }

    /**
     * Carries it out on the calling thread, which came with the ring.
     *
     * @return the answer's frame; empty if nobody waits for it, or if it is too large for the ring and goes over the connection
     */
    byte[] runInRing() {
        try {
            return answerInRing();
        } catch (Throwable e) {
            // For lack of memory, most likely. It ends this request and no other.
            Code _ = end();
            sending.close();
            charge.release();
            peer.forget(this);
            return Frame.failure(id, Code.FAILED);
        }
    }

    private byte[] answerInRing() {
        byte[] answer = begin() ? observed() : NONE;
        Code why = end();
        if (why != null) {
            sending.close();
            answer = why == Code.DEADLINE ? Frame.failure(id, why) : NONE;
        } else if (answer.length == 0) {
            // Interrupted by something else than its end, so somebody waits for it.
            answer = Frame.failure(id, Code.FAILED);
        }
        if (answer.length - Ring.PREFIX_BYTES > Ring.MAX_FRAME_BYTES) {
            byte[] large = answer;
            // The other side may not read it for long, and this thread serves others as well.
            Thread.ofVirtual().name("innerkeep-call-writer").start(() -> peer.answer(this, large, charge));
            return NONE;
        }
        // Now it takes room of the ring's own, which is there.
        charge.release();
        peer.forget(this);
        return answer;
    }

    private byte[] carryOut(@Nullable Crossing crossing) {
        Operation operation = offer.schema().operations().get(index);
        if (offer.schema() != StreamSource.SCHEMA) {
            try {
                peer.awaitReader();
            } catch (InterruptedException e) {
                // Its deadline, its caller or the connection: what is answered is decided there.
                return NONE;
            }
        }
        try (Streams.Receiving receiving = peer.streams().receiving()) {
            @Nullable Object[] values;
            try {
                values = operation.readArguments(arguments, receiving);
            } catch (MalformedException e) {
                peer.report(e);
                return Frame.failure(id, Code.MALFORMED);
            }
            Object result;
            try {
                result = crossing == null ? offer.invoke(index, values, charge) : timed(crossing, values);
            } catch (Throwable e) {
                return thrown(operation.exceptions(), e);
            }
            Output out = Frame.begin(Frame.Kind.VALUE, id, peer.limits().maxFrameBytes());
            operation.writeResult(out, result, sending);
            byte[] frame = fitting(Frame.finish(out));
            if (crossing != null) {
                crossing.succeed();
            }
            return frame;
        } catch (Output.TooLargeException e) {
            sending.close();
            peer.report(e);
            return Frame.failure(id, Code.TOO_LARGE);
        } catch (Throwable e) {
            // What went wrong here is this side's business only, whatever it is.
            sending.close();
            peer.report(e);
            return Frame.failure(id, Code.FAILED);
        }
    }

    private @Nullable Object timed(Crossing crossing, @Nullable Object[] values) throws Throwable {
        crossing.workBegins();
        try {
            return offer.invoke(index, values, charge);
        } finally {
            crossing.workEnds();
        }
    }

    /** Several requests that run at once may each find room before, and not all of them after. */
    private byte[] fitting(byte[] frame) {
        if (!charge.fits(peer.answers(), frame)) {
            throw new Output.TooLargeException();
        }
        return frame;
    }

    private byte[] thrown(List<DeclaredException> declared, Throwable thrown) {
        for (int i = 0; i < declared.size(); i++) {
            DeclaredException exception = declared.get(i);
            if (exception.type() == thrown.getClass()) {
                Output out = Frame.begin(Frame.Kind.DECLARED, id, peer.limits().maxFrameBytes());
                out.cbor().integer(i);
                if (exception.detail().isPresent() && peer.disclosure() == Disclosure.TO_CLIENT) {
                    exception.writeDetail(out, exception.detail().get(), thrown);
                } else {
                    out.cbor().nil();
                }
                return fitting(Frame.finish(out));
            }
        }
        peer.report(thrown);
        return Frame.failure(id, Code.FAILED);
    }
}
