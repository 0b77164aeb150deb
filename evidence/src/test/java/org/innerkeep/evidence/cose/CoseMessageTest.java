package org.innerkeep.evidence.cose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.security.PublicKey;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Json;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.SharedVectors;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Curve;
import org.innerkeep.evidence.internal.SignatureScheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The reader of others' documents: the examples of the COSE working group, and every rule of its own. */
class CoseMessageTest {
    private static final Crypto CRYPTO = new Crypto(Optional.empty(), 0);
    private static final byte[] ES256 = {(byte) 0xa1, 1, 0x26};

    enum Outcome {
        VERIFIES,
        SIGNATURE_REFUSED,
        ALGORITHM_UNKNOWN,
        FORM_REFUSED
    }

    static Stream<Arguments> expectations() {
        return Stream.of(
                Arguments.of("sign1-tests/sign-pass-02.json", Outcome.VERIFIES, "external bytes are signed too"),
                Arguments.of("sign1-tests/sign-pass-03.json", Outcome.VERIFIES, "no tag"),
                Arguments.of("ecdsa-examples/ecdsa-sig-01.json", Outcome.VERIFIES, "ES256"),
                Arguments.of("ecdsa-examples/ecdsa-sig-02.json", Outcome.VERIFIES, "ES384"),
                Arguments.of("ecdsa-examples/ecdsa-sig-03.json", Outcome.VERIFIES, "ES512"),
                // A pass in the published set: RFC 9053 lets ES512 go with P-256. No maker's specification does.
                Arguments.of("ecdsa-examples/ecdsa-sig-04.json", Outcome.SIGNATURE_REFUSED, "ES512 with P-256"),
                // A pass in the published set. RFC 9052 section 3.1 has alg authenticated where it can be, and here it can.
                Arguments.of("sign1-tests/sign-pass-01.json", Outcome.FORM_REFUSED, "algorithm is not protected"),
                Arguments.of("sign1-tests/sign-fail-01.json", Outcome.FORM_REFUSED, "tag 998"),
                Arguments.of("sign1-tests/sign-fail-02.json", Outcome.SIGNATURE_REFUSED, "payload changed"),
                Arguments.of("sign1-tests/sign-fail-03.json", Outcome.ALGORITHM_UNKNOWN, "algorithm -999"),
                Arguments.of("sign1-tests/sign-fail-04.json", Outcome.ALGORITHM_UNKNOWN, "algorithm is text"),
                Arguments.of("sign1-tests/sign-fail-06.json", Outcome.SIGNATURE_REFUSED, "protected label added"),
                Arguments.of("sign1-tests/sign-fail-07.json", Outcome.SIGNATURE_REFUSED, "protected label removed"),
                Arguments.of("ecdsa-examples/ecdsa-01.json", Outcome.FORM_REFUSED, "tag 98, a list of signers"),
                Arguments.of("ecdsa-examples/ecdsa-02.json", Outcome.FORM_REFUSED, "tag 98"),
                Arguments.of("ecdsa-examples/ecdsa-03.json", Outcome.FORM_REFUSED, "tag 98"),
                Arguments.of("ecdsa-examples/ecdsa-04.json", Outcome.FORM_REFUSED, "tag 98"));
    }

    @ParameterizedTest
    @MethodSource("expectations")
    void behavesAsExpected(String file, Outcome wanted, String why) throws MalformedException {
        Json vector = SharedVectors.json(SharedVectors.find("cose").resolve(file));
        byte[] encoded = HexFormat.of().parseHex(vector.get("output").text("cbor"));
        if (wanted == Outcome.FORM_REFUSED) {
            assertThatExceptionOfType(MalformedException.class).as(why).isThrownBy(() -> parse(encoded));
            return;
        }
        CoseMessage message = parse(encoded);
        assertThat(message.toByteArray()).isEqualTo(encoded);
        assertThat(message.scheme().isEmpty()).as(why).isEqualTo(wanted == Outcome.ALGORITHM_UNKNOWN);
        Json input = vector.get("input").get("sign0");
        Bytes external = input.has("external") ? Bytes.fromHex(input.text("external")) : Bytes.EMPTY;
        assertThat(message.signedBy(CRYPTO, key(input.get("key")), external)).as(why).isEqualTo(wanted == Outcome.VERIFIES);
    }

    @Test
    void everyPublishedFileHasAnExpectation() {
        List<String> files = Stream.of("cose/sign1-tests", "cose/ecdsa-examples")
                .flatMap(folder -> SharedVectors.jsonFiles(folder).stream())
                .map(file -> SharedVectors.find("cose").relativize(file).toString())
                .toList();
        assertThat(expectations().map(arguments -> (String) arguments.get()[0])).containsExactlyInAnyOrderElementsOf(files);
    }

    private static PublicKey key(Json jwk) throws MalformedException {
        Curve curve = switch (jwk.text("crv")) {
            case "P-256" -> Curve.P256;
            case "P-384" -> Curve.P384;
            default -> Curve.P521;
        };
        byte[] point = new byte[2 * curve.length()];
        for (int i = 0; i < 2; i++) {
            String name = i == 0 ? "x" : "y";
            BigInteger number = new BigInteger(1, jwk.has(name)
                    ? Base64.getUrlDecoder().decode(jwk.text(name))
                    : HexFormat.of().parseHex(jwk.text(name + "_hex")));
            byte[] bytes = number.toByteArray();
            int from = Math.max(0, bytes.length - curve.length());
            System.arraycopy(bytes, from, point, (i + 1) * curve.length() - (bytes.length - from), bytes.length - from);
        }
        return CRYPTO.publicKey("key", curve.spki("key", point));
    }

