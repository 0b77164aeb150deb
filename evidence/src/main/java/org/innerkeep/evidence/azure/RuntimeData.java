package org.innerkeep.evidence.azure;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.tpm.TpmPublic;

/**
 * What the paravisor says in JSON: the keys of the virtual TPM (RFC 7517), the configuration of the machine, and bytes of the guest.
 *
 * @param attestationKey the key {@code HCLAkPub}, SubjectPublicKeyInfo, DER
 * @param userData 64 bytes that the guest chose; absent in some versions
 * @param vmConfiguration by name; empty where it is absent
 * @param vmId {@code vmUniqueId} of the configuration
 * @param all everything, as a claim
 */
record RuntimeData(
        Bytes attestationKey,
        Optional<Bytes> userData,
        Map<String, ClaimValue> vmConfiguration,
        Optional<String> vmId,
        ClaimValue all) {
    private static final String ATTESTATION_KEY = "HCLAkPub";
    private static final int MAX_KEYS = 16;
    private static final int MAX_USER_DATA = 64;

    static RuntimeData parse(byte[] json) throws MalformedException {
        JsonValue.Obj object = JsonValue.object("runtime data", json);
        Optional<Bytes> key = Optional.empty();
        for (JsonValue each : object.array("keys", MAX_KEYS)) {
            if (!(each instanceof JsonValue.Obj jwk)) {
                throw new MalformedException("keys", each.start(), "expected JSON objects");
            }
            if (jwk.text("kid").equals(ATTESTATION_KEY)) {
                if (key.isPresent()) {
                    throw new MalformedException("keys", each.start(), "expected one key " + ATTESTATION_KEY + ", found two");
                }
                key = Optional.of(rsa(jwk));
            }
        }
        if (key.isEmpty()) {
            throw new MalformedException("keys", object.start(), "expected a key " + ATTESTATION_KEY);
        }
        Optional<Bytes> userData = Optional.empty();
        if (object.find("user-data").isPresent()) {
            userData = Optional.of(hex(object.text("user-data"), object.start()));
        }
        Map<String, ClaimValue> configuration = new LinkedHashMap<>();
        Optional<String> vmId = Optional.empty();
        if (object.find("vm-configuration").isPresent()) {
            JsonValue.Obj fields = object.object("vm-configuration");
            for (Map.Entry<String, JsonValue> field : fields.fields().entrySet()) {
                configuration.put(field.getKey(), claim(field.getValue()));
            }
            vmId = fields.find("vmUniqueId").isPresent() ? Optional.of(fields.text("vmUniqueId")) : Optional.empty();
        }
        return new RuntimeData(key.get(), userData, configuration, vmId, claim(object));
    }

    private static Bytes rsa(JsonValue.Obj jwk) throws MalformedException {
        if (!jwk.text("kty").equals("RSA")) {
            throw new MalformedException("kty", jwk.start(), "expected RSA");
        }
        return TpmPublic.rsaSpki(ATTESTATION_KEY, number(jwk, "n"), number(jwk, "e"));
    }

    private static BigInteger number(JsonValue.Obj jwk, String name) throws MalformedException {
        try {
            return new BigInteger(1, Base64.getUrlDecoder().decode(jwk.text(name)));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(name, jwk.start(), "expected base64url");
        }
    }

    private static Bytes hex(String text, int at) throws MalformedException {
        try {
            Bytes bytes = Bytes.fromHex(text);
            if (bytes.length() <= MAX_USER_DATA) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the refusal.
        }
        throw new MalformedException("user-data", at, "expected at most " + MAX_USER_DATA + " bytes in hexadecimal");
    }

    /** JSON as a claim; its depth is bounded by the reader. Numbers that are no whole ones are text. */
    private static ClaimValue claim(JsonValue value) {
        return switch (value) {
            case JsonValue.Obj object -> {
                Map<String, ClaimValue> values = new LinkedHashMap<>();
                object.fields().forEach((name, field) -> values.put(name, claim(field)));
                yield new ClaimValue.Group(values);
            }
            case JsonValue.Arr array -> {
                List<ClaimValue> values = new ArrayList<>();
                array.items().forEach(item -> values.add(claim(item)));
                yield new ClaimValue.Many(values);
            }
            case JsonValue.Text text -> ClaimValue.of(text.value());
            case JsonValue.Num number -> {
                try {
                    yield ClaimValue.of(number.value().longValueExact());
                } catch (ArithmeticException e) {
                    yield ClaimValue.of(number.value().toString());
                }
            }
            case JsonValue.Flag flag -> ClaimValue.of(flag.value());
            case JsonValue.Nil nil -> ClaimValue.of("null");
        };
    }
}
