package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.nvidia.NvidiaEvidence;
import org.innerkeep.evidence.nvidia.NvidiaReport;
import org.junit.jupiter.api.Test;

/** Reports of a synthetic NVIDIA: accepted where all is right, and for each thing that is wrong refused with its code. */
class FakeNvidiaTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeNvidia NVIDIA = new FakeNvidia(NOW);
    private static final Bytes LEAF = NVIDIA.leaf(FakeNvidia::tcbInfo);
    private static final byte[] REPORT = NVIDIA.sign(FakeNvidia.unsigned().toByteArray());
    private static final VerifierOptions OPTIONS = VerifierOptions.of(NVIDIA.anchor());
    private static final Verifier VERIFIER = new Verifier();

    private static Verdict verify(byte[] report, Bytes leaf, VerifierOptions options) {
        return verify(report, leaf, options, NOW);
    }

    private static Verdict verify(byte[] report, Bytes leaf, VerifierOptions options, Instant at) {
        try {
            return VERIFIER.verify(report, EndorsementPool.of(List.of(NVIDIA.chain(leaf))), at, options);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static Claims accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).claims();
    }

    private static List<Code> refused(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return ((Verdict.Refused) verdict).reasons().stream().map(Reason::code).distinct().toList();
    }

    private static byte[] changed(int place, int value) {
        byte[] report = FakeNvidia.unsigned().toByteArray();
        report[place] = (byte) value;
        return NVIDIA.sign(report);
    }

    @Test
    void acceptsADevice() {
        Claims claims = accepted(verify(REPORT, LEAF, OPTIONS));

        assertThat(claims.kind()).isEqualTo("nvidia-report");
        assertThat(claims.text("driver-version")).hasValue("590.12");
        assertThat(claims.text("vbios-version")).hasValue("96.00.5E.00.01");
        assertThat(claims.reportData().hex()).isEqualTo("a1".repeat(32));
        assertThat(claims.anchor()).isEqualTo(NVIDIA.anchor().id());
        accepted(verify(REPORT, NVIDIA.leaf(NVIDIA::compositeId), OPTIONS));
    }

    @Test
    void theChainMayComeWithTheReport() throws MalformedException {
        byte[] parts = new NvidiaEvidence(NvidiaReport.parse(REPORT), Optional.of(NVIDIA.chain(LEAF))).toParts().toByteArray();
        accepted(VERIFIER.verify(parts, Endorsements.none(), NOW, OPTIONS));
    }

    @Test
    void aMissingChainIsNoRefusal() {
        assertThat(VERIFIER.verify(REPORT, Endorsements.none(), NOW, OPTIONS)).isInstanceOf(Verdict.Undecided.class);
    }

    @Test
    void nothingVouchesWithoutItsOwnPinnedRoot() {
        for (List<MakerRoot> roots : List.of(
                List.<MakerRoot>of(),
                List.of(new MakerRoot(Maker.AMD, NVIDIA.anchor().publicKey())),
                List.of(new FakeNvidia(NOW).anchor()))) {
            assertThat(refused(verify(REPORT, LEAF, VerifierOptions.of(roots)))).containsExactly(Code.ANCHOR_NOT_PINNED);
        }
    }

    @Test
    void theNonceIsTheOneThatIsExpected() {
        accepted(verify(REPORT, LEAF, OPTIONS.nonce(Bytes.fromHex("a1".repeat(32)))));
        assertThat(refused(verify(REPORT, LEAF, OPTIONS.nonce(Bytes.fromHex("a2".repeat(32)))))).containsExactly(Code.NONCE_MISMATCH);
    }

    @Test
    void aChangedReportIsRefused() {
        for (int place : new int[] {5, 49, 60, REPORT.length - 96, REPORT.length - 1}) {
            byte[] changed = REPORT.clone();
            changed[place] ^= 1;
            assertThat(refused(verify(changed, LEAF, OPTIONS))).containsExactly(Code.SIGNATURE_INVALID);
        }
        assertThat(refused(verify(new FakeNvidia(NOW).sign(REPORT), LEAF, OPTIONS))).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void otherFirmwareThanWasCertifiedIsRefused() {
        NvidiaReport plain = FakeNvidia.unsigned();
        for (String other : List.of("f2".repeat(48), "00".repeat(48))) {
            Map<Integer, Bytes> opaque = new LinkedHashMap<>(plain.opaque());
            opaque.put(NvidiaReport.FIRMWARE_ID, Bytes.fromHex(other));
            byte[] report = NVIDIA.sign(new NvidiaReport(
                    plain.nonce(), 0, plain.measurements(), plain.responderNonce(), opaque, plain.signature()).toByteArray());
            assertThat(refused(verify(report, LEAF, OPTIONS))).containsExactly(Code.BINDING_MISMATCH);
        }
        assertThat(refused(verify(REPORT, NVIDIA.leaf(wish -> {}), OPTIONS))).containsExactly(Code.BINDING_MISMATCH);
        Bytes broken = NVIDIA.leaf(wish -> wish.extension("2.23.133.5.4.1", false, new byte[] {4, 0}));
        assertThat(refused(verify(REPORT, broken, OPTIONS))).containsExactly(Code.ENDORSEMENT_INVALID);
    }

    /** Older firmware names none. The device's own boot code certified the key for one firmware, which only it can use. */
    @Test
    void aReportThatDoesNotNameItsFirmwareIsAcceptedAndThatIsSaid() {
        NvidiaReport plain = FakeNvidia.unsigned();
        byte[] report = NVIDIA.sign(new NvidiaReport(
                plain.nonce(), 0, plain.measurements(), plain.responderNonce(), Map.of(), plain.signature()).toByteArray());
        assertThat(verify(report, LEAF, OPTIONS)).isInstanceOfSatisfying(Verdict.Accepted.class, accepted ->
                assertThat(accepted.checks()).anyMatch(check -> check.name().equals("firmware id") && !check.done()));
    }

    @Test
    void certificatesMustBeValidAndFitForTheirUse() {
        Consumer<Authority.Wish> expired = wish -> wish.valid(NOW.minusSeconds(9), NOW.minusSeconds(1));
        Consumer<Authority.Wish> early = wish -> wish.valid(NOW.plusSeconds(1), NOW.plusSeconds(9));
        assertThat(refused(verify(REPORT, NVIDIA.leaf(expired.andThen(FakeNvidia::tcbInfo)), OPTIONS)))
                .containsExactly(Code.CERTIFICATE_EXPIRED);
        assertThat(refused(verify(REPORT, NVIDIA.leaf(early.andThen(FakeNvidia::tcbInfo)), OPTIONS)))
                .containsExactly(Code.CERTIFICATE_NOT_YET_VALID);
        accepted(verify(REPORT, NVIDIA.leaf(expired.andThen(FakeNvidia::tcbInfo)), OPTIONS.clockSkew(Duration.ofSeconds(2))));
        Bytes enciphers = NVIDIA.leaf(wish -> FakeNvidia.tcbInfo(wish.usage(KeyUsage.keyEncipherment)));
        assertThat(refused(verify(REPORT, enciphers, OPTIONS))).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void aListThatRevokesCounts() throws MalformedException {
        Bytes leaf = NVIDIA.leaf(FakeNvidia::tcbInfo);
        BigInteger serial = new Crypto(Optional.empty(), 0)
                .certificate("leaf", leaf).getSerialNumber();
        Bytes list = NVIDIA.boot().revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9), serial);
        Verdict verdict =
                VERIFIER.verify(REPORT, EndorsementPool.of(List.of(NVIDIA.chain(leaf), list)), NOW, OPTIONS);
        assertThat(refused(verdict)).containsExactly(Code.CERTIFICATE_REVOKED);
    }

    @Test
    void theFormIsStrict() {
        int record = 45;
        int opaque = REPORT.length - 96 - FakeNvidia.unsigned().opaque().values().stream().mapToInt(value -> value.length() + 4).sum();
        Map<Integer, Integer> wrong = new LinkedHashMap<>(Map.of(
                2, 0,
                3, 1,
                36, 8,
                39, 1,
                40, 1,
                41, 7,
                42, 0,
                44, 1,
                record, 2,
                record + 1, 2));
        wrong.putAll(Map.of(record + 2, 0, record + 5, 0, record + 55, 1, opaque - 1, 0xff, opaque, 3, opaque + 2, 0));
        wrong.forEach((place, value) -> assertThat(refused(verify(changed(place, value), LEAF, OPTIONS)))
                .as("byte %s", place)
                .containsExactly(Code.MALFORMED));
        assertThat(refused(verify(Arrays.copyOf(REPORT, REPORT.length + 1), LEAF, OPTIONS))).containsExactly(Code.MALFORMED);
        assertThat(refused(verify(Arrays.copyOf(REPORT, 60), LEAF, OPTIONS))).containsExactly(Code.MALFORMED);
        assertThat(refused(verify(Arrays.copyOf(REPORT, 37), LEAF, OPTIONS))).containsExactly(Code.KIND_UNKNOWN);
    }
}
