package org.innerkeep.evidence;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * An attestation service whose tokens are accepted as second-hand evidence, with the keys that it signs with. The keys are pinned:
 * nothing that a token says leads to others.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param issuer the {@code iss} of its tokens, exactly
 * @param keys its keys by key id, each a SubjectPublicKeyInfo, DER; key ids are compared as text
 * @param root the key of the root to which a certificate chain inside a token must lead, for services that sign that way
 */
public record TokenIssuer(String issuer, Map<String, Bytes> keys, Optional<Bytes> root) implements Anchor {
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
    }

    /** {@return SHA-256 of the issuer's name: its keys change} */
    @Override
    public Bytes id() {
        return Bytes.sha256(issuer.getBytes(StandardCharsets.UTF_8));
    }
}
