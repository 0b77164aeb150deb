package org.innerkeep.testing.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunTest {
    private static final Step SWAP = Step.at(Move.SWAP_CODE, 1);
    private static final Step REPEAT = Step.at(Move.REPEAT_CALL, 1);
    private static final Step KILL = Step.at(Move.KILL, 1);
    private final IOException no = new IOException("no");
    private static final Outcome<String> DONE = new Outcome.Completed<>("done");

    private static Run<String> run(Outcome<String> outcome, List<Step> met, List<Exception> refusals, Step... steps) {
        Extent extent = new Extent(List.of(), List.of(), 0, 0, 0, 0);
        return new Run<>(Schedule.of(steps), outcome, List.of(steps), met, refusals, new Seen(), extent);
    }

    @Test
    void whatMustBeRefusedIsNeglectedWhereAClientMetItAndNobodyRefused() {
        assertThat(run(DONE, List.of(SWAP), List.of(), SWAP).neglected()).hasValue(
                "the host connects a client to other code, and nobody refused");
        assertThat(run(DONE, List.of(SWAP), List.of(no), SWAP).neglected()).isEmpty();
        assertThat(run(new Outcome.Refused<>(no), List.of(SWAP), List.of(), SWAP).neglected()).isEmpty();
        assertThat(run(DONE, List.of(), List.of(), SWAP).neglected()).isEmpty();
    }

    @Test
    void whatMustChangeNothingIsNeglectedWhereAnybodyRefused() {
        assertThat(run(DONE, List.of(), List.of(), REPEAT).neglected()).isEmpty();
        assertThat(run(new Outcome.Refused<>(no), List.of(), List.of(), REPEAT).neglected()).hasValueSatisfying(
                text -> assertThat(text).startsWith("the host makes a call twice, which must change nothing: "));
        assertThat(run(DONE, List.of(), List.of(no), REPEAT).neglected()).isPresent();
    }

    @Test
    void nothingIsOwedWhereEitherMayBeOrStepsCannotBeToldApart() {
        assertThat(run(new Outcome.Refused<>(no), List.of(), List.of(), KILL).neglected()).isEmpty();
        assertThat(run(DONE, List.of(), List.of(), KILL).neglected()).isEmpty();
        assertThat(run(DONE, List.of(SWAP), List.of(), SWAP, KILL).neglected()).isEmpty();
    }
}
