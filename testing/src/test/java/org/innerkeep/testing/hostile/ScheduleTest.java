package org.innerkeep.testing.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final Extent EXTENT = new Extent(List.of(8, 9), List.of(7, 7), 12, 6, 3, 4);

    @Test
    void everyDrawnScheduleIsReadBackFromItsText() {
        for (long seed = 0; seed < 2000; seed++) {
            Schedule schedule = Schedule.draw(seed, EnumSet.allOf(Move.class), EXTENT);
            assertThat(Schedule.parse(schedule.toString())).isEqualTo(schedule);
            assertThat(schedule.steps()).hasSizeBetween(1, 4);
        }
    }

    @Test
    void theSameSeedGivesTheSameScheduleAndOthersGiveOthers() {
        Schedule first = Schedule.draw(4711, EnumSet.allOf(Move.class), EXTENT);

        assertThat(Schedule.draw(4711, EnumSet.allOf(Move.class), EXTENT)).isEqualTo(first);
        assertThat(Schedule.draw(4712, EnumSet.allOf(Move.class), EXTENT).steps()).isNotEqualTo(first.steps());
    }

    @Test
    void drawsNoPointThatDoesNotExist() {
        Extent onlyCalls = new Extent(List.of(), List.of(), 0, 2, 0, 0);
        for (long seed = 0; seed < 200; seed++) {
            assertThat(Schedule.draw(seed, EnumSet.allOf(Move.class), onlyCalls).steps())
                    .allMatch(step -> step.place() == Place.CALL && step.number() <= 2);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.draw(1, EnumSet.of(Move.OLDER_VALUE), onlyCalls))
                .withMessageContaining("no move can be made");
    }

    @Test
    void isReadable() {
        assertThat(new Schedule(4711, List.of(
                                new Step(Move.FLIP_RECORD_BIT, Place.RECORD_OUT, 2, 3, 17), Step.at(Move.KILL, 2)))
                        .toString())
                .isEqualTo("seed 4711: [flip-record-bit at answer record 3 of connection 2 choosing 17; kill at call 2]");
        assertThat(Schedule.of().toString()).isEqualTo("seed 0: []");
        assertThat(Schedule.parse("seed 0: []")).isEqualTo(Schedule.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kill at call 2",
                "seed x: [kill at call 2]",
                "seed 1: [kill at call 2",
                "seed 1: [kill at read 2]",
                "seed 1: [kill at call 0]",
                "seed 1: [kill at record 1]",
                "seed 1: [kill at call 1 of connection 2]",
                "seed 1: [murder at call 1]",
                "seed 1: [kill at breakfast 1]",
                "seed 1: [kill at call 99999999999]",
                "seed 1: [kill at call 1;]",
            })
    void refusesWhatIsNoSchedule(String text) {
        assertThatThrownBy(() -> Schedule.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyMoveSaysWhatItDoesAndWhatIsOwed() {
        assertThat(Move.values()).allSatisfy(move -> {
            assertThat(move.text()).isNotBlank();
            assertThat(move.places()).isNotEmpty();
            assertThat(Move.of(move.id())).isEqualTo(move);
        });
    }
}
