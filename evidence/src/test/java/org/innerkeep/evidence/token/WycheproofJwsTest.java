package org.innerkeep.evidence.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.SharedVectors;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.SignatureScheme;
import org.junit.jupiter.api.Test;

/** The JSON Web Signature vectors of project Wycheproof, each with the key beside it. */
class WycheproofJwsTest {
    /** Valid there, and refused here: kinds and algorithms of keys, and single tokens, each for a reason. */
    private static final Map<String, String> REFUSED = Map.of(
            "oct", "a shared secret signs nothing",
            "ES521", "RFC 7518 names no such algorithm; the curve is P-521 and the algorithm ES512",
            "346", "the key says that it is for PS256, and the token is of PS384",
            "350", "the same with key_ops");

    @Test
    void everyVectorGivesItsResult() throws IOException, MalformedException {
        byte[] file = Files.readAllBytes(SharedVectors.find("wycheproof/json_web_signature_test.json"));
        int ran = 0;
        List<String> wrong = new ArrayList<>();
        for (JsonValue each : JsonValue.object("vectors", file).array("testGroups", 1000)) {
            JsonValue.Obj group = (JsonValue.Obj) each;
            JsonValue.Obj key = group.object(group.find("public").isPresent() ? "public" : "private");
            Optional<String> refused = REFUSED.keySet().stream()
                    .filter(name -> name.equals(value(key, "kty")) || name.equals(value(key, "alg")))
                    .findFirst();
            for (JsonValue one : group.array("tests", 1000)) {
                JsonValue.Obj test = (JsonValue.Obj) one;
                long id = test.integer("tcId", 0, 10_000);
                boolean valid = test.text("result").equals("valid") && refused.isEmpty() && !REFUSED.containsKey(Long.toString(id));
                if (verifies(key, value(test, "jws")) != valid) {
                    wrong.add(id + " " + test.text("comment"));
                }
                ran++;
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(ran).isGreaterThan(400);
    }

    private static String value(JsonValue.Obj object, String name) {
        return object.find(name).orElse(null) instanceof JsonValue.Text text ? text.value() : "";
    }

    /** As the verifier does it: the key by its kind, use and algorithm, the token by its form, then the signature. */
    private static boolean verifies(JsonValue.Obj key, String token) {
        Crypto crypto = new Crypto(Optional.empty(), 0);
        try {
            Optional<Jwk> parsed = Jwk.parse(key);
            Jws jws = Jws.parse(token.getBytes(StandardCharsets.UTF_8));
            Optional<SignatureScheme> scheme = Jws.scheme(jws.algorithm());
            return parsed.isPresent()
                    && scheme.isPresent()
                    && parsed.get().algorithm().map(jws.algorithm()::equals).orElse(true)
                    && jws.keyId().equals(parsed.get().keyId())
                    && crypto.verify(
                            scheme.get(),
                            crypto.publicKey("key", parsed.get().publicKey()),
                            jws.signedBytes(),
                            jws.signature().toArray());
        } catch (MalformedException e) {
            return false;
        }
    }
}
