package org.innerkeep.evidence.cose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Samples;
import org.innerkeep.evidence.cbor.CborWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CoseSign1Test {
    private static final P256PublicKey KEY = P256PublicKey.of(Samples.KEEPER.getPublic());
    private static final Bytes PAYLOAD = Bytes.of("payload".getBytes(StandardCharsets.UTF_8));
    private static final Bytes EXTERNAL = Bytes.of(new byte[] {1, 2, 3});
    private static final Bytes KID = Bytes.of(new byte[] {0x11});
    private static final String ES256 = "a10126";

    @Test
    void verifiesWhatItSigned() throws MalformedException {
        CoseSign1 signed = signed();
        CoseSign1 parsed = CoseSign1.parse(signed.toByteArray());

        assertThat(parsed).isEqualTo(signed);
        assertThat(parsed.verify(KEY, EXTERNAL)).isTrue();
        assertThat(parsed.protectedHeader().keyId()).contains(KID);
        assertThat(parsed.protectedHeader().signerKey()).contains(KEY.spki());
        assertThat(parsed.unprotectedHeader().evidence()).contains(EXTERNAL);
    }

    @Test
    void refusesOtherExternalBytesKeysPayloadsAndProtectedHeaders() {
        CoseSign1 signed = signed();

        assertThat(signed.verify(KEY)).isFalse();
        assertThat(signed.verify(KEY, KID)).isFalse();
        assertThat(signed.verify(P256PublicKey.of(Samples.newKey("secp256r1").getPublic()), EXTERNAL)).isFalse();
        assertThat(new CoseSign1(signed.protectedHeader(), signed.unprotectedHeader(), KID, signed.signature())
                        .verify(KEY, EXTERNAL))
                .isFalse();
        assertThat(new CoseSign1(CoseSign1.ES256, signed.unprotectedHeader(), PAYLOAD, signed.signature())
                        .verify(KEY, EXTERNAL))
                .isFalse();
    }

    @Test
    void signatureDoesNotCoverTheUnprotectedHeader() {
        CoseSign1 signed = signed();

        assertThat(new CoseSign1(signed.protectedHeader(), CoseHeader.EMPTY, PAYLOAD, signed.signature())
                        .verify(KEY, EXTERNAL))
                .isTrue();
    }

    @Test
    void writesLabelsInDeterministicOrderWhateverTheOrderOfTheCalls() {
        CoseHeader one = CoseSign1.ES256.withKeyId(KID).withSignerKey(KEY);
        CoseHeader other = CoseSign1.ES256.withSignerKey(KEY).withKeyId(KID);

        assertThat(one).isEqualTo(other);
        assertThat(one.toByteArray()).startsWith(HexFormat.of().parseHex("a30126044111" + "3a000102fc" + "585b"));
        assertThat(other.toByteArray()).isEqualTo(one.toByteArray());
    }

    static Stream<Arguments> badForms() {
        return Stream.of(
                bad("protected header is empty", ""),
                bad("protected header is an empty map", "a0"),
                bad("algorithm is missing", "a1044111"),
                bad("algorithm is ES384", "a1013822"),
                bad("algorithm is text", "a101654553323536"),
                bad("critical label", "a20126028101"),
                bad("label that is not known", "a201260540"),
                bad("label is text", "a20126616100"),
                bad("label twice", "a201260126"),
                bad("labels out of order", "a20441110126"),
                bad("label in a longer form", "a1180126"),
                bad("evidence in the protected header", "a201263a000102fd4101"),
                bad("empty key id", "a201260440"),
                bad("key id of 65 bytes", "a20126045841" + "00".repeat(65)),
                bad("content type out of range", "a20126031a00010000"),
                bad("signer key of another length", "a201263a000102fc4101"),
                bad("bytes after the protected map", "a1012600"),
                badUnprotected("algorithm in the unprotected header", "a10126"),
                badUnprotected("signer key in the unprotected header", "a13a000102fc4101"),
                badUnprotected("critical label in the unprotected header", "a1028101"),
                badUnprotected("empty evidence", "a13a000102fd40"),
                badUnprotected("unprotected header is no map", "80"));
    }

    @ParameterizedTest
    @MethodSource("badForms")
    void refusesHeadersOutsideTheProfile(String what, String protectedHeader, String unprotectedHeader) {
        refuses(object(protectedHeader, unprotectedHeader, new CborWriter().bytes(new byte[1]), 64));
    }

    @Test
    void acceptsTheFormThatTheBadOnesDifferFrom() throws MalformedException {
        byte[] good = object(ES256, "a0", new CborWriter().bytes(new byte[1]), 64).toByteArray();

        assertThat(CoseSign1.parse(good).toByteArray()).isEqualTo(good);
    }

    @Test
    void refusesALabelInBothHeaders() {
        refuses(object("a20126044111", "a1044111", new CborWriter().bytes(new byte[1]), 64));
    }

    @Test
    void refusesDetachedPayload() {
        refuses(object(ES256, "a0", new CborWriter().nil(), 64));
    }

    @Test
    void refusesPayloadBeyondItsBound() throws MalformedException {
        CborWriter most = new CborWriter().bytes(new byte[CoseSign1.MAX_PAYLOAD_BYTES]);
        CborWriter tooMuch = new CborWriter().bytes(new byte[CoseSign1.MAX_PAYLOAD_BYTES + 1]);

        CoseSign1.parse(object(ES256, "a0", most, 64).toByteArray());
        refuses(object(ES256, "a0", tooMuch, 64));
    }

    @Test
    void refusesEvidenceBeyondItsBound() {
        byte[] tooMuch = new byte[CoseHeader.MAX_EVIDENCE_BYTES + 1];
        String header = HexFormat.of().formatHex(
                new CborWriter().map(1).integer(CoseHeader.EVIDENCE).bytes(tooMuch).toByteArray());

        refuses(object(ES256, header, new CborWriter().bytes(new byte[1]), 64));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> CoseHeader.EMPTY.withEvidence(Bytes.of(tooMuch)));
    }

    @Test
    void refusesSignaturesOfOtherLengths() {
        refuses(object(ES256, "a0", new CborWriter().bytes(new byte[1]), 63));
        refuses(object(ES256, "a0", new CborWriter().bytes(new byte[1]), 65));
    }

    @Test
    void refusesCutsAndTrailingBytes() {
        byte[] good = signed().toByteArray();
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> CoseSign1.parse(cut));
        }
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> CoseSign1.parse(Arrays.copyOf(good, good.length + 1)));
    }

    @Test
    void refusesToBuildWhatItWouldNotRead() {
        Bytes signature = Bytes.of(new byte[64]);

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new CoseSign1(CoseHeader.EMPTY, CoseHeader.EMPTY, PAYLOAD, signature));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new CoseSign1(CoseSign1.ES256, CoseSign1.ES256, PAYLOAD, signature));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new CoseSign1(
                CoseSign1.ES256.withKeyId(KID), CoseHeader.EMPTY.withKeyId(KID), PAYLOAD, signature));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new CoseSign1(CoseSign1.ES256, CoseHeader.EMPTY, PAYLOAD, PAYLOAD));
    }

    private static CoseSign1 signed() {
        return CoseSign1.sign(
                CoseSign1.ES256.withKeyId(KID).withSignerKey(KEY),
                CoseHeader.EMPTY.withEvidence(EXTERNAL),
                PAYLOAD,
                EXTERNAL,
                Samples.KEEPER.getPrivate());
    }

    private static Arguments bad(String what, String protectedHeader) {
        return Arguments.of(what, protectedHeader, "a0");
    }

    private static Arguments badUnprotected(String what, String unprotectedHeader) {
        return Arguments.of(what, ES256, unprotectedHeader);
    }

    private static CborWriter object(
            String protectedHeader, String unprotectedHeader, CborWriter payload, int signatureLength) {
        return new CborWriter()
                .tag(18)
                .array(4)
                .bytes(HexFormat.of().parseHex(protectedHeader))
                .raw(HexFormat.of().parseHex(unprotectedHeader))
                .raw(payload.toByteArray())
                .bytes(new byte[signatureLength]);
    }

    private static void refuses(CborWriter encoded) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> CoseSign1.parse(encoded.toByteArray()));
    }
}
