package org.innerkeep.channel.call;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.innerkeep.channel.call.CallException.Code;
import org.innerkeep.channel.ring.Reply;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.channel.ring.RingException;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/** The calls that this side makes: sends requests, waits for answers, turns them into results and exceptions. */
final class Caller {
    private final CallLimits limits;
    private final String remote;
    private final FrameWriter writer;
    private final AtomicReference<@Nullable CallException> ended;
    private final Streams streams;
    private final @Nullable Ring ring;
    private final Consumer<? super Throwable> onBroken;
    private final Map<Long, Outgoing> outgoing = new ConcurrentHashMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private final Semaphore outgoingPlaces;

    Caller(
            CallLimits limits,
            String remote,
            FrameWriter writer,
            AtomicReference<@Nullable CallException> ended,
            Streams streams,
            @Nullable Ring ring,
            Consumer<? super Throwable> onBroken) {
        this.limits = limits;
        this.remote = remote;
        this.writer = writer;
        this.ended = ended;
        this.streams = streams;
        this.ring = ring;
        this.onBroken = onBroken;
        this.outgoingPlaces = new Semaphore(limits.maxOutstandingCalls());
    }

    /** An answer has come; called by the thread that reads. */
    void answered(long id, Frame.Kind kind, Input input) throws MalformedException {
        if (id > lastId.get()) {
            throw new MalformedException("frame.id", -1, "an answer to a call that was never made");
        }
        Outgoing call = outgoing.remove(id);
        // Absent where the caller has given up meanwhile.
        if (call != null) {
            if (input.bytes().length > call.maxAnswerBytes()) {
                throw new MalformedException("frame", -1, "an answer of more bytes than the call can have");
            }
            call.complete(new Outgoing.Outcome.Answer(kind, input));
        }
    }

    /** Fails all calls that wait. */
    void end(CallException reason) {
        outgoing.values().forEach(call -> call.complete(new Outgoing.Outcome.Ended(reason)));
    }

    int open(ServiceSchema<?> schema, long deadlineNanos) throws CallException {
        String name = schema.name();
        Outgoing.Outcome.Answer answer = exchange(name, null, limits.maxFrameBytes(), deadlineNanos, id -> {
            Output frame = Frame.begin(Frame.Kind.BIND, id, limits.maxFrameBytes());
            frame.cbor().text(name).bytes(schema.digest().toArray());
            return Frame.finish(frame);
        });
        try {
            return switch (answer.kind()) {
                case VALUE -> {
                    int index = (int) answer.frame().cbor().integer(name, 0, Integer.MAX_VALUE);
                    answer.frame().cbor().end(name);
                    yield index;
                }
                case FAILURE -> throw refusal(Frame.readCode(answer.frame().cbor()), name, schema);
                default -> throw new MalformedException(name, -1, "expected an index");
            };
        } catch (MalformedException e) {
            throw malformed(name, e);
        }
    }

    @Nullable Object call(
            int service,
            int index,
            ServiceSchema<?> schema,
            @Nullable Object[] arguments,
            Duration timeout,
            long deadlineNanos,
            @Nullable Crossing crossing)
            throws Throwable {
        Operation operation = schema.operations().get(index);
        try {
            return call(service, index, operation, schema, arguments, timeout, deadlineNanos, crossing);
        } catch (InternalError e) {
            // The error of an access to memory that is gone may come a little after the access.
            throw ring == null ? e : broken(operation.name(), e);
        }
    }

