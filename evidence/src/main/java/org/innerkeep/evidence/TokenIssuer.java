package org.innerkeep.evidence;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.token.Jwk;

/**
 * An attestation service whose tokens are accepted as second-hand evidence, with the keys that it signs with. The keys are pinned:
 * nothing that a token says leads to others.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param issuer the {@code iss} of its tokens, exactly
 * @param keys its keys by key id; key ids are compared as text
 * @param root the key of the root to which the certificate chain of a key must lead, SubjectPublicKeyInfo, DER: for services whose
 *     tokens bring the chain, or that publish it with their keys
 */
public record TokenIssuer(String issuer, Map<String, Key> keys, Optional<Bytes> root) implements Anchor {
    private static final int MAX_KEY_BYTES = 2048;

    /**
     * A key of a service.
     *
     * @param publicKey the SubjectPublicKeyInfo, DER
     * @param algorithm the only algorithm that it is for, such as {@code RS256}, where its service says so
     */
    public record Key(Bytes publicKey, Optional<String> algorithm) {}

    /**
     * Copies the keys.
     *
     * @throws IllegalArgumentException if neither keys nor a root are given
     */
    public TokenIssuer {
        keys = Map.copyOf(keys);
        if (issuer.isEmpty() || keys.isEmpty() && root.isEmpty()) {
            throw new IllegalArgumentException("a token issuer has a name, and keys or a root");
        }
        if (root.isPresent() && (root.get().length() == 0 || root.get().length() > MAX_KEY_BYTES)) {
            throw new IllegalArgumentException("root of " + issuer + ": expected 1 to " + MAX_KEY_BYTES + " bytes");
        }
    }

    /**
     * Pins the keys of a service. Get them in a way that an attacker does not control, such as over HTTPS from the service itself.
     *
     * @param issuer the {@code iss} of its tokens, exactly
     * @param keySet its JSON Web Key Set (RFC 7517); keys without an id, or that are not for verifying signatures, are left out
     * @return the anchor
     * @throws MalformedException if it is no such set, holds no key that could serve, or two of one id
     */
    public static TokenIssuer of(String issuer, byte[] keySet) throws MalformedException {
        Map<String, Key> keys = new LinkedHashMap<>();
        for (Jwk each : Jwk.parseSet(keySet)) {
            if (each.keyId().isPresent()) {
                Key key = new Key(each.publicKey(), each.algorithm());
                Key before = keys.putIfAbsent(each.keyId().get(), key);
                if (before != null && !before.equals(key)) {
                    throw new MalformedException("kid", -1, "expected every key id once, found one for two keys");
                }
            }
        }
        if (keys.isEmpty()) {
            throw new MalformedException("keys", -1, "expected keys that have an id and verify signatures, found none");
        }
        return new TokenIssuer(issuer, keys, Optional.empty());
    }

    /**
     * Pins the root of a service's keys.
     *
     * @param issuer the {@code iss} of its tokens, exactly
     * @param certificate whose key is pinned; nothing else of it counts
     * @return the anchor
     */
    public static TokenIssuer root(String issuer, X509Certificate certificate) {
        return new TokenIssuer(issuer, Map.of(), Optional.of(Bytes.of(certificate.getPublicKey().getEncoded())));
    }

    /** {@return SHA-256 of the issuer's name: its keys change} */
    @Override
    public Bytes id() {
        return Bytes.sha256(issuer.getBytes(StandardCharsets.UTF_8));
    }
}
