package org.innerkeep.channel.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.innerkeep.channel.internal.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * TLS over a blocking channel: an {@link SSLEngine} with its buffers and locks. One thread may read while another
 * writes; several readers or several writers take turns.
 *
 * <p>Reading never waits for writing. If it did, two peers that both fill their pipes and both owe an answer to a
 * KeyUpdate would wait for each other for ever. So a reader leaves what the engine wants to send to the next write, which
 * is as late as RFC 8446 section 4.6.3 allows an answer to be.
 *
 * <p>Buffers are of fixed size. A peer cannot make them grow, nor the engine's queue of unsent answers.
 */
final class TlsChannel {
    /** How long closing waits for a writer that is stuck and for the transport to take the last record. */
    static final Duration CLOSING = Duration.ofSeconds(1);

    /** KeyUpdates of the peer that a reader may let pile up; an honest one sends one for some 2^37 bytes. */
    static final int MAX_UNANSWERED = 64;

    /** How many records go into one call of the transport. */
    private static final int BATCH = 4;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ByteChannel transport;
    private final SSLEngine engine;
    private final int recordSize;

    private final ReentrantLock reading = new ReentrantLock();
    private final ByteBuffer received; // position to limit: not yet decrypted
    private final ByteBuffer plain; // position to limit: not yet read
    private boolean ended;

    private final ReentrantLock writing = new ReentrantLock();
    private final ByteBuffer toSend;
    private boolean outputClosed;
    private @Nullable IOException outputFailure;

    private volatile @Nullable IOException failure;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    TlsChannel(ByteChannel transport, SSLEngine engine) {
        if (transport instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalArgumentException("transport: expected a channel in blocking mode");
        }
        this.transport = transport;
        this.engine = engine;
        this.recordSize = engine.getSession().getPacketBufferSize();
        this.received = ByteBuffer.allocate(BATCH * recordSize).flip();
        this.toSend = ByteBuffer.allocate(BATCH * recordSize);
        this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
    }

