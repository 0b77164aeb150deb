package org.innerkeep.vault.azure;

import static org.innerkeep.makers.FakeTokenService.quoted;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeTokenService;
import tools.jackson.databind.node.ObjectNode;

/** An attested environment that asks for keys: it has an encryption key, and gets tokens about itself. */
final class Environment {
    static final String SIGNER = "51".repeat(32);

    private static final StrictJson JSON = StrictJson.upTo(1 << 20);

    private final KeyPair target = Authority.rsaKeys(2048);

    /** What is hashed into its evidence: its key, and the vault's challenge. */
    String runtime(Optional<String> challenge) {
        return "{\"keys\":[{\"kid\":\"signing\",\"kty\":\"EC\",\"use\":\"sig\"},{\"kid\":\"target\",\"kty\":\"RSA\",\"key_ops\":[\"encrypt\"],"
                + "\"n\":\"" + number(target.getPublic()) + "\",\"e\":\"AQAB\"}]"
                + challenge.map(text -> ",\"nonce\":" + quoted(text)).orElse("") + "}";
    }

    static String number(PublicKey key) {
        return Base64Text.url(KeyFields.unsigned(((RSAPublicKey) key).getModulus(), 0));
    }

    /** Claims of an SGX enclave, in Azure's words. */
    Map<String, String> claims(FakeTokenService service, Instant at, Optional<String> challenge) {
        Map<String, String> claims = new LinkedHashMap<>(service.azureSgx(at));
        claims.put("x-ms-runtime", runtime(challenge));
        return claims;
    }

    String token(FakeTokenService service, Instant at, Optional<String> challenge) {
        return text(service.sign(service.header(), claims(service, at, challenge)));
    }

    static String text(byte[] token) {
        return new String(token, StandardCharsets.US_ASCII);
    }

    /** The payload of a token or answer; nothing of it is verified. */
    static ObjectNode payload(String jws) {
        try {
            return JSON.object("payload", Base64.getUrlDecoder().decode(jws.split("\\.", -1)[1]));
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    /** The key in an answer, as the environment gets it: unwrapped by code that is not the vault's. */
    byte[] open(String answer, Wrapping wrapping) throws Exception {
        String blob = payload(answer).path("response").path("key").path("key").path("key_hsm").stringValue();
        ObjectNode form = JSON.object("key_hsm", Base64.getUrlDecoder().decode(blob));
        if (!form.path("schema_version").stringValue().equals("1.0.0") || !form.path("header").path("kid").stringValue().equals("target")
                || !form.path("header").path("enc").stringValue().equals(wrapping.name())) {
            throw new AssertionError("key_hsm: " + form);
        }
        return WrappingTest.unwrap(
                wrapping, (RSAPrivateKey) target.getPrivate(), Base64.getUrlDecoder().decode(form.path("ciphertext").stringValue()));
    }

}
