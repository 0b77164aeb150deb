package org.innerkeep.channel.call;

import java.io.Serial;

/** A stream cannot be read on: its source failed, or the call that it came with has ended. */
final class StreamBrokenException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the failure. */
    public StreamBrokenException() {
        super("the stream cannot be read on: its source failed, or the call that it came with has ended");
    }
}
