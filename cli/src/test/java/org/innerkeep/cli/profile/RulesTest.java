package org.innerkeep.cli.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.innerkeep.channel.call.Crossing;
import org.innerkeep.channel.profile.EnclaveFigures.Relayed;
import org.innerkeep.channel.profile.InsideFigures.Heap;
import org.innerkeep.channel.profile.Spread;
import org.innerkeep.cli.profile.MemoryByKind.Kind;
import org.innerkeep.cli.profile.MethodCost.Way;
import org.innerkeep.cli.tcb.HostOnlyCode;
import org.junit.jupiter.api.Test;

/** Each rule both ways: figures for which it gives its advice, and figures close to them for which it does not. */
final class RulesTest {
    private static final int MICROS = 1000;

    /** Figures of a method, changed one by one. */
    private record Method(
            Way way, String service, long calls, long following, long inBytes, long outBytes, long wholeMicros, long workMicros) {
        Method calls(long number) {
            return new Method(way, service, number, following, inBytes, outBytes, wholeMicros, workMicros);
        }

        Method following(long number) {
            return new Method(way, service, calls, number, inBytes, outBytes, wholeMicros, workMicros);
        }

        Method bytes(long in, long out) {
            return new Method(way, service, calls, following, in, out, wholeMicros, workMicros);
        }

        Method micros(long whole, long work) {
            return new Method(way, service, calls, following, inBytes, outBytes, whole, work);
        }

        Method of(String name) {
            return new Method(way, name, calls, following, inBytes, outBytes, wholeMicros, workMicros);
        }

        private Spread each(long value) {
            return new Spread(calls, calls * value, value, value);
        }

        private Optional<Spread> time(long micros) {
            return micros < 0 ? Optional.empty() : Optional.of(each(micros * MICROS));
        }

        MethodCost cost() {
            return new MethodCost(
                    way, service, "method", calls, 0, 1, following, each(inBytes), each(outBytes), time(wholeMicros), time(workMicros));
        }
    }

    private static final Method SMALL = new Method(Way.HOST_TO_ENCLAVE, "p.Table", 1000, 900, 40, 10, 100, 5);
    private static final Method ASKED = new Method(Way.ENCLAVE_TO_HOST, "p.Rows", 1000, 900, 20, 200, 100, 5);
    private static final Method CLIENT = new Method(Way.CLIENT_TO_ENCLAVE, "p.Scoring", 10, 0, 20_000, 100, -1, 50);
    private static final HostOnlyCode LIBRARY = new HostOnlyCode("lib/json.jar", 100, 300_000, List.of("Table.load"));

    private static ProfileFigures figures(Method... methods) {
        List<MethodCost> costs = new ArrayList<>();
        for (Method each : methods) {
            costs.add(each.cost());
        }
        return new ProfileFigures(
                true, Duration.ofSeconds(1), costs, new Relayed(0, 0, 0, 0), 64L << 20, Optional.empty(), MemoryByKind.NONE,
                ProcessLimits.NONE, List.of(), 0);
    }

    private static ProfileFigures code(long reachedBytes, HostOnlyCode... code) {
        return new ProfileFigures(
                true, Duration.ofSeconds(1), List.of(), new Relayed(0, 0, 0, 0), 64L << 20, Optional.empty(), MemoryByKind.NONE,
                ProcessLimits.NONE, List.of(code), reachedBytes);
    }

    private static ProfileFigures heap(long limit, long live, long rest) {
        return new ProfileFigures(
                true, Duration.ofSeconds(1), List.of(), new Relayed(0, 0, 0, 0), limit,
                Optional.of(new Heap(limit, limit, live)), new MemoryByKind(Map.of(Kind.NATIVE, rest), 20),
                ProcessLimits.NONE, List.of(), 0);
    }

    private static void gives(Function<ProfileFigures, List<Advice>> rule, Advice.Code code, ProfileFigures figures, String... says) {
        assertThat(rule.apply(figures)).singleElement().satisfies(advice -> {
            assertThat(advice.code()).isEqualTo(code);
            assertThat(advice.because()).isNotEmpty();
            assertThat(advice + "").contains(says);
        });
        assertThat(Rules.all(figures)).extracting(Advice::code).contains(code);
    }

    private static void givesNone(Function<ProfileFigures, List<Advice>> rule, ProfileFigures figures) {
        assertThat(rule.apply(figures)).isEmpty();
    }

    @Test
    void manySmallCallsOneAfterTheOtherAreToBeBatched() {
        gives(
                Rules::batchCalls, Advice.Code.BATCH_CALLS, figures(SMALL), "Table.method", "1,000 calls", "90 %",
                "about 94.1 ms of the 100.0 ms");
        gives(Rules::batchCalls, Advice.Code.BATCH_CALLS, figures(SMALL.micros(100, -1)), "990 crossings of 1,000");
        gives(Rules::batchCalls, Advice.Code.BATCH_CALLS, figures(CLIENT.calls(1000).following(600).bytes(40, 100)), "client to enclave");
    }

