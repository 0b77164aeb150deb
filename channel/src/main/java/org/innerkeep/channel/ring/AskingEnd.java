package org.innerkeep.channel.ring;

import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The callers' end of the slots of one side. A slot's state is a number and one of four, and only these changes are made:
 *
 * <pre>
 * from     to       by whom   when
 * n ANSWER n+1 REQUEST  caller    it has a slot of its own choice, and has written the request's frame
 * n IDLE   n+1 REQUEST  caller    the same
 * n REQUEST n TAKEN    server    it will carry the request out, and reads the frame (compare and set)
 * n REQUEST n IDLE     caller    it gives up before that (compare and set)
 * n TAKEN  n ANSWER    server    it has written the answer's frame (compare and set)
 * </pre>
 *
 * So the frame is the caller's in IDLE and ANSWER, the server's in TAKEN, and nobody's in REQUEST. A caller that gives up when its
 * request is taken abandons the slot, which is used again only when it says ANSWER with the same number: an answer can come late, but
 * never for the next request. Slots whose answer never comes are lost, and calls go another way when none is left. Which slots are free,
 * and which number each has, is known to this process alone.
 *
 * <p>Waiting, such that no wake-up is lost: a caller writes REQUEST, then sets its bit of {@code ready}, then looks how many servers
 * search, and rings their bell if none does. A server that goes to sleep first says so, then reads the bell, then looks at {@code
 * ready}, and sleeps only while the bell is what it was. A server that takes a request says that it searches no more, then looks at
 * {@code ready}, and rings if something is there and it was the last that searched. A caller that goes to sleep first writes how it waits, then looks at the state,
 * and sleeps only while that is what it was, in the kernel where it has a thread of the system's; a server first writes ANSWER, and then
 * looks how the caller waits. All of these are volatile, so of two that cross at least one sees what the other wrote. A caller whose
 * request nobody takes for a while rings again, less and less often: a server may have ended by an error.
 *
 * <p>A caller that abandons a slot writes that into how it waits before it is heard of anywhere else. The server looks there once the
 * request can be stopped, so that word of its end which comes too early is not lost.
 */
final class AskingEnd {
    private static final int NONE = -1;

    /** How many looks there are between two at the clock. */
    private static final int LOOKS = 32;

    /** After that long a request that nobody has taken is announced again; then after twice as long, and so on. */
    private static final long STALLED_NANOS = 1_000_000;

    /**
     * Threads of the system's wait in the kernel for that long, where nothing but an answer ends it; then where an interrupt and the end
     * of the connection do so at once. To look for these every few milliseconds instead would keep the processor of an idle program busy.
     */
    private static final long BRIEF_NANOS = 5_000_000;

    /** Nobody waits longer without a look, whoever was to wake him. */
    private static final long MOST_PARKED_NANOS = 1_000_000_000;

    private final Region region;
    private final long calls;
    private final Doorbell doorbell;
    private final Spinning spinning;
    private final AnswerListener listener;

    private final AtomicLong free = new AtomicLong(-1);
    private final AtomicLong abandoned = new AtomicLong();
    // Made beforehand: nothing that is out of memory may lose a slot.
    private final Call[] places = new Call[Region.SLOTS];

    AskingEnd(Region region, long calls, Doorbell doorbell, Spinning spinning, ThreadFactory threads) {
        this.region = region;
        this.calls = calls;
        this.doorbell = doorbell;
        this.spinning = spinning;
        this.listener = new AnswerListener(region, calls, doorbell, threads);
        Arrays.setAll(places, Call::new);
    }

    /** A slot, and the call that is in it. For who holds the slot; slots are handed on by the masks above. */
    private final class Call {
        private final int index;
        private final long slot;
        private int number;

        Call(int index) {
            this.index = index;
            this.slot = Region.slot(calls, index);
        }

        void send(byte[] frame) {
            number += Region.STATE_MASK + 1;
            region.write(slot, frame, Ring.PREFIX_BYTES, frame.length - Ring.PREFIX_BYTES);
            region.waiting(slot, Region.NOT_WAITING);
            region.publish(slot, number | Region.REQUEST);
            region.markReady(calls, index);
            if (region.searching(calls) <= 0) {
                ringServers();
            }
        }

        /** {@return the state, if there is no answer; or ANSWER} */
        int look() throws RingException {
            int state = region.state(slot);
            int expected = state ^ number;
            return switch (expected) {
                case Region.REQUEST, Region.TAKEN, Region.ANSWER -> expected;
                default -> throw new RingException("slot " + index + " has state " + state + ", which does not follow on "
                        + (number | Region.REQUEST));
            };
        }

        /** {@return whether the answer is there} */
        boolean spin(BooleanSupplier over) throws RingException {
            if (look() == Region.ANSWER) {
                return true;
            }
            if (!spinning.begin()) {
                return false;
            }
            try {
                long until = System.nanoTime() + Spinning.MOST_NANOS;
                do {
                    for (int i = 0; i < LOOKS; i++) {
                        if (look() == Region.ANSWER) {
                            return true;
                        }
                        Thread.onSpinWait();
                    }
                } while (System.nanoTime() - until < 0 && !over.getAsBoolean());
                return false;
            } finally {
                spinning.end();
            }
        }