    private @Nullable Object call(
            int service,
            int index,
            Operation operation,
            ServiceSchema<?> schema,
            @Nullable Object[] arguments,
            Duration timeout,
            long deadlineNanos,
            @Nullable Crossing crossing)
            throws Throwable {
        // The room for a piece is taken before it is asked for, so no more may come.
        int maxAnswerBytes = schema == StreamSource.SCHEMA ? StreamSource.MAX_ANSWER_BYTES : limits.maxFrameBytes();
        String name = operation.name();
        Outgoing.Outcome.Answer answer;
        try (Streams.Sending sending = streams.sending()) {
            answer = exchange(name, ring, maxAnswerBytes, deadlineNanos, id -> {
                Output frame = Frame.begin(Frame.Kind.REQUEST, id, limits.maxFrameBytes());
                long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime() + 999_999);
                frame.cbor().integer(service).integer(index).integer(Math.max(1, left));
                operation.writeArguments(frame, arguments, sending);
                byte[] bytes = Frame.finish(frame);
                if (crossing != null) {
                    crossing.request(bytes.length);
                }
                return bytes;
            });
        }
        Input input = answer.frame();
        if (crossing != null) {
            crossing.answer(input.bytes().length);
        }
        try {
            return switch (answer.kind()) {
                case VALUE -> operation.readResult(input, streams, timeout);
                case DECLARED -> {
                    List<DeclaredException> declared = operation.exceptions();
                    DeclaredException exception = declared.get((int) input.cbor().integer(name, 0, declared.size() - 1));
                    Optional<Throwable> thrown = exception.read(input);
                    throw thrown.orElseGet(() -> new CallException(
                            Code.DECLARED,
                            name + " of " + remote + " threw " + exception.type().getName() + ", whose detail is not disclosed",
                            exception.type().getName()));
                }
                default -> throw failure(Frame.readCode(input.cbor()), name);
            };
        } catch (MalformedException e) {
            throw malformed(name, e);
        }
    }

    private Outgoing.Outcome.Answer exchange(
            String name, @Nullable Ring by, int maxAnswerBytes, long deadlineNanos, LongFunction<byte[]> frame) {
        if (!outgoingPlaces.tryAcquire()) {
            throw new CallException(
                    Code.BUSY,
                    name + ": " + limits.maxOutstandingCalls() + " calls of this side wait already; try again later");
        }
        long id = lastId.incrementAndGet();
        boolean sent = false;
        try {
            byte[] bytes = frame.apply(id);
            Outgoing call = new Outgoing(maxAnswerBytes);
            outgoing.put(id, call);
            // Only now: whoever ends the connection fails all calls that it finds.
            CallException before = ended.get();
            if (before != null) {
                throw disconnected(name, before);
            }
            Outgoing.Outcome outcome = null;
            Reply reply = Reply.Without.NO_ROOM;
            if (by != null) {
                sent = true;
                reply = by.exchange(bytes, maxAnswerBytes, deadlineNanos, call);
            }
            switch (reply) {
                case Reply.Frame answer -> outcome = answer(id, answer.bytes());
                case Reply.Without.NO_ROOM -> {
                    sent = writer.request(bytes, deadlineNanos);
                    outcome = sent ? call.await(deadlineNanos) : null;
                }
                // The connection has ended, or it is too late, and there is nobody to be told.
                case Reply.Without.WITHDRAWN -> {
                    sent = false;
                    outcome = call.await(deadlineNanos);
                }
                // It may have come the other way, or the connection has ended, or it is too late.
                case Reply.Without.GIVEN_UP, Reply.Without.ELSEWHERE -> outcome = call.await(deadlineNanos);
            }
            return switch (outcome) {
                case Outgoing.Outcome.Answer answer -> answer;
                case Outgoing.Outcome.Ended end -> throw disconnected(name, end.reason());
                case null -> {
                    cancel(id, sent);
                    throw new CallException(Code.DEADLINE, name + ": no answer from " + remote + " before the deadline");
                }
            };
        } catch (RingException | MalformedException e) {
            throw broken(name, e);
        } catch (InterruptedException e) {
            cancel(id, sent);
            Thread.currentThread().interrupt();
            throw new CallException(Code.CANCELLED, name + ": the calling thread was interrupted");
        } catch (Output.TooLargeException e) {
            throw new CallException(
                    Code.TOO_LARGE, name + ": the arguments take more than a frame of " + limits.maxFrameBytes() + " bytes");
        } finally {
            outgoingPlaces.release();
            outgoing.remove(id);
        }
    }

    private CallException broken(String name, Throwable e) {
        onBroken.accept(e);
        CallException reason = ended.get();
        return disconnected(name, reason == null ? new CallException(Code.DISCONNECTED, remote + " is gone", e) : reason);
    }

    private static Outgoing.Outcome.Answer answer(long id, byte[] frame) throws MalformedException {
        Input input = Input.of(frame);
        Frame.Kind kind = Frame.readKind(input.cbor());
        long answered = Frame.readId(input.cbor());
        if (answered != id || kind == Frame.Kind.BIND || kind == Frame.Kind.REQUEST || kind == Frame.Kind.CANCEL) {
            throw new MalformedException("frame", 0, "expected an answer to call " + id + ", found " + kind + " " + answered);
        }
        return new Outgoing.Outcome.Answer(kind, input);
    }

    private void cancel(long id, boolean sent) {
        // Where the queue is overfull the cancellation is dropped: the other side has the deadline.
        if (sent) {
            boolean _ = writer.notice(Frame.cancel(id));
        }
    }

    private CallException refusal(Code code, String name, ServiceSchema<?> schema) {
        return switch (code) {
            case NOT_OFFERED -> new CallException(code, name + " is not offered by " + remote);
            case SCHEMA_MISMATCH -> new CallException(
                    code,
                    name + " has schema " + schema.digest().shortHex() + " here and another at " + remote
                            + "; build both from the same interface");
            default -> failure(code, name);
        };
    }

    private CallException failure(Code code, String name) {
        String problem = switch (code) {
            case BUSY -> "carries out as many requests as it may; try again later";
            case TOO_LARGE -> "has a result that takes more than a frame, or than there is room beside answers not yet read";
            case MALFORMED -> "refused the arguments: they do not fit its types";
            case DEADLINE -> "did not finish before the deadline";
            default -> "failed; only its own log says why";
        };
        return new CallException(code, name + ": " + remote + " " + problem);
    }

    private CallException malformed(String name, MalformedException e) {
        return new CallException(
                Code.MALFORMED, name + ": " + remote + " gave an answer that is malformed: " + e.getMessage(), e);
    }

    private static CallException disconnected(String name, CallException reason) {
        return new CallException(Code.DISCONNECTED, name + ": " + reason.getMessage(), reason);
    }
}
