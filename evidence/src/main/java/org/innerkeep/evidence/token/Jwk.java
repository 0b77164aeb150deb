package org.innerkeep.evidence.token;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Curve;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.SignatureScheme;

/**
 * A public key that verifies, out of a JSON Web Key Set (RFC 7517). The key stands as its numbers, or in the first certificate of its
 * chain, or both, which must then be the same.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param keyId its name, compared as text
 * @param publicKey the SubjectPublicKeyInfo, DER
 * @param algorithm the only algorithm that it is for, where the set says so
 * @param certificates its certificate chain, DER, leaf first; not parsed but for the first one's key, and of no trust
 */
public record Jwk(Optional<String> keyId, Bytes publicKey, Optional<String> algorithm, List<Bytes> certificates) {
    /** The most bytes of a set. */
    public static final int MAX_SET_BYTES = 1 << 20;

    /** The most keys of a set. */
    public static final int MAX_KEYS = 256;

    private static final int MAX_NUMBER_BYTES = 1032;

    /** Copies the list. */
    public Jwk {
        certificates = List.copyOf(certificates);
    }

    /**
     * Reads a set. Keys of a kind, use or algorithm that is not known, or that are not for verifying, are left out, as RFC 7517
     * section 5 asks; what is of a known kind and wrong refuses the set.
     *
     * @param set hostile bytes
     * @return the keys, in order
     * @throws MalformedException if it is no such set, or one of its keys is wrong, weak or private
     */
    public static List<Jwk> parseSet(byte[] set) throws MalformedException {
        if (set.length > MAX_SET_BYTES) {
            throw new MalformedException("keys", -1, "expected at most " + MAX_SET_BYTES + " bytes, found " + set.length);
        }
        List<Jwk> found = new ArrayList<>();
        for (JsonValue each : JsonValue.object("key set", set).array("keys", MAX_KEYS)) {
            if (!(each instanceof JsonValue.Obj key)) {
                throw new MalformedException("keys", each.start(), "expected keys as JSON objects");
            }
            parse(key).ifPresent(found::add);
        }
        return List.copyOf(found);
    }

    /**
     * Reads a key.
     *
     * @param key the JSON object
     * @return the key, or nothing where it is not for verifying, or of no known kind
     * @throws MalformedException if it is of a known kind and wrong
     */
    public static Optional<Jwk> parse(JsonValue.Obj key) throws MalformedException {
        String type = key.text("kty");
        boolean elliptic = type.equals("EC");
        Optional<String> algorithm = Jws.text(key, "alg");
        Optional<SignatureScheme> scheme = algorithm.flatMap(Jws::scheme);
        if (!elliptic && !type.equals("RSA") || algorithm.isPresent() && scheme.isEmpty() || !verifies(key)) {
            return Optional.empty();
        }
        if (key.find("d").isPresent()) {
            throw new MalformedException("d", key.start(), "expected a public key, found a private one");
        }
        if (scheme.isPresent() && scheme.get().curve().isPresent() != elliptic) {
            throw new MalformedException("alg", key.start(), "expected an algorithm that fits the kind of key");
        }
        List<Bytes> certificates = key.find("x5c").isPresent() ? Jws.certificates(key) : List.of();
        Optional<Bytes> numbers = elliptic ? point(key) : modulus(key);
        Optional<Bytes> certified = certificates.isEmpty() ? Optional.empty() : Optional.of(keyOf(certificates.getFirst()));
        Optional<Bytes> spki = certified.or(() -> numbers);
        if (spki.isEmpty()) {
            throw new MalformedException("key", key.start(), "expected a key as its numbers or in a certificate, found neither");
        }
        if (certified.isPresent() && numbers.isPresent() && !certified.equals(numbers)) {
            throw new MalformedException("x5c", key.start(), "expected the certificate of this key, found that of another");
        }
        boolean onCurve = Curve.of(new Crypto(Optional.empty(), 0).publicKey("key", spki.get())).isPresent();
        if (onCurve != elliptic) {
            throw new MalformedException("kty", key.start(), "expected the kind of the key, found another");
        }
        return Optional.of(new Jwk(Jws.text(key, "kid"), spki.get(), algorithm, certificates));
    }

    /** Whether it is for verifying signatures, as far as it says (RFC 7517 sections 4.2 and 4.3). */
    private static boolean verifies(JsonValue.Obj key) throws MalformedException {
        if (key.find("use").isPresent() && !key.text("use").equals("sig")) {
            return false;
        }
        return key.find("key_ops").isEmpty()
                || key.array("key_ops", 16).stream().anyMatch(each -> each instanceof JsonValue.Text text && text.value().equals("verify"));
    }

    private static Optional<Bytes> modulus(JsonValue.Obj key) throws MalformedException {
        if (key.find("n").isEmpty() && key.find("e").isEmpty()) {
            return Optional.empty();
        }
        BigInteger n = number(key, "n");
        BigInteger e = number(key, "e");
        try {
            return Optional.of(Bytes.of(
                    KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(n, e)).getEncoded()));
        } catch (GeneralSecurityException | RuntimeException failure) {
            throw new MalformedException("n", key.start(), "expected an RSA key, found other numbers");
        }
    }

    private static BigInteger number(JsonValue.Obj key, String name) throws MalformedException {
        Bytes bytes = Base64Text.url(name, key.text(name));
        if (bytes.length() == 0 || bytes.length() > MAX_NUMBER_BYTES) {
            throw new MalformedException(name, key.start(), "expected 1 to " + MAX_NUMBER_BYTES + " bytes, found " + bytes.length());
        }
        return new BigInteger(1, bytes.toArray());
    }

    private static Optional<Bytes> point(JsonValue.Obj key) throws MalformedException {
        if (key.find("x").isEmpty() && key.find("y").isEmpty()) {
            return Optional.empty();
        }
        Curve curve =
                switch (key.text("crv")) {
                    case "P-256" -> Curve.P256;
                    case "P-384" -> Curve.P384;
                    case "P-521" -> Curve.P521;
                    default -> throw new MalformedException("crv", key.start(), "expected P-256, P-384 or P-521");
                };
        byte[] x = Base64Text.url("x", key.text("x")).toArray();
        byte[] y = Base64Text.url("y", key.text("y")).toArray();
        if (x.length != curve.length() || y.length != curve.length()) {
            throw new MalformedException("x", key.start(), "expected coordinates of " + curve.length() + " bytes");
        }
        byte[] both = new byte[x.length + y.length];
        System.arraycopy(x, 0, both, 0, x.length);
        System.arraycopy(y, 0, both, x.length, y.length);
        return Optional.of(curve.spki("x", both));
    }

    private static Bytes keyOf(Bytes certificate) throws MalformedException {
        return Bytes.of(new Crypto(Optional.empty(), 0).certificate("x5c", certificate).getPublicKey().getEncoded());
    }
}
