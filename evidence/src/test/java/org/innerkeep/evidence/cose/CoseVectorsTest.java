package org.innerkeep.evidence.cose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Json;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.SharedVectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of the COSE working group, each with what this strict profile makes of it and why. */
class CoseVectorsTest {
    enum Outcome {
        VERIFIES,
        VERIFIES_WITHOUT_TAG,
        SIGNATURE_REFUSED,
        FORM_REFUSED
    }

    static Stream<Arguments> expectations() {
        return Stream.of(
                Arguments.of("sign1-tests/sign-pass-02.json", Outcome.VERIFIES, "external bytes are signed too"),
                Arguments.of("sign1-tests/sign-pass-03.json", Outcome.VERIFIES_WITHOUT_TAG, "no tag"),
                Arguments.of("ecdsa-examples/ecdsa-sig-01.json", Outcome.VERIFIES, "content type is protected"),
                // A pass in the published set. RFC 9052 section 3.1 has alg authenticated where it can be, and here it can.
                Arguments.of("sign1-tests/sign-pass-01.json", Outcome.FORM_REFUSED, "algorithm is not protected"),
                Arguments.of("sign1-tests/sign-fail-01.json", Outcome.FORM_REFUSED, "tag 998"),
                Arguments.of("sign1-tests/sign-fail-02.json", Outcome.SIGNATURE_REFUSED, "payload changed"),
                Arguments.of("sign1-tests/sign-fail-03.json", Outcome.FORM_REFUSED, "algorithm -999"),
                Arguments.of("sign1-tests/sign-fail-04.json", Outcome.FORM_REFUSED, "algorithm is text"),
                Arguments.of("sign1-tests/sign-fail-06.json", Outcome.SIGNATURE_REFUSED, "protected label added"),
                Arguments.of("sign1-tests/sign-fail-07.json", Outcome.SIGNATURE_REFUSED, "protected label removed"),
                // Right by other algorithms, which this profile does not have.
                Arguments.of("ecdsa-examples/ecdsa-sig-02.json", Outcome.FORM_REFUSED, "ES384"),
                Arguments.of("ecdsa-examples/ecdsa-sig-03.json", Outcome.FORM_REFUSED, "ES512"),
                Arguments.of("ecdsa-examples/ecdsa-sig-04.json", Outcome.FORM_REFUSED, "ES512 with P-256"),
                // COSE_Sign, with a list of signers, is another object than COSE_Sign1.
                Arguments.of("ecdsa-examples/ecdsa-01.json", Outcome.FORM_REFUSED, "tag 98"),
                Arguments.of("ecdsa-examples/ecdsa-02.json", Outcome.FORM_REFUSED, "tag 98"),
                Arguments.of("ecdsa-examples/ecdsa-03.json", Outcome.FORM_REFUSED, "tag 98"),
                Arguments.of("ecdsa-examples/ecdsa-04.json", Outcome.FORM_REFUSED, "tag 98"));
    }

    @ParameterizedTest
    @MethodSource("expectations")
    void behavesAsExpected(String file, Outcome wanted, String why) throws MalformedException {
        Json vector = SharedVectors.json(SharedVectors.find("cose").resolve(file));
        byte[] encoded = HexFormat.of().parseHex(vector.get("output").text("cbor"));

        switch (wanted) {
            case FORM_REFUSED -> assertThatExceptionOfType(MalformedException.class)
                    .as(why)
                    .isThrownBy(() -> CoseSign1.parse(encoded));
            case VERIFIES_WITHOUT_TAG -> {
                assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> CoseSign1.parse(encoded));
                assertThat(verifies(CoseSign1.parseUntagged(encoded), vector)).as(why).isTrue();
            }
            case VERIFIES, SIGNATURE_REFUSED -> {
                CoseSign1 object = CoseSign1.parse(encoded);
                assertThat(object.toByteArray()).isEqualTo(encoded);
                assertThat(verifies(object, vector)).as(why).isEqualTo(wanted == Outcome.VERIFIES);
            }
        }
    }

    @Test
    void everyPublishedFileHasAnExpectation() {
        Path root = SharedVectors.find("cose");
        List<String> files = Stream.of("cose/sign1-tests", "cose/ecdsa-examples")
                .flatMap(folder -> SharedVectors.jsonFiles(folder).stream())
                .map(file -> root.relativize(file).toString())
                .toList();

        assertThat(expectations().map(arguments -> (String) arguments.get()[0]))
                .containsExactlyInAnyOrderElementsOf(files);
    }

    private static boolean verifies(CoseSign1 object, Json vector) {
        Json input = vector.get("input").get("sign0");
        Bytes external = input.has("external") ? Bytes.fromHex(input.text("external")) : Bytes.EMPTY;
        return object.verify(key(input.get("key")), external);
    }

    private static P256PublicKey key(Json jwk) {
        byte[] spki = Arrays.copyOf(
                HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), 91);
        coordinate(jwk.text("x"), spki, 27);
        coordinate(jwk.text("y"), spki, 59);
        try {
            return P256PublicKey.parse(spki);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static void coordinate(String base64url, byte[] into, int at) {
        byte[] bytes = Base64.getUrlDecoder().decode(base64url);
        assertThat(new BigInteger(1, bytes).bitLength()).isLessThanOrEqualTo(256);
        System.arraycopy(bytes, 0, into, at + 32 - bytes.length, bytes.length);
    }
}
