package org.innerkeep.examples.hospitals.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.client.Trust;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.Careless;
import org.innerkeep.examples.hospitals.HospitalsEnclave;
import org.innerkeep.examples.hospitals.RefusedException;
import org.innerkeep.testing.hostile.Exploration;
import org.innerkeep.testing.hostile.Exploration.Finding;
import org.innerkeep.testing.hostile.HostileHost;
import org.innerkeep.testing.hostile.Invariant;
import org.innerkeep.testing.hostile.Move;
import org.innerkeep.testing.hostile.Outcome;
import org.innerkeep.testing.hostile.Run;
import org.innerkeep.testing.hostile.Schedule;
import org.innerkeep.testing.hostile.Step;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The hospitals' job on a hostile host. Whatever the operator does, no hospital takes a wrong model for good, nothing confidential
 * is in what the operator saw, and everything ends in time with a result or a refusal.
 *
 * <p>More schedules than in every build: {@code -Dinnerkeep.hostile.schedules=10000 -Dinnerkeep.hostile.seed=1}.
 */
class HostileHostTest {
    private static final int SCHEDULES = Integer.getInteger("innerkeep.hostile.schedules", 200);
    private static final long SEED = Long.getLong("innerkeep.hostile.seed", 1);
    private static final int FEW = 120;
    private static final int SELDOM = 30;

    /** Everybody gets the right model all the same. */
    static final List<String> HARMLESS = List.of(
            "delay-record at record 4 of connection 2 choosing 3",
            "delay-record at answer record 2 of connection 3 choosing 5",
            "replay-client at connection 2",
            "replay-client at connection 3 choosing 1",
            "duplicate-frame at frame 1",
            "replay-frame at frame 5 choosing 1",
            "repeat-call at call 1",
            "repeat-call at call 3",
            "repeat-call at call 5",
            "concurrent-call at call 5",
            "other-call at call 3",
            "restart at call 3",
            "kill at call 6",
            "intrude at connection 2 choosing 3",
            "intrude at connection 3 choosing 6",
            "intrude at connection 2",
            "older-value at read 5",
            "others-value at read 6 choosing 3",
            "cut-value at read 5 choosing 100",
            "flipped-value at read 6 choosing 3",
            "lost-value at read 7",
            "roll-back at read 5 choosing 5");

    /**
     * Somebody refuses, and nobody takes a wrong model. Without a second attempt: what a hospital that runs its program once more
     * gets, the drawn schedules show.
     */
    static final List<String> REFUSED = List.of(
            "drop-record at record 1 of connection 1",
            "drop-record at answer record 4 of connection 2",
            "cut-connection at record 4 of connection 2",
            "cut-connection at answer record 6 of connection 1",
            "half-close at record 4 of connection 2",
            "half-close at answer record 3 of connection 2",
            "cut-in-record at record 5 of connection 1",
            "cut-in-record at answer record 4 of connection 3",
            "flip-record-bit at record 4 of connection 2 choosing 40",
            "flip-record-bit at answer record 6 of connection 1 choosing 77",
            "random-record at record 6 of connection 1",
            "random-record at answer record 4 of connection 2",
            "duplicate-record at record 4 of connection 2",
            "duplicate-record at answer record 5 of connection 2",
            "swap-records at record 3 of connection 2",
            "swap-records at answer record 1 of connection 1",
            "insert-record at record 4 of connection 2",
            "insert-record at answer record 5 of connection 3",
            "replay-record at record 4 of connection 2 choosing 5",
            "replay-record at answer record 5 of connection 3 choosing 11",
            "splice-record at record 5 of connection 2",
            "splice-record at answer record 5 of connection 3 choosing 1",
            "reconnect at record 4 of connection 2",
            "deny at connection 1",
            "replay-enclave at connection 2",
            "fork at connection 3",
            "intrude at connection 2 choosing 1",
            "intrude at call 3",
            "drop-frame at frame 5",
            "flip-frame-bit at frame 5 choosing 3",
            "random-frame at frame 6",
            "cut-in-frame at frame 6",
            "oversize-frame at frame 6",
            "unknown-frame at frame 6 choosing 4",
            "wrong-frame-id at frame 5 choosing 1",
            "cancel-frame at frame 8",
            "skip-call at call 3",
            "stale-arguments at call 3",
            "mixed-arguments at call 3",
            "older-value at read 1",
            "older-value at read 2",
            "others-value at read 2",
            "cut-value at read 2 choosing 1000",
            "flipped-value at read 3 choosing 5",
            "lost-value at read 3",
            "roll-back at read 2",
            "kill at call 5",
            "kill at record 6 of connection 2",
            "kill at answer record 4 of connection 1",
            "restart at call 5",
            "restart at record 4 of connection 2",
            "restart-code at call 3");