    /** Performs the handshake. To be called once, before anything else, by one thread. */
    void handshake() throws IOException {
        try {
            engine.beginHandshake();
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> runTasks();
                    case NEED_WRAP -> send(NOTHING.duplicate());
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        if (!decrypt()) {
                            throw new SSLException("the peer closed during the handshake");
                        }
                    }
                    case FINISHED, NOT_HANDSHAKING -> {
                        if (engine.isInboundDone() || engine.isOutboundDone()) {
                            throw new SSLException("closed during the handshake");
                        }
                        return;
                    }
                }
            }
        } catch (SSLException e) {
            sendAlert();
            throw e;
        }
    }

    /** {@return 32 bytes that only the two ends of this session can know and no other session has} RFC 8446, 7.5. */
    byte[] exporter(String label) throws SSLException {
        return ((ExtendedSSLSession) engine.getSession()).exportKeyingMaterialData(label, new byte[0], 32);
    }

    /**
     * Reads what is there, waiting for at least one byte.
     *
     * @return how many bytes, or -1 after the peer's close_notify
     * @throws IOException also if the transport ends without close_notify: someone may have cut the stream
     */
    int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        reading.lock();
        try {
            checkUsable();
            while (!plain.hasRemaining()) {
                if (ended) {
                    return -1;
                }
                more();
            }
            int count = Math.min(length, plain.remaining());
            plain.get(target, offset, count);
            return count;
        } finally {
            reading.unlock();
        }
    }

    private void more() throws IOException {
        try {
            ended = !decrypt();
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                runTasks();
            }
        } catch (IOException | RuntimeException e) {
            // Nothing of a broken stream may be read any more, and a writer has nobody left to write to.
            plain.limit(plain.position());
            failure = e instanceof IOException io ? io : new IOException("TLS failed", e);
            sendAlert();
            transport.close();
            throw e;
        }
    }

    /** Decrypts one record into {@link #plain}, which is empty. {@return false at the peer's close_notify} */
    private boolean decrypt() throws IOException {
        while (true) {
            SSLEngineResult result;
            plain.clear();
            try {
                result = engine.unwrap(received, plain);
            } finally {
                plain.flip();
            }
            switch (result.getStatus()) {
                case OK -> {
                    if (result.bytesProduced() == 0
                            && result.bytesConsumed() > 0
                            && result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                            && unanswered.incrementAndGet() > MAX_UNANSWERED) {
                        throw new SSLException("the peer asks for more key updates than it takes answers");
                    }
                    return true;
                }
                case CLOSED -> {
                    // The engine also says so after it has failed at the writer's hands. Only the record that was just
                    // taken can have been the peer's close_notify.
                    if (result.bytesConsumed() == 0) {
                        throw new SSLException("TLS was closed by a failure");
                    }
                    return false;
                }
                case BUFFER_UNDERFLOW -> receive();
                case BUFFER_OVERFLOW -> throw new SSLException("found a record larger than TLS 1.3 allows");
            }
        }
    }

    private void receive() throws IOException {
        received.compact();
        try {
            if (!received.hasRemaining()) {
                throw new SSLException("found a record larger than TLS 1.3 allows");
            }
            if (transport.read(received) < 0) {
                // Not an EOFException: too many callers take that for the ordinary end.
                throw new SSLException("truncated: the transport ended without the peer's close_notify");
            }
        } finally {
            received.flip();
        }
    }

    /** Sends all bytes; large ones in records of 16 KiB, several of them in one call of the transport. */
    void write(byte[] source, int offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(source, offset, length);
        writing.lock();
        try {
            checkUsable();
            if (outputFailure != null) {
                throw new IOException("attested session: writing failed before", outputFailure);
            }
            if (outputClosed) {
                throw new IOException("attested session: the output is closed");
            }
            try {
                while (bytes.hasRemaining()) {
                    send(bytes);
                }
            } catch (IOException e) {
                // Reading may go on: what the peer said before it closed, such as why, is still to be read.
                outputFailure = e;
                throw e;
            }
        } finally {
            writing.unlock();
        }
    }

    /** Sends close_notify. Reading may go on. */
    void closeOutput() throws IOException {
        writing.lock();
        try {
            if (!closed.get()) {
                sendCloseNotify();
            }
        } finally {
            writing.unlock();
        }
    }

    private void sendCloseNotify() throws IOException {
        if (outputClosed || outputFailure != null || failure != null) {
            return;
        }
        outputClosed = true;
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            send(NOTHING.duplicate());
        }
    }

    /** Encrypts and sends at least one record, or what the engine itself wants to send. */
    private void send(ByteBuffer bytes) throws IOException {
        toSend.clear();
        SSLEngineResult result;
        do {
            result = engine.wrap(bytes, toSend);
            unanswered.set(0);
            if (bytes.hasRemaining() && result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                throw new SSLException("TLS takes no more bytes: " + result.getStatus());
            }
        } while (bytes.hasRemaining() && toSend.remaining() >= recordSize);
        toSend.flip();
        while (toSend.hasRemaining()) {
            transport.write(toSend);
        }
    }

    /** Tells the peer why we end, if that can be done at once; the failure itself is what matters. */
    private void sendAlert() {
        if (writing.tryLock()) {
            try (Deadline deadline = Deadline.start(CLOSING, transport)) {
                while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !deadline.missed()) {
                    send(NOTHING.duplicate());
                }
            } catch (IOException e) {
                // The peer may be gone. It will find the transport closed.
            } finally {
                writing.unlock();
            }
        }
    }

    /** Sends close_notify unless that takes too long, then closes the transport. */
    void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try (Deadline _ = Deadline.start(CLOSING, transport)) {
            if (writing.tryLock(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    sendCloseNotify();
                } finally {
                    writing.unlock();
                }
            }
        } catch (IOException e) {
            // The peer is gone or does not read; it has no use for a close_notify.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            transport.close();
        }
    }

    /** Closes the transport and says nothing more to the peer. */
    void abort() {
        closed.set(true);
        try {
            transport.close();
        } catch (IOException e) {
            // Called because of an earlier failure, which is the one to report.
        }
    }

    private void checkUsable() throws IOException {
        if (closed.get()) {
            throw new IOException("attested session: closed");
        }
        IOException first = failure;
        if (first != null) {
            throw new IOException("attested session: failed before, " + first.getMessage(), first);
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }
}
