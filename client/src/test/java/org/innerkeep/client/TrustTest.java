package org.innerkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.innerkeep.client.Reports.ANCHOR;
import static org.innerkeep.client.Reports.GOOD;
import static org.innerkeep.client.Reports.NOW;
import static org.innerkeep.client.Reports.PRODUCT;
import static org.innerkeep.client.Reports.REPORT_DATA;
import static org.innerkeep.client.Reports.RUNTIME;
import static org.innerkeep.client.Reports.SIGNER;
import static org.innerkeep.client.Reports.SVN;
import static org.innerkeep.client.Reports.digest;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.client.Reports.Parts;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrustTest {
    private static final Trust TRUST =
            Trust.signer(SIGNER, PRODUCT, SVN).on(ANCHOR).at(at(NOW));

    /** The evidence that each reason of this class's refusals is made for, and nothing else is wrong with. */
    private static final Map<Code, UnaryOperator<Parts>> ONE_FAULT = Map.of(
            Code.DEBUG_ENCLAVE, good -> good.debug(true),
            Code.ISOLATION_SAME_USER, good -> good.isolation(KeeperReport.Isolation.SAME_USER),
            Code.SIGNER_MISMATCH, good -> good.signer(digest("someone else")),
            Code.PRODUCT_MISMATCH, good -> good.product(PRODUCT + 1),
            Code.SVN_TOO_LOW, good -> good.svn(SVN - 1),
            Code.EVIDENCE_STALE, good -> good.age(Duration.ofMinutes(5).plusSeconds(1)),
            Code.REPORT_DATA_MISMATCH, good -> good.reportData(Bytes.of(new byte[64])),
            Code.EVIDENCE_FROM_FUTURE, good -> good.age(Duration.ofMinutes(-3)));

    private static final Map<String, UnaryOperator<Trust>> LIFTS = Map.of(
            "allowDebug", Trust::allowDebug,
            "allowMock", Trust::allowMock,
            "allowSameUser", Trust::allowSameUser);

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }

    private static Set<Code> refusals(Trust trust, byte[] evidence, Purpose purpose) {
        return switch (trust.appraise(evidence, REPORT_DATA, purpose)) {
            case Verdict.Accepted accepted -> Set.of();
            case Verdict.Undecided undecided -> throw new AssertionError(undecided.explain());
            case Verdict.Refused refused -> {
                assertThat(refused.reasons()).extracting(Reason::remedy).noneMatch(String::isBlank);
                yield Set.copyOf(refused.reasons().stream().map(Reason::code).toList());
            }
        };
    }

    private static Set<Code> refusals(Trust trust, Parts parts) {
        return refusals(trust, parts.signed(), Purpose.SESSION);
    }

    @Test
    void acceptsAgreedCodeOnAPinnedKeeperWithProvenClaims() {
        Verdict verdict = TRUST.appraise(GOOD.signed(), REPORT_DATA, Purpose.SESSION);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            assertThat(accepted.claims().measurement()).hasValue(GOOD.measurement());
            assertThat(accepted.claims().anchor()).isEqualTo(ANCHOR.id());
        });
    }

    @Test
    void refusesEachSingleFaultWithItsOwnReasonAndNoOther() {
        ONE_FAULT.forEach((code, fault) ->
                assertThat(refusals(TRUST, fault.apply(GOOD))).as("%s", code).containsExactly(code));
    }

    @Test
    void trustsNobodyUntilAnAnchorIsPinned() {
        Trust unpinned = Trust.signer(SIGNER, PRODUCT, SVN).at(at(NOW));

        assertThat(refusals(unpinned, GOOD)).containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(refusals(Trust.measurement(GOOD.measurement()).at(at(NOW)).allowDebug().allowMock().allowSameUser(), GOOD))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void refusesEvidenceOfAnotherKeeperThanThePinnedOne() {
        Trust other = Trust.signer(SIGNER, PRODUCT, SVN)
                .on(KeeperAnchor.of(Reports.newKey().getPublic()))
                .at(at(NOW));

        assertThat(refusals(other, GOOD)).containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(refusals(other.on(ANCHOR), GOOD)).as("a further anchor adds to the first").isEmpty();
    }

    @Test
    void refusesEveryChangedByteOfEvidence() {
        byte[] signed = GOOD.signed();
        for (int i = 0; i < signed.length; i++) {
            byte[] changed = signed.clone();
            changed[i] ^= 1;

            assertThat(refusals(TRUST, changed, Purpose.SESSION)).as("byte %d", i).isNotEmpty();
        }
    }

    @Test
    void refusesTheMockPlatformAlsoWhereItIsNamedAsAccepted() {
        Parts mock = GOOD.platform(KeeperReport.MOCK);

        assertThat(refusals(TRUST, mock)).containsExactlyInAnyOrder(Code.MOCK_PLATFORM, Code.PLATFORM_NOT_ACCEPTED);
        assertThat(refusals(TRUST.platforms("mock"), mock)).containsExactly(Code.MOCK_PLATFORM);
        assertThat(refusals(TRUST.allowMock(), mock)).isEmpty();
    }

    @Test
    void refusesPlatformsThatAreNotNamed() {
        assertThat(refusals(TRUST.platforms("vm"), GOOD)).containsExactly(Code.PLATFORM_NOT_ACCEPTED);
        assertThat(refusals(TRUST.platforms("process"), GOOD)).isEmpty();
        assertThat(refusals(TRUST.platforms(), GOOD)).containsExactly(Code.PLATFORM_NOT_ACCEPTED);
    }

    /** Every floor against every method that lifts one. */
    @Test
    void eachFloorIsLiftedByItsOwnMethodOnly() {
        Map<String, Parts> floors = Map.of(
                "allowDebug", GOOD.debug(true),
                "allowMock", GOOD.platform(KeeperReport.MOCK),
                "allowSameUser", GOOD.isolation(KeeperReport.Isolation.SAME_USER));

        floors.forEach((own, evidence) -> LIFTS.forEach((method, lift) -> {
            Set<Code> before = refusals(TRUST, evidence);
            Set<Code> after = refusals(lift.apply(TRUST), evidence);

            assertThat(before).as(own).isNotEmpty();
            assertThat(after).as("%s on what %s is for", method, own).isEqualTo(method.equals(own) ? Set.of() : before);
        }));
    }

    @Test
    void liftingAllFloorsLiftsNothingElse() {
        Trust lax = TRUST.allowDebug().allowMock().allowSameUser();
        Set<Code> floors = Set.of(Code.DEBUG_ENCLAVE, Code.ISOLATION_SAME_USER);

        ONE_FAULT.forEach((code, fault) -> assertThat(refusals(lax, fault.apply(GOOD)))
                .as("%s", code)
                .isEqualTo(floors.contains(code) ? Set.of() : Set.of(code)));
    }

    @Test
    void copiesLeaveTheOriginalAsStrictAsItWas() {
        Trust lax = TRUST.allowDebug().allowMock().allowSameUser().maxAge(Duration.ofDays(1), Duration.ofDays(1));

        assertThat(lax).isNotSameAs(TRUST);
        assertThat(refusals(TRUST, GOOD.debug(true))).containsExactly(Code.DEBUG_ENCLAVE);
        assertThat(refusals(TRUST, GOOD.age(Duration.ofHours(1)))).containsExactly(Code.EVIDENCE_STALE);
    }

    @Test
    void refusesSessionEvidenceThatIsOlderThanFiveMinutes() {
        assertThat(refusals(TRUST, GOOD.age(Duration.ofMinutes(5)))).isEmpty();
        assertThat(refusals(TRUST, GOOD.age(Duration.ofMinutes(5).plusSeconds(1)))).containsExactly(Code.EVIDENCE_STALE);
    }

    @Test
    void refusesCertificateEvidenceThatIsOlderThanAYear() {
        assertThat(refusals(TRUST, GOOD.age(Duration.ofDays(366)).signed(), Purpose.CERTIFICATE)).isEmpty();
        assertThat(refusals(TRUST, GOOD.age(Duration.ofDays(366).plusSeconds(1)).signed(), Purpose.CERTIFICATE))
                .containsExactly(Code.EVIDENCE_STALE);
    }

    @Test
    void leavesTheAgeOfStatementsToWhoeverReadsThem() {
        assertThat(refusals(TRUST, GOOD.age(Duration.ofDays(20_000)).signed(), Purpose.STATEMENT)).isEmpty();
    }

    @Test
    void appliesTheAgesThatItIsGivenToTheirPurposes() {
        Trust strict = TRUST.maxAge(Duration.ofSeconds(20), Duration.ofSeconds(40));
        byte[] halfMinute = GOOD.age(Duration.ofSeconds(30)).signed();

        assertThat(refusals(strict, halfMinute, Purpose.SESSION)).containsExactly(Code.EVIDENCE_STALE);
        assertThat(refusals(strict, halfMinute, Purpose.CERTIFICATE)).isEmpty();
        assertThat(refusals(strict, GOOD.age(Duration.ofSeconds(41)).signed(), Purpose.CERTIFICATE))
                .containsExactly(Code.EVIDENCE_STALE);
    }

    @ParameterizedTest
    @EnumSource(Purpose.class)
    void refusesEvidenceFromTheFutureForEveryPurpose(Purpose purpose) {
        assertThat(refusals(TRUST, GOOD.age(Duration.ofMinutes(-2)).signed(), purpose)).isEmpty();
        assertThat(refusals(TRUST, GOOD.age(Duration.ofMinutes(-2).minusSeconds(1)).signed(), purpose))
                .containsExactly(Code.EVIDENCE_FROM_FUTURE);
    }

    @ParameterizedTest
    @EnumSource(Purpose.class)
    void holdsFloorsAndBindingForEveryPurpose(Purpose purpose) {
        Parts bad = GOOD.debug(true)
                .isolation(KeeperReport.Isolation.SAME_USER)
                .reportData(Bytes.of(new byte[64]));

        assertThat(refusals(TRUST, bad.signed(), purpose))
                .containsExactlyInAnyOrder(Code.DEBUG_ENCLAVE, Code.ISOLATION_SAME_USER, Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void reportsAllReasonsTogether() {
        Parts bad = new Parts(
                KeeperReport.MOCK,
                "other bundle",
                digest("other runtime"),
                digest("someone else"),
                PRODUCT + 1,
                SVN - 1,
                true,
                KeeperReport.Isolation.SAME_USER,
                Confinement.NONE,
                Bytes.of(new byte[64]),
                Duration.ofDays(1));
        Trust trust = TRUST.andMeasurement(GOOD.measurement()).runtime(RUNTIME);

        assertThat(refusals(trust, bad))
                .containsExactlyInAnyOrder(
                        Code.REPORT_DATA_MISMATCH,
                        Code.DEBUG_ENCLAVE,
                        Code.MOCK_PLATFORM,
                        Code.PLATFORM_NOT_ACCEPTED,
                        Code.ISOLATION_SAME_USER,
                        Code.EVIDENCE_STALE,
                        Code.SIGNER_MISMATCH,
                        Code.PRODUCT_MISMATCH,
                        Code.SVN_TOO_LOW,
                        Code.MEASUREMENT_MISMATCH,
                        Code.RUNTIME_MISMATCH);
    }

    @Test
    void requiresEachMechanismThatIsNamedAndNoOther() {
        Parts secret = GOOD.confinement(Confinement.of(Mechanism.SECRET_HEAP));
        Trust wanted = TRUST.confined(Mechanism.SECRET_HEAP);

        assertThat(refusals(wanted, secret)).isEmpty();
        assertThat(refusals(wanted, GOOD)).containsExactly(Code.CONFINEMENT_MISSING);
        assertThat(refusals(wanted, GOOD.confinement(Confinement.of(Mechanism.LANDLOCK, Mechanism.SECCOMP))))
                .containsExactly(Code.CONFINEMENT_MISSING);
        assertThat(refusals(wanted.confined(Mechanism.LANDLOCK), secret)).containsExactly(Code.CONFINEMENT_MISSING);
        assertThat(refusals(TRUST, secret)).as("more than is required").isEmpty();
    }

    @Test
    void acceptsNewerSecurityVersionsThanTheLeast() {
        assertThat(refusals(TRUST, GOOD.svn(SVN + 1))).isEmpty();
        assertThat(refusals(TRUST, GOOD.svn(0xffffffffL))).isEmpty();
    }

    @Test
    void trustInAMeasurementLooksAtExactlyThat() {
        Trust measured = Trust.measurement(GOOD.measurement()).on(ANCHOR).at(at(NOW));

        assertThat(refusals(measured, GOOD.signer(digest("someone else")).svn(0))).isEmpty();
        assertThat(refusals(measured, GOOD.bundle("other"))).containsExactly(Code.MEASUREMENT_MISMATCH);
        assertThat(refusals(measured, GOOD.runtime(digest("other")))).containsExactly(Code.MEASUREMENT_MISMATCH);
        assertThat(refusals(measured, GOOD.platform(KeeperReport.VM)))
                .as("the platform is part of the measurement")
                .containsExactly(Code.MEASUREMENT_MISMATCH);
    }

    @Test
    void acceptsAnyOfSeveralMeasurementsAndRequiresFurtherOnesAsWell() {
        Measurement other = GOOD.bundle("other").measurement();
        Trust either = Trust.measurement(GOOD.measurement(), other).on(ANCHOR).at(at(NOW));

        assertThat(refusals(either, GOOD)).isEmpty();
        assertThat(refusals(either, GOOD.bundle("other"))).isEmpty();
        assertThat(refusals(either.andMeasurement(other), GOOD)).containsExactly(Code.MEASUREMENT_MISMATCH);
        assertThat(refusals(TRUST.andMeasurement(GOOD.measurement()), GOOD.signer(digest("someone else"))))
                .as("a measurement does not replace the signer")
                .containsExactly(Code.SIGNER_MISMATCH);
    }

    @Test
    void acceptsPinnedRuntimesOnly() {
        assertThat(refusals(TRUST.runtime(RUNTIME), GOOD)).isEmpty();
        assertThat(refusals(TRUST.runtime(RUNTIME), GOOD.runtime(digest("patched")))).containsExactly(Code.RUNTIME_MISMATCH);
        assertThat(refusals(TRUST.runtime(digest("a"), RUNTIME), GOOD)).isEmpty();
    }

    @Test
    void pinningNoRuntimeAtAllIsAMistakeAndNotAPinOfEverything() {
        assertThatIllegalArgumentException().isThrownBy(() -> TRUST.runtime());
        assertThatIllegalArgumentException().isThrownBy(() -> TRUST.runtime(Bytes.of(new byte[31])));
        assertThatIllegalArgumentException().isThrownBy(() -> Trust.measurement());
        assertThatIllegalArgumentException().isThrownBy(() -> TRUST.andMeasurement());
        assertThatIllegalArgumentException().isThrownBy(() -> Trust.signer(Bytes.of(new byte[31]), 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Trust.signer(SIGNER, -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Trust.signer(SIGNER, 1, -1));
    }

    @Test
    void refusesBytesThatAreNoEvidence() {
        assertThat(refusals(TRUST, new byte[0], Purpose.SESSION)).isNotEmpty();
        assertThat(refusals(TRUST, new byte[100_000], Purpose.SESSION)).containsExactly(Code.MALFORMED);
    }

    /** Any trust against any evidence: with one requirement more it accepts no evidence that it refused before. */
    @Test
    void addingARequirementNeverAcceptsMore() {
        List<UnaryOperator<Trust>> requirements = List.of(
                trust -> trust.andMeasurement(GOOD.measurement()),
                trust -> trust.andMeasurement(GOOD.bundle("other").measurement()),
                trust -> trust.runtime(RUNTIME),
                trust -> trust.platforms("process"),
                trust -> trust.maxAge(Duration.ofSeconds(1), Duration.ofSeconds(1)));
        List<UnaryOperator<Trust>> lifts = new ArrayList<>(LIFTS.values());
        lifts.add(UnaryOperator.identity());
        List<byte[]> evidence = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            evidence.add(anyEvidence(i).signed());
        }
        qt().withFixedSeed(1).withExamples(200).forAll(
                        integers().between(0, lifts.size() - 1),
                        integers().between(0, requirements.size() - 1),
                        integers().between(0, requirements.size() - 1),
                        integers().between(0, evidence.size() - 1))
                .checkAssert((lift, first, second, which) -> {
                    // Pins of runtimes add up by design, so the same kind is not given twice.
                    Trust less = lifts.get(lift).apply(TRUST);
                    Trust more = requirements.get(first).apply(less);
                    Trust most = first.equals(second) ? more : requirements.get(second).apply(more);
                    byte[] shown = evidence.get(which);

                    assertThat(refusals(more, shown, Purpose.SESSION)).containsAll(refusals(less, shown, Purpose.SESSION));
                    assertThat(refusals(most, shown, Purpose.SESSION)).containsAll(refusals(more, shown, Purpose.SESSION));
                });
    }

    /** Six independent faults, by the bits of a number. */
    private static Parts anyEvidence(int bits) {
        return GOOD.debug((bits & 1) != 0)
                .isolation((bits & 2) != 0 ? KeeperReport.Isolation.SAME_USER : KeeperReport.Isolation.SEPARATE_USER)
                .svn((bits & 4) != 0 ? SVN - 1 : SVN)
                .runtime((bits & 8) != 0 ? digest("other runtime") : RUNTIME)
                .bundle((bits & 16) != 0 ? "other" : "bundle")
                .platform((bits & 32) != 0 ? KeeperReport.MOCK : KeeperReport.PROCESS);
    }
}
