package org.innerkeep.vault.azure;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The key of an attested environment that released keys are encrypted to: the first of {@code x-ms-runtime.keys} that is meant for
 * encryption. What stands there was hashed into the environment's evidence, so no one else chose it.
 *
 * @param id its {@code kid}
 * @param key RSA, 2048 to 8192 bits
 */
record TargetKey(String id, RSAPublicKey key) {
    static final int MIN_BITS = 2048;
    static final int MAX_BITS = 8192;

    private static final String KEYS = "x-ms-runtime.keys";
    private static final int MAX_KEYS = 64;
    private static final int MAX_ID = 1024;
    private static final int MAX_EXPONENT_BITS = 64;

    /**
     * Chooses the key.
     *
     * @param claims of a verified token; only those of its own {@code x-ms-runtime} count, not those of what it says something about
     * @return the key
     * @throws MalformedException if there is none, or the one that is meant for encryption is weak or malformed
     */
    static TargetKey of(ObjectNode claims) throws MalformedException {
        if (!(claims.get("x-ms-runtime") instanceof ObjectNode runtime) || !(runtime.get("keys") instanceof ArrayNode keys)) {
            throw new MalformedException(KEYS, -1, "expected a list of keys in the attested runtime data, found none:"
                    + " put the environment's public encryption key there");
        }
        if (keys.size() > MAX_KEYS) {
            throw new MalformedException(KEYS, -1, "expected at most " + MAX_KEYS + " keys");
        }
        for (JsonNode each : keys) {
            if (each instanceof ObjectNode key && StrictJson.text(key, "kty").filter("RSA"::equals).isPresent() && encrypts(key)) {
                return read(key);
            }
        }
        throw new MalformedException(KEYS, -1, "expected an RSA key with 'use' \"enc\" or 'key_ops' with \"encrypt\", found none");
    }

    /** SHA-256 of the key, SubjectPublicKeyInfo, for the log. */
    Bytes digest() {
        return Bytes.sha256(key.getEncoded());
    }

    private static boolean encrypts(ObjectNode key) throws MalformedException {
        for (String name : new String[] {"use", "key_use"}) {
            if (StrictJson.text(key, name).filter("enc"::equals).isPresent()) {
                return true;
            }
        }
        if (key.get("key_ops") instanceof ArrayNode operations) {
            for (JsonNode each : operations) {
                if (each.isString() && each.stringValue().equals("encrypt")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static TargetKey read(ObjectNode key) throws MalformedException {
        String id = StrictJson.text(key, "kid").orElse("");
        if (id.isEmpty() || id.length() > MAX_ID) {
            throw new MalformedException(KEYS, -1, "expected 'kid' of 1 to " + MAX_ID + " characters in the key for encryption");
        }
        BigInteger modulus = number(key, "n");
        BigInteger exponent = number(key, "e");
        if (modulus.bitLength() < MIN_BITS || modulus.bitLength() > MAX_BITS || !modulus.testBit(0)) {
            throw new MalformedException(KEYS, -1, "expected an RSA key for encryption of " + MIN_BITS + " to " + MAX_BITS + " bits, found "
                    + modulus.bitLength());
        }
        if (!exponent.testBit(0) || exponent.equals(BigInteger.ONE) || exponent.bitLength() > MAX_EXPONENT_BITS) {
            throw new MalformedException(KEYS, -1, "expected an odd RSA exponent above 1, of at most " + MAX_EXPONENT_BITS + " bits");
        }
        try {
            return new TargetKey(
                    id, (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent)));
        } catch (GeneralSecurityException e) {
            throw new MalformedException(KEYS, -1, "expected an RSA key, found other numbers");
        }
    }

    private static BigInteger number(ObjectNode key, String name) throws MalformedException {
        String text = StrictJson.text(key, name)
                .filter(each -> each.length() <= MAX_BITS / 4)
                .orElseThrow(() -> new MalformedException(KEYS, -1, "expected '" + name + "' in base64url in the key for encryption"));
        return new BigInteger(1, Base64Text.any(KEYS, text));
    }
}