    /** Another enclave, and what a hospital says to it. */
    static final List<String> NOT_AGREED = List.of(
            "swap-code at connection 2, MEASUREMENT_MISMATCH",
            "swap-older at connection 2, SVN_TOO_LOW",
            "swap-debug at connection 2, DEBUG_ENCLAVE",
            "swap-platform at connection 2, ANCHOR_NOT_PINNED",
            "clock-behind at connection 2, EVIDENCE_STALE",
            "clock-ahead at connection 2, EVIDENCE_FROM_FUTURE",
            "restart-code at call 1, MEASUREMENT_MISMATCH",
            "restart-older at call 3, SVN_TOO_LOW",
            "restart-debug at call 3, DEBUG_ENCLAVE");

    /** What the enclave tells a hospital about its file. */
    static final List<String> TOLD = List.of(
            "older-value at read 2, INPUT_DIFFERS",
            "others-value at read 3, INPUT_DIFFERS",
            "cut-value at read 2 choosing 1000, INPUT_DIFFERS",
            "flipped-value at read 4 choosing 7, INPUT_DIFFERS",
            "skip-call at call 4, INPUT_MISSING",
            "intrude at connection 2 choosing 1, INPUT_DIFFERS");

    /** Without vaults the enclave makes no calls to its host, so nothing can be done to such calls; {@code LedgerTest} of the kit does it. */
    private static final Set<Move> NO_PLACE = EnumSet.of(Move.STALE_ANSWER, Move.NO_ANSWER, Move.SERVE_TWICE);

    private static World world;

    @BeforeAll
    static void meet() throws Exception {
        world = new World();
    }

    private static Run<Map<String, Bytes>> run(String text) {
        Step step = Step.parse(text);
        Run<Map<String, Bytes>> run =
                HostileHost.run(new JobScenario(world, HospitalsEnclave.class, 1), Schedule.of(step));
        assertThat(run.tookEffect()).as("%s: %s", text, run.outcome()).containsExactly(step);
        assertThat(run.neglected()).isEmpty();
        assertThat(JobScenario.rightModelOnly(world, run)).isEmpty();
        assertThat(run.seen().find(world.secrets())).isEmpty();
        return run;
    }

    @ParameterizedTest
    @FieldSource("HARMLESS")
    void everybodyGetsTheRightModelAllTheSame(String step) {
        assertThat(run(step).outcome()).isInstanceOf(Outcome.Completed.class);
    }

    @ParameterizedTest
    @FieldSource("REFUSED")
    void somebodyRefusesAndNobodyTakesAWrongModel(String step) {
        assertThat(run(step).outcome()).isInstanceOf(Outcome.Refused.class);
    }

    @ParameterizedTest
    @FieldSource("NOT_AGREED")
    void noHospitalReleasesToAnotherEnclave(String line) {
        requireCode(line);
    }

    @ParameterizedTest
    @FieldSource("TOLD")
    void theEnclaveTellsAHospitalWhatIsWrongWithItsFile(String line) {
        requireCode(line);
    }

    private static void requireCode(String line) {
        List<String> parts = List.of(line.split(", ", -1));
        assertThat(codes(run(parts.getFirst()))).contains(parts.getLast());
    }

    /** Two frames are under way at once where two calls are. */
    @Test
    void twoFramesThatAreSwappedChangeNothing() {
        Schedule both = Schedule.of(Step.parse("concurrent-call at call 5"), Step.parse("swap-frames at frame 8"));
        Run<Map<String, Bytes>> run = HostileHost.run(new JobScenario(world, HospitalsEnclave.class, 1), both);

        assertThat(run.tookEffect()).containsExactlyElementsOf(both.steps());
        assertThat(run.outcome()).isInstanceOf(Outcome.Completed.class);
        assertThat(JobScenario.rightModelOnly(world, run)).isEmpty();
    }

    /** Each case above requires that its move took effect. */
    @Test
    void everyMoveIsDoneAboveButThoseOnCallsThatThisEnclaveDoesNotMake() {
        Set<Move> done = EnumSet.of(Move.SWAP_FRAMES);
        Stream.of(HARMLESS, REFUSED, NOT_AGREED, TOLD)
                .flatMap(List::stream)
                .forEach(line -> done.add(Step.parse(line.split(",", -1)[0]).move()));

        assertThat(EnumSet.complementOf(EnumSet.copyOf(done))).isEqualTo(NO_PLACE);
        assertThat(HostileHost.run(new JobScenario(world, HospitalsEnclave.class, 1), Schedule.of()).extent().served()).isZero();
    }

