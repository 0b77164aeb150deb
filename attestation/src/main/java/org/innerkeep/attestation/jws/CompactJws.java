package org.innerkeep.attestation.jws;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JWS in compact form (RFC 7515 section 7.1), signed or not. Parsed and not verified: the certificates are those that the sender put
 * into the header, and prove nothing before {@link #signedBy} and a comparison with certificates that are trusted.
 *
 * <p>Keys by reference ({@code jku}, {@code x5u}) and bare keys ({@code jwk}) are refused, and so is {@code crit}: nothing here follows a
 * link or trusts a key for being in the message. Two spellings that no RFC has are read, since Azure's clients for .NET
 * and Python write nothing else: {@code RSA256} for {@code RS256}, and a {@code jwk} that holds {@code x5c} and no key.
 *
 * @param text the whole as it was sent
 * @param algorithm the {@code alg} of the header; empty for {@code none}
 * @param certificates {@code x5c}, the signer's own first
 * @param payload decoded
 * @param signature decoded; empty where the algorithm is none
 */
public record CompactJws(
        String text, Optional<JwsAlgorithm> algorithm, List<X509Certificate> certificates, Bytes payload, Bytes signature) {
    private static final int MAX_HEADER_BYTES = 64 << 10;
    private static final int MAX_CERTIFICATES = 10;
    private static final int MAX_CERTIFICATE_BYTES = 16 << 10;
    private static final List<String> REFUSED = List.of("jku", "x5u", "crit", "b64", "zip", "enc");
    private static final StrictJson JSON = StrictJson.upTo(MAX_HEADER_BYTES);
    private static final String CHAIN = "x5c";
    private static final String KEY = "jwk";

    /** What some clients write for {@link JwsAlgorithm#RS256}. It names nothing else, so nothing is gained by writing it. */
    private static final String OTHER_NAME = "RSA256";

    /** Copies the list. */
    public CompactJws {
        certificates = List.copyOf(certificates);
    }

    /**
     * Reads one.
     *
     * @param what what it is, for messages
     * @param text hostile text
     * @return the JWS, of which nothing is verified
     * @throws MalformedException if it is anything else, or asks for what is refused here
     */
    public static CompactJws parse(String what, String text) throws MalformedException {
        String[] parts = text.split("\\.", 4);
        if (parts.length != 3) {
            throw new MalformedException(what, -1, "expected three parts with '.' between them, found " + parts.length);
        }
        ObjectNode header = JSON.object(what + " header", Base64Text.url(what + " header", parts[0]));
        for (String name : REFUSED) {
            if (header.has(name)) {
                throw notAccepted(what, name);
            }
        }
        String name = StrictJson.text(header, "alg").orElseThrow(() -> new MalformedException(what + " header", -1, "expected 'alg'"));
        Bytes signature = Bytes.of(Base64Text.url(what + " signature", parts[2]));
        Optional<JwsAlgorithm> algorithm = algorithm(what, name);
        if (algorithm.isEmpty() && signature.length() > 0) {
            throw new MalformedException(what, -1, "expected no signature with the algorithm none, found one");
        }
        if (algorithm.isPresent() && signature.length() == 0) {
            throw new MalformedException(what, -1, "expected a signature by " + algorithm.get() + ", found none");
        }
        return new CompactJws(
                text, algorithm, certificates(what, header), Bytes.of(Base64Text.url(what + " payload", parts[1])), signature);
    }

    private static Optional<JwsAlgorithm> algorithm(String what, String name) throws MalformedException {
        if (name.equals("none")) {
            return Optional.empty();
        }
        Optional<JwsAlgorithm> found = JwsAlgorithm.of(name.equals(OTHER_NAME) ? JwsAlgorithm.RS256.name() : name);
        if (found.isEmpty()) {
            throw new MalformedException(
                    what + " header", -1, "expected an 'alg' among " + List.of(JwsAlgorithm.values()) + " or none");
        }
        return found;
    }

    private static MalformedException notAccepted(String what, String name) {
        return new MalformedException(
                what + " header", -1, "'" + name + "' is not accepted; put the signer's certificate into '" + CHAIN + "'");
    }

    private static List<X509Certificate> certificates(String what, ObjectNode header) throws MalformedException {
        JsonNode chain = header.get(CHAIN);
        JsonNode key = header.get(KEY);
        if (key != null) {
            // With a key in it, or beside another chain, it would be open which of them counts.
            if (chain != null || !key.isObject() || key.size() != 1 || !key.has(CHAIN)) {
                throw notAccepted(what, KEY);
            }
            chain = key.get(CHAIN);
        }
        return chain == null ? List.of() : certificates(what + " " + CHAIN, chain);
    }

    /**
     * Reads an {@code x5c} (RFC 7517 section 4.7).
     *
     * @param what what it is, for messages
     * @param chain hostile JSON
     * @return its certificates, at least one, of which nothing is verified
     * @throws MalformedException if it is no list of 1 to 10 certificates in base64
     */
    static List<X509Certificate> certificates(String what, JsonNode chain) throws MalformedException {
        if (!(chain instanceof ArrayNode array) || array.isEmpty() || array.size() > MAX_CERTIFICATES) {
            throw new MalformedException(what, -1, "expected a list of 1 to " + MAX_CERTIFICATES + " certificates");
        }
        List<X509Certificate> found = new ArrayList<>();
        for (JsonNode each : array) {
            if (!each.isString() || each.stringValue().length() > MAX_CERTIFICATE_BYTES * 4 / 3) {
                throw new MalformedException(what, -1, "expected certificates of at most " + MAX_CERTIFICATE_BYTES + " bytes");
            }
            try {
                found.add(certificate(Bytes.of(Base64.getDecoder().decode(each.stringValue()))));
            } catch (IllegalArgumentException e) {
                throw new MalformedException(what, -1, "expected certificates in DER, base64");
            }
        }
        return found;
    }

    /**
     * Reads a certificate.
     *
     * @param der hostile bytes
     * @return the certificate, of which nothing is verified
     * @throws MalformedException if they are none
     */
    public static X509Certificate certificate(Bytes der) throws MalformedException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der.toArray()));
        } catch (CertificateException e) {
            throw new MalformedException("certificate", -1, "expected a certificate in DER");
        }
    }

    /**
     * Tells whether this key signed it.
     *
     * @param key the key
     * @return whether there is a signature, by an algorithm that the key is for, and it is right
     */
    public boolean signedBy(PublicKey key) {
        return algorithm.isPresent()
                && algorithm
                        .get()
                        .verify(
                                key,
                                text.substring(0, text.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII),
                                signature.toArray());
    }
}
