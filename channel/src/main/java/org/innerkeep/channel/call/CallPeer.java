package org.innerkeep.channel.call;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.innerkeep.channel.call.CallException.Code;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection over which both sides call each other's interfaces: inside an attested session, or over the boundary
 * between an enclave and its host. Both sides call and are called at the same time; calls may be nested, and answers come in
 * any order.
 *
 * <p>Every request runs on a thread that has nothing else to do, which is interrupted at the caller's deadline, when the caller gives up
 * and when the connection ends: a virtual thread of its own, or, where it comes through a {@link Builder#ring ring}, a platform thread
 * that carries out others afterwards. So what an implementation leaves in a {@link ThreadLocal} is there when the next request comes,
 * whoever sends it: take it away again. A caller waits on its own thread until the result, the deadline of its {@link #bind binding}, or
 * the end of the connection, whichever comes first; no call waits for ever, also where the other side neither reads nor
 * answers.
 *
 * <p>The other side is taken to be hostile. It can call the methods of offered interfaces only, by their index in a schema
 * that both sides share; it never names a class or a method. A frame that does not follow the protocol ends the connection;
 * arguments or a result that do not fit the schema fail the one call. It learns of failures what {@link Disclosure} lets out.
 * It can withhold, and it sees how long calls take and how large frames are.
 *
 * <p>Does not encrypt or authenticate: that is what the session below is for.
 *
 * <p>Instances, and the proxies that they make, are safe for use by several threads.
 */
public final class CallPeer implements AutoCloseable {
    private static final int MAX_NAME_BYTES = 1024;
    private static final int DIGEST_BYTES = 32;

    private final CallLimits limits;
    private final Disclosure disclosure;
    private final String remote;
    private final Consumer<? super Throwable> failures;
    private final @Nullable CallObserver observer;
    private final InputStream in;
    private final OutputStream out;
    private final FrameWriter writer;
    private final Thread reader;
    private final DeadlineWatch watch;
    private final @Nullable Ring ring;

    private final List<Offer> offers = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> offered = new ConcurrentHashMap<>();

    private final Caller caller;
    private final Streams streams;
    private final Map<Long, Incoming> incoming = new ConcurrentHashMap<>();
    private final Semaphore incomingPlaces;
    private final Semaphore readPlaces = new Semaphore(Streams.MAX_READS);
    private final Semaphore stopPlaces = new Semaphore(Streams.MAX_STOPS);

    // What the other side can make this one hold; CallLimits.maxHeldBytes is the sum.
    private final Room requests;
    private final Room answers;
    private final Room pieces;

    private final AtomicReference<@Nullable CallException> ended = new AtomicReference<>();
    private final CompletableFuture<CallException> closed = new CompletableFuture<>();

    private CallPeer(Builder builder) {
        limits = builder.limits;
        disclosure = builder.disclosure;
        remote = builder.remote;
        failures = builder.failures;
        observer = builder.observer;
        in = builder.in;
        out = builder.out;
        requests = new Room(limits.maxPendingBytes());
        answers = new Room(limits.answerBytes());
        pieces = new Room(limits.pieceBytes());
        writer = new FrameWriter(out, e -> end(remote + " cannot be written to: the connection broke", e));
        Thread.Builder threads = builder.ownThread ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
        reader = threads.name("innerkeep-call-reader").inheritInheritableThreadLocals(false).unstarted(this::read);
        watch = new DeadlineWatch(incoming.values());
        streams = new Streams(this::offer, deadline -> bind(StreamSource.SCHEMA, deadline), requests, pieces, limits.maxFrameBytes());
        ring = builder.ring;
        caller = new Caller(limits, remote, writer, ended, streams, ring, e -> endBroken(e));
        incomingPlaces = new Semaphore(limits.maxConcurrentRequests());
    }

    /**
     * Begins to set up one end of a connection.
     *
     * @param in where the other side's bytes come from; hostile
     * @param out where bytes to the other side go
     * @param disclosure what the other side may learn of failures
     * @return a builder
     */
    public static Builder over(InputStream in, OutputStream out, Disclosure disclosure) {
        return new Builder(in, out, disclosure);
    }

    /** Settings of one end of a connection. For one thread. */
    public static final class Builder {
        private final InputStream in;
        private final OutputStream out;
        private final Disclosure disclosure;
        private final List<Consumer<CallPeer>> offers = new ArrayList<>();
        private boolean ownThread;
        private CallLimits limits = CallLimits.DEFAULT;
        private String remote = "the other side";
        private Consumer<? super Throwable> failures = _ -> {};
        private @Nullable CallObserver observer;
        private @Nullable Ring ring;

        private Builder(InputStream in, OutputStream out, Disclosure disclosure) {
            this.in = Objects.requireNonNull(in, "in");
            this.out = Objects.requireNonNull(out, "out");
            this.disclosure = Objects.requireNonNull(disclosure, "disclosure");
        }

        /**
         * Reads on a thread of the system instead of a virtual one. Answers come sooner: whoever waits for bytes on a virtual thread is
         * woken by another thread that was woken by the kernel. Meant for ends that have few connections.
         *
         * @return this builder
         */
        public Builder ownThread() {
            ownThread = true;
            return this;
        }

        /**
         * Bounds what the connection may use.
         *
         * @param newLimits the bounds, {@link CallLimits#DEFAULT} if not given
         * @return this builder
         */
        public Builder limits(CallLimits newLimits) {
            limits = Objects.requireNonNull(newLimits, "limits");
            return this;
        }

        /**
         * Names the other side, for messages.
         *
         * @param name for example {@code the host}
         * @return this builder
         */
        public Builder remote(String name) {
            remote = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Lets somebody see why requests of the other side failed, in full; a log that only this side can read, for example.
         *
         * @param consumer called on the thread of the failed request, several at once; what it throws is dropped
         * @return this builder
         */
        public Builder failures(Consumer<? super Throwable> consumer) {
            failures = Objects.requireNonNull(consumer, "consumer");
            return this;
        }

        /**
         * Lets somebody measure the calls both ways. Without one, calls are not measured and no time for it is spent.
         *
         * @param newObserver told of every call
         * @return this builder
         */
        public Builder observer(CallObserver newObserver) {
            observer = Objects.requireNonNull(newObserver, "observer");
            return this;
        }

        /**
         * Lets requests and answers that fit go through memory that both ends share. It ends with the connection, which it needs: for
         * all else, and to learn that the other end is gone. What this end has of it is used once the other end has been given its own.
         *
         * @param end this end, which is served from the start on
         * @return this builder
         */
        public Builder ring(Ring end) {
            ring = Objects.requireNonNull(end, "end");
            return this;
        }

        /**
         * Offers an interface from the first byte on; see {@link CallPeer#offer(ServiceSchema, Object)}.
         *
         * @param <T> the interface
         * @param schema its schema
         * @param implementation what carries out its calls
         * @return this builder
         */
        public <T> Builder offer(ServiceSchema<T> schema, T implementation) {
            Objects.requireNonNull(schema, "schema");
            Objects.requireNonNull(implementation, "implementation");
            offers.add(peer -> peer.offer(schema, implementation));
            return this;
        }

        /**
         * Offers an interface from the first byte on; see {@link CallPeer#offer(Class, Object)}.
         *
         * @param <T> the interface
         * @param type the interface
         * @param implementation what carries out its calls
         * @return this builder
         * @throws UncarriableTypeException if the interface cannot be carried
         */
        public <T> Builder offer(Class<T> type, T implementation) {
            return offer(ServiceSchema.of(type), implementation);
        }

        /**
         * Starts to read.
         *
         * @return the running end
         * @throws IllegalArgumentException if an interface is offered that may not be
         */
        public CallPeer start() {
            CallPeer peer = new CallPeer(this);
            offers.forEach(offer -> offer.accept(peer));
            peer.watch.start();
            // Before it answers anything: whoever has opened an interface finds this end there.
            peer.serveRing();
            peer.reader.start();
            return peer;
        }
    }

    /**
     * Offers an interface to the other side.
     *
     * @param <T> the interface
     * @param schema its schema
     * @param implementation what carries out its calls, on several threads at once
     * @throws IllegalArgumentException if the other side is the host and the interface is not marked {@link HostVisible}
     * @throws IllegalStateException if an interface of that name is offered already
     */
    public <T> void offer(ServiceSchema<T> schema, T implementation) {
        requireVisible(schema);
        offer(Offer.of(schema, Objects.requireNonNull(implementation, "implementation")));
    }

    private void offer(Offer offer) {
        ServiceSchema<?> schema = offer.schema();
        synchronized (offers) {
            if (offered.containsKey(schema.name())) {
                throw new IllegalStateException(schema.name() + " is offered already");
            }
            offers.add(offer);
            offered.put(schema.name(), offers.size() - 1);
        }
    }

    /**
     * Offers an interface to the other side. Derives its schema; where many connections offer the same interface, derive it
     * once and use {@link #offer(ServiceSchema, Object)}.
     *
     * @param <T> the interface
     * @param type the interface
     * @param implementation what carries out its calls, on several threads at once
     * @throws UncarriableTypeException if the interface cannot be carried
     * @throws IllegalArgumentException if the other side is the host and the interface is not marked {@link HostVisible}
     * @throws IllegalStateException if an interface of that name is offered already
     */
    public <T> void offer(Class<T> type, T implementation) {
        offer(ServiceSchema.of(type), implementation);
    }

    /**
     * Binds an interface that the other side offers. Nothing is sent before the first call, which compares the schemas.
     *
     * <p>A call throws what the interface declares, {@link CallException} where it comes to no result, and {@link
     * IllegalArgumentException} where an argument cannot be carried, null for example. {@code equals}, {@code hashCode} and
     * {@code toString} are those of the proxy.
     *
     * @param <T> the interface
     * @param schema its schema
     * @param deadline how long a call may take, from one millisecond to a day
     * @return a proxy
     * @throws IllegalArgumentException if the deadline is out of range, or the other side is the host and the interface is not
     *     marked {@link HostVisible}
     */
    public <T> T bind(ServiceSchema<T> schema, Duration deadline) {
        requireVisible(schema);
        if (deadline.compareTo(Duration.ofMillis(1)) < 0
                || deadline.compareTo(Duration.ofMillis(Frame.MAX_DEADLINE_MILLIS)) > 0) {
            throw new IllegalArgumentException("a deadline is from one millisecond to a day, not " + deadline);
        }
        Class<T> type = schema.type();
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, new Binding(this, schema, deadline)));
    }

    /**
     * Binds an interface that the other side offers; see {@link #bind(ServiceSchema, Duration)}.
     *
     * @param <T> the interface
     * @param type the interface
     * @param deadline how long a call may take, from one millisecond to a day
     * @return a proxy
     * @throws UncarriableTypeException if the interface cannot be carried
     * @throws IllegalArgumentException if the deadline is out of range, or the other side is the host and the interface is not
     *     marked {@link HostVisible}
     */
    public <T> T bind(Class<T> type, Duration deadline) {
        return bind(ServiceSchema.of(type), deadline);
    }

    /**
     * {@return a future that is completed when the connection has ended, with the reason} Its message says by whom; the code
     * is {@link CallException.Code#DISCONNECTED}.
     */
    public CompletableFuture<CallException> closed() {
        return closed.copy();
    }

    /**
     * Ends the connection. Calls that wait fail at once, requests being carried out are interrupted, both streams are closed.
     * Does not wait for any of it. Has no effect where the connection has ended.
     */
    @Override
    public void close() {
        end("this side closed the connection", null);
    }

    CallLimits limits() {
        return limits;
    }

    Disclosure disclosure() {
        return disclosure;
    }

    String remote() {
        return remote;
    }

    /** {@return who measures calls, if anybody does} */
    @Nullable CallObserver observer() {
        return observer;
    }

    /** {@return how many requests of the other side are being carried out} */
    int underWay() {
        return incoming.size();
    }

    /** {@return the room for answers that are not written yet} */
    Room answers() {
        return answers;
    }

    /** {@return the room for pieces of streams that are not written yet} */
    Room pieces() {
        return pieces;
    }

    /** {@return the room for requests that are carried out, and for pieces that were asked for} */
    Room requests() {
        return requests;
    }

    /**
     * Waits until there is room for the largest answer. A peer that does not read is not served.
     *
     * @throws InterruptedException if the request is stopped first
     */
    void awaitReader() throws InterruptedException {
        answers.awaitRoomFor((long) limits.maxFrameBytes() + Charge.FRAME_OVERHEAD_BYTES);
    }

    void report(Throwable failure) {
        try {
            failures.accept(failure);
        } catch (Throwable e) {
            // A log that fails, for lack of memory among it, must not change what the other side sees.
        }
    }

    private void requireVisible(ServiceSchema<?> schema) {
        if (disclosure == Disclosure.TO_HOST && !schema.hostVisible()) {
            throw new IllegalArgumentException(
                    schema.name() + " is not marked @HostVisible; mark it if the host may see all that it carries");
        }
    }

    /** {@return the calls of this side} */
    Caller caller() {
        return caller;
    }

    /** {@return the streams that cross in calls, either way} */
    Streams streams() {
        return streams;
    }

    // Frames of the other side. The reading thread neither waits for room nor writes, so that two peers never block each other.

    private void read() {
        FrameReader frames = new FrameReader(in, limits.maxFrameBytes());
        try {
            while (ended.get() == null) {
                Optional<byte[]> frame = frames.next();
                if (frame.isEmpty()) {
                    end(remote + " ended the connection", null);
                    return;
                }
                take(frame.get());
            }
        } catch (MalformedException e) {
            end(remote + " broke the protocol: " + e.getMessage(), e);
        } catch (Throwable e) {
            // Whatever it is, nobody reads any more, so nobody must wait.
            end(remote + " cannot be read from: the connection broke", e);
        }
    }

    private void take(byte[] frame) throws MalformedException {
        Input input = Input.of(frame);
        CborReader cbor = input.cbor();
        Frame.Kind kind = Frame.readKind(cbor);
        long id = Frame.readId(cbor);
        switch (kind) {
            case BIND -> {
                String name = cbor.text("bind.interface", MAX_NAME_BYTES);
                Bytes digest = Bytes.of(cbor.bytes("bind.digest", DIGEST_BYTES, DIGEST_BYTES));
                cbor.end("bind");
                notice(answerBind(id, name, digest));
            }
            case REQUEST -> request(id, input);
            case VALUE, DECLARED, FAILURE -> {
                caller.answered(id, kind, input);
            }
            case CANCEL -> {
                cbor.end("cancel");
                Incoming request = incoming.get(id);
                if (request != null) {
                    request.stop(Code.CANCELLED);
                }
                // It may have been answered meanwhile, with a stream that nobody will read.
                streams.stopCall(id);
            }
        }
    }

    private byte[] answerBind(long id, String name, Bytes digest) {
        Integer index = offered.get(name);
        if (index == null) {
            return Frame.failure(id, Code.NOT_OFFERED);
        }
        if (!offers.get(index).schema().digest().equals(digest)) {
            return Frame.failure(id, Code.SCHEMA_MISMATCH);
        }
        offers.get(index).open();
        return Frame.index(id, index);
    }

    private void request(long id, Input frame) throws MalformedException {
        Incoming request = admitted(id, frame, this::notice);
        if (request != null) {
            Thread.ofVirtual().name("innerkeep-call").inheritInheritableThreadLocals(false).start(request);
        }
    }

    private void serveRing() {
        if (ring != null) {
            ring.serve(this::fromRing, limits.maxFrameBytes(), this::endBroken);
            if (ended.get() != null) {
                ring.close();
            }
        }
    }

    /** A request that came through the ring, carried out by the thread that serves it; its answer goes back the same way if it fits. */
    private byte[] fromRing(byte[] frame, BooleanSupplier givenUp) throws MalformedException {
        Input input = Input.of(frame);
        Frame.Kind kind = Frame.readKind(input.cbor());
        if (kind != Frame.Kind.REQUEST) {
            throw new MalformedException("frame.kind", 0, "expected a request in a place for requests, found " + kind);
        }
        AtomicReference<byte[]> refusal = new AtomicReference<>(Incoming.NONE);
        Incoming request = admitted(Frame.readId(input.cbor()), input, refusal::set);
        if (request == null) {
            return refusal.get();
        }
        // The cancellation goes over the connection, and may have been read before there was anything to cancel.
        if (givenUp.getAsBoolean()) {
            request.stop(Code.CANCELLED);
        }
        return request.runInRing();
    }

    private void endBroken(Throwable e) {
        if (e instanceof MalformedException) {
            end(remote + " broke the protocol: " + e.getMessage(), e);
        } else {
            end(remote + " cannot be called any more: " + e.getMessage(), e);
        }
    }

    /** Where a refusal goes. */
    @FunctionalInterface
    private interface Refusal {
        void send(byte[] frame) throws MalformedException;
    }

    /** {@return the request to be carried out; null if it was refused} */
    private @Nullable Incoming admitted(long id, Input frame, Refusal refusal) throws MalformedException {
        CborReader cbor = frame.cbor();
        int service = (int) cbor.integer("request.interface", 0, Integer.MAX_VALUE);
        Offer offer = service < offers.size() ? offers.get(service) : null;
        if (offer == null || !offer.isOpen()) {
            throw new MalformedException("request.interface", -1, "an interface that was not opened");
        }
        int operations = offer.schema().operations().size();
        int operation = (int) cbor.integer("request.method", 0, operations - 1);
        long millis = cbor.integer("request.deadline", 1, Frame.MAX_DEADLINE_MILLIS);
        Semaphore places = incomingPlaces;
        long held = frame.bytes().length + streams.reserved(offer.schema().operations().get(operation));
        if (offer.schema() == StreamSource.SCHEMA) {
            // Reading a stream is part of a call that was admitted; it must not wait behind further calls, and has limits of its own.
            places = operation == StreamSource.STOP ? stopPlaces : readPlaces;
            held = 0;
            if (frame.bytes().length > StreamSource.MAX_REQUEST_BYTES) {
                refusal.send(Frame.failure(id, Code.MALFORMED));
                return null;
            }
        }
        if (!admit(places, held)) {
            refusal.send(Frame.failure(id, Code.BUSY));
            return null;
        }
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        Incoming request = null;
        boolean added = false;
        try {
            request = new Incoming(this, id, offer, operation, deadlineNanos, frame, places, held);
            if (incoming.putIfAbsent(id, request) != null) {
                throw new MalformedException("frame.id", -1, "the id of a request that is being carried out");
            }
            added = true;
        } finally {
            if (!added) {
                requests.give(held);
                places.release();
            }
        }
        watch.added(request);
        if (ended.get() != null) {
            request.stop(Code.DISCONNECTED);
        }
        return request;
    }

    private boolean admit(Semaphore places, long held) {
        if (!places.tryAcquire()) {
            return false;
        }
        if (!requests.tryTake(held)) {
            places.release();
            return false;
        }
        return true;
    }

    private void notice(byte[] frame) throws MalformedException {
        if (!writer.notice(frame)) {
            throw new MalformedException("frame", -1, "it asks and does not read the answers");
        }
    }

    /** Gives the place of a request back before its answer can be seen, so that the next one finds it free. */
    void answer(Incoming request, byte[] frame, Charge charge) {
        charge.settle(answers, frame);
        writer.answer(frame, charge, () -> forget(request));
    }

    void forget(Incoming request) {
        incoming.remove(request.id());
        requests.give(request.heldBytes());
        request.places().release();
    }

    private void end(String message, @Nullable Throwable cause) {
        CallException reason = cause == null
                ? new CallException(Code.DISCONNECTED, message)
                : new CallException(Code.DISCONNECTED, message, cause);
        if (!ended.compareAndSet(null, reason)) {
            return;
        }
        caller.end(reason);
        streams.close();
        incoming.values().forEach(request -> request.stop(Code.DISCONNECTED));
        writer.close();
        if (ring != null) {
            ring.close();
        }
        List.of(requests, answers, pieces).forEach(Room::close);
        watch.end();
        // To close a stream may block, and does not always wake the thread that reads from it.
        closeElsewhere(in);
        closeElsewhere(out);
        if (Thread.currentThread() != reader) {
            reader.interrupt();
        }
        closed.completeAsync(() -> reason, Thread::startVirtualThread);
    }

    private static void closeElsewhere(Closeable stream) {
        Thread.ofVirtual().name("innerkeep-call-closer").start(() -> {
            try {
                stream.close();
            } catch (IOException e) {
                // It is of no more use either way.
            }
        });
    }
}
