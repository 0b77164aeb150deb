package org.innerkeep.cli.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.innerkeep.channel.profile.InsideFigures.Heap;
import org.innerkeep.channel.profile.Spread;
import org.innerkeep.cli.profile.MethodCost.Way;
import org.innerkeep.cli.tcb.HostOnlyCode;

/** What follows from figures. Each rule is a function of them and of nothing else, and its thresholds are here. */
final class Rules {
    /** Fewer calls are not worth a change. */
    private static final int MANY_CALLS = 100;

    /** One of so many calls follows another: on a busy machine, pauses come between calls that nothing else separates. */
    private static final int FOLLOWING = 3;

    /** Above this, the bytes cost more than the crossing. */
    private static final int SMALL_BYTES = 4 << 10;

    /** How many calls a batch is taken to replace. */
    private static final int BATCH = 100;

    /** Calls of the host for one call of the enclave. */
    private static final int CHATTY = 10;

    /** Answers above requests by this. */
    private static final double MORE_OUT = 1.25;

    private static final long LEAST_OUT_BYTES = 64 << 10;
    private static final long LEAST_CODE_BYTES = 64 << 10;

    /** A part of the whole that is worth a change. */
    private static final double WORTHWHILE = 0.1;

    /** A heap has this much room above what lives in it, so that collections stay rare. */
    private static final int HEAP_ROOM = 4;

    private static final long HEAP_STEP = 16L << 20;
    private static final long LEAST_INSIDE_NANOS = 10_000_000;

    private Rules() {}

    /** {@return what all rules say, in their order} */
    static List<Advice> all(ProfileFigures figures) {
        List<Function<ProfileFigures, List<Advice>>> rules = List.of(
                Rules::batchCalls, Rules::passDataIn, Rules::filterInside, Rules::moveOut, Rules::smallerHeap, Rules::timeIsInside);
        return rules.stream().flatMap(rule -> rule.apply(figures).stream()).toList();
    }

    private static Stream<MethodCost> program(ProfileFigures figures) {
        return figures.calls().stream().filter(each -> !each.own() && !each.stream());
    }

    /** Calls that enter the enclave; those of the enclave come in answer to them. */
    private static Stream<MethodCost> entering(ProfileFigures figures) {
        return program(figures).filter(each -> each.way() != Way.ENCLAVE_TO_HOST);
    }

    private static double smallBytes(MethodCost method) {
        return method.requestBytes().median() + (double) method.answerBytes().median();
    }

    /** Many small calls of one method into the enclave, one right after the other, whose crossing costs no less than their work. */
    static List<Advice> batchCalls(ProfileFigures figures) {
        return entering(figures)
                .filter(each -> each.calls() >= MANY_CALLS && each.following() * FOLLOWING >= each.calls() && smallBytes(each) <= SMALL_BYTES)
                .filter(each -> each.crossingNanos().isEmpty() || each.crossingNanos().getAsDouble() >= each.work().orElseThrow().mean())
                .map(each -> new Advice(
                        Advice.Code.BATCH_CALLS,
                        each.name(),
                        "Let one call take a list, or a stream, of what now takes a call each.",
                        List.of(
                                Amounts.count(each.calls()) + " calls, " + each.way().words() + ", "
                                        + Amounts.percent(each.following(), each.calls()) + " of them right after the one before",
                                "half of them have at most " + Amounts.bytes(smallBytes(each)) + " both ways together",
                                costs(each)),
                        saved(each, each.calls() - each.calls() / BATCH, "with " + BATCH + " in each call")))
                .toList();
    }

    private static String costs(MethodCost method) {
        return method.crossingNanos().isEmpty()
                ? method.way() == Way.CLIENT_TO_ENCLAVE
                        ? "what clients wait for a round trip is not seen here; over a network it is the network's time and more"
                        : "what a crossing costs is not known: no debug build told its times"
                : "a crossing costs " + Amounts.nanos(method.crossingNanos().getAsDouble()) + ", its work "
                        + Amounts.nanos(method.work().orElseThrow().mean());
    }

    private static String saved(MethodCost method, long fewer, String how) {
        return method.crossingNanos().isEmpty()
                ? Amounts.count(fewer) + " crossings of " + Amounts.count(method.calls()) + ", " + how
                : "about " + Amounts.nanos(fewer * method.crossingNanos().getAsDouble()) + " of the "
                        + Amounts.nanos(method.whole().orElse(Spread.NONE).sum()) + " that these calls took, " + how;
    }

    /** An enclave that asks its host again and again. What it asks for also tells the host what it looks at. */
    static List<Advice> passDataIn(ProfileFigures figures) {
        long entries = entering(figures).mapToLong(MethodCost::calls).sum();
        return program(figures)
                .filter(each -> each.way() == Way.ENCLAVE_TO_HOST && each.calls() >= MANY_CALLS)
                .filter(each -> each.following() * FOLLOWING >= each.calls() || (entries > 0 && each.calls() >= CHATTY * entries))
                .map(each -> new Advice(
                        Advice.Code.PASS_DATA_IN,
                        each.name(),
                        "Pass what it asks for in, with the call or once before: the host also sees each thing that it asks for.",
                        List.of(
                                Amounts.count(each.calls()) + " calls of the host by the enclave, "
                                        + Amounts.percent(each.following(), each.calls()) + " of them right after the one before",
                                Amounts.count(entries) + " calls were served meanwhile" + (figures.debug() ? "" : ", clients' not counted"),
                                costs(each)),
                        each.whole()
                                .map(whole -> "up to " + Amounts.nanos(whole.sum()) + ", all the time that the enclave waited for them")
                                .orElse(Amounts.count(each.calls()) + " crossings")))
                .toList();
    }