    private static CoseMessage parse(byte[] encoded) throws MalformedException {
        return CoseMessage.parse("message", encoded, CborValue.Rules.SHORTEST, 1024);
    }

    private static byte[] message(long tag, byte[] protectedHeader, Consumer<CborWriter> unprotectedHeader) {
        CborWriter writer = new CborWriter();
        if (tag >= 0) {
            writer.tag(tag);
        }
        writer.array(4).bytes(protectedHeader);
        unprotectedHeader.accept(writer);
        return writer.bytes(new byte[] {1}).bytes(new byte[64]).toByteArray();
    }

    private static void refused(byte[] encoded) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> parse(encoded));
    }

    private static byte[] header(Consumer<CborWriter> header) {
        CborWriter writer = new CborWriter();
        header.accept(writer);
        return writer.toByteArray();
    }

    @Test
    void readsTheFormsWithAndWithoutATag() throws MalformedException {
        assertThat(parse(message(18, ES256, writer -> writer.map(0))).tagged()).isTrue();
        assertThat(parse(message(-1, ES256, writer -> writer.map(0))).tagged()).isFalse();
        CoseMessage mac = parse(message(17, header(writer -> writer.map(1).integer(1).integer(5)), writer -> writer.map(0)));
        assertThat(mac.form()).isEqualTo(CoseMessage.Form.MAC0);
        assertThat(mac.scheme()).isEmpty();
        // Even where its algorithm's number is one of a signature.
        assertThat(parse(message(17, ES256, writer -> writer.map(0))).scheme()).isEmpty();
    }

    @Test
    void parametersOfOthersAreBorneAndKept() throws MalformedException {
        byte[] covered = header(writer -> writer.map(3).integer(3).text("application/eat+cwt").integer(1).integer(-7).text("x").nil());
        byte[] encoded = message(18, covered, writer -> writer.map(2)
                .integer(4).bytes(new byte[] {1})
                .integer(33).array(2).bytes(new byte[3]).bytes(new byte[3]));
        assertThat(parse(encoded).toByteArray()).isEqualTo(encoded);
    }

    @Test
    void aLabelTwiceIsRefused() {
        refused(message(18, header(writer -> writer.map(2).integer(1).integer(-7).integer(1).integer(-7)), writer -> writer.map(0)));
        refused(message(18, ES256, writer -> writer.map(2).integer(4).bytes(new byte[1]).integer(4).bytes(new byte[1])));
        refused(message(18, ES256, writer -> writer.map(1).integer(1).integer(-7)));
        refused(message(18, header(writer -> writer.map(2).integer(1).integer(-7).text("x").nil()),
                writer -> writer.map(1).text("x").nil()));
    }

    @Test
    void criticalParametersAreRefused() {
        refused(message(18, header(writer -> writer.map(2).integer(1).integer(-7).integer(2).array(1).integer(1)), writer -> writer.map(0)));
        refused(message(18, ES256, writer -> writer.map(1).integer(2).array(1).integer(1)));
    }

    @Test
    void theAlgorithmIsInTheProtectedHeader() {
        refused(message(18, header(writer -> writer.map(0)), writer -> writer.map(1).integer(1).integer(-7)));
        refused(message(18, new byte[0], writer -> writer.map(1).integer(1).integer(-7)));
        refused(message(18, header(writer -> writer.map(1).integer(1).bytes(new byte[1])), writer -> writer.map(0)));
        refused(message(18, header(writer -> writer.array(0)), writer -> writer.map(0)));
        refused(message(18, header(writer -> writer.map(1).integer(1).integer(-7).integer(0)), writer -> writer.map(0)));
    }

    @Test
    void otherShapesAreRefused() {
        refused(new CborWriter().tag(18).tag(18).array(0).toByteArray());
        refused(new CborWriter().tag(18).array(4).bytes(ES256).map(0).nil().bytes(new byte[64]).toByteArray());
        refused(new CborWriter().tag(18).array(4).bytes(ES256).map(0).bytes(new byte[1025]).bytes(new byte[64]).toByteArray());
        refused(new CborWriter().tag(18).array(4).bytes(ES256).map(0).bytes(new byte[1]).bytes(new byte[0]).toByteArray());
        refused(new CborWriter().tag(18).array(3).bytes(ES256).map(0).bytes(new byte[1]).toByteArray());
        refused(new CborWriter().tag(18).array(4).bytes(ES256).map(0).bytes(new byte[1]).bytes(new byte[64]).nil().toByteArray());
    }

    @Test
    void namesOfAlgorithmsWithTheirCurveAreTheSame() {
        assertThat(CoseMessage.scheme(-9)).contains(SignatureScheme.ES256);
        assertThat(CoseMessage.scheme(-51)).contains(SignatureScheme.ES384);
        assertThat(CoseMessage.scheme(-52)).contains(SignatureScheme.ES512);
        for (long other : new long[] {0, 7, -8, -37, -47, -257, -65535, -7 + (1L << 32)}) {
            assertThat(CoseMessage.scheme(other)).as("%d", other).isEmpty();
        }
    }
}
