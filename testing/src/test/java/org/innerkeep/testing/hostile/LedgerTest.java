package org.innerkeep.testing.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.evidence.Reason.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Moves against an enclave whose state the host stores. Each took effect, and what came of it is what must. */
class LedgerTest {
    /** All goes on as if nothing had been done. */
    static final List<String> HARMLESS = List.of(
            "delay-record at record 4 of connection 2 choosing 3",
            "delay-record at answer record 2 of connection 1",
            "replay-client at connection 2",
            "fork at connection 2",
            "intrude at call 3",
            "intrude at connection 2",
            "duplicate-frame at frame 1",
            "swap-frames at frame 2",
            "replay-frame at frame 7 choosing 4",
            "repeat-call at call 1",
            "concurrent-call at call 2",
            "other-call at call 2",
            "skip-call at call 2",
            "stale-arguments at call 2",
            "mixed-arguments at call 2",
            "serve-twice at served call 2",
            "serve-twice at served call 4",
            "restart at call 1");

    /** Somebody refuses. */
    static final List<String> REFUSED = List.of(
            "drop-record at record 1 of connection 1",
            "drop-record at answer record 4 of connection 2",
            "cut-connection at record 4 of connection 2",
            "half-close at answer record 4 of connection 2",
            "cut-in-record at record 5 of connection 1",
            "flip-record-bit at record 4 of connection 2 choosing 40",
            "flip-record-bit at answer record 1 of connection 1 choosing 40",
            "random-record at answer record 4 of connection 2",
            "duplicate-record at record 4 of connection 2",
            "swap-records at answer record 1 of connection 1",
            "insert-record at record 4 of connection 2",
            "replay-record at record 4 of connection 2 choosing 3",
            "reconnect at record 4 of connection 2",
            "deny at connection 1",
            "replay-enclave at connection 2",
            "drop-frame at frame 3",
            "flip-frame-bit at frame 5",
            "random-frame at frame 5",
            "cut-in-frame at frame 5",
            "oversize-frame at frame 5",
            "unknown-frame at frame 5",
            "wrong-frame-id at frame 3",
            "no-answer at served call 2",
            "no-answer at served call 4",
            "others-value at read 2",
            "cut-value at read 2 choosing 20",
            "flipped-value at read 2 choosing 77",
            "lost-value at read 2",
            "kill at call 1",
            "kill at record 5 of connection 1",
            "restart at record 4 of connection 2",
            "restart-code at call 3");

    /** Nothing inside counts what is sealed. */
    static final List<String> OLD = List.of(
            "older-value at read 2",
            "roll-back at read 2",
            "lost-value at read 2",
            "stale-answer at served call 4");

    /** Another enclave is refused for what it is. */
    static final List<String> NOT_AGREED = List.of(
            "swap-code at connection 1",
            "swap-older at connection 1",
            "swap-debug at connection 1",
            "swap-platform at connection 1",
            "clock-behind at connection 1",
            "clock-ahead at connection 1",
            "restart-older at call 1",
            "restart-debug at call 1");

    private static Run<List<String>> run(LedgerScenario scenario, String step) {
        Step only = Step.parse(step);
        Run<List<String>> run = HostileHost.run(scenario, Schedule.of(only));
        assertThat(run.tookEffect()).as("%s: %s", step, run.outcome()).containsExactly(only);
        assertThat(run.neglected()).isEmpty();
        assertThat(run.seen().find(LedgerScenario.secrets())).isEmpty();
        return run;
    }

    @ParameterizedTest
    @FieldSource("HARMLESS")
    void leavesNoTrace(String step) {
        assertThat(run(LedgerScenario.sound(), step).outcome()).isEqualTo(new Outcome.Completed<>(LedgerScenario.ENTRIES));
    }

