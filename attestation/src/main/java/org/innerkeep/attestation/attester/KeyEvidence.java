package org.innerkeep.attestation.attester;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Evidence;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.arm.CcaRealm;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.certified.CertifiedEvidence;
import org.innerkeep.evidence.dcap.Quote;
import org.innerkeep.evidence.dcap.QuoteBody;
import org.innerkeep.evidence.dcap.RaTlsCertificate;
import org.innerkeep.evidence.dcap.SgxReport;
import org.innerkeep.evidence.dcap.TdReport;

/**
 * The evidence that stands in the certificates of keys of tokens, in the form of interoperable RA-TLS certificates (TCG DICE tagged
 * evidence), so that whoever verifies those verifies these:
 *
 * <pre>
 * 60000([ evidence: bstr, claims: bstr ])
 * claims = encoded { "pubkey-hash": bstr, "innerkeep-token-issuer": bstr }
 * pubkey-hash = encoded [ 1, SHA-256 of the SubjectPublicKeyInfo: bstr ]
 * </pre>
 *
 * The report data is SHA-256 of the encoded claims and 32 zeros. The second claim, the issuer in UTF-8, is what keeps these certificates
 * apart from those of sessions with enclaves, which have the first claim alone: neither can be passed off as the other. The key by which
 * a vault signs has {@code innerkeep-vault} in its place, so that it is no key of tokens either.
 *
 * <p>Safe for use by several threads.
 */
public final class KeyEvidence {
    /** The extension's identifier. */
    public static final String EXTENSION = RaTlsCertificate.TAGGED_EVIDENCE;

    /** The claim that names the issuer of the tokens. */
    public static final String ISSUER = "innerkeep-token-issuer";

    /** The claim that names the service whose vault the key belongs to. */
    public static final String VAULT = "innerkeep-vault";

    /** Verifiers take certificates of up to 16 KiB; the rest of one is less than two. */
    static final int MAX_EVIDENCE = 14 << 10;

    private static final int TAG = 60_000;
    private static final int SHA_256 = 1;

    private final Attester attester;
    private final String issuer;
    private final Bytes code;

    /**
     * What evidence says, as far as it is looked at here.
     *
     * @param reportData what it is over
     * @param code the measurement of the start, and the registers that were extended since
     */
    private record Said(Bytes reportData, Bytes code) {}

    private KeyEvidence(Attester attester, String issuer, Bytes code) {
        this.attester = attester;
        this.issuer = issuer;
        this.code = code;
    }

    /**
     * Tries a device out: asks it for evidence over random report data.
     *
     * @param attester the device
     * @param issuer the {@code iss} of the tokens
     * @param random for the trial
     * @return what makes evidence for keys
     * @throws IOException if the device gives none, or evidence over something else
     */
    public static KeyEvidence tryOut(Attester attester, String issuer, SecureRandom random) throws IOException {
        byte[] nonce = new byte[32];
        random.nextBytes(nonce);
        Bytes reportData = Bytes.of(ReportData.of("innerkeep attestation: trial of a device v1", nonce));
        return new KeyEvidence(attester, issuer, said(asked(attester, reportData)).code());
    }

    /**
     * Makes the content of the extension.
     *
     * @param key of the certificate
     * @return the tagged evidence
     * @throws IOException if the device gives none, or evidence over something else
     */
    public Bytes of(PublicKey key) throws IOException {
        return of(key, ISSUER);
    }

    /**
     * Makes the content of the extension of a vault's certificate.
     *
     * @param key by which the vault signs what it releases
     * @return the tagged evidence
     * @throws IOException if the device gives none, or evidence over something else
     */
    public Bytes ofVault(PublicKey key) throws IOException {
        return of(key, VAULT);
    }

    /** {@return the {@code iss} of the tokens, by which the service is known} */
    public String issuer() {
        return issuer;
    }

