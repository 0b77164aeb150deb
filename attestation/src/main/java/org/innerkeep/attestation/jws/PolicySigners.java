package org.innerkeep.attestation.jws;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The certificates whose holders may set policies. A signer is trusted by its whole certificate being one of these, not for what signed
 * that certificate: a certificate that another authority issues for the same name or key is another one.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param certificates DER, in the order in which they were added
 */
public record PolicySigners(List<Bytes> certificates) {
    /** The most certificates. */
    public static final int MAX = 64;

    private static final StrictJson JSON = StrictJson.upTo(256 << 10);

    /** Copies the list. */
    public PolicySigners {
        certificates = List.copyOf(certificates);
    }

    /** What a signature proves. */
    public sealed interface Proof {
        /** There is no signature. */
        record Unsigned() implements Proof {}

        /**
         * The signature is right, by a key whose certificate came with it.
         *
         * @param signer that certificate
         * @param trusted whether it is one of these
         */
        record Signed(X509Certificate signer, boolean trusted) implements Proof {}

        /**
         * The signature proves nothing.
         *
         * @param why for people
         */
        record Wrong(String why) implements Proof {}
    }

    /**
     * Finds out who signed.
     *
     * @param jws hostile
     * @param at the time at which the signer's certificate must be valid
     * @return what is proven
     */
    public Proof prove(CompactJws jws, Instant at) {
        if (jws.algorithm().isEmpty()) {
            return new Proof.Unsigned();
        }
        if (jws.certificates().isEmpty()) {
            return new Proof.Wrong("expected the signer's certificate in 'x5c', found none");
        }
        X509Certificate signer = jws.certificates().getFirst();
        if (!jws.signedBy(signer.getPublicKey())) {
            return new Proof.Wrong("the signature is not by the key of the first certificate in 'x5c', or that key is not for "
                    + jws.algorithm().get());
        }
        if (at.isBefore(signer.getNotBefore().toInstant()) || at.isAfter(signer.getNotAfter().toInstant())) {
            return new Proof.Wrong("the signer's certificate is valid from " + signer.getNotBefore().toInstant() + " to "
                    + signer.getNotAfter().toInstant() + ", and it is " + at);
        }
        return new Proof.Signed(signer, certificates.contains(der(signer)));
    }

    /**
     * Reads the payload of a request to add or remove a certificate: {@code {"policyCertificate": JWK}}, of whose JWK the first
     * certificate of {@code x5c} counts and nothing else.
     *
     * @param payload hostile bytes
     * @return the certificate
     * @throws MalformedException if it is anything else
     */
    public static X509Certificate requested(byte[] payload) throws MalformedException {
        ObjectNode body = JSON.object("policy certificate payload", payload);
        // The name of 2018-09-01-preview, which some scripts still send.
        JsonNode key = Optional.ofNullable(body.get("policyCertificate")).orElseGet(() -> body.path("maa-policyCertificate"));
        if (!key.isObject() || !key.has("x5c")) {
            throw new MalformedException("policy certificate payload", -1, "expected 'policyCertificate', a JWK with 'x5c'");
        }
        return CompactJws.certificates("policyCertificate.x5c", key.get("x5c")).getFirst();
    }

    /**
     * Adds one.
     *
     * @param certificate the certificate
     * @return these and it; these where it is there already
     */
    public PolicySigners with(X509Certificate certificate) {
        if (certificates.contains(der(certificate))) {
            return this;
        }
        List<Bytes> more = new ArrayList<>(certificates);
        more.add(der(certificate));
        return new PolicySigners(more);
    }

    /**
     * Removes one.
     *
     * @param certificate the certificate
     * @return these without it
     */
    public PolicySigners without(X509Certificate certificate) {
        return new PolicySigners(certificates.stream().filter(each -> !each.equals(der(certificate))).toList());
    }

    /**
     * The encoding of a certificate.
     *
     * @param certificate the certificate
     * @return DER
     */
    public static Bytes der(X509Certificate certificate) {
        try {
            return Bytes.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate without an encoding", e);
        }
    }
}