    /** A method whose answers have more bytes than its requests: much of it may be for nobody. */
    static List<Advice> filterInside(ProfileFigures figures) {
        // A stream that is an argument is read by calls of its own, and which method it belongs to is not known.
        long streamedIn = figures.calls().stream()
                .filter(each -> each.stream() && each.way() == Way.ENCLAVE_TO_HOST)
                .mapToLong(each -> each.answerBytes().sum())
                .sum();
        return entering(figures)
                .filter(each -> each.answerBytes().sum() >= LEAST_OUT_BYTES
                        && each.answerBytes().sum() >= MORE_OUT * (each.requestBytes().sum() + streamedIn))
                .map(each -> new Advice(
                        Advice.Code.FILTER_INSIDE,
                        each.name(),
                        "It returns more bytes than it was given: select or sum up inside, and let only what is needed out.",
                        List.of(Amounts.bytes(each.requestBytes().sum()) + " in and " + Amounts.bytes(each.answerBytes().sum())
                                + " out in " + Amounts.count(each.calls()) + " calls, " + each.way().words()),
                        Amounts.bytes(each.answerBytes().sum() - each.requestBytes().sum())
                                + " if answers were as large as requests, and more if little is needed; what does not leave cannot leak"))
                .toList();
    }

    /** Code that has to be trusted, and that works on nothing but what the host gave. */
    static List<Advice> moveOut(ProfileFigures figures) {
        return figures.hostOnly().stream()
                .filter(each -> each.bytes() >= LEAST_CODE_BYTES && each.bytes() >= WORTHWHILE * figures.reachedBytes())
                .map(each -> moveOut(each, figures.reachedBytes()))
                .toList();
    }

    private static Advice moveOut(HostOnlyCode code, long reachedBytes) {
        return new Advice(
                Advice.Code.MOVE_OUT,
                code.jar(),
                "Do this work in the host and hand its result in: only calls of the host get to this code.",
                List.of(
                        Amounts.bytes(code.bytes()) + " of class files in " + Amounts.count(code.classes())
                                + " classes are reached from " + String.join(", ", code.from()) + " alone",
                        "it reads no field that code of clients' calls uses, no sealed file and no sealed value"),
                Amounts.bytes(code.bytes()) + " of code to be trusted, " + Amounts.percent(code.bytes(), reachedBytes)
                        + " of what can be reached beside Innerkeep's own");
    }

    /** A heap so much larger than what lives in it that a smaller one gives an SGX enclave of half the size. */
    static List<Advice> smallerHeap(ProfileFigures figures) {
        if (figures.heap().isEmpty()) {
            return List.of();
        }
        Heap heap = figures.heap().get();
        long enough = Math.max(2, (heap.live() * HEAP_ROOM + HEAP_STEP - 1) / HEAP_STEP) * HEAP_STEP;
        Needs now = Needs.of(figures.heapBytes(), figures.memory());
        Needs then = Needs.of(enough, figures.memory());
        if (enough >= figures.heapBytes() || then.enclaveSize() >= now.enclaveSize()) {
            return List.of();
        }
        return List.of(new Advice(
                Advice.Code.SMALLER_HEAP,
                "heap",
                "Set heap = " + (enough >> 20) + "m: it then needs an SGX enclave of " + Amounts.bytes(then.enclaveSize()) + ".",
                List.of(
                        Amounts.bytes(heap.live()) + " lived in the heap at the end, " + Amounts.bytes(heap.mostUsed())
                                + " were the most in use with garbage, of " + Amounts.bytes(figures.heapBytes()),
                        "with everything else this heap needs " + Amounts.bytes(now.enclaveBytes()) + ", so an SGX enclave of "
                                + Amounts.bytes(now.enclaveSize())),
                Amounts.bytes(now.enclaveSize() - then.enclaveSize()) + " of protected memory; measure again with your largest inputs"));
    }

    /** Crossings that are not worth a thought. */
    static List<Advice> timeIsInside(ProfileFigures figures) {
        double crossing = program(figures)
                .filter(each -> each.crossingNanos().isPresent())
                .mapToDouble(each -> each.crossingNanos().getAsDouble() * each.calls())
                .sum();
        double inside = entering(figures).flatMap(each -> each.work().stream()).mapToDouble(Spread::sum).sum();
        if (inside < LEAST_INSIDE_NANOS || crossing >= WORTHWHILE * inside) {
            return List.of();
        }
        List<String> because = new ArrayList<>();
        because.add(Amounts.nanos(inside) + " of work inside, " + Amounts.nanos(crossing) + " of crossings between host and enclave");
        Optional<MethodCost> most = entering(figures)
                .filter(each -> each.work().isPresent())
                .max((a, b) -> Long.compare(a.work().orElseThrow().sum(), b.work().orElseThrow().sum()));
        most.ifPresent(each -> because.add(each.name() + " alone worked for " + Amounts.nanos(each.work().orElseThrow().sum())));
        return List.of(new Advice(
                Advice.Code.TIME_IS_INSIDE,
                "crossings",
                "The time is inside: crossings do not matter here. To be faster, make the work itself faster.",
                because,
                "at most " + Amounts.percent(crossing, crossing + inside) + " of the time, if there were no crossings at all"));
    }
}