        /** {@return whether the answer is there; false if it is given up} */
        boolean sleep(long since, long deadlineNanos, BooleanSupplier over) throws RingException {
            boolean brief = !Thread.currentThread().isVirtual();
            long stalled = STALLED_NANOS;
            try {
                while (true) {
                    int state = look();
                    if (state == Region.ANSWER) {
                        return true;
                    }
                    long now = System.nanoTime();
                    long left = deadlineNanos - now;
                    if (left <= 0 || over.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                        return false;
                    }
                    listener.requireSound();
                    left = Math.min(left, MOST_PARKED_NANOS);
                    if (state == Region.REQUEST) {
                        long untilStalled = since + stalled - now;
                        if (untilStalled <= 0) {
                            ringServers();
                            stalled *= 2;
                            untilStalled = since + stalled - now;
                        }
                        left = Math.min(left, Math.max(STALLED_NANOS, untilStalled));
                    }
                    long brieflyLeft = since + BRIEF_NANOS - now;
                    if (brief && brieflyLeft > 0) {
                        sleepInSlot(state, Math.min(left, brieflyLeft));
                    } else {
                        park(state, left);
                    }
                }
            } finally {
                listener.remove(index);
            }
        }

        private void sleepInSlot(int state, long nanos) throws RingException {
            region.waiting(slot, Region.WAITS_FOR_SLOT);
            if (look() == state) {
                doorbell.await(region, slot, number | state, nanos);
            }
        }

        private void park(int state, long nanos) throws RingException {
            boolean listens = listener.add(index, number, Thread.currentThread());
            region.waiting(slot, Region.WAITS_FOR_BELL);
            if (look() == state) {
                // Where no thread can be had that listens, every caller looks for itself.
                LockSupport.parkNanos(this, listens ? nanos : Math.min(nanos, STALLED_NANOS));
            }
        }

        Reply take(int maxAnswerBytes) throws RingException {
            byte[] answer = region.read(slot, maxAnswerBytes);
            return answer.length == 0 ? Reply.Without.ELSEWHERE : new Reply.Frame(answer);
        }

        /** {@return whether the other side never saw the request} */
        boolean leave() {
            long bit = 1L << index;
            if (region.change(slot, number | Region.REQUEST, number | Region.IDLE)) {
                giveBack(free, bit);
                return true;
            }
            if (isAnswered()) {
                giveBack(free, bit);
            } else {
                region.waiting(slot, Region.GAVE_UP);
                giveBack(abandoned, bit);
            }
            return false;
        }

        boolean isAnswered() {
            return region.state(slot) == (number | Region.ANSWER);
        }
    }

    Reply exchange(byte[] frame, int maxAnswerBytes, long deadlineNanos, BooleanSupplier over) throws RingException {
        int index = acquire();
        if (index == NONE) {
            return Reply.Without.NO_ROOM;
        }
        Call call = places[index];
        boolean left = false;
        try {
            call.send(frame);
            long since = System.nanoTime();
            boolean answered = call.spin(over);
            if (!answered) {
                answered = call.sleep(since, deadlineNanos, over);
            }
            spinning.waited(System.nanoTime() - since);
            if (answered) {
                return call.take(maxAnswerBytes);
            }
            left = true;
            return call.leave() ? Reply.Without.WITHDRAWN : Reply.Without.GIVEN_UP;
        } finally {
            if (!left) {
                boolean _ = call.leave();
            }
        }
    }

    private void ringServers() {
        long bell = Region.serversBell(calls);
        region.ring(bell);
        doorbell.wake(region, bell, 1);
    }

    private int acquire() {
        if (abandoned.get() != 0) {
            reclaim();
        }
        while (true) {
            long mask = free.get();
            if (mask == 0) {
                return NONE;
            }
            // The lowest: what was used last is in the cache.
            long bit = Long.lowestOneBit(mask);
            if (free.compareAndSet(mask, mask ^ bit)) {
                return Long.numberOfTrailingZeros(bit);
            }
        }
    }

    private void reclaim() {
        for (long left = abandoned.get(); left != 0; left &= left - 1) {
            int index = Long.numberOfTrailingZeros(left);
            long bit = 1L << index;
            // The number is read by whoever takes the bit, and by nobody else.
            if ((abandoned.getAndUpdate(mask -> mask & ~bit) & bit) == 0) {
                continue;
            }
            giveBack(places[index].isAnswered() ? free : abandoned, bit);
        }
    }

    private static void giveBack(AtomicLong slots, long bit) {
        long mask = slots.get();
        while (!slots.compareAndSet(mask, mask | bit)) {
            mask = slots.get();
        }
    }

    /** {@return how many slots can be used now} */
    int freeSlots() {
        reclaim();
        return Long.bitCount(free.get());
    }

    void end() {
        listener.end();
    }
}
