package org.innerkeep.channel.session;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Arrays;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The RA-TLS certificate: a self-signed X.509 v3 certificate (RFC 5280) that carries evidence for its own key.
 *
 * <p>Of a peer's certificate only two things matter, and only they are read: the key, and the evidence that speaks for
 * it. Names, dates and the signature are the certificate's word about itself; anyone can write them, so nothing is
 * concluded from them. Whether the peer holds the key is TLS's to prove (CertificateVerify), whether the evidence is good
 * is the appraiser's to say.
 *
 * @param publicKey the SubjectPublicKeyInfo, DER, exactly as in the certificate
 * @param taggedEvidence what the extension holds
 */
record RaTls(Bytes publicKey, TaggedEvidence taggedEvidence) {
    /** JSSE accepts handshake messages up to this size, so no certificate that it passes on is larger. */
    static final int MAX_CERTIFICATE_BYTES = 32 * 1024;

    /** A SubjectPublicKeyInfo: 91 bytes for P-256, 158 for P-521, 550 for RSA 4096. */
    private static final int MAX_PUBLIC_KEY_BYTES = 1024;

    /** Certificates of enclaves carry two to four. */
    private static final int MAX_EXTENSIONS = 16;

    /** tcg-dice-TaggedEvidence, 2.23.133.5.4.9, as a whole element. */
    private static final byte[] TAGGED_EVIDENCE = Der.oid(2, 23, 133, 5, 4, 9);

    private static final byte[] KEY_USAGE = Der.oid(2, 5, 29, 15);
    private static final byte[] COMMON_NAME = Der.oid(2, 5, 4, 3);
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));

    /** {@return whether the evidence speaks for the key in the same certificate} */
    boolean speaksForItsKey() {
        return Bytes.sha256(publicKey.toArray()).equals(taggedEvidence.publicKeyHash());
    }

    /**
     * Writes a certificate. Its dates are fixed: from 2000 to the date that RFC 5280 section 4.1.2.5 sets for
     * certificates without a well-defined end. An enclave has no clock to trust, the key lives no longer than the
     * process that made it, and age is judged on the evidence, where the platform states it.
     */
    static byte[] write(KeyPair key, Bytes evidence, SecureRandom random) throws GeneralSecurityException {
        byte[] publicKey = key.getPublic().getEncoded();
        Bytes hash = Bytes.sha256(publicKey);
        byte[] name = Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.utf8("Innerkeep enclave"))));
        byte[] digitalSignatureOnly = Der.bits(7, new byte[] {(byte) 0x80});
        byte[] toBeSigned = Der.sequence(
                Der.element(Der.context(0), Der.integer(BigInteger.TWO)), // v3
                // Positive, and different for each key: some clients take equal issuer and serial for one certificate.
                Der.integer(new BigInteger(1, Arrays.copyOf(hash.toArray(), 16)).setBit(126).clearBit(127)),
                ECDSA_WITH_SHA256,
                name,
                Der.sequence(
                        Der.time(Der.UTC_TIME, "000101000000Z"), Der.time(Der.GENERALIZED_TIME, "99991231235959Z")),
                name,
                publicKey,
                Der.element(
                        Der.context(3),
                        Der.sequence(
                                Der.sequence(KEY_USAGE, Der.yes(), Der.octets(digitalSignatureOnly)),
                                Der.sequence(
                                        TAGGED_EVIDENCE, Der.octets(new TaggedEvidence(evidence, hash).write())))));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key.getPrivate(), random);
        signature.update(toBeSigned);
        return Der.sequence(toBeSigned, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
    }

    /** Finds key and evidence in a certificate, DER. */
    static RaTls parse(byte[] certificate) throws MalformedException {
        if (certificate.length > MAX_CERTIFICATE_BYTES) {
            throw new MalformedException("certificate", -1, "expected at most " + MAX_CERTIFICATE_BYTES
                    + " bytes, found " + certificate.length);
        }
        DerReader whole = new DerReader(certificate);
        DerReader outer = whole.enter("certificate", Der.SEQUENCE);
        whole.end("certificate");
        DerReader toBeSigned = outer.enter("tbsCertificate", Der.SEQUENCE);
        outer.skip("signatureAlgorithm", Der.SEQUENCE);
        outer.skip("signatureValue", Der.BIT_STRING);
        outer.end("certificate");

        toBeSigned.skip("version", Der.context(0));
        toBeSigned.skip("serialNumber", Der.INTEGER);
        toBeSigned.skip("signature", Der.SEQUENCE);
        toBeSigned.skip("issuer", Der.SEQUENCE);
        toBeSigned.skip("validity", Der.SEQUENCE);
        toBeSigned.skip("subject", Der.SEQUENCE);
        byte[] publicKey = toBeSigned.whole("subjectPublicKeyInfo", Der.SEQUENCE, MAX_PUBLIC_KEY_BYTES);
        DerReader explicit = toBeSigned.enter("extensions", Der.context(3));
        toBeSigned.end("tbsCertificate");
        DerReader extensions = explicit.enter("extensions", Der.SEQUENCE);
        explicit.end("extensions");
        return new RaTls(Bytes.of(publicKey), TaggedEvidence.parse(evidenceIn(extensions)));
    }

    private static byte[] evidenceIn(DerReader extensions) throws MalformedException {
        byte[] found = null;
        for (int count = 0; !extensions.atEnd(); count++) {
            if (count == MAX_EXTENSIONS) {
                throw new MalformedException("extensions", -1, "expected at most " + MAX_EXTENSIONS);
            }
            DerReader extension = extensions.enter("extension", Der.SEQUENCE);
            byte[] id = extension.whole("extnID", Der.OBJECT_IDENTIFIER, 64);
            if (extension.next(Der.BOOLEAN)) {
                extension.skip("critical", Der.BOOLEAN);
            }
            byte[] value = extension.value("extnValue", Der.OCTET_STRING, MAX_CERTIFICATE_BYTES);
            extension.end("extension");
            if (Arrays.equals(id, TAGGED_EVIDENCE)) {
                if (found != null) {
                    throw new MalformedException("extensions", -1, "found tagged evidence (2.23.133.5.4.9) twice");
                }
                found = value;
            }
        }
        if (found == null) {
            throw new MalformedException(
                    "extensions",
                    -1,
                    "expected tagged evidence (2.23.133.5.4.9), found none: not a certificate of an enclave");
        }
        return found;
    }
}
