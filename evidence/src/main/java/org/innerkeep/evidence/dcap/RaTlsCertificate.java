package org.innerkeep.evidence.dcap;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.CertifiedKey;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.DerReader;

/**
 * A certificate whose key an enclave or a trust domain had quoted (RA-TLS). Parsed and not verified. These forms are known:
 *
 * <ul>
 *   <li>{@code 2.23.133.5.4.9}, the interoperable one (Confidential Computing Consortium, <i>Interoperable RA-TLS X.509 Cert and Evidence
 *       Formats</i>): CBOR tag 60000 over a quote and claims, of which the report data is the SHA-256; the claim {@code pubkey-hash} is
 *       the digest of the key;
 *   <li>{@code 1.2.840.113741.1337.6}, the older one of Gramine and others, which Gramine writes with a DER header inside the identifier:
 *       a quote whose report data is the SHA-256 of the key;
 *   <li>{@code 1.3.6.1.4.1.311.105.1}, of the Open Enclave SDK and those who use it: a report of it whose report data is the SHA-256 of
 *       the key, in DER, or in PEM with a zero byte after it.
 * </ul>
 *
 * <p>The key is the SubjectPublicKeyInfo. After 32 bytes of digest, 32 zeros.
 *
 * @param certificate the certificate
 * @param encoded its DER
 * @param quote the quote in it
 * @param claims what the report data is the digest of, in the interoperable form
 * @param openEnclave whether it is of the Open Enclave form
 */
public record RaTlsCertificate(
        X509Certificate certificate, Bytes encoded, Quote quote, Optional<Bytes> claims, boolean openEnclave)
        implements DcapEvidence {
    /** The interoperable form. */
    public static final String TAGGED_EVIDENCE = "2.23.133.5.4.9";

    /** The older form of Gramine. */
    public static final String QUOTE = "1.2.840.113741.1337.6";

    /** The same as Gramine encodes it. */
    public static final String QUOTE_OF_GRAMINE = "0.6.9.42.840.113741.1337.6";

    /** The form of the Open Enclave SDK. */
    public static final String OPEN_ENCLAVE_REPORT = "1.3.6.1.4.1.311.105.1";

    private static final List<String> FORMS = List.of(TAGGED_EVIDENCE, QUOTE, QUOTE_OF_GRAMINE, OPEN_ENCLAVE_REPORT);

    /** The content of the identifiers above; that of the second stands within that of the third. */
    private static final List<Bytes> IDENTIFIERS = List.of(
            Bytes.fromHex("678105050409"), Bytes.fromHex("2a864886f84d8a3906"), Bytes.fromHex("2b0601040182376901"));

    private static final long TAG_INTEL_QUOTE = 60_000;

    /**
     * Finds out whether bytes are a certificate, in DER or PEM, that has one of the extensions.
     *
     * @param bytes hostile bytes
     * @return its DER, or nothing where they are not
     */
    public static Optional<Bytes> find(byte[] bytes) {
        byte[] der = bytes;
        if (bytes.length == 0 || bytes[0] != 0x30) {
            if (!Certificates.looksLikePem(bytes)) {
                return Optional.empty();
            }
            try {
                List<Bytes> all = Certificates.ofPem("certificate", bytes);
                if (all.size() != 1) {
                    return Optional.empty();
                }
                der = all.getFirst().toArray();
            } catch (MalformedException e) {
                return Optional.empty();
            }
        }
        if (der.length > Crypto.MAX_CERTIFICATE_BYTES) {
            return Optional.empty();
        }
        String text = new String(der, StandardCharsets.ISO_8859_1);
        boolean any = IDENTIFIERS.stream()
                .anyMatch(id -> text.contains(new String(id.toArray(), StandardCharsets.ISO_8859_1)));
        return any ? Optional.of(Bytes.of(der)) : Optional.empty();
    }

    /**
     * Reads a certificate.
     *
     * @param der hostile bytes
     * @return the certificate with its quote, or nothing where it has none of the extensions
     * @throws MalformedException if it has one and breaks its form, or the bytes are no certificate
     */
    public static Optional<RaTlsCertificate> parse(Bytes der) throws MalformedException {
        X509Certificate certificate = new Crypto(Optional.empty(), 0).certificate("certificate", der);
        List<String> present =
                FORMS.stream().filter(oid -> certificate.getExtensionValue(oid) != null).toList();
        if (present.isEmpty()) {
            return Optional.empty();
        }
        // A certificate may have the new form and, for old verifiers, the old one; only the first counts.
        String form = present.getFirst();
        DerReader reader = new DerReader(certificate.getExtensionValue(form));
        byte[] value = reader.content(form, DerReader.OCTET_STRING);
        reader.end(form);
        return Optional.of(switch (form) {
            case TAGGED_EVIDENCE -> tagged(certificate, der, value);
            case OPEN_ENCLAVE_REPORT ->
                new RaTlsCertificate(certificate, der, OpenEnclaveReport.parse(value).quote(), Optional.empty(), true);
            default -> new RaTlsCertificate(certificate, der, Quote.parse(value), Optional.empty(), false);
        });
    }

    private static RaTlsCertificate tagged(X509Certificate certificate, Bytes der, byte[] value) throws MalformedException {
        CborReader reader = new CborReader(value);
        reader.tag("evidence", TAG_INTEL_QUOTE);
        reader.arrayOf("evidence", 2);
        Quote quote = Quote.parse(reader.bytes("quote", 0, Crypto.MAX_CERTIFICATE_BYTES));
        Bytes claims = Bytes.of(reader.bytes("claims", 0, Crypto.MAX_CERTIFICATE_BYTES));
        reader.end("evidence");
        return new RaTlsCertificate(certificate, der, quote, Optional.of(claims), false);
    }

    /** {@return the certificate's SubjectPublicKeyInfo, DER} */
    public Bytes publicKey() {
        return Bytes.of(certificate.getPublicKey().getEncoded());
    }

    /**
     * Tells whether the quote is over the certificate's key.
     *
     * @return whether it is
     * @throws MalformedException if the claims break their form
     */
    boolean bindsKey() throws MalformedException {
        Bytes reportData = quote.body().reportData();
        byte[] key = publicKey().toArray();
        if (claims.isPresent()) {
            return CertifiedKey.isBound(reportData, claims.get(), publicKey());
        }
        if (reportData.equals(padded(Bytes.sha256(key)))) {
            return true;
        }
        return openEnclave && reportData.equals(padded(Bytes.sha256(pem(key), new byte[1])));
    }

    private static Bytes padded(Bytes digest) {
        return Bytes.of(Arrays.copyOf(digest.toArray(), ReportData.LENGTH));
    }

    private static byte[] pem(byte[] key) {
        return ("-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] toByteArray() {
        return encoded.toArray();
    }
}
