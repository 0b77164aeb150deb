package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.evidence.snp.SnpReport;
import org.innerkeep.evidence.snp.SnpTcb;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SEV-SNP reports of a synthetic AMD: accepted where all is right, and for each thing that is wrong refused with its code. */
class FakeAmdTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeAmd MILAN = FakeAmd.of(SnpProduct.MILAN, NOW);
    private static final FakeAmd GENOA = FakeAmd.of(SnpProduct.GENOA, NOW);
    private static final FakeAmd TURIN = FakeAmd.of(SnpProduct.TURIN, NOW);
    private static final Bytes NO_REVOCATIONS = MILAN.revocationList();
    private static final KeyPair OTHER_KEYS = Authority.rsaKeys(2048);
    private static final Verifier VERIFIER = new Verifier();

    /** One verification: what is said, what is at hand, and what is pinned. Begins right. */
    private static final class Trial {
        private final FakeAmd amd;
        private final List<Bytes> endorsements = new ArrayList<>();
        private byte[] evidence;
        private VerifierOptions options;
        private Instant at = NOW;

        Trial(FakeAmd amd, int version, boolean vlek) {
            this.amd = amd;
            this.evidence = amd.report(version, vlek, report -> {});
            this.options = VerifierOptions.of(amd.root());
            endorsements.addAll(List.of(
                    vlek ? amd.vlek() : amd.vcek(), (vlek ? amd.asvk() : amd.ask()).der(), amd.ark().der(),
                    amd == MILAN ? NO_REVOCATIONS : amd.revocationList()));
        }

        Trial report(int version, Consumer<ByteBuffer> change) {
            evidence = amd.report(version, false, change);
            return this;
        }

        Trial evidence(byte[] other) {
            evidence = other;
            return this;
        }

        Trial only(Bytes... documents) {
            endorsements.clear();
            endorsements.addAll(List.of(documents));
            return this;
        }

        Trial leaf(Bytes other) {
            endorsements.set(0, other);
            return this;
        }

        Trial list(Bytes other) {
            endorsements.set(3, other);
            return this;
        }

        Trial options(VerifierOptions other) {
            options = other;
            return this;
        }

        Trial at(Instant other) {
            at = other;
            return this;
        }

        Verdict verdict() {
            try {
                return VERIFIER.verify(evidence, EndorsementPool.of(endorsements), at, options);
            } catch (MalformedException e) {
                throw new AssertionError(e);
            }
        }

        Claims accepted() {
            return switch (verdict()) {
                case Verdict.Accepted accepted -> accepted.claims();
                case Verdict.Refused refused -> throw new AssertionError(refused.explain());
                case Verdict.Undecided undecided -> throw new AssertionError(undecided.explain());
            };
        }

        List<Code> refused() {
            Verdict verdict = verdict();
            assertThat(verdict).isInstanceOf(Verdict.Refused.class);
            return ((Verdict.Refused) verdict).reasons().stream().map(Reason::code).distinct().toList();
        }

        void undecided() {
            Verdict verdict = verdict();
            assertThat(verdict).isInstanceOf(Verdict.Undecided.class);
            assertThat(((Verdict.Undecided) verdict).reasons()).extracting(Reason::code).containsOnly(Code.ENDORSEMENT_MISSING);
        }
    }

    private static FakeAmd amd(SnpProduct product) {
        return switch (product) {
            case MILAN -> MILAN;
            case GENOA -> GENOA;
            case TURIN -> TURIN;
        };
    }

    private static Trial milan() {
        return new Trial(MILAN, 3, false);
    }

    private static Trial milanReport(Consumer<ByteBuffer> change) {
        return milan().report(3, change);
    }

    static Stream<Arguments> lines() {
        List<Arguments> all = new ArrayList<>();
        for (SnpProduct product : SnpProduct.values()) {
            for (int version : new int[] {2, 3, 5}) {
                all.add(Arguments.of(product, version, false));
                all.add(Arguments.of(product, version, true));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void acceptsEveryLineVersionAndKindOfKey(SnpProduct product, int version, boolean vlek) {
        FakeAmd amd = amd(product);

        Claims claims = new Trial(amd, version, vlek).accepted();

        assertThat(claims.anchor()).isEqualTo(amd.root().id());
        assertThat(claims.text("product")).hasValue(product.toString());
        assertThat(claims.text("signing-key")).hasValue(vlek ? "VLEK" : "VCEK");
        assertThat(claims.text("memory-readable-by")).hasValue("nobody");
        assertThat(claims.securityVersion()).hasValue(7);
        assertThat(claims.reportData().hex()).isEqualTo("13".repeat(64));
        assertThat(claims.signer()).hasValue(Bytes.fromHex("16".repeat(48)));
        assertThat(claims.details()).containsEntry("x-ms-sevsnpvm-microcode-svn", ClaimValue.of(0x49));
        assertThat(claims.details().containsKey("fmc-svn")).isEqualTo(product == SnpProduct.TURIN);
        assertThat(claims.details().containsKey("mitigations-current")).isEqualTo(version == 5);
    }

    @ParameterizedTest
    @MethodSource("lines")
    void whatIsParsedIsWrittenAsItWas(SnpProduct product, int version, boolean vlek) throws MalformedException {
        byte[] report = amd(product).report(version, vlek, each -> {});

        assertThat(SnpReport.parse(report).toByteArray()).isEqualTo(report);
    }

    // What is pinned.

    @Test
    void nothingVouchesWithoutItsOwnPinnedRoot() {
        MakerRoot otherMaker = new MakerRoot(Maker.INTEL, MILAN.ark().publicKey());
        List<List<? extends Anchor>> others =
                List.of(List.of(), List.of(otherMaker), List.of(GENOA.root()), MakerRoots.amd());
        for (List<? extends Anchor> anchors : others) {
            assertThat(milan().options(VerifierOptions.of(anchors)).refused()).containsExactly(Code.ANCHOR_NOT_PINNED);
        }
    }

    @Test
    void theRootOfOneLineDoesNotVouchForAnother() {
        Authority crossed = MILAN.ark().below(
                FakeAmd.name("SEV-Genoa"), OTHER_KEYS, FakeAmd.ALGORITHM, NOW, wish -> wish.usage(KeyUsage.keyCertSign));

        assertThat(new Trial(GENOA.with(MILAN.ark(), crossed), 3, false).refused()).containsExactly(Code.CHAIN_INVALID);
        assertThat(new Trial(GENOA.with(MILAN.ark(), MILAN.ask()), 3, false).refused()).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void anAuthorityOverOneKindOfKeyDoesNotCertifyTheOther() {
        assertThat(new Trial(MILAN.with(MILAN.ark(), MILAN.asvk()), 3, false).refused()).containsExactly(Code.CHAIN_INVALID);
        assertThat(new Trial(MILAN.with(MILAN.ark(), MILAN.ask()), 3, true).refused()).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void theRootItselfDoesNotCertifyKeys() {
        assertThat(new Trial(MILAN.with(MILAN.ark(), MILAN.ark()), 3, false).refused()).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void aForgedAuthorityIsRefused() {
        Authority root = Authority.root(FakeAmd.name("ARK-Milan"), OTHER_KEYS, FakeAmd.ALGORITHM, NOW);
        Authority forged = root.below(
                FakeAmd.name("SEV-Milan"), MILAN.asvk().keys(), FakeAmd.ALGORITHM, NOW, wish -> wish.usage(KeyUsage.keyCertSign));
        FakeAmd forger = MILAN.with(root, forged);

        assertThat(new Trial(forger, 3, false).options(VerifierOptions.of(MILAN.root())).refused())
                .containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(milan().leaf(forger.vcek()).refused()).containsExactly(Code.SIGNATURE_INVALID);
    }

    // Endorsements that are missing, old, or revoke.

    @Test
    void whatIsMissingIsNoRefusal() {
        milan().only().undecided();
        milan().only(MILAN.ask().der(), NO_REVOCATIONS).undecided();
        milan().only(MILAN.vcek(), NO_REVOCATIONS).undecided();
        milan().only(MILAN.vcek(), MILAN.ask().der()).undecided();
    }

    @Test
    void theListMayBeMissingOnlyWhereThatIsAccepted() {
        VerifierOptions lifted = VerifierOptions.of(MILAN.root()).allowMissingRevocationList();
        milan().only(MILAN.vcek(), MILAN.ask().der()).options(lifted).accepted();

        Bytes revoked = MILAN.revocationList(MILAN.ask().certificate().getSerialNumber());
        assertThat(milan().list(revoked).options(lifted).refused()).containsExactly(Code.CERTIFICATE_REVOKED);
        assertThat(milan().list(revoked).refused()).containsExactly(Code.CERTIFICATE_REVOKED);
    }

    @Test
    void listsMustBeCurrentAndSignedByTheRoot() {
        Duration day = Duration.ofDays(1);
        Bytes old = MILAN.ark().revocationList(NOW.minus(day.multipliedBy(2)), NOW.minus(day));
        Bytes early = MILAN.ark().revocationList(NOW.plus(day), NOW.plus(day.multipliedBy(2)));
        Bytes forged = Authority.root(FakeAmd.name("ARK-Milan"), OTHER_KEYS, FakeAmd.ALGORITHM, NOW)
                .revocationList(NOW.minus(day), NOW.plus(day));

        assertThat(milan().list(old).refused()).containsExactly(Code.ENDORSEMENT_EXPIRED);
        assertThat(milan().list(early).refused()).containsExactly(Code.ENDORSEMENT_NOT_YET_VALID);
        assertThat(milan().list(forged).refused()).containsExactly(Code.ENDORSEMENT_INVALID);
        assertThat(milan().list(GENOA.revocationList()).verdict()).isInstanceOf(Verdict.Undecided.class);
    }

    @Test
    void certificatesMustBeValidNow() {
        Instant past = NOW.minusSeconds(1);
        Bytes expired = MILAN.certify(false, MILAN.extensions(false), wish -> wish.valid(past.minusSeconds(9), past));
        Bytes early = MILAN.certify(false, MILAN.extensions(false), wish -> wish.valid(NOW.plusSeconds(1), NOW.plusSeconds(9)));

        assertThat(milan().leaf(expired).refused()).containsExactly(Code.CERTIFICATE_EXPIRED);
        assertThat(milan().leaf(early).refused()).containsExactly(Code.CERTIFICATE_NOT_YET_VALID);
        milan().leaf(expired).options(VerifierOptions.of(MILAN.root()).clockSkew(Duration.ofSeconds(2))).accepted();
        assertThat(milan().at(NOW.plus(Duration.ofDays(9999))).refused())
                .containsExactlyInAnyOrder(Code.CERTIFICATE_EXPIRED, Code.ENDORSEMENT_EXPIRED);
    }

    @Test
    void amongManyCertificatesTheRightOneIsFound() {
        Map<String, byte[]> otherChip = MILAN.extensions(false);
        otherChip.put("4", new byte[64]);
        Map<String, byte[]> otherTcb = MILAN.extensions(false);
        otherTcb.put("3.8", FakeAmd.number(0x48));
        Bytes old = MILAN.certify(false, MILAN.extensions(false), wish -> wish.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        Trial trial = milan().only(
                MILAN.certify(false, otherChip, wish -> {}),
                MILAN.certify(false, otherTcb, wish -> {}),
                old,
                MILAN.vlek(),
                MILAN.asvk().der(),
                MILAN.vcek(),
                MILAN.ask().der(),
                NO_REVOCATIONS);

        trial.accepted();
    }

    // The certificate is the one that the report needs.

    @Test
    void aCertificateOfAnotherChipIsRefused() {
        Map<String, byte[]> extensions = MILAN.extensions(false);
        extensions.put("4", new byte[64]);

        assertThat(milan().leaf(MILAN.certify(false, extensions, wish -> {})).refused()).containsExactly(Code.MACHINE_MISMATCH);
    }

    @ParameterizedTest
    @EnumSource(SnpProduct.class)
    void everyComponentOfTheReportedTcbIsTheCertificates(SnpProduct product) {
        FakeAmd amd = amd(product);
        for (Map.Entry<String, byte[]> each : amd.extensions(false).entrySet()) {
            if (each.getKey().startsWith("3.")) {
                Map<String, byte[]> extensions = amd.extensions(false);
                int level = each.getValue()[each.getValue().length - 1];
                extensions.put(each.getKey(), FakeAmd.number(level + 1));
                assertThat(new Trial(amd, 3, false).leaf(amd.certify(false, extensions, wish -> {})).refused())
                        .as("extension %s", each.getKey())
                        .containsExactly(Code.TCB_MISMATCH);
            }
        }
    }

    @Test
    void aReportedTcbThatIsNotTheCertificatesIsRefused() {
        assertThat(milanReport(report -> report.put(0x180 + 7, (byte) 0x48)).refused()).containsExactly(Code.TCB_MISMATCH);
        assertThat(milanReport(report -> report.put(0x180 + 3, (byte) 1)).refused()).containsExactly(Code.TCB_MISMATCH);
    }

    @Test
    void theLineIsThatOfTheProcessor() {
        assertThat(milanReport(report -> report.put(0x189, (byte) 0x11)).refused()).containsExactly(Code.MACHINE_MISMATCH);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xa0, 0xa2, 0xaf, 0x10, 0x1f})
    void bergamoAndSienaAreOfTheLineGenoa(int model) {
        new Trial(GENOA, 5, false).report(5, report -> report.put(0x189, (byte) model)).accepted();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x1920, 0x19b0, 0x1a20, 0x1a50, 0x1701, 0x1b00, 0x0000})
    void anUnknownProcessorIsNotVerifiable(int familyAndModel) {
        assertThat(milanReport(report -> report.put(0x188, new byte[] {(byte) (familyAndModel >> 8), (byte) familyAndModel})).refused())
                .containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void aLoadedKeyDoesNotSignForAChipsOwnOrTheOtherWayRound() {
        new Trial(MILAN, 3, false).only(MILAN.vlek(), MILAN.asvk().der(), MILAN.ask().der(), NO_REVOCATIONS).undecided();
        new Trial(MILAN, 3, true).only(MILAN.vcek(), MILAN.asvk().der(), MILAN.ask().der(), NO_REVOCATIONS).undecided();
    }

    @Test
    void aReportThatNamesTheOtherKindOfKeyIsNotSignedByIt() {
        assertThat(milan().evidence(MILAN.report(3, true, report -> report.putInt(0x48, 0).put(0x1a0, MILAN.hardwareId().toArray())))
                        .refused())
                .containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void aMaskedChipIdIsNotCompared() {
        milanReport(report -> report.put(0x1a0, new byte[64])).accepted();
        assertThat(milanReport(report -> report.put(0x1a0, new byte[64])).accepted().details()).doesNotContainKey("chip-id");
    }

    @Test
    void aTurinChipIdIsEightBytesAndZeros() {
        assertThat(new Trial(TURIN, 5, false).report(5, report -> report.put(0x1a8, (byte) 1)).refused())
                .containsExactly(Code.MACHINE_MISMATCH);
    }

    @Test
    void theHardwareIdMayStandInAnOctetString() {
        Map<String, byte[]> extensions = MILAN.extensions(false);
        byte[] wrapped = new byte[66];
        wrapped[0] = 4;
        wrapped[1] = 64;
        System.arraycopy(MILAN.hardwareId().toArray(), 0, wrapped, 2, 64);
        extensions.put("4", wrapped);
        milan().leaf(MILAN.certify(false, extensions, wish -> {})).accepted();
    }

    @Test
    void certificatesWithoutAnExtensionOrWithAWrongOneAreOfNoUse() {
        for (boolean vlek : new boolean[] {false, true}) {
            for (String oid : MILAN.extensions(vlek).keySet()) {
                Map<String, byte[]> missing = MILAN.extensions(vlek);
                missing.remove(oid);
                new Trial(MILAN, 3, vlek).leaf(MILAN.certify(vlek, missing, wish -> {})).undecided();
                Map<String, byte[]> longer = MILAN.extensions(vlek);
                longer.computeIfPresent(oid, (key, value) -> Arrays.copyOf(value, value.length + 1));
                new Trial(MILAN, 3, vlek).leaf(MILAN.certify(vlek, longer, wish -> {})).undecided();
            }
        }
        Map<String, byte[]> both = MILAN.extensions(false);
        both.put("5", FakeAmd.text("CN=cloud.example"));
        milan().leaf(MILAN.certify(false, both, wish -> {})).undecided();
        Map<String, byte[]> named = MILAN.extensions(true);
        named.put("4", MILAN.hardwareId().toArray());
        new Trial(MILAN, 3, true).leaf(MILAN.certify(true, named, wish -> {})).undecided();
        for (String name : List.of("Rome", "Milan-", "Milan-B00", "milan", "MilanX")) {
            Map<String, byte[]> other = MILAN.extensions(false);
            other.put("2", FakeAmd.text(name));
            milan().leaf(MILAN.certify(false, other, wish -> {})).undecided();
        }
        Map<String, byte[]> negative = MILAN.extensions(false);
        negative.put("3.8", new byte[] {2, 1, (byte) 0xc9});
        milan().leaf(MILAN.certify(false, negative, wish -> {})).undecided();
    }

    @Test
    void aCertificateWithACriticalExtensionThatIsNotKnownIsRefused() {
        Bytes critical = MILAN.certify(false, MILAN.extensions(false), wish -> wish.extension("1.2.3.4", true, new byte[] {5, 0}));
        assertThat(milan().leaf(critical).refused()).containsExactly(Code.CHAIN_INVALID);
    }

    // The report itself.

    @Test
    void aReportThatWasChangedIsRefused() {
        for (int place : new int[] {0x04, 0x10, 0x20, 0x50, 0x90, 0xc0, 0xe0, 0x110, 0x140, 0x160, 0x40}) {
            byte[] changed = MILAN.report(3, false, report -> {});
            changed[place] ^= 1;
            assertThat(milan().evidence(changed).refused()).containsExactly(Code.SIGNATURE_INVALID);
        }
    }

    @Test
    void theSignatureOfAnotherReportDoesNotServe() {
        byte[] swapped = MILAN.report(3, false, report -> {});
        byte[] other = MILAN.report(3, false, report -> report.put(0x50, (byte) 0));
        System.arraycopy(other, SnpReport.SIGNED_BYTES, swapped, SnpReport.SIGNED_BYTES, 144);
        assertThat(milan().evidence(swapped).refused()).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void zeroIsNoSignature() {
        byte[] unsigned = Arrays.copyOf(Arrays.copyOf(MILAN.report(3, false, report -> {}), SnpReport.SIGNED_BYTES), SnpReport.BYTES);
        assertThat(milan().evidence(unsigned).refused()).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void theUpperBytesOfASignatureAreZero() {
        for (int place : new int[] {0x2a0 + 48, 0x2a0 + 71, 0x2e8 + 48, 0x2e8 + 71, 0x330, 0x49f}) {
            byte[] changed = MILAN.report(3, false, report -> {});
            changed[place] = 1;
            assertThat(milan().evidence(changed).refused()).containsExactly(Code.MALFORMED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 6, 31})
    void otherVersionsAreRefused(int version) {
        assertThat(milan().report(version, report -> {}).refused()).containsExactly(Code.MALFORMED);
    }

    @Test
    void reservedBytesAreZero() {
        Map<Integer, List<Integer>> reserved = Map.of(
                2, List.of(0x4c, 0x188, 0x18a, 0x19f, 0x1eb, 0x1ef, 0x1f8, 0x200, 0x29f),
                3, List.of(0x4f, 0x18b, 0x19f, 0x1eb, 0x1ef, 0x1f8, 0x207, 0x29f),
                5, List.of(0x4d, 0x18b, 0x19f, 0x1eb, 0x1ef, 0x208, 0x29f));
        reserved.forEach((version, places) -> places.forEach(place ->
                assertThat(milan().report(version, report -> report.put(place, (byte) 1)).refused())
                        .as("version %s at %s", version, place)
                        .containsExactly(Code.MALFORMED)));
    }

    @Test
    void unknownBitsAreRefused() {
        assertThat(milanReport(report -> report.putLong(0x08, 0x3001f | 1L << 26)).refused()).containsExactly(Code.RESERVED_NOT_ZERO);
        assertThat(milanReport(report -> report.putLong(0x08, 0x3001f | 1L << 63)).refused()).containsExactly(Code.RESERVED_NOT_ZERO);
        assertThat(milanReport(report -> report.putLong(0x40, 1L << 8)).refused()).containsExactly(Code.RESERVED_NOT_ZERO);
        assertThat(milanReport(report -> report.putInt(0x48, 1 << 5)).refused()).containsExactly(Code.RESERVED_NOT_ZERO);
        milanReport(report -> report.putLong(0x08, 0x3ff001fL & ~(3L << 18))).accepted();
        milanReport(report -> report.putLong(0x40, 0xff)).accepted();
    }

    @Test
    void bitSeventeenOfThePolicyIsOne() {
        assertThat(milanReport(report -> report.putLong(0x08, 0x1001f)).refused()).containsExactly(Code.MALFORMED);
    }

    @Test
    void onlyTheKnownAlgorithmIsVerified() {
        assertThat(milanReport(report -> report.putInt(0x34, 0)).refused()).containsExactly(Code.NOT_VERIFIABLE);
        assertThat(milanReport(report -> report.putInt(0x34, 2)).refused()).containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void aReportThatNoKeySignedIsNotVerifiable() {
        for (int keyInfo : new int[] {7 << 2, 2 << 2, 2}) {
            assertThat(milanReport(report -> report.putInt(0x48, keyInfo)).refused()).containsExactly(Code.NOT_VERIFIABLE);
        }
    }

    @Test
    void everyPrivilegeLevelOfAGuestIsAClaimAndTheHostsIsRefused() {
        for (int vmpl = 0; vmpl < 4; vmpl++) {
            int level = vmpl;
            assertThat(milanReport(report -> report.putInt(0x30, level)).accepted().details())
                    .containsEntry("x-ms-sevsnpvm-vmpl", ClaimValue.of(vmpl));
        }
        assertThat(milanReport(report -> report.putInt(0x30, 4)).refused()).containsExactly(Code.MALFORMED);
        assertThat(milanReport(report -> report.putInt(0x30, -1)).refused()).containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void debugIsRefusedUnlessItIsAccepted() {
        Consumer<ByteBuffer> debug = report -> report.putLong(0x08, 0xb001f);
        assertThat(milanReport(debug).refused()).containsExactly(Code.DEBUG_ENCLAVE);
        Claims claims = milanReport(debug).options(VerifierOptions.of(MILAN.root()).allowDebug()).accepted();
        assertThat(claims.debug()).isTrue();
        assertThat(claims.text("memory-readable-by")).hasValue("host");
    }

    @Test
    void debugIsSaidAlsoWhereNothingIsProven() {
        assertThat(milanReport(report -> report.putLong(0x08, 0xb001f)).only().refused())
                .containsExactlyInAnyOrder(Code.ENDORSEMENT_MISSING, Code.DEBUG_ENCLAVE);
    }

    @Test
    void migrationIsRefusedUnlessItIsAccepted() {
        Consumer<ByteBuffer> migration = report -> report.putLong(0x08, 0x7001f);
        assertThat(milanReport(migration).refused()).containsExactly(Code.MIGRATION_ALLOWED);
        milanReport(migration).options(VerifierOptions.of(MILAN.root()).allowMigration()).accepted();
    }

    @Test
    void refusedLinesAreRefusedWhateverTheVersion() {
        VerifierOptions options = VerifierOptions.of(MILAN.root()).refuseProducts("Milan");
        assertThat(milan().options(options).refused()).containsExactly(Code.PRODUCT_LINE_REFUSED);
        assertThat(new Trial(MILAN, 2, false).options(options).refused()).containsExactly(Code.PRODUCT_LINE_REFUSED);
        milan().options(VerifierOptions.of(MILAN.root()).refuseProducts("Genoa", "Turin")).accepted();
    }

    @ParameterizedTest
    @EnumSource
    void firmwareMustNotBeOlderThanIsRequired(SnpProduct product) {
        VerifierOptions options = new Trial(amd(product), 3, false).options;
        Map<String, Integer> found = new SnpTcb(amd(product).tcb()).components(product);
        Map<String, Integer> exactly = new TreeMap<>(found);
        exactly.keySet().removeIf(component -> component.startsWith("spl"));

        new Trial(amd(product), 3, false).options(options.leastSnpTcb(exactly)).accepted();
        new Trial(amd(product), 3, true).options(options.leastSnpTcb(exactly)).accepted();
        // A report of version 2 does not name its line, and its certificate does.
        new Trial(amd(product), 2, false).options(options.leastSnpTcb(exactly)).accepted();
        exactly.forEach((component, level) -> {
            Trial newer = new Trial(amd(product), 3, false).options(options.leastSnpTcb(Map.of(component, level + 1)));
            assertThat(newer.refused()).containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);
            assertThat(((Verdict.Refused) newer.verdict()).explain())
                    .contains("report.reported-tcb." + component)
                    .contains("found " + level)
                    .contains("at least " + (level + 1));
        });
        Trial fmc = new Trial(amd(product), 3, false).options(options.leastSnpTcb(Map.of("fmc", 0)));
        if (product == SnpProduct.TURIN) {
            fmc.accepted();
        } else {
            assertThat(fmc.refused()).containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);
        }
    }

    @Test
    void reportDataMustBeWhatIsExpected() {
        VerifierOptions options = VerifierOptions.of(MILAN.root());
        milan().options(options.reportData(Bytes.fromHex("13".repeat(64)))).accepted();
        assertThat(milan().options(options.reportData(Bytes.fromHex("14".repeat(64)))).refused())
                .containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void versionsAreConsistent() {
        int lower = 0x48;
        int higher = 0x4a;
        assertThat(milanReport(report -> report.put(0x1e7, (byte) higher)).refused()).containsExactly(Code.TCB_MISMATCH);
        assertThat(milanReport(report -> report.put(0x1f7, (byte) higher)).refused()).containsExactly(Code.TCB_MISMATCH);
        assertThat(milanReport(report -> report.put(0x3f, (byte) lower).put(0x1e7, (byte) lower).put(0x1f7, (byte) lower)).refused())
                .containsExactly(Code.TCB_MISMATCH);
        assertThat(milanReport(report -> report.put(0x1ec, (byte) 30)).refused()).containsExactly(Code.TCB_MISMATCH);
        assertThat(milanReport(report -> report.put(0x1ed, (byte) 56)).refused()).containsExactly(Code.TCB_MISMATCH);
        assertThat(milanReport(report -> report.put(0x1ee, (byte) 2)).refused()).containsExactly(Code.TCB_MISMATCH);
    }

    @Test
    void oneHigherComponentIsNotMadeUpForByAnother() {
        assertThat(milanReport(report -> report.put(0x38, (byte) 99).put(0x1e6, (byte) 0x19)).refused())
                .containsExactly(Code.TCB_MISMATCH);
    }

    @Test
    void firmwareOnTrialIsAClaim() {
        Consumer<ByteBuffer> provisional = report -> report.put(0x3f, (byte) 0x50).put(0x1e8, (byte) 30);
        assertThat(milanReport(provisional).accepted().details()).containsEntry("provisional-firmware", ClaimValue.of(true));
        assertThat(milan().accepted().details()).containsEntry("provisional-firmware", ClaimValue.of(false));
    }

    @Test
    void aMigratedGuestMayHaveBeenLaunchedOnNewerFirmware() {
        VerifierOptions options = VerifierOptions.of(MILAN.root()).allowMigration();
        milanReport(report -> report.putLong(0x08, 0x7001f).put(0x1f7, (byte) 0x50)).options(options).accepted();
    }

    @Test
    void theAuthorKeySignsWhereThereIsOne() {
        byte[] digest = new byte[48];
        Arrays.fill(digest, (byte) 0x21);
        assertThat(milanReport(report -> report.putInt(0x48, 1).put(0x110, digest)).accepted().signer()).hasValue(Bytes.of(digest));
        assertThat(milanReport(report -> report.put(0xe0, new byte[48])).accepted().signer()).isEmpty();
    }

    @Test
    void allReasonsAreGivenAtOnce() {
        byte[] wrong = MILAN.report(3, false, report -> report.putLong(0x08, 0xf001f | 1L << 40).put(0x1f7, (byte) 0x50));
        wrong[0x50] ^= 1;
        assertThat(milan().evidence(wrong).options(VerifierOptions.of().refuseProducts("Milan")).refused())
                .containsExactlyInAnyOrder(
                        Code.RESERVED_NOT_ZERO,
                        Code.PRODUCT_LINE_REFUSED,
                        Code.ANCHOR_NOT_PINNED,
                        Code.SIGNATURE_INVALID,
                        Code.MIGRATION_ALLOWED,
                        Code.DEBUG_ENCLAVE);
    }

    // Forms, and what is asked for.

    private static byte[] extended(SnpCertificateTable.Entry... entries) throws MalformedException {
        return new SnpEvidence(SnpReport.parse(MILAN.report(3, false, report -> {})), Optional.of(SnpCertificateTable.of(List.of(entries))))
                .toByteArray();
    }

    private static SnpCertificateTable.Entry entry(int guid, Bytes certificate) {
        byte[] id = new byte[16];
        Arrays.fill(id, (byte) guid);
        return new SnpCertificateTable.Entry(Bytes.of(id), certificate);
    }

    @Test
    void certificatesMayComeWithTheReport() throws MalformedException {
        byte[] evidence = extended(entry(1, MILAN.vcek()), entry(2, MILAN.ask().der()), entry(3, MILAN.ark().der()));
        milan().evidence(evidence).only(NO_REVOCATIONS).accepted();
        byte[] padded = Arrays.copyOf(evidence, SnpReport.BYTES + 16384);
        milan().evidence(padded).only(NO_REVOCATIONS).accepted();
        milan().evidence(SnpEvidence.parse(evidence).toParts().toByteArray()).only(NO_REVOCATIONS).accepted();
        milan().evidence(extended()).accepted();
    }

    @Test
    void aTableOfNoUseIsNotRead() throws MalformedException {
        byte[] evidence = extended(entry(1, MILAN.vcek()));
        for (int changed : new int[] {SnpReport.BYTES + 17, SnpReport.BYTES + 21, SnpReport.BYTES + 24}) {
            byte[] broken = evidence.clone();
            broken[changed] ^= 1;
            assertThat(milan().evidence(broken).verdict()).isInstanceOf(Verdict.Refused.class);
        }
        byte[] trailing = Arrays.copyOf(evidence, evidence.length + 1);
        trailing[evidence.length] = 1;
        assertThat(milan().evidence(trailing).refused()).containsExactly(Code.MALFORMED);
        assertThat(milan().evidence(Arrays.copyOf(evidence, SnpReport.BYTES + 23)).refused()).containsExactly(Code.KIND_UNKNOWN);
        assertThat(milan().evidence(Arrays.copyOf(evidence, SnpReport.BYTES - 1)).refused()).containsExactly(Code.KIND_UNKNOWN);
    }

    @Test
    void hostileTablesEndInTime() {
        byte[] huge = Arrays.copyOf(MILAN.report(3, false, report -> {}), SnpReport.BYTES + SnpCertificateTable.MAX_BYTES);
        ByteBuffer table = ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 17; i++) {
            table.put(SnpReport.BYTES + 24 * i, (byte) 1);
            table.putInt(SnpReport.BYTES + 24 * i + 16, 24 * 18).putInt(SnpReport.BYTES + 24 * i + 20, 200_000);
        }
        assertThat(milan().evidence(huge).refused()).containsExactly(Code.MALFORMED);
        table.put(SnpReport.BYTES + 24 * 16, new byte[24]);
        milan().evidence(huge).accepted();
        byte[] larger = Arrays.copyOf(huge, huge.length + 1);
        assertThat(milan().evidence(larger).refused()).containsExactly(Code.KIND_UNKNOWN);
    }

    @Test
    void manyWrongCertificatesEndInTime() {
        List<Bytes> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Map<String, byte[]> extensions = MILAN.extensions(false);
            extensions.put("3.8", FakeAmd.number(i == 0x49 ? 0x4a : i));
            BigInteger serial = BigInteger.valueOf(i);
            many.add(MILAN.certify(false, extensions, wish -> wish.serial(serial)));
        }
        many.addAll(List.of(MILAN.ask().der(), NO_REVOCATIONS));
        assertThat(milan().only(many.toArray(Bytes[]::new)).refused()).containsExactly(Code.TCB_MISMATCH);
        assertThat(milan().evidence(new byte[] {3, 0, 0, 0}).refused()).containsExactly(Code.KIND_UNKNOWN);
    }

    @Test
    void whatIsAskedForIsEnoughForAmdsService() {
        List<Need> asked = new ArrayList<>();
        Endorsements none = need -> {
            asked.add(need);
            return new Endorsements.Answer(List.of(), List.of());
        };
        VERIFIER.verify(TURIN.report(5, false, report -> {}), none, NOW, VerifierOptions.of(TURIN.root()));
        VERIFIER.verify(TURIN.report(5, true, report -> {}), none, NOW, VerifierOptions.of(TURIN.root()));
        assertThat(asked).containsExactly(
                new Need.Vcek("Turin", TURIN.hardwareId(), TURIN.tcb()), new Need.Vlek("Turin", TURIN.tcb()));
        asked.clear();

        VERIFIER.verify(MILAN.report(2, false, report -> {}), none, NOW, VerifierOptions.of(MILAN.root()));
        assertThat(asked).extracting(need -> ((Need.Vcek) need).product()).containsExactly("Milan", "Genoa", "Turin");
    }

    @Test
    void authoritiesAreAskedForByLineAndKindOfKey() {
        for (boolean vlek : new boolean[] {false, true}) {
            Bytes leaf = vlek ? MILAN.vlek() : MILAN.vcek();
            Bytes authority = vlek ? MILAN.asvk().der() : MILAN.ask().der();
            Endorsements service = need -> new Endorsements.Answer(
                    switch (need) {
                        case Need.Vcek vcek -> List.of(leaf);
                        case Need.Vlek loaded -> List.of(leaf);
                        case Need.AmdChain chain -> chain.equals(new Need.AmdChain("Milan", vlek)) ? List.of(authority) : List.of();
                        case Need.RevocationList list ->
                            list.name().equals("'ARK-Milan'") ? List.of(NO_REVOCATIONS) : List.of();
                        default -> List.of();
                    },
                    List.of());
            assertThat(VERIFIER.verify(MILAN.report(3, vlek, report -> {}), service, NOW, VerifierOptions.of(MILAN.root())))
                    .isInstanceOf(Verdict.Accepted.class);
        }
    }

    @Test
    void theDebugFloorAndOthersAreNotLiftedTogether() {
        Set<VerifierOptions> lifted = Set.of(
                VerifierOptions.of(MILAN.root()).allowMigration().allowSha1().allowMissingRevocationList(),
                VerifierOptions.of(MILAN.root()).allowDebug().allowSha1().allowMissingRevocationList());
        for (VerifierOptions options : lifted) {
            assertThat(milanReport(report -> report.putLong(0x08, 0xf001f)).options(options).verdict())
                    .isInstanceOf(Verdict.Refused.class);
        }
    }
}
