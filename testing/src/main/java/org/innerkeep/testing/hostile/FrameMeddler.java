package org.innerkeep.testing.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The host's half of the connection for typed calls, frame by frame: a length of four bytes, then a CBOR array of a kind, an id and
 * more. Frames reach the enclave as the host wants them to.
 */
final class FrameMeddler extends OutputStream {
    private static final int PREFIX_BYTES = 4;
    private static final int KIND_AT = PREFIX_BYTES + 1;
    private static final int ID_AT = KIND_AT + 1;
    private static final int REQUEST = 1;
    private static final int FIRST_ANSWER = 2;
    private static final int LAST_ANSWER = 4;
    private static final int CANCEL = 5;

    private final OutputStream out;
    private final Journal journal;
    private final Seen seen;
    private final Patience patience;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final List<byte[]> sent = new ArrayList<>();
    private byte @Nullable [] held;
    private @Nullable Step holding;
    private volatile boolean answerWithheld;

    FrameMeddler(OutputStream out, Journal journal, Seen seen, Patience patience) {
        this.out = out;
        this.journal = journal;
        this.seen = seen;
        this.patience = patience;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        partial.write(bytes, offset, length);
        byte[] all = partial.toByteArray();
        int at = 0;
        while (all.length - at >= PREFIX_BYTES) {
            int frame = PREFIX_BYTES + ByteBuffer.wrap(all, at, PREFIX_BYTES).getInt();
            if (all.length - at < frame) {
                break;
            }
            send(Arrays.copyOfRange(all, at, at + frame));
            at += frame;
        }
        partial.reset();
        partial.write(all, at, all.length - at);
    }

    private void send(byte[] frame) throws IOException {
        seen.add("frames to enclaves", frame);
        patience.moved();
        List<byte[]> frames = List.of(frame);
        for (Step step : journal.next(Place.FRAME)) {
            if (!frames.isEmpty()) {
                frames = change(step, frame, frames);
            }
        }
        sent.add(frame);
        for (byte[] each : frames) {
            out.write(each);
            if (holding != null) {
                journal.took(holding);
                release();
                patience.settle();
            }
        }
    }

    private List<byte[]> change(Step step, byte[] frame, List<byte[]> frames) throws IOException {
        SplittableRandom random = journal.random(step);
        return switch (step.move()) {
            case DROP_FRAME -> instead(step, frame, List.of());
            case DUPLICATE_FRAME -> took(step, List.of(frame, frame));
            case SWAP_FRAMES -> {
                if (held != null) {
                    yield frames;
                }
                held = frame;
                holding = step;
                doubt(frame);
                yield List.of();
            }
            case REPLAY_FRAME -> sent.isEmpty()
                    ? frames
                    : took(step, List.of(sent.get(step.choice() % sent.size()), frame));
            case FLIP_FRAME_BIT -> instead(step, frame, List.of(Storage.flip(frame, step.choice())));
            case RANDOM_FRAME -> {
                byte[] changed = new byte[frame.length];
                random.nextBytes(changed);
                System.arraycopy(frame, 0, changed, 0, PREFIX_BYTES);
                yield instead(step, frame, List.of(changed));
            }
            case CUT_IN_FRAME -> {
                List<byte[]> half = took(step, List.of(Arrays.copyOf(frame, frame.length / 2)));
                out.write(half.getFirst());
                out.close();
                throw new IOException("the hostile host ended the connection within a frame");
            }
            case OVERSIZE_FRAME -> {
                byte[] changed = frame.clone();
                Arrays.fill(changed, 0, PREFIX_BYTES, (byte) 0xff);
                yield instead(step, frame, List.of(changed));
            }
            case UNKNOWN_FRAME -> {
                byte[] changed = frame.clone();
                changed[KIND_AT] = (byte) (CANCEL + 1 + step.choice() % 10);
                yield instead(step, frame, List.of(changed));
            }
            case WRONG_FRAME_ID -> {
                byte[] changed = frame.clone();
                // Ids up to 23 are one byte of CBOR; a longer one gets another last byte.
                int at = ID_AT + idBytes(frame) - 1;
                changed[at] = (byte) (at == ID_AT ? (frame[at] + 1 + step.choice() % 22) % 24 : frame[at] ^ 1);
                yield Arrays.equals(changed, frame) ? frames : instead(step, frame, List.of(changed));
            }
            // Nobody answers what was cancelled.
            case CANCEL_FRAME -> frame[KIND_AT] != REQUEST ? frames : instead(step, frame, List.of(frame, cancel(frame)));
            default -> frames;
        };
    }

    private static int idBytes(byte[] frame) {
        int additional = frame[ID_AT] & 0x1f;
        return additional < 24 ? 1 : 1 + (1 << additional - 24);
    }

    private static byte[] cancel(byte[] request) {
        int id = idBytes(request);
        byte[] cancel = new byte[ID_AT + id];
        ByteBuffer.wrap(cancel).putInt(2 + id).put((byte) 0x82).put((byte) CANCEL).put(request, ID_AT, id);
        return cancel;
    }

    private List<byte[]> took(Step step, List<byte[]> frames) {
        journal.took(step);
        return frames;
    }

    /** A frame does not come to the enclave as it is: what it was for may never happen. */
    private List<byte[]> instead(Step step, byte[] frame, List<byte[]> frames) {
        doubt(frame);
        return took(step, frames);
    }

    private void doubt(byte[] frame) {
        answerWithheld |= frame[KIND_AT] >= FIRST_ANSWER && frame[KIND_AT] <= LAST_ANSWER;
        patience.doubt();
    }

    /** {@return whether the enclave did not get an answer as it was, and so may wait for it} */
    boolean withheldAnAnswer() {
        return answerWithheld;
    }

    /** Sends what is held back, if something is. */
    synchronized boolean release() throws IOException {
        byte[] frame = held;
        held = null;
        holding = null;
        if (frame == null) {
            return false;
        }
        out.write(frame);
        return true;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
