package org.innerkeep.testing.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.evidence.Reason.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moves against an enclave whose state the host stores. Each took effect, and what came of it is what must. */
class LedgerTest {
    private static Run<List<String>> run(LedgerScenario scenario, String step) {
        Step only = Step.parse(step);
        Run<List<String>> run = HostileHost.run(scenario, Schedule.of(only));
        assertThat(run.tookEffect()).as("%s: %s", step, run.outcome()).containsExactly(only);
        assertThat(run.seen().find(LedgerScenario.secrets())).isEmpty();
        return run;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
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
                "restart at call 1",
            })
    void leavesNoTrace(String step) {
        assertThat(run(LedgerScenario.sound(), step).outcome()).isEqualTo(new Outcome.Completed<>(LedgerScenario.ENTRIES));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
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
                "restart-code at call 3",
            })
    void endsInARefusal(String step) {
        assertThat(run(LedgerScenario.sound(), step).outcome()).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void anEnclaveThatIsNotTheAgreedOneIsRefusedForWhatItIs() {
        assertThat(refused("swap-code at connection 1")).containsExactly(Code.MEASUREMENT_MISMATCH);
        assertThat(refused("swap-older at connection 1")).contains(Code.SVN_TOO_LOW);
        assertThat(refused("swap-debug at connection 1")).contains(Code.DEBUG_ENCLAVE);
        assertThat(refused("swap-platform at connection 1")).containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(refused("clock-behind at connection 1")).containsExactly(Code.EVIDENCE_STALE);
        assertThat(refused("clock-ahead at connection 1")).containsExactly(Code.EVIDENCE_FROM_FUTURE);
        assertThat(refused("restart-older at call 1")).contains(Code.SVN_TOO_LOW);
        assertThat(refused("restart-debug at call 1")).contains(Code.DEBUG_ENCLAVE);
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
    @ValueSource(
            strings = {
                "older-value at read 2",
                "roll-back at read 2",
                "lost-value at read 2",
                "stale-answer at served call 4"
            })
    void anOlderStateIsTakenUnlessAClientRemembersWhatItWrote(String step) {
        Run<List<String>> careless = run(new LedgerScenario(LedgerEnclave.class, false), step);
        assertThat(careless.outcome()).isInstanceOf(Outcome.Completed.class);
        assertThat(LedgerScenario.onlyWhatWasWritten(careless)).hasValueSatisfying(
                wrong -> assertThat(wrong).startsWith("a client took "));

        assertThat(run(LedgerScenario.sound(), step).outcome()).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void noScheduleMakesAClientTakeWhatWasNotWrittenOrShowsTheHostAnEntry() {
        Exploration exploration = HostileHost.explore(
                        LongStream.range(0, Integer.getInteger("innerkeep.hostile.ledger", 60)),
                        LedgerScenario::sound,
                        List.of(LedgerScenario::onlyWhatWasWritten, Invariant.unseen(LedgerScenario.secrets())))
                .orThrow();

        assertThat(exploration.completed()).as("%s", exploration).isPositive();
        assertThat(exploration.refused()).as("%s", exploration).isPositive();
    }
}
