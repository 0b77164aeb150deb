package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One direction of a carried connection. Moves of single records are made here. */
final class Lane {
    private final Carried connection;
    private final Place place;
    private final Journal journal;
    private final Seen seen;
    private final List<byte[]> records = new ArrayList<>();
    private byte @Nullable [] held;
    private @Nullable Step holding;
    private boolean muted;

    Lane(Carried connection, Place place, Journal journal, Seen seen) {
        this.connection = connection;
        this.place = place;
        this.journal = journal;
        this.seen = seen;
    }

    Place place() {
        return place;
    }

    /** {@return what was carried so far, as its sender sent it} */
    synchronized List<byte[]> records() {
        return List.copyOf(records);
    }

    /** Carries until the sender ends. */
    void carry(SocketChannel from) throws IOException, InterruptedException {
        TlsRecords in = new TlsRecords(Channels.newInputStream(from));
        for (Optional<byte[]> record = in.next(); record.isPresent(); record = in.next()) {
            byte[] bytes = record.get();
            seen.add("connection " + connection.number() + ", " + place.text(), bytes);
            List<Step> steps = journal.nextRecord(place, connection.number());
            synchronized (this) {
                records.add(bytes);
            }
            connection.patience().moved();
            List<byte[]> out = List.of(bytes);
            for (Step step : steps) {
                out = change(step, bytes, out);
            }
            for (byte[] each : out) {
                deliver(each);
            }
        }
        releaseHeld();
        connection.endOf(this, from);
    }

    /** What goes on in place of a record; also what else a step does. */
    private List<byte[]> change(Step step, byte[] record, List<byte[]> out) throws IOException, InterruptedException {
        if (out.isEmpty()) {
            return out;
        }
        SplittableRandom random = journal.random(step);
        switch (step.move()) {
            case DELAY_RECORD -> {
                journal.took(step);
                journal.awaitEvents(1 + step.choice() % 8);
                return out;
            }
            case DROP_RECORD -> {
                return doubted(step, List.of());
            }
            case FLIP_RECORD_BIT -> {
                return doubted(step, List.of(Storage.flip(record, step.choice())));
            }
            case RANDOM_RECORD -> {
                return doubted(step, List.of(randomContent(record, random)));
            }
            case DUPLICATE_RECORD -> {
                journal.took(step);
                return List.of(record, record);
            }
            case INSERT_RECORD -> {
                byte[] invented = new byte[TlsRecords.HEADER_BYTES + 64];
                System.arraycopy(new byte[] {23, 3, 3, 0, 64}, 0, invented, 0, TlsRecords.HEADER_BYTES);
                journal.took(step);
                return List.of(randomContent(invented, random), record);
            }
            case REPLAY_RECORD -> {
                Optional<byte[]> earlier = connection.earlierRecord(place, step.choice());
                return earlier.isEmpty() ? out : doubted(step, List.of(earlier.get()));
            }
            case SPLICE_RECORD -> {
                Optional<Lane> other = connection.otherOpenLane(place, step.choice());
                if (other.isPresent()) {
                    List<byte[]> nothing = doubted(step, List.of());
                    other.get().send(record);
                    return nothing;
                }
                return out;
            }
            case SWAP_RECORDS -> {
                if (holds()) {
                    return out;
                }
                hold(record, step);
                connection.patience().doubt();
                return List.of();
            }
            case CUT_IN_RECORD -> {
                List<byte[]> nothing = doubted(step, List.of());
                send(Arrays.copyOf(record, record.length / 2));
                mute();
                return nothing;
            }
            case HALF_CLOSE -> {
                List<byte[]> nothing = doubted(step, List.of());
                mute();
                return nothing;
            }
            default -> {
                return connection.act(step) ? out : List.of();
            }
        }
    }

    /** The record does not come to its receiver as it is: both ends may wait for each other. */
    private List<byte[]> doubted(Step step, List<byte[]> out) {
        journal.took(step);
        connection.patience().doubt();
        return out;
    }

    private static byte[] randomContent(byte[] record, SplittableRandom random) {
        byte[] changed = new byte[record.length];
        random.nextBytes(changed);
        System.arraycopy(record, 0, changed, 0, Math.min(TlsRecords.HEADER_BYTES, record.length));
        return changed;
    }

    private synchronized void hold(byte[] record, Step step) {
        held = record;
        holding = step;
    }

    /** Sends a record, and after it the one that it was to overtake. */
    private void deliver(byte[] record) throws IOException {
        Step overtaken;
        synchronized (this) {
            overtaken = holding;
        }
        if (overtaken != null) {
            // Before it is sent: whoever gets it may refuse and end the run at once.
            journal.took(overtaken);
        }
        send(record);
        if (overtaken != null) {
            releaseHeld();
            connection.patience().settle();
        }
    }

    /** Sends what is held back, if something is, in the order in which it came. */
    void releaseHeld() throws IOException {
        byte[] record;
        synchronized (this) {
            record = held;
            held = null;
            holding = null;
        }
        if (record != null) {
            send(record);
        }
    }

    synchronized boolean holds() {
        return held != null;
    }

    private synchronized void mute() throws IOException {
        muted = true;
        connection.sink(place).shutdownOutput();
    }

    /** Sends bytes to this lane's receiver. */
    synchronized void send(byte[] bytes) throws IOException {
        if (muted) {
            return;
        }
        SocketChannel to = connection.sink(place);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }
}
