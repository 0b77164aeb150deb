package org.innerkeep.evidence.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Eat;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Samples;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KeeperReportTest {
    private static final int SIGNATURE = 64;

    /** {@link Samples#report()} up to its signature, read by hand against RFC 9711 and RFC 9052. */
    private static final String GOLDEN = ""
            + "d2845826a2012604582066e2b23c32c650217f99e11fb60b51ea72c6667c6dfd1238364435e62d659d5ba059019cb306"
            + "1a6b040ea00a584010d31f0bb98a3fcab1d75ca24f45effb0e38ad0dfa0cc976161c4147ee3264a70000000000000000"
            + "0000000000000000000000000000000000000000000000001901070119010978267461673a696e6e65726b6565702e6f"
            + "72672c323032363a6b65657065722d7265706f72742f313a000101d06770726f636573733a000101d158209e7e4f8320"
            + "a3f97a56be9b2affee6adedddfea9ec1622fdd7f78ce4614fa40a13a000101d258201e6ed65d77d6364eeaed5a745ba5"
            + "c4985ae2b700dd85d7cf7f027bdf294a33fc3a000101d35820d92c6a81b2ff50096bcda80885427d1f59a25b5f483f70"
            + "55523504925d16ab233a000101d45820abfc412ce6e530df63b0dc9bf4e02bb3cb1719ab967c8f4ea3951ab5bae4ff3f"
            + "3a000101d55820ffdcc4ba1ba029d91fb645eab1563010ee7bcfac6f321326f4eab298601b5bce3a000101d6073a0001"
            + "01d7033a000101d86d73657061726174652d757365723a000101d950000102030405060708090a0b0c0d0e0f3a00"
            + "0101daf43a000101dbf43a000101dcf43a000101ddf43a000101def45840";

    /** The wire form is a promise: relying parties keep reports for years. */
    @Test
    void keepsItsWireForm() {
        byte[] signed = Samples.signedReport();

        assertThat(HexFormat.of().formatHex(signed, 0, signed.length - SIGNATURE)).isEqualTo(GOLDEN);
    }

    @Test
    void readsWhatItWrote() throws MalformedException {
        for (String platform : new String[] {"process", "vm", "mock"}) {
            KeeperReport report = Samples.report(platform);
            byte[] evidence = Samples.sign(report);
            KeeperReport.Signed signed = KeeperReport.parse(evidence);

            assertThat(signed.report()).isEqualTo(report);
            assertThat(signed.keeperId()).isEqualTo(Samples.ANCHOR.id());
            assertThat(signed.signedBy(Samples.ANCHOR)).isTrue();
            assertThat(signed.toByteArray()).isEqualTo(evidence);
        }
    }

    /** Each mechanism by itself and all together: no claim stands for another. */
    @Test
    void readsEveryConfinementThatItWrote() throws MalformedException {
        for (int bits = 0; bits < 1 << Confinement.Mechanism.values().length; bits++) {
            KeeperReport report = new Changed().confinement(Confinement.ofBits(bits)).build();

            assertThat(KeeperReport.parse(Samples.sign(report)).report()).isEqualTo(report);
            assertThat(report.confinement().bits()).isEqualTo(bits);
        }
    }

    @Test
    void isNotSignedByAnotherKeeper() throws MalformedException {
        KeeperAnchor other = KeeperAnchor.of(Samples.newKey("secp256r1").getPublic());

        assertThat(KeeperReport.parse(Samples.signedReport()).signedBy(other)).isFalse();
    }

    @Test
    void measurementIsTheDigestOfItsCanonicalText() {
        KeeperReport report = Samples.report();
        String text = """
                innerkeep measurement 1
                platform process
                bundle %s
                runtime %s
                launch %s
                """.formatted(Samples.digest("bundle"), Samples.digest("runtime"), Samples.digest("launch"));

        assertThat(report.composedMeasurement())
                .isEqualTo(Measurement.sha256(Bytes.sha256(text.getBytes(StandardCharsets.US_ASCII))));
    }

    @Test
    void measurementTellsEveryPartFromEveryOther() {
        Bytes a = Samples.digest("a");
        Bytes b = Samples.digest("b");

        assertThat(Stream.of(
                        KeeperReport.processMeasurement("process", a, a, a),
                        KeeperReport.processMeasurement("vm", a, a, a),
                        KeeperReport.processMeasurement("mock", a, a, a),
                        KeeperReport.processMeasurement("process", b, a, a),
                        KeeperReport.processMeasurement("process", a, b, a),
                        KeeperReport.processMeasurement("process", a, a, b)))
                .doesNotHaveDuplicates();
    }

    @Test
    void cutsTheTimeToWholeSeconds() {
        Instant fraction = Instant.parse("2026-11-23T10:00:00.999999999Z");

        assertThat(new Changed().issuedAt(fraction).build().issuedAt()).isEqualTo(Instant.parse("2026-11-23T10:00:00Z"));
    }

    @Test
    void cannotBeBuiltOutOfBounds() {
        Bytes tooShort = Bytes.of(new byte[15]);
        refusesToBuild(() -> new Changed().platform("sgx").build());
        refusesToBuild(() -> new Changed().measurement(Measurement.parse("sha-384:" + "00".repeat(48))).build());
        refusesToBuild(() -> new Changed().bundleDigest(tooShort).build());
        refusesToBuild(() -> new Changed().enclaveId(tooShort).build());
        refusesToBuild(() -> new Changed().reportData(tooShort).build());
        refusesToBuild(() -> new Changed().productId(-1).build());
        refusesToBuild(() -> new Changed().productId(1L << 32).build());
        refusesToBuild(() -> new Changed().issuedAt(Instant.ofEpochSecond(-1)).build());
        refusesToBuild(() -> new Changed().issuedAt(Instant.parse("9999-12-31T23:59:59Z").plusSeconds(1)).build());
    }

    static Stream<Arguments> badPayloads() {
        byte[] good = goodPayload();
        byte[] product = claim(KeeperReport.CLAIM_PRODUCT_ID).integer(7).toByteArray();
        byte[] debug = claim(Eat.DBGSTAT).integer(1).toByteArray();
        byte[] iat = claim(Eat.IAT).integer(Samples.NOW.getEpochSecond()).toByteArray();
        byte[] platform = claim(KeeperReport.CLAIM_PLATFORM).text("process").toByteArray();
        byte[] isolation = claim(KeeperReport.CLAIM_ISOLATION).text("separate-user").toByteArray();
        byte[] enclaveId = claim(KeeperReport.CLAIM_ENCLAVE_ID).bytes(HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f")).toByteArray();
        byte[] secretHeap = claim(KeeperReport.CLAIM_CONFINEMENT).bool(false).toByteArray();
        byte[] profile = claim(Eat.PROFILE).text(KeeperReport.PROFILE).toByteArray();
        byte[] none = {};
        return Stream.of(
                Arguments.of("claim missing", withCount(replace(good, product, none), 18)),
                Arguments.of("claim missing, count as before", replace(good, product, none)),
                Arguments.of("claim twice", withCount(replace(good, product, concat(product, product)), 20)),
                Arguments.of("claim unknown", withCount(concat(good, claim(-66016).bool(false).toByteArray()), 20)),
                Arguments.of("claims out of order", replace(good, concat(iat, part(good, iat.length + 1, 67)), concat(part(good, iat.length + 1, 67), iat))),
                Arguments.of("product id above 32 bits", replace(good, product, claim(KeeperReport.CLAIM_PRODUCT_ID).integer(1L << 32).toByteArray())),
                Arguments.of("product id negative", replace(good, product, claim(KeeperReport.CLAIM_PRODUCT_ID).integer(-1).toByteArray())),
                Arguments.of("debug status that is neither", replace(good, debug, claim(Eat.DBGSTAT).integer(2).toByteArray())),
                Arguments.of("debug status as boolean", replace(good, debug, claim(Eat.DBGSTAT).bool(false).toByteArray())),
                Arguments.of("time before 1970", replace(good, iat, claim(Eat.IAT).integer(-1).toByteArray())),
                Arguments.of("time far beyond", replace(good, iat, claim(Eat.IAT).integer(Long.MAX_VALUE).toByteArray())),
                Arguments.of("time as a fraction", replace(good, iat, claim(Eat.IAT).float64(1.5).toByteArray())),
                Arguments.of("platform unknown", replace(good, platform, claim(KeeperReport.CLAIM_PLATFORM).text("sgx").toByteArray())),
                Arguments.of("isolation unknown", replace(good, isolation, claim(KeeperReport.CLAIM_ISOLATION).text("none").toByteArray())),
                Arguments.of("mechanism as a number", replace(good, secretHeap, claim(KeeperReport.CLAIM_CONFINEMENT).integer(0).toByteArray())),
                Arguments.of("mechanism missing", withCount(replace(good, secretHeap, none), 18)),
                Arguments.of("enclave id of 15 bytes", replace(good, enclaveId, claim(KeeperReport.CLAIM_ENCLAVE_ID).bytes(new byte[15]).toByteArray())),
                Arguments.of("another profile", replace(good, profile, claim(Eat.PROFILE).text("tag:innerkeep.org,2026:keeper-report/2").toByteArray())),
                Arguments.of("bytes behind the map", concat(good, new byte[1])));
    }

    @ParameterizedTest
    @MethodSource("badPayloads")
    void refusesPayload(String what, byte[] payload) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> KeeperReport.parse(envelope(goodHeader(), CoseHeader.EMPTY, payload)));
    }

    @Test
    void acceptsThePayloadThatTheBadOnesDifferFrom() throws MalformedException {
        assertThat(KeeperReport.parse(envelope(goodHeader(), CoseHeader.EMPTY, goodPayload())).report())
                .isEqualTo(Samples.report());
    }

    @Test
    void refusesOtherHeaders() {
        Bytes some = Bytes.of(new byte[] {1});
        refusesHeaders(CoseSign1.ES256, CoseHeader.EMPTY);
        refusesHeaders(CoseSign1.ES256, CoseHeader.EMPTY.withKeyId(Samples.ANCHOR.id()));
        refusesHeaders(CoseSign1.ES256.withKeyId(some), CoseHeader.EMPTY);
        refusesHeaders(goodHeader().withSignerKey(Samples.ANCHOR.key()), CoseHeader.EMPTY);
        refusesHeaders(goodHeader(), CoseHeader.EMPTY.withEvidence(some));
    }

    private static void refusesHeaders(CoseHeader protectedHeader, CoseHeader unprotectedHeader) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> KeeperReport.parse(envelope(protectedHeader, unprotectedHeader, goodPayload())));
    }

    private static void refusesToBuild(Runnable build) {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(build::run);
    }

    private static CoseHeader goodHeader() {
        return CoseSign1.ES256.withKeyId(Samples.ANCHOR.id());
    }

    private static byte[] goodPayload() {
        try {
            return CoseSign1.parse(Samples.signedReport()).payload().toArray();
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] envelope(CoseHeader protectedHeader, CoseHeader unprotectedHeader, byte[] payload) {
        return CoseSign1.sign(
                        protectedHeader, unprotectedHeader, Bytes.of(payload), Bytes.EMPTY, Samples.KEEPER.getPrivate())
                .toByteArray();
    }

    private static CborWriter claim(long key) {
        return new CborWriter().integer(key);
    }

    private static byte[] withCount(byte[] payload, int claims) {
        byte[] changed = payload.clone();
        changed[0] = (byte) (0xa0 | claims);
        return changed;
    }

    private static byte[] part(byte[] bytes, int from, int length) {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        return new CborWriter().raw(a).raw(b).toByteArray();
    }

    private static byte[] replace(byte[] bytes, byte[] old, byte[] instead) {
        String hex = HexFormat.of().formatHex(bytes);
        String oldHex = HexFormat.of().formatHex(old);
        assertThat(hex).containsOnlyOnce(oldHex);
        return HexFormat.of().parseHex(hex.replace(oldHex, HexFormat.of().formatHex(instead)));
    }
}