    private Bytes of(PublicKey key, String purpose) throws IOException {
        byte[] digest = Bytes.sha256(key.getEncoded()).toArray();
        byte[] entry = new CborWriter().array(2).integer(SHA_256).bytes(digest).toByteArray();
        byte[] claims = new CborWriter()
                .map(2)
                .text("pubkey-hash").bytes(entry)
                .text(purpose).bytes(issuer.getBytes(StandardCharsets.UTF_8))
                .toByteArray();
        Bytes evidence = asked(attester, Bytes.of(ReportData.ofCertificateClaims(claims)));
        return Bytes.of(new CborWriter().tag(TAG).array(2).bytes(evidence.toArray()).bytes(claims).toByteArray());
    }

    /**
     * Tells whether a certificate has evidence about the code that runs now: after an update it has not, and relying parties wait for one
     * that has. Compared are the measurement at the start, and of TDX and Arm CCA the registers that are extended since. SEV-SNP has no
     * such registers: what changed behind the same firmware is not seen there.
     *
     * @param certificate of a key of tokens
     * @return whether its evidence, which is not verified, says the same of the code
     */
    public boolean isOfThisCode(X509Certificate certificate) {
        try {
            return certificate.getExtensionValue(EXTENSION) != null
                    && said(Bytes.of(certificate.getEncoded())).code().equals(code);
        } catch (CertificateEncodingException | IOException e) {
            return false;
        }
    }

    private static Bytes asked(Attester attester, Bytes reportData) throws IOException {
        Bytes evidence = attester.evidence(reportData);
        if (evidence.length() > MAX_EVIDENCE) {
            throw new IOException("attester: expected evidence of at most " + MAX_EVIDENCE + " bytes, which is what certificates hold,"
                    + " found " + evidence.length());
        }
        if (!said(evidence).reportData().equals(reportData)) {
            throw new IOException("attester: the device gave evidence over other report data than it was asked for; something else"
                    + " uses it at the same time, or it is no device");
        }
        return evidence;
    }

    private static Said said(Bytes evidence) throws IOException {
        try {
            Optional<Evidence> parsed = Evidence.parse(evidence.toArray());
            if (parsed.isPresent()) {
                switch (parsed.get()) {
                    case Evidence.OfDcap dcap -> {
                        return said(dcap.evidence().quote());
                    }
                    case Evidence.OfSnp snp -> {
                        return new Said(snp.evidence().report().reportData(), snp.evidence().report().measurement());
                    }
                    case Evidence.OfCca cca -> {
                        CcaRealm realm = cca.token().realm();
                        return new Said(
                                realm.challenge(), joined(realm.initialMeasurement(), realm.extensibleMeasurements()));
                    }
                    case Evidence.OfCertificate certified -> {
                        return said(Bytes.of(switch (certified.evidence().inner()) {
                            case CertifiedEvidence.Inner.Snp snp -> snp.evidence().toByteArray();
                            case CertifiedEvidence.Inner.Cca cca -> cca.token().toByteArray();
                        }));
                    }
                    default -> {
                        // Falls through: no device of these gives it.
                    }
                }
            }
        } catch (MalformedException e) {
            throw new IOException("attester: what the device gave is malformed: " + e.getMessage(), e);
        }
        throw new IOException("attester: the device gave " + evidence.length() + " bytes of another kind than a quote of SGX or TDX, a"
                + " report of SEV-SNP or a token of Arm CCA");
    }

    private static Bytes joined(Bytes first, List<Bytes> others) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first.toArray());
        others.forEach(each -> all.writeBytes(each.toArray()));
        return Bytes.of(all.toByteArray());
    }

    private static Said said(Quote quote) {
        QuoteBody body = quote.body();
        return new Said(body.reportData(), switch (body) {
            case SgxReport enclave -> enclave.mrEnclave();
            case TdReport domain -> joined(domain.mrTd(), domain.rtmrs());
        });
    }
}
