package org.innerkeep.channel.call;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.innerkeep.channel.call.CallException.Code;
import org.jspecify.annotations.Nullable;

/** What stands behind a proxy: an interface of the other side, opened at the first call. */
final class Binding implements InvocationHandler {
    private static final @Nullable Object[] NO_ARGUMENTS = {};
    private static final int NOT_OPEN = -1;

    private final CallPeer peer;
    private final ServiceSchema<?> schema;
    private final Duration timeout;
    private final ReentrantLock opening = new ReentrantLock();
    private volatile int index = NOT_OPEN;

    Binding(CallPeer peer, ServiceSchema<?> schema, Duration timeout) {
        this.peer = peer;
        this.schema = schema;
        this.timeout = timeout;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            // These three are about the proxy, not about what the other side holds.
            return switch (method.getName()) {
                case "equals" -> arguments != null && isSame(proxy, arguments[0]);
                case "hashCode" -> System.identityHashCode(proxy);
                default -> schema.name() + " of " + peer.remote();
            };
        }
        int operation = schema.indexOf(method);
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        int open = index;
        if (open == NOT_OPEN) {
            open = open(deadlineNanos);
        }
        @Nullable Object[] given = arguments == null ? NO_ARGUMENTS : arguments;
        CallObserver observer = peer.observer();
        if (observer == null) {
            return peer.caller().call(open, operation, schema, given, timeout, deadlineNanos, null);
        }
        Crossing crossing = new Crossing(Crossing.Side.MADE, schema, operation);
        observer.begun(crossing);
        try {
            Object result = peer.caller().call(open, operation, schema, given, timeout, deadlineNanos, crossing);
            crossing.succeed();
            return result;
        } finally {
            crossing.end();
            observer.ended(crossing);
        }
    }

    /** Many first calls at once ask one after the other, until one is answered: all together would be more than a peer reads. */
    private int open(long deadlineNanos) {
        try {
            if (!opening.tryLock(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new CallException(
                        Code.DEADLINE, schema.name() + ": not opened by " + peer.remote() + " before the deadline");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallException(Code.CANCELLED, schema.name() + ": the calling thread was interrupted");
        }
        try {
            if (index == NOT_OPEN) {
                index = peer.caller().open(schema, deadlineNanos);
            }
            return index;
        } finally {
            opening.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // That is what Object.equals is.
    private static boolean isSame(Object proxy, @Nullable Object other) {
        return proxy == other;
    }
}
