package org.innerkeep.channel.call;

/**
 * One call over a connection, as one end of it sees it. Its figures belong to the thread of the call until it has ended.
 *
 * <p>Reading a stream is a call for each piece, of an interface that is named {@link #STREAMS}.
 */
public final class Crossing {
    /** The interface by which streams are read. */
    public static final String STREAMS = StreamSource.SCHEMA.name();

    /** Who calls. */
    public enum Side {
        /** This end: the time is that of the whole call, until its result is decoded. */
        MADE,
        /** The other end: the time is from when the request is taken up until its answer is there to be sent. */
        SERVED
    }

    private final Side side;
    private final String service;
    private final String method;
    private final long begunNanos = System.nanoTime();
    private int requestBytes;
    private int answerBytes;
    private long workBegunNanos;
    private long workNanos;
    private long nanos;
    private boolean succeeded;

    Crossing(Side side, ServiceSchema<?> schema, int operation) {
        this.side = side;
        this.service = schema.name();
        this.method = schema.operations().get(operation).method().getName();
    }

    void request(int bytes) {
        requestBytes = bytes;
    }

    void answer(int bytes) {
        answerBytes = bytes;
    }

    void workBegins() {
        workBegunNanos = System.nanoTime();
    }

    void workEnds() {
        workNanos = System.nanoTime() - workBegunNanos;
    }

    /** The interface gave a result, no exception. */
    void succeed() {
        succeeded = true;
    }

    void end() {
        nanos = System.nanoTime() - begunNanos;
    }

    /** {@return who calls} */
    public Side side() {
        return side;
    }

    /** {@return the name of the interface} */
    public String service() {
        return service;
    }

    /** {@return the name of the method} */
    public String method() {
        return method;
    }

    /** {@return a value of {@link System#nanoTime()}} */
    public long begunNanos() {
        return begunNanos;
    }

    /** {@return the size of the request's frame; 0 where none was made} */
    public int requestBytes() {
        return requestBytes;
    }

    /** {@return the size of the answer's frame; 0 where there was none} */
    public int answerBytes() {
        return answerBytes;
    }

    /** {@return how long the implementation took, in nanoseconds; 0 on the side that calls} */
    public long workNanos() {
        return workNanos;
    }

    /** {@return how long the call took, in nanoseconds; see {@link Side}} */
    public long nanos() {
        return nanos;
    }

    /** {@return whether it came to a result; declared exceptions are none} */
    public boolean succeeded() {
        return succeeded;
    }
}
