package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.keeper.Changed;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerifierTest {
    private static final KeyPair STRANGER = Samples.newKey("secp256r1");
    private static final List<KeeperAnchor> PINNED = List.of(Samples.ANCHOR);

    @Test
    void acceptsGoodReportAndProvesWhatItSays() {
        KeeperReport report = new Changed()
                .confinement(Confinement.of(Mechanism.SECRET_HEAP, Mechanism.SECCOMP))
                .build();

        assertThat(claims(Samples.sign(report))).isEqualTo(new Claims(
                "keeper-report",
                "process",
                Optional.of(report.measurement()),
                Optional.of(report.signer()),
                OptionalLong.of(7),
                OptionalLong.of(3),
                false,
                report.reportData(),
                Optional.of(Samples.NOW),
                Samples.ANCHOR.id(),
                Map.ofEntries(
                        Map.entry("bundle-digest", ClaimValue.of(report.bundleDigest())),
                        Map.entry("runtime-digest", ClaimValue.of(report.runtimeDigest())),
                        Map.entry("launch-digest", ClaimValue.of(report.launchDigest())),
                        Map.entry("isolation", ClaimValue.of("separate-user")),
                        Map.entry("memory-readable-by", ClaimValue.of("root")),
                        Map.entry("secret-heap", ClaimValue.of(true)),
                        Map.entry("landlock", ClaimValue.of(false)),
                        Map.entry("seccomp", ClaimValue.of(true)),
                        Map.entry("namespaces", ClaimValue.of(false)),
                        Map.entry("cgroup", ClaimValue.of(false)),
                        Map.entry("enclave-id", ClaimValue.of(report.enclaveId())))));
    }

    @Test
    void findsTheAnchorAmongOthers() {
        List<KeeperAnchor> many = List.of(KeeperAnchor.of(STRANGER.getPublic()), Samples.ANCHOR);

        assertThat(Verifier.verify(Samples.signedReport(), many, Samples.NOW)).isInstanceOf(Verdict.Accepted.class);
    }

    /** The attack that each mutation of a good report stands for, and every code that it must yield. */
    static Stream<Arguments> mutations() {
        return Stream.of(
                mutation(
                        "cut on the way",
                        Arrays.copyOf(Samples.signedReport(), 300),
                        Reason.Code.MALFORMED),
                mutation(
                        "bytes appended",
                        Arrays.copyOf(Samples.signedReport(), Samples.signedReport().length + 1),
                        Reason.Code.MALFORMED),
                mutation(
                        "greater than any evidence",
                        new byte[Verifier.MAX_EVIDENCE_BYTES + 1],
                        Reason.Code.MALFORMED),
                mutation(
                        "nothing at all",
                        new byte[0],
                        Reason.Code.KIND_UNKNOWN),
                mutation(
                        "tag of another kind",
                        with(0, 0xd1),
                        Reason.Code.KIND_UNKNOWN),
                mutation(
                        "profile of another kind",
                        otherProfile(),
                        Reason.Code.KIND_UNKNOWN),
                mutation(
                        "no token inside",
                        sealed(new byte[] {1}),
                        Reason.Code.KIND_UNKNOWN),
                mutation(
                        "statement shown as evidence",
                        Samples.statement(Samples.KEEPER, new Statement.Unsigned("purpose", Bytes.EMPTY)),
                        Reason.Code.KIND_UNKNOWN),
                mutation(
                        "signed by a stranger",
                        Samples.report().sign(STRANGER.getPrivate(), STRANGER.getPublic()),
                        Reason.Code.ANCHOR_NOT_PINNED),
                mutation(
                        "signed by a stranger under the pinned id",
                        Samples.report().sign(STRANGER.getPrivate(), Samples.KEEPER.getPublic()),
                        Reason.Code.SIGNATURE_INVALID),
                mutation(
                        "signed by the keeper under a strange id",
                        Samples.report().sign(Samples.KEEPER.getPrivate(), STRANGER.getPublic()),
                        Reason.Code.ANCHOR_NOT_PINNED),
                mutation(
                        "signature of zeros",
                        zeroSignature(),
                        Reason.Code.SIGNATURE_INVALID),
                mutation(
                        "signature of another report",
                        transplanted(),
                        Reason.Code.SIGNATURE_INVALID),
                mutation(
                        "issued ahead of time",
                        Samples.sign(new Changed().issuedAt(Samples.NOW.plusSeconds(121)).build()),
                        Reason.Code.EVIDENCE_FROM_FUTURE),
                mutation(
                        "measurement that does not follow",
                        Samples.sign(new Changed().measurement(Measurement.sha256(Samples.digest("good"))).build()),
                        Reason.Code.MEASUREMENT_MISMATCH),
                mutation(
                        "digest that the measurement does not cover",
                        Samples.sign(new Changed().bundleDigest(Samples.digest("other")).build()),
                        Reason.Code.MEASUREMENT_MISMATCH),
                mutation(
                        "platform that the measurement does not cover",
                        Samples.sign(new Changed().platform("vm").build()),
                        Reason.Code.MEASUREMENT_MISMATCH),
                mutation(
                        "everything at once",
                        new Changed()
                        .platform("mock")
                        .issuedAt(Samples.NOW.plusSeconds(3600))
                        .build()
                        .sign(STRANGER.getPrivate(), STRANGER.getPublic()),
                        Reason.Code.ANCHOR_NOT_PINNED,
                        Reason.Code.MEASUREMENT_MISMATCH,
                        Reason.Code.EVIDENCE_FROM_FUTURE));
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void refusesWithExactlyTheseReasons(String attack, byte[] evidence, List<Reason.Code> codes) {
        assertThat(refusal(evidence, PINNED).reasons()).extracting(Reason::code).isEqualTo(codes);
    }

    private static Arguments mutation(String attack, byte[] evidence, Reason.Code... codes) {
        return Arguments.of(attack, evidence, List.of(codes));
    }

    @Test
    void refusesGoodReportWhereNothingIsPinned() {
        assertThat(refusal(Samples.signedReport(), List.of()).has(Reason.Code.ANCHOR_NOT_PINNED)).isTrue();
    }

    @Test
    void refusesMockReportWithoutPinnedAnchor() {
        byte[] mock = Samples.sign(Samples.report(KeeperReport.MOCK));

        assertThat(refusal(mock, List.of()).has(Reason.Code.ANCHOR_NOT_PINNED)).isTrue();
        assertThat(claims(mock).platform()).isEqualTo("mock");
    }

    @Test
    void leavesDebugIsolationAndAgeToAppraisal() {
        Claims claims = claims(Samples.sign(new Changed()
                .debug(true)
                .isolation(KeeperReport.Isolation.SAME_USER)
                .issuedAt(Instant.EPOCH)
                .build()));

        assertThat(claims.debug()).isTrue();
        assertThat(claims.text("isolation")).hasValue("same-user");
        assertThat(claims.issuedAt()).hasValue(Instant.EPOCH);
    }

    @Test
    void namesTheLargestGroupThatCanReadTheMemory() {
        assertThat(readableBy(Samples.report())).isEqualTo("root");
        assertThat(readableBy(Samples.report(KeeperReport.VM))).isEqualTo("root");
        assertThat(readableBy(new Changed().debug(true).build())).isEqualTo("host");
        assertThat(readableBy(new Changed().isolation(KeeperReport.Isolation.SAME_USER).build())).isEqualTo("host");
        assertThat(readableBy(Samples.report(KeeperReport.MOCK))).isEqualTo("everyone");
    }

    @Test
    void acceptsClocksThatDifferByTwoMinutes() {
        assertThat(claims(Samples.sign(new Changed().issuedAt(Samples.NOW.plus(Duration.ofMinutes(2))).build())))
                .isNotNull();
    }

    @Test
    void answersAtAnyTime() {
        assertThat(Verifier.verify(Samples.signedReport(), PINNED, Instant.MAX)).isInstanceOf(Verdict.Accepted.class);
        assertThat(Verifier.verify(Samples.signedReport(), PINNED, Instant.MIN)).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void marksWhatIsNotProven() {
        byte[] evidence = new Changed()
                .measurement(Measurement.sha256(Samples.digest("other")))
                .issuedAt(Samples.NOW.plusSeconds(3600))
                .build()
                .sign(STRANGER.getPrivate(), STRANGER.getPublic());

        List<Reason> reasons = refusal(evidence, PINNED).reasons();

        assertThat(reasons.getFirst().found()).contains("nothing of this report is proven");
        assertThat(reasons.subList(1, reasons.size())).hasSize(2).allMatch(reason -> reason.found().contains("unproven"));
    }

    @Test
    void neverAcceptsAReportWithAnyBitFlipped() {
        byte[] good = Samples.signedReport();
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] flipped = good.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(Verifier.verify(flipped, PINNED, Samples.NOW)).as("bit %d", bit).isInstanceOf(Verdict.Refused.class);
        }
    }

    private static Claims claims(byte[] evidence) {
        Verdict verdict = Verifier.verify(evidence, PINNED, Samples.NOW);
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).claims();
    }

    private static String readableBy(KeeperReport report) {
        return claims(Samples.sign(report)).text("memory-readable-by").orElse("");
    }

    private static Verdict.Refused refusal(byte[] evidence, List<KeeperAnchor> anchors) {
        Verdict verdict = Verifier.verify(evidence, anchors, Samples.NOW);
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return (Verdict.Refused) verdict;
    }

    private static byte[] with(int at, int value) {
        byte[] changed = Samples.signedReport();
        changed[at] = (byte) value;
        return changed;
    }

    private static byte[] zeroSignature() {
        byte[] changed = Samples.signedReport();
        Arrays.fill(changed, changed.length - 64, changed.length, (byte) 0);
        return changed;
    }

    private static byte[] transplanted() {
        byte[] changed = Samples.signedReport();
        byte[] other = Samples.sign(new Changed().productId(8).build());
        System.arraycopy(other, other.length - 64, changed, changed.length - 64, 64);
        return changed;
    }

    private static byte[] otherProfile() {
        return sealed(new CborWriter().map(1).integer(Eat.PROFILE).text("tag:example.org,2026:other").toByteArray());
    }

    private static byte[] sealed(byte[] payload) {
        return CoseSign1.sign(
                        CoseSign1.ES256.withKeyId(Samples.ANCHOR.id()),
                        CoseHeader.EMPTY,
                        Bytes.of(payload),
                        Bytes.EMPTY,
                        Samples.KEEPER.getPrivate())
                .toByteArray();
    }
}
