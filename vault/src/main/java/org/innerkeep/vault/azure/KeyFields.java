package org.innerkeep.vault.azure;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.evidence.Bytes;

/** Public parts of keys as JSON Web Keys have them (RFC 7518 sections 6.2 and 6.3, RFC 8037 section 2), and the sizes that there are. */
final class KeyFields {
    static final List<Integer> RSA_BITS = List.of(2048, 3072, 4096);
    static final List<Integer> OCT_BITS = List.of(128, 192, 256);
    static final List<String> CURVES = List.of("P-256", "P-384", "P-521");
    static final String X25519 = "X25519";
    static final int X25519_BYTES = 32;

    private KeyFields() {}

    /**
     * The fields of a public key, in the order of the standard.
     *
     * @param type of the key
     * @param parameter its curve, where it has one
     * @param publicKey SubjectPublicKeyInfo in DER, which this vault wrote
     */
    static Map<String, String> of(WebKeyType type, String parameter, Bytes publicKey) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (type == WebKeyType.OCT) {
            return fields;
        }
        switch (publicKey(type, publicKey)) {
            case RSAPublicKey rsa -> {
                fields.put("n", Base64Text.url(unsigned(rsa.getModulus(), 0)));
                fields.put("e", Base64Text.url(unsigned(rsa.getPublicExponent(), 0)));
            }
            case ECPublicKey ec -> {
                int length = coordinateBytes(parameter);
                fields.put("crv", parameter);
                fields.put("x", Base64Text.url(unsigned(ec.getW().getAffineX(), length)));
                fields.put("y", Base64Text.url(unsigned(ec.getW().getAffineY(), length)));
            }
            case XECPublicKey x25519 -> {
                fields.put("crv", parameter);
                fields.put("x", Base64Text.url(reversed(unsigned(x25519.getU(), X25519_BYTES))));
            }
            default -> throw new IllegalStateException("a key of another type than " + type.text());
        }
        return fields;
    }

    private static PublicKey publicKey(WebKeyType type, Bytes encoded) {
        try {
            return KeyFactory.getInstance(type == WebKeyType.OKP ? X25519 : type.text())
                    .generatePublic(new X509EncodedKeySpec(encoded.toArray()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the public part of a " + type.text() + " key cannot be read", e);
        }
    }

    /** Big-endian, without a sign, at least so long. */
    static byte[] unsigned(BigInteger number, int length) {
        byte[] signed = number.toByteArray();
        int from = signed[0] == 0 && signed.length > 1 ? 1 : 0;
        byte[] bare = Arrays.copyOfRange(signed, from, signed.length);
        if (bare.length >= length) {
            return bare;
        }
        byte[] padded = new byte[length];
        System.arraycopy(bare, 0, padded, length - bare.length, bare.length);
        return padded;
    }

    /** RFC 7748 writes coordinates little-endian. */
    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static int coordinateBytes(String curve) {
        return switch (curve) {
            case "P-256" -> 32;
            case "P-384" -> 48;
            case "P-521" -> 66;
            default -> throw new IllegalArgumentException("no curve of this vault: " + curve);
        };
    }

    static String javaCurve(String curve) {
        return switch (curve) {
            case "P-256" -> "secp256r1";
            case "P-384" -> "secp384r1";
            case "P-521" -> "secp521r1";
            default -> throw new IllegalArgumentException("no curve of this vault: " + curve);
        };
    }
}