    @Test
    void fewLargeScatteredOrHardWorkingCallsAreNot() {
        givesNone(Rules::batchCalls, figures(SMALL.calls(99).following(99)));
        givesNone(Rules::batchCalls, figures(SMALL.following(333)));
        givesNone(Rules::batchCalls, figures(SMALL.bytes(4000, 200)));
        givesNone(Rules::batchCalls, figures(SMALL.micros(100, 51)));
        givesNone(Rules::batchCalls, figures(ASKED));
        givesNone(Rules::batchCalls, figures(SMALL.of(Crossing.STREAMS)));
        givesNone(Rules::batchCalls, figures(SMALL.of("org.innerkeep.channel.keeper.RuntimeService")));
    }

    @Test
    void anEnclaveThatAsksItsHostAgainAndAgainIsToBeGivenTheData() {
        gives(Rules::passDataIn, Advice.Code.PASS_DATA_IN, figures(ASKED, CLIENT), "Rows.method", "up to 100.0 ms");
        gives(Rules::passDataIn, Advice.Code.PASS_DATA_IN, figures(ASKED.following(0), CLIENT), "10 calls were served");
        gives(Rules::passDataIn, Advice.Code.PASS_DATA_IN, figures(ASKED.micros(-1, 5)), "1,000 crossings");
    }

    @Test
    void oneThatAsksSeldomOrReadsAStreamIsNot() {
        givesNone(Rules::passDataIn, figures(ASKED.calls(99).following(99), CLIENT));
        givesNone(Rules::passDataIn, figures(ASKED.following(0), CLIENT.calls(101)));
        givesNone(Rules::passDataIn, figures(SMALL));
        givesNone(Rules::passDataIn, figures(ASKED.of(Crossing.STREAMS), CLIENT));
        givesNone(Rules::passDataIn, figures(ASKED.of("org.innerkeep.channel.state.StateStore"), CLIENT));
    }

    @Test
    void whatReturnsMoreThanItWasGivenIsToBeFilteredInside() {
        gives(
                Rules::filterInside, Advice.Code.FILTER_INSIDE, figures(CLIENT.bytes(10_000, 30_000)), "Scoring.method",
                "97.7 KiB in and 293.0 KiB out");
        gives(Rules::filterInside, Advice.Code.FILTER_INSIDE, figures(SMALL.bytes(100, 200)), "host to enclave");
    }

    @Test
    void whatReturnsLessOrLittleIsNot() {
        givesNone(Rules::filterInside, figures(CLIENT.bytes(30_000, 30_000)));
        givesNone(Rules::filterInside, figures(CLIENT.bytes(10, 6_000)));
        // The enclave's own calls bring data in.
        givesNone(Rules::filterInside, figures(ASKED));
        // What a stream brought in counts too: 1,000 pieces of 64 KiB.
        givesNone(
                Rules::filterInside,
                figures(CLIENT.bytes(10_000, 30_000), ASKED.of(Crossing.STREAMS).bytes(20, 64 << 10)));
    }

    @Test
    void largeCodeThatOnlyTheHostsCallsReachIsToBeMovedOut() {
        gives(
                Rules::moveOut, Advice.Code.MOVE_OUT, code(1_000_000, LIBRARY), "lib/json.jar", "Table.load alone", "293.0 KiB", "30 %");
    }

    @Test
    void littleCodeOrALittlePartIsNot() {
        givesNone(Rules::moveOut, code(1_000_000));
        givesNone(Rules::moveOut, code(100_000, new HostOnlyCode("lib/a.jar", 1, 65_535, List.of("Table.load"))));
        givesNone(Rules::moveOut, code(3_000_001, LIBRARY));
    }

    @Test
    void aHeapThatIsMostlyEmptyIsToBeSmallerWhereThatHalvesAnEnclave() {
        gives(
                Rules::smallerHeap, Advice.Code.SMALLER_HEAP, heap(256L << 20, 10L << 20, 60L << 20), "heap = 48m",
                "SGX enclave of 128.0 MiB", "384.0 MiB of protected memory");
    }

    @Test
    void aHeapInUseOrOneThatWouldHalveNothingIsNot() {
        givesNone(Rules::smallerHeap, heap(256L << 20, 65L << 20, 60L << 20));
        givesNone(Rules::smallerHeap, heap(64L << 20, 4L << 20, 100L << 20));
        // Without a debug build nobody knows what lives in it.
        givesNone(Rules::smallerHeap, figures());
    }

    @Test
    void whereTheTimeIsInsideItSaysSo() {
        gives(
                Rules::timeIsInside, Advice.Code.TIME_IS_INSIDE, figures(SMALL.calls(10).micros(10_000, 9_900)), "99.0 ms of work inside",
                "at most 1 %");
        gives(
                Rules::timeIsInside, Advice.Code.TIME_IS_INSIDE, figures(CLIENT.micros(-1, 200_000), ASKED.calls(10)), "Scoring.method alone");
    }

    @Test
    void whereCrossingsTakeATenthOrTheWorkIsNothingItDoesNot() {
        givesNone(Rules::timeIsInside, figures(SMALL.calls(10).micros(10_000, 9_000)));
        givesNone(Rules::timeIsInside, figures(SMALL.calls(10).micros(900, 890)));
        givesNone(Rules::timeIsInside, figures(CLIENT.micros(-1, 20_000), ASKED));
        givesNone(Rules::timeIsInside, figures(SMALL.micros(100_000, -1)));
    }

    @Test
    void nothingIsAdvisedOfNothing() {
        assertThat(Rules.all(figures())).isEmpty();
    }
}
