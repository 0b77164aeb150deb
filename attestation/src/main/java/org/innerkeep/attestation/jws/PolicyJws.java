package org.innerkeep.attestation.jws;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy as it is sent and kept: a JWS whose payload is {@code {"AttestationPolicy": base64url(text)}}, or is empty where the policy is
 * to be reset. What it is signed with is to be looked at by {@link PolicySigners}.
 *
 * @param jws the envelope
 * @param policy the policy's text, UTF-8; nothing where the payload is empty
 */
public record PolicyJws(CompactJws jws, Optional<String> policy) {
    /** The most characters of a policy in its envelope: its 64 KiB twice in base64, and the signer's certificates. */
    public static final int MAX_CHARACTERS = 256 << 10;

    private static final String FIELD = "AttestationPolicy";
    private static final String UNSIGNED_HEADER = "eyJhbGciOiJub25lIn0";
    private static final StrictJson JSON = StrictJson.upTo(MAX_CHARACTERS);

    /**
     * Reads one.
     *
     * @param text hostile text
     * @return the policy, of which nothing is verified
     * @throws MalformedException if it is anything else
     */
    public static PolicyJws parse(String text) throws MalformedException {
        if (text.length() > MAX_CHARACTERS) {
            throw new MalformedException("policy", -1, "expected at most " + MAX_CHARACTERS + " characters, found " + text.length());
        }
        CompactJws jws = CompactJws.parse("policy", text);
        if (jws.payload().length() == 0) {
            return new PolicyJws(jws, Optional.empty());
        }
        ObjectNode payload = JSON.object("policy payload", jws.payload().toArray());
        String encoded = StrictJson.text(payload, FIELD)
                .orElseThrow(() -> new MalformedException(
                        "policy payload", -1, "expected '" + FIELD + "', base64url of the policy's text"));
        byte[] utf8 = Base64Text.any(FIELD, encoded);
        return new PolicyJws(jws, Optional.of(StrictJson.utf8(FIELD, utf8)));
    }

    /**
     * Reads a JWS of another payload, such as a request to add a certificate, within the same bounds.
     *
     * @param text hostile text
     * @return the envelope, of which nothing is verified, and no policy
     * @throws MalformedException if it is anything else
     */
    public static PolicyJws ofOther(String text) throws MalformedException {
        if (text.length() > MAX_CHARACTERS) {
            throw new MalformedException("request", -1, "expected at most " + MAX_CHARACTERS + " characters, found " + text.length());
        }
        return new PolicyJws(CompactJws.parse("request", text), Optional.empty());
    }

    /**
     * Puts a policy into an envelope that is not signed.
     *
     * @param policy its text
     * @return the envelope
     */
    public static PolicyJws unsigned(String policy) {
        String inner = Base64Text.url(policy.getBytes(StandardCharsets.UTF_8));
        byte[] payload = ("{\"" + FIELD + "\":\"" + inner + "\"}").getBytes(StandardCharsets.UTF_8);
        String text = UNSIGNED_HEADER + "." + Base64Text.url(payload) + ".";
        return new PolicyJws(
                new CompactJws(text, Optional.empty(), List.of(), Bytes.of(payload), Bytes.EMPTY), Optional.of(policy));
    }

    /**
     * The hash that attestation tokens carry, {@code x-ms-policy-hash}: over the text as it stands in the payload.
     *
     * @param policy a policy's text
     * @return base64url of SHA-256 of base64url of the text
     */
    public static String hash(String policy) {
        String encoded = Base64Text.url(policy.getBytes(StandardCharsets.UTF_8));
        return Base64Text.url(Bytes.sha256(encoded.getBytes(StandardCharsets.US_ASCII)).toArray());
    }

    /** {@return base64url of SHA-256 of the whole envelope as it was sent, {@code x-ms-policy-token-hash}} */
    public String tokenHash() {
        return Base64Text.url(Bytes.sha256(jws.text().getBytes(StandardCharsets.UTF_8)).toArray());
    }

    /** {@return the certificate that the sender says it signed with; proven only by {@link PolicySigners}} */
    public Optional<X509Certificate> statedSigner() {
        return jws.algorithm().isPresent() ? jws.certificates().stream().findFirst() : Optional.empty();
    }
}
