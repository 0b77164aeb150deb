package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ImportedKeyTest {
    private static final StrictJson JSON = StrictJson.upTo(1 << 16);
    private static final SecureRandom RANDOM = new SecureRandom();

    private static ObjectNode node(Map<String, String> jwk) throws MalformedException {
        return JSON.object("key", JSON.write(jwk));
    }

    private static String number(BigInteger number) {
        return Base64Text.url(KeyFields.unsigned(number, 0));
    }

    static Map<String, String> rsa(KeyPair pair) {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) pair.getPrivate();
        Map<String, String> jwk = new LinkedHashMap<>();
        jwk.put("n", number(key.getModulus()));
        jwk.put("e", number(key.getPublicExponent()));
        jwk.put("d", number(key.getPrivateExponent()));
        jwk.put("p", number(key.getPrimeP()));
        jwk.put("q", number(key.getPrimeQ()));
        jwk.put("dp", number(key.getPrimeExponentP()));
        jwk.put("dq", number(key.getPrimeExponentQ()));
        jwk.put("qi", number(key.getCrtCoefficient()));
        return jwk;
    }

    private static KeyPair rsaPair(int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static void refused(WebKeyType type, Map<String, String> jwk, Consumer<Map<String, String>> change, String message) {
        Map<String, String> changed = new LinkedHashMap<>(jwk);
        change.accept(changed);
        assertThatThrownBy(() -> ImportedKey.read(type, node(changed)).close())
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anRsaKeyIsKeptAsPkcs8WithItsPublicPart() throws Exception {
        KeyPair pair = rsaPair(2048);
        try (FreshKey key = ImportedKey.read(WebKeyType.RSA, node(rsa(pair)))) {
            assertThat(key.secret().expose()).isEqualTo(pair.getPrivate().getEncoded());
            assertThat(key.publicKey().toArray()).isEqualTo(pair.getPublic().getEncoded());
            assertThat(key.parameter()).isEqualTo("2048");
            assertThat(KeyFields.of(WebKeyType.RSA, "2048", key.publicKey()))
                    .containsEntry("n", rsa(pair).get("n")).containsEntry("e", "AQAB").hasSize(2);
        }
    }

    @Test
    void numbersOfTwoRsaKeysAreRefused() throws Exception {
        Map<String, String> jwk = rsa(rsaPair(2048));
        Map<String, String> other = rsa(rsaPair(2048));
        for (String name : List.of("n", "d", "p", "q", "dp", "dq", "qi")) {
            refused(WebKeyType.RSA, jwk, changed -> changed.put(name, other.get(name)), "of one RSA key");
        }
        refused(WebKeyType.RSA, jwk, changed -> changed.put("e", "Aw"), "of one RSA key");
        refused(WebKeyType.RSA, jwk, changed -> changed.remove("qi"), "key.qi");
        refused(WebKeyType.RSA, jwk, changed -> changed.put("n", "AQAB"), "[2048, 3072, 4096] bits, found 17");
        refused(WebKeyType.RSA, jwk, changed -> changed.put("d", "A".repeat(10_000)), "at most 513 bytes");
        refused(WebKeyType.RSA, jwk, changed -> changed.put("d", "#"), "base64");
    }

    @Test
    void keysOfEveryCurveAreKeptAndOnlyWithTheirOwnPoint() throws Exception {
        for (String curve : KeyFields.CURVES) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(KeyFields.javaCurve(curve)));
            KeyPair pair = generator.generateKeyPair();
            Map<String, String> jwk = new LinkedHashMap<>(
                    KeyFields.of(WebKeyType.EC, curve, org.innerkeep.evidence.Bytes.of(pair.getPublic().getEncoded())));
            BigInteger d = ((ECPrivateKey) pair.getPrivate()).getS();
            jwk.put("d", number(d));
            try (FreshKey key = ImportedKey.read(WebKeyType.EC, node(jwk))) {
                assertThat(key.publicKey().toArray()).isEqualTo(pair.getPublic().getEncoded());
                ECPrivateKey read = (ECPrivateKey)
                        KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key.secret().expose()));
                assertThat(read.getS()).isEqualTo(d);
            }
            refused(WebKeyType.EC, jwk, changed -> changed.put("d", number(d.add(BigInteger.ONE))), "of one key on " + curve);
            refused(WebKeyType.EC, jwk, changed -> changed.put("y", changed.get("x")), "of one key on " + curve);
            refused(WebKeyType.EC, jwk, changed -> changed.put("d", "AA"), "below the order");
            refused(WebKeyType.EC, jwk, changed -> changed.put("crv", "P-256K"), "key.crv");
        }
    }

    @Test
    void symmetricKeysHaveOneOfThreeSizes() throws Exception {
        for (int bytes : List.of(16, 24, 32)) {
            byte[] secret = new byte[bytes];
            RANDOM.nextBytes(secret);
            try (FreshKey key = ImportedKey.read(WebKeyType.OCT, node(Map.of("k", Base64Text.url(secret))))) {
                assertThat(key.secret().expose()).isEqualTo(secret);
                assertThat(key.publicKey().length()).isZero();
                assertThat(KeyFields.of(WebKeyType.OCT, key.parameter(), key.publicKey())).isEmpty();
            }
        }
        refused(WebKeyType.OCT, Map.of("k", "AAAA"), changed -> {}, "[128, 192, 256] bits, found 24");
        refused(WebKeyType.OCT, Map.of(), changed -> {}, "key.k");
    }

    @Test
    void anX25519KeyIsKeptAndOnlyWithItsOwnPoint() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        byte[] d = ((XECPrivateKey) pair.getPrivate()).getScalar().orElseThrow();
        Map<String, String> jwk = new LinkedHashMap<>(
                KeyFields.of(WebKeyType.OKP, "X25519", org.innerkeep.evidence.Bytes.of(pair.getPublic().getEncoded())));
        jwk.put("d", Base64Text.url(d));
        try (FreshKey key = ImportedKey.read(WebKeyType.OKP, node(jwk))) {
            assertThat(key.publicKey().toArray()).isEqualTo(pair.getPublic().getEncoded());
            assertThat(key.secret().expose()).isEqualTo(pair.getPrivate().getEncoded());
        }
        refused(WebKeyType.OKP, jwk, changed -> changed.put("x", Base64Text.url(d)), "of one X25519 key");
        refused(WebKeyType.OKP, jwk, changed -> changed.put("crv", "Ed25519"), "expected X25519");
    }

    @Test
    void keysThatAreMadeAreReadBackFromTheirPkcs8() throws Exception {
        for (Map.Entry<WebKeyType, String> each : List.of(
                Map.entry(WebKeyType.RSA, "2048"), Map.entry(WebKeyType.EC, "P-521"), Map.entry(WebKeyType.OKP, "X25519"))) {
            try (FreshKey key = KeyMaker.make(each.getKey(), each.getValue(), RANDOM)) {
                String algorithm = each.getKey() == WebKeyType.OKP ? "X25519" : each.getKey().text();
                assertThat(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key.secret().expose())).getFormat())
                        .isEqualTo("PKCS#8");
                assertThat(KeyFields.of(each.getKey(), each.getValue(), key.publicKey())).isNotEmpty();
            }
        }
    }
}
