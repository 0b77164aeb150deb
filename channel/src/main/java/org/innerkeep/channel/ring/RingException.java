package org.innerkeep.channel.ring;

import java.io.IOException;
import java.io.Serial;

/** The shared memory holds what no honest other side writes, or it is gone. The connection is of no more use. */
public final class RingException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    RingException(String message) {
        super("shared memory: " + message);
    }

    RingException(String message, Throwable cause) {
        super("shared memory: " + message, cause);
    }

    /** The same, found by another thread. */
    RingException(RingException found) {
        super(found.getMessage(), found);
    }

    /** A page of the file is gone: the kernel ends the access with a signal, of which Java makes this error. */
    static RingException gone(InternalError cause) {
        return new RingException("it can no longer be read: its file was cut short", cause);
    }
}
