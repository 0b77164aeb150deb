package org.innerkeep.testing.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.testing.hostile.Exploration.Finding;
import org.junit.jupiter.api.Test;

/** Programs and clients with planted bugs: the kit must find each, within few schedules, and say how to repeat it. */
class PlantedBugsTest {
    private static final int FEW = 100;

    private static Finding found(Supplier<LedgerScenario> scenario) {
        Exploration exploration = HostileHost.explore(
                LongStream.range(1, FEW),
                scenario,
                List.of(LedgerScenario::onlyWhatWasWritten, Invariant.unseen(LedgerScenario.secrets())));
        assertThat(exploration.finding()).as("%s", exploration).isPresent();
        Finding finding = exploration.finding().orElseThrow();
        assertThat(Schedule.parse(finding.shrunk().toString())).isEqualTo(finding.shrunk());
        assertThat(finding.shrunk().steps()).hasSize(1);
        return finding;
    }

    /** Accepts whatever code the pinned machine runs, debuggable too. */
    private static final class Gullible extends LedgerScenario {
        Gullible() {
            super(LedgerEnclave.class, true);
        }

        @Override
        Trust trust() {
            return anyCode();
        }
    }

    @Test
    void findsAClientThatDoesNotLookAtTheCode() {
        Finding finding = found(Gullible::new);

        assertThat(finding.violation()).contains("a secret is in what the host saw");
        assertThat(finding.shrunk().steps().getFirst().move()).isIn(Move.SWAP_CODE, Move.RESTART_CODE);
    }

    /** No invariant fails: that an older version was taken for the agreed one is all that is wrong. */
    @Test
    void findsAClientThatTakesAnOlderVersionAlsoWhereNothingComesOfIt() {
        Exploration exploration =
                HostileHost.explore(LongStream.range(1, FEW), EnumSet.of(Move.SWAP_OLDER), Gullible::new, List.of());

        assertThat(exploration.finding()).as("%s", exploration).hasValueSatisfying(finding -> {
            assertThat(finding.violation()).isEqualTo("the host connects a client to an older version, and nobody refused");
            assertThat(finding.shrunk().steps()).hasSize(1);
        });
    }

    @Test
    void findsAnEnclaveThatARepeatedCallOfTheHostStops() {
        Exploration exploration = HostileHost.explore(
                LongStream.range(1, FEW),
                EnumSet.of(Move.REPEAT_CALL),
                () -> new LedgerScenario(LedgerEnclave.Touchy.class, true),
                List.of());

        assertThat(exploration.finding()).as("%s", exploration).hasValueSatisfying(finding ->
                assertThat(finding.violation()).startsWith("the host makes a call twice, which must change nothing: "));
    }

    /** Refuses with an honest host, and goes on. */
    private static final class Grumpy extends LedgerScenario {
        Grumpy() {
            super(LedgerEnclave.class, true);
        }

        @Override
        public List<String> run(HostileHost host) throws Exception {
            host.refused(new IOException("as always"));
            return super.run(host);
        }
    }

    @Test
    void saysSoWhereSomebodyRefusesWithAnHonestHost() {
        assertThatThrownBy(() -> HostileHost.explore(LongStream.range(1, 2), Grumpy::new, List.of()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("somebody refuses with an honest host");
    }

    @Test
    void findsAnEnclaveThatBeginsAnewWhereItsStateDoesNotOpen() {
        Finding finding = found(() -> new LedgerScenario(LedgerEnclave.Forgetful.class, false));

        assertThat(finding.violation()).startsWith("a client took ");
    }

    @Test
    void findsAClientThatForgetsHowManyEntriesItWrote() {
        Finding finding = found(() -> new LedgerScenario(LedgerEnclave.class, false));

        assertThat(finding.violation()).startsWith("a client took ");
        assertThat(finding.shrunk().steps().getFirst().place()).isIn(Place.READ, Place.SERVED);
    }

    @Test
    void findsStateThatLeavesUnsealedWithoutAnyMove() {
        try {
            HostileHost.explore(
                    LongStream.range(1, 2),
                    () -> new LedgerScenario(LedgerEnclave.Leaky.class, true),
                    List.of(Invariant.unseen(LedgerScenario.secrets())));
        } catch (AssertionError e) {
            assertThat(e).hasMessageContaining("a secret is in what the host saw: ");
            return;
        }
        throw new AssertionError("the needle was not found");
    }

    /** Fails in a way that it does not declare when a connection breaks. */
    private static final class Fragile extends LedgerScenario {
        Fragile() {
            super(LedgerEnclave.class, true);
        }

        @Override
        Client connect(java.net.InetSocketAddress address) {
            try {
                return super.connect(address);
            } catch (IOException e) {
                throw new IllegalStateException("this cannot happen", e);
            }
        }
    }

    @Test
    void findsAFailureThatNobodyDeclares() {
        assertThat(found(Fragile::new).violation()).startsWith("a failure that nobody declares: ");
    }

    @Test
    void countsNoMoveThatHadNothingToWorkOn() {
        Run<List<String>> run = HostileHost.run(
                LedgerScenario.sound(),
                Schedule.of(Step.at(Move.KILL, Place.RECORD_IN, 9, 1), Step.at(Move.OLDER_VALUE, 1), Step.at(Move.DROP_FRAME, 999)));

        assertThat(run.outcome()).isInstanceOf(Outcome.Completed.class);
        assertThat(run.tookEffect()).isEmpty();
    }

    @Test
    void everyMoveCanBeDrawn() {
        Extent extent = HostileHost.run(LedgerScenario.sound(), Schedule.of()).extent();
        EnumSet<Move> drawn = EnumSet.noneOf(Move.class);
        LongStream.range(0, 500)
                .mapToObj(seed -> Schedule.draw(seed, EnumSet.allOf(Move.class), extent))
                .forEach(schedule -> schedule.steps().forEach(step -> drawn.add(step.move())));

        assertThat(drawn).containsExactlyInAnyOrder(Move.values());
    }
}
