package org.innerkeep.channel.profile;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.innerkeep.channel.call.CallObserver;
import org.innerkeep.channel.call.Crossing;

/**
 * Adds up calls by their methods. It holds 20 KiB for each method of an interface that this end of a connection offers or binds, however
 * many calls there are, and for {@value #MAX_METHODS} methods at most. Safe for use by several threads, and for several connections.
 */
public final class CallTally implements CallObserver {
    /** The most methods; calls of others are not counted. */
    public static final int MAX_METHODS = 512;

    private final Map<Key, Method> methods = new ConcurrentHashMap<>();

    private record Key(Crossing.Side side, String service, String method) {
        static Key of(Crossing crossing) {
            return new Key(crossing.side(), crossing.service(), crossing.method());
        }
    }

    private static final class Method {
        private final LongAdder failed = new LongAdder();
        private final LongAdder following = new LongAdder();
        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger mostAtOnce = new AtomicInteger();
        private final AtomicLong lastNanos = new AtomicLong();
        private final AtomicLong lastEndNanos = new AtomicLong(Long.MIN_VALUE);
        private final Histogram requestBytes = new Histogram();
        private final Histogram answerBytes = new Histogram();
        private final Histogram nanos = new Histogram();
        private final Histogram workNanos = new Histogram();

        void begun(Crossing crossing) {
            int now = underWay.incrementAndGet();
            mostAtOnce.accumulateAndGet(now, Math::max);
            long last = lastEndNanos.get();
            long pause = crossing.begunNanos() - last;
            if (now == 1 && last != Long.MIN_VALUE && pause <= Math.max(MethodFigures.FOLLOWS_NANOS, lastNanos.get())) {
                following.increment();
            }
        }

        void ended(Crossing crossing) {
            lastNanos.set(crossing.nanos());
            lastEndNanos.set(crossing.begunNanos() + crossing.nanos());
            underWay.decrementAndGet();
            requestBytes.add(crossing.requestBytes());
            answerBytes.add(crossing.answerBytes());
            if (crossing.side() == Crossing.Side.SERVED) {
                workNanos.add(crossing.workNanos());
            }
            if (!crossing.succeeded()) {
                failed.increment();
            }
            nanos.add(crossing.nanos());
        }

        MethodFigures figures(Key key) {
            Spread took = nanos.spread();
            return new MethodFigures(
                    key.side, key.service, key.method, took.count(), failed.sum(), mostAtOnce.get(), following.sum(),
                    requestBytes.spread(), answerBytes.spread(), took, workNanos.spread());
        }
    }

    /** A tally of no calls. */
    public CallTally() {}

    @Override
    public void begun(Crossing crossing) {
        Key key = Key.of(crossing);
        Method known = methods.get(key);
        if (known == null && methods.size() < MAX_METHODS) {
            known = methods.computeIfAbsent(key, _ -> new Method());
        }
        if (known != null) {
            known.begun(crossing);
        }
    }

    @Override
    public void ended(Crossing crossing) {
        Method known = methods.get(Key.of(crossing));
        if (known != null) {
            known.ended(crossing);
        }
    }

    /** {@return the figures of every method with a call that has ended, by side, interface and method} */
    public List<MethodFigures> figures() {
        return methods.entrySet().stream()
                .map(each -> each.getValue().figures(each.getKey()))
                .filter(each -> each.calls() > 0)
                .sorted(Comparator.comparing(MethodFigures::side)
                        .thenComparing(MethodFigures::service)
                        .thenComparing(MethodFigures::method))
                .toList();
    }
}
