package org.innerkeep.evidence.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Json;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.SharedVectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published signatures, good and bad, through the one place that verifies signatures over evidence. */
class SignatureVectorsTest {
    private static final Crypto CRYPTO = new Crypto(Optional.empty(), 0);

    @ParameterizedTest
    @CsvSource({
        "wycheproof/ecdsa_secp256r1_sha256_p1363_test.json, ES256",
        "wycheproof/ecdsa_secp384r1_sha384_p1363_test.json, ES384"
    })
    void agreesWithWycheproofOnEcdsa(String file, SignatureScheme scheme) throws MalformedException {
        int count = 0;
        for (Json group : SharedVectors.json(SharedVectors.find(file)).list("testGroups")) {
            PublicKey key = CRYPTO.publicKey("key", Bytes.fromHex(group.text("publicKeyDer")));
            for (Json test : group.list("tests")) {
                byte[] message = HexFormat.of().parseHex(test.text("msg"));
                byte[] signature = HexFormat.of().parseHex(test.text("sig"));
                assertThat(CRYPTO.verify(scheme, key, message, signature))
                        .as("%s %s: %s", file, test.text("tcId"), test.text("comment"))
                        .isEqualTo(test.text("result").equals("valid"));
                count++;
            }
        }
        assertThat(count).isGreaterThan(200);
    }

    /** Signatures of tokens whose form is plain: header, payload and signature of base64url, an algorithm that the key is for. */
    @Test
    void agreesWithWycheproofOnRsaTokens() throws GeneralSecurityException, MalformedException {
        int count = 0;
        for (Json group : SharedVectors.json(SharedVectors.find("wycheproof/json_web_signature_test.json")).list("testGroups")) {
            if (!group.has("public") || !group.get("public").has("kty") || !group.get("public").has("alg")) {
                continue;
            }
            Json jwk = group.get("public");
            if (!jwk.text("kty").equals("RSA")) {
                continue;
            }
            PublicKey plain = KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
            PublicKey key = CRYPTO.publicKey("key", Bytes.of(plain.getEncoded()));
            for (Json test : group.list("tests")) {
                if (!test.text("result").equals("valid")) {
                    continue; // What is wrong there is mostly not the signature.
                }
                String jws = test.text("jws");
                int dot = jws.lastIndexOf('.');
                byte[] message = jws.substring(0, dot).getBytes(StandardCharsets.US_ASCII);
                byte[] signature = Base64.getUrlDecoder().decode(jws.substring(dot + 1));
                // The algorithm that the token names: one of the keys is used with another than its own, as RFC 7520 has it.
                String header = new String(Base64.getUrlDecoder().decode(jws.substring(0, jws.indexOf('.'))), StandardCharsets.UTF_8);
                SignatureScheme scheme = SignatureScheme.valueOf(Json.parse(header).text("alg"));
                String what = jwk.text("alg") + " " + test.text("tcId");
                assertThat(CRYPTO.verify(scheme, key, message, signature)).as(what).isTrue();
                signature[signature.length / 2] ^= 1;
                assertThat(CRYPTO.verify(scheme, key, message, signature)).as(what + ", changed").isFalse();
                signature[signature.length / 2] ^= 1;
                assertThat(CRYPTO.verify(scheme, key, message, Arrays.copyOf(signature, signature.length - 1))).isFalse();
                for (SignatureScheme other : SignatureScheme.values()) {
                    assertThat(other == scheme || !CRYPTO.verify(other, key, message, signature)).as(what + " as " + other).isTrue();
                }
                count++;
            }
        }
        assertThat(count).isGreaterThan(5);
    }

    private static BigInteger number(Json jwk, String name) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(jwk.text(name)));
    }
}
