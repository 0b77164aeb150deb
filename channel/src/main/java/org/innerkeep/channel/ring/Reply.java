package org.innerkeep.channel.ring;

/** What comes of a request. */
public sealed interface Reply {
    /** The answer. */
    final class Frame implements Reply {
        private final byte[] bytes;

        Frame(byte[] bytes) {
            this.bytes = bytes;
        }

        /** {@return its frame, not empty; this side's own copy, and not copied again} */
        public byte[] bytes() {
            return bytes;
        }
    }

    /** There is no answer here. */
    enum Without implements Reply {
        /** No slot is free, or the frame is too large for one; nothing was sent. */
        NO_ROOM,
        /** The deadline has passed, the caller's own condition holds, or its thread is interrupted. The request may be carried out. */
        GIVEN_UP,
        /** The same, and the request was taken back before the other side saw it. */
        WITHDRAWN,
        /** The other side says that the answer comes another way. */
        ELSEWHERE
    }
}