    @ParameterizedTest
    @FieldSource("REFUSED")
    void endsInARefusal(String step) {
        assertThat(run(LedgerScenario.sound(), step).outcome()).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void anEnclaveThatIsNotTheAgreedOneIsRefusedForWhatItIs() {
        Iterator<String> steps = NOT_AGREED.iterator();
        assertThat(refused(steps.next())).containsExactly(Code.MEASUREMENT_MISMATCH);
        assertThat(refused(steps.next())).contains(Code.SVN_TOO_LOW);
        assertThat(refused(steps.next())).contains(Code.DEBUG_ENCLAVE);
        assertThat(refused(steps.next())).containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(refused(steps.next())).containsExactly(Code.EVIDENCE_STALE);
        assertThat(refused(steps.next())).containsExactly(Code.EVIDENCE_FROM_FUTURE);
        assertThat(refused(steps.next())).contains(Code.SVN_TOO_LOW);
        assertThat(refused(steps.next())).contains(Code.DEBUG_ENCLAVE);
        assertThat(steps).isExhausted();
    }

    private static List<Code> refused(String step) {
        Run<List<String>> run = run(LedgerScenario.sound(), step);
        assertThat(run.outcome()).as(step).isInstanceOf(Outcome.Refused.class);
        Exception why = ((Outcome.Refused<List<String>>) run.outcome()).why();
        assertThat(why).as(step).isInstanceOf(SessionRefusedException.class);
        return ((SessionRefusedException) why).refusal().reasons().stream().map(reason -> reason.code()).toList();
    }

    /** By design: nothing inside counts what is sealed. Documented in docs/writing-an-enclave.md, "What survives". */
    @ParameterizedTest
    @FieldSource("OLD")
    void anOlderStateIsTakenUnlessAClientRemembersWhatItWrote(String step) {
        Run<List<String>> careless = run(new LedgerScenario(LedgerEnclave.class, false), step);
        assertThat(careless.outcome()).isInstanceOf(Outcome.Completed.class);
        assertThat(LedgerScenario.onlyWhatWasWritten(careless)).hasValueSatisfying(
                wrong -> assertThat(wrong).startsWith("a client took "));

        assertThat(run(LedgerScenario.sound(), step).outcome()).isInstanceOf(Outcome.Refused.class);
    }

    /**
     * Each case above requires that its move took effect. A record cannot go into another connection, since one client comes after
     * the other; and a call is answered before it can be cancelled. Both are done in {@code examples/hospitals}.
     */
    @Test
    void everyMoveIsDoneAboveButTwo() {
        Set<Move> done = EnumSet.noneOf(Move.class);
        Stream.of(HARMLESS, REFUSED, OLD, NOT_AGREED)
                .flatMap(List::stream)
                .forEach(step -> done.add(Step.parse(step).move()));

        assertThat(EnumSet.complementOf(EnumSet.copyOf(done))).containsExactlyInAnyOrder(Move.SPLICE_RECORD, Move.CANCEL_FRAME);
    }

    private static final class MyScenario extends LedgerScenario {
        MyScenario() {
            super(LedgerEnclave.class, true);
        }
    }

    /** Its lines are those of the page, which the test after it compares. */
    @Test
    void noScheduleMakesAClientTakeWhatWasNotWrittenOrShowsTheHostAnEntry() {
        List<byte[]> secrets = LedgerScenario.secrets();
        // The page's example:
        Exploration all = HostileHost.explore(
                LongStream.range(0, 60),               // seeds
                MyScenario::new,
                List.of(                               // what must hold after every run
                        LedgerScenario::onlyWhatWasWritten,
                        Invariant.unseen(secrets)));
        System.out.println(all);                       // each move: planned, done, how many runs had a result
        all.orThrow();
        // End of the page's example.

        assertThat(all.completed()).as("%s", all).isPositive();
        assertThat(all.refused()).as("%s", all).isPositive();
    }

    @Test
    void theExampleOfThePageIsTheOneAbove() throws IOException {
        Path root = Path.of(System.getProperty("innerkeep.root"));
        String page = Files.readString(root.resolve("docs/testing-against-a-hostile-host.md"));
        String source = Files.readString(root.resolve("testing/src/test/java/org/innerkeep/testing/hostile/LedgerTest.java"));

        String example = between(page, "```java\n", "```");
        assertThat(example).isEqualTo(between(source, "// The page's example:\n", "        // End of").replaceAll("(?m)^ {8}", ""));
        assertThat(page.split("```java", -1)).as("blocks of Java").hasSize(2);
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