    private static Set<String> codes(Run<Map<String, Bytes>> run) {
        assertThat(run.outcome()).isInstanceOf(Outcome.Refused.class);
        Exception why = ((Outcome.Refused<Map<String, Bytes>>) run.outcome()).why();
        assertThat(why).isInstanceOf(JobScenario.NotEverybody.class);
        return ((JobScenario.NotEverybody) why).refusals().values().stream()
                .flatMap(refusal -> switch (refusal) {
                    case SessionRefusedException session ->
                        session.refusal().reasons().stream().map(reason -> reason.code().name());
                    case RefusedException refused -> Stream.of(refused.reason().name());
                    default -> Stream.of(refusal.toString());
                })
                .collect(Collectors.toSet());
    }

    private static List<Invariant<Map<String, Bytes>>> invariants() {
        return List.of(run -> JobScenario.rightModelOnly(world, run), Invariant.unseen(world.secrets()));
    }

    @Test
    void noScheduleMakesAHospitalTakeAWrongModelOrShowsTheOperatorASecret() {
        Exploration exploration = HostileHost.explore(
                LongStream.range(SEED, SEED + SCHEDULES),
                () -> new JobScenario(world, HospitalsEnclave.class, 2),
                invariants());
        System.out.println(exploration);

        exploration.orThrow();
        assertThat(exploration.completed()).isGreaterThan(SCHEDULES / 4);
        assertThat(exploration.refused()).isPositive();
        assertThat(without(exploration)).containsAll(NO_PLACE);
        Set<Move> seldom = without(exploration);
        seldom.removeAll(NO_PLACE);
        // Frames are under way one at a time, so only two steps together swap them: see above.
        seldom.remove(Move.SWAP_FRAMES);
        if (!seldom.isEmpty()) {
            // Drawn only where they had nothing to work on, which happens: these alone then, until each had an effect.
            Exploration more = HostileHost.explore(
                            LongStream.range(SEED, SEED + SELDOM),
                            seldom,
                            () -> new JobScenario(world, HospitalsEnclave.class, 2),
                            invariants())
                    .orThrow();
            assertThat(more.tookEffect()).isEqualTo(seldom);
        }
    }

    private static Set<Move> without(Exploration exploration) {
        Set<Move> without = EnumSet.allOf(Move.class);
        without.removeAll(exploration.tookEffect());
        return without;
    }

    private static Finding found(Supplier<JobScenario> scenario) {
        Exploration exploration = HostileHost.explore(LongStream.range(0, FEW), scenario, invariants());
        assertThat(exploration.finding()).as("%s", exploration).isPresent();
        Finding finding = exploration.finding().orElseThrow();
        assertThat(finding.shrunk().steps()).as("%s", finding).hasSizeLessThanOrEqualTo(2);
        return finding;
    }

    private static JobScenario careless(Class<? extends EnclaveProgram> program) {
        return new JobScenario(world, program, 2);
    }

    @Test
    void findsARoomThatTakesAnySignature() {
        Finding finding = found(() -> careless(Careless.AnySignature.class));

        assertThat(finding.violation()).endsWith("took a wrong model for good");
        assertThat(finding.shrunk().steps()).extracting(Step::move).contains(Move.INTRUDE);
    }

    @Test
    void findsARoomThatTrainsWithoutEveryOwner() {
        assertThat(found(() -> careless(Careless.AnyOwners.class)).violation()).endsWith("took a wrong model for good");
    }

    @Test
    void findsHospitalsThatDoNotLookAtTheCode() {
        Finding finding = found(() -> new JobScenario(world, HospitalsEnclave.class, 2) {
            @Override
            Trust trust() {
                return world.gullible();
            }
        });

        assertThat(finding.violation()).contains("a secret is in what the host saw");
        assertThat(finding.shrunk().steps()).extracting(Step::move).containsAnyOf(Move.SWAP_CODE, Move.RESTART_CODE);
    }

    @Test
    void findsResultsThatAreNotSealedWithoutAnyMove() {
        Run<Map<String, Bytes>> run = HostileHost.run(careless(Careless.OpenResults.class), Schedule.of());

        assertThat(run.seen().find(world.secrets())).hasValueSatisfying(
                place -> assertThat(place).startsWith("frames from enclaves"));
    }
}
