package org.innerkeep.evidence.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.TokenIssuer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of a service as it publishes them. Sets whose keys stand in certificates are made in the tests of the synthetic service. */
class JwkTest {
    private static final RSAPublicKey RSA = rsa(2048);
    private static final ECPublicKey EC = ec("secp256r1");

    private static RSAPublicKey rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return (RSAPublicKey) generator.generateKeyPair().getPublic();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ECPublicKey ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return (ECPublicKey) generator.generateKeyPair().getPublic();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String rsaNumbers(RSAPublicKey key) {
        return "\"kty\":\"RSA\",\"n\":\"" + url(key.getModulus().toByteArray()) + "\",\"e\":\"AQAB\"";
    }

    private static String ecNumbers(ECPublicKey key, String crv) {
        byte[] spki = key.getEncoded();
        int length = (spki.length - 27) / 2;
        byte[] x = Arrays.copyOfRange(spki, spki.length - 2 * length, spki.length - length);
        byte[] y = Arrays.copyOfRange(spki, spki.length - length, spki.length);
        return "\"kty\":\"EC\",\"crv\":\"" + crv + "\",\"x\":\"" + url(x) + "\",\"y\":\"" + url(y) + "\"";
    }

    private static byte[] set(String... keys) {
        StringBuilder all = new StringBuilder("{\"keys\":[");
        for (int i = 0; i < keys.length; i++) {
            all.append(i == 0 ? "{" : ",{").append(keys[i]).append('}');
        }
        return all.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void readsKeysAsTheirNumbers() throws MalformedException {
        Map<String, TokenIssuer.Key> keys = TokenIssuer.of(
                        "service", set("\"kid\":\"a+/=\"," + rsaNumbers(RSA), "\"kid\":\"b\",\"alg\":\"ES256\",\"use\":\"sig\"," + ecNumbers(EC, "P-256")))
                .keys();
        assertThat(keys).containsOnly(
                Map.entry("a+/=", new TokenIssuer.Key(Bytes.of(RSA.getEncoded()), Optional.empty())),
                Map.entry("b", new TokenIssuer.Key(Bytes.of(EC.getEncoded()), Optional.of("ES256"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"kty\":\"oct\",\"k\":\"AAAA\"",
        "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"",
        "\"use\":\"enc\",RSA",
        "\"key_ops\":[\"encrypt\"],RSA",
        "\"key_ops\":[],RSA",
        "\"alg\":\"RSA-OAEP\",RSA",
        "\"alg\":\"RS1\",RSA",
        "\"alg\":\"HS256\",RSA"
    })
    void leavesOutWhatIsNotForVerifyingSignatures(String key) throws MalformedException {
        String full = "\"kid\":\"x\"," + key.replace("RSA", rsaNumbers(RSA)).replace("\"alg\":\"" + rsaNumbers(RSA), "\"alg\":\"RSA");
        assertThat(Jwk.parseSet(set(full))).isEmpty();
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> TokenIssuer.of("service", set(full)));
        assertThat(TokenIssuer.of("service", set(full, "\"kid\":\"y\"," + ecNumbers(EC, "P-256"))).keys()).containsOnlyKeys("y");
    }

    @Test
    void refusesKeysThatAreWrongWeakOrPrivate() {
        String x = "\"x\":\"" + url(new byte[32]) + "\"";
        for (String key : new String[] {
            "\"kid\":\"x\"",
            "\"kty\":7",
            "\"kty\":\"RSA\"",
            "\"kty\":\"RSA\",\"n\":\"AQAB\"",
            "\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"",
            "\"kty\":\"RSA\",\"n\":\"" + url(new byte[2000]) + "\",\"e\":\"AQAB\"",
            "\"kty\":\"RSA\",\"n\":\"A\",\"e\":\"AQAB\"",
            rsaNumbers(rsa(1024)),
            rsaNumbers(RSA).replace("\"AQAB\"", "\"AQ\""),
            rsaNumbers(RSA).replace("\"AQAB\"", "\"AQAB==\""),
            rsaNumbers(RSA) + ",\"d\":\"AQAB\"",
            "\"alg\":\"ES256\"," + rsaNumbers(RSA),
            "\"alg\":\"RS256\"," + ecNumbers(EC, "P-256"),
            "\"kty\":\"EC\",\"crv\":\"P-256\"," + x + ",\"y\":\"" + url(new byte[32]) + "\"",
            "\"kty\":\"EC\",\"crv\":\"P-256\"," + x,
            ecNumbers(EC, "P-384"),
            ecNumbers(EC, "secp256k1"),
            rsaNumbers(RSA) + ",\"x5c\":[\"AAAA\"]",
            "\"kty\":\"RSA\",\"x5c\":[\"AAAA\"]",
            "\"kty\":\"RSA\",\"x5c\":[]"
        }) {
            assertThatExceptionOfType(MalformedException.class).as(key).isThrownBy(() -> Jwk.parseSet(set(key)));
        }
    }

    @Test
    void refusesTwoKeysOfOneId() throws MalformedException {
        String one = "\"kid\":\"x\"," + rsaNumbers(RSA);
        assertThat(TokenIssuer.of("service", set(one, one)).keys()).hasSize(1);
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> TokenIssuer.of("service", set(one, "\"kid\":\"x\"," + ecNumbers(EC, "P-256"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[7]}", "{\"keys\":[]}"})
    void refusesWhatIsNoSet(String text) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> TokenIssuer.of("service", text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void refusesHugeSets() {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Jwk.parseSet(new byte[(1 << 20) + 1]));
        String[] many = new String[Jwk.MAX_KEYS + 1];
        Arrays.fill(many, "\"kty\":\"oct\"");
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Jwk.parseSet(set(many)));
    }

    @Test
    void anIssuerHasANameAndKeysOrARoot() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenIssuer("service", Map.of(), Optional.empty()));
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenIssuer("", Map.of(), Optional.of(Bytes.of(new byte[] {1}))));
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenIssuer("service", Map.of(), Optional.of(Bytes.EMPTY)));
    }
}
