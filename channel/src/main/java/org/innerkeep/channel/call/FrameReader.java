package org.innerkeep.channel.call;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.evidence.MalformedException;

/** Cuts a stream into frames. For one thread. */
final class FrameReader {
    /** Taken on the word of a length; the rest only once so many bytes have come. */
    private static final int FIRST_BYTES = 1 << 16;

    private final InputStream in;
    private final int maxFrameBytes;

    FrameReader(InputStream in, int maxFrameBytes) {
        this.in = new BufferedInputStream(in, 1 << 14);
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * Waits for the next frame.
     *
     * @return its bytes without the length, or empty where the stream ends between two frames
     * @throws MalformedException if its length is out of range
     * @throws IOException if the stream breaks or ends inside a frame
     */
    Optional<byte[]> next() throws IOException, MalformedException {
        byte[] prefix = in.readNBytes(4);
        if (prefix.length == 0) {
            return Optional.empty();
        }
        if (prefix.length < 4) {
            throw new EOFException("the stream ends inside the length of a frame");
        }
        long length = ByteBuffer.wrap(prefix).getInt() & 0xffffffffL;
        if (length < 1 || length > maxFrameBytes) {
            throw new MalformedException("frame", -1, "expected 1 to " + maxFrameBytes + " bytes, announced are " + length);
        }
        int first = (int) Math.min(length, FIRST_BYTES);
        byte[] frame = new byte[first];
        fill(frame, 0);
        if (first < length) {
            frame = Arrays.copyOf(frame, (int) length);
            fill(frame, first);
        }
        return Optional.of(frame);
    }

    private void fill(byte[] frame, int from) throws IOException {
        if (in.readNBytes(frame, from, frame.length - from) < frame.length - from) {
            throw new EOFException("the stream ends inside a frame");
        }
    }
}
