package org.innerkeep.channel.session;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Trusts a server by the evidence in its certificate and by nothing else: no authorities, no names, no dates. JSSE puts
 * its own checks of names and algorithms in front of a plain trust manager only, so this is an extended one.
 *
 * <p>Runs within the handshake, before the client has sent anything but its hello. A refusal is a
 * {@link CertificateException} whose cause is a {@link SessionRefusedException}.
 */
final class EvidenceTrustManager extends X509ExtendedTrustManager {
    /**
     * What an accepted certificate proved.
     *
     * @param claims of its evidence
     * @param keyId SHA-256 of its SubjectPublicKeyInfo
     */
    record Accepted(Claims claims, Bytes keyId) {}

    private final Appraiser appraiser;
    private final AtomicReference<@Nullable Accepted> latest = new AtomicReference<>();

    EvidenceTrustManager(Appraiser appraiser) {
        this.appraiser = appraiser;
    }

    /**
     * The last accepted certificate. Of use only where this object serves one connection. Empty where no certificate was
     * shown, as in a resumed TLS session.
     */
    Optional<Accepted> accepted() {
        return Optional.ofNullable(latest.get());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, @Nullable SSLEngine engine)
            throws CertificateException {
        check(chain, engine == null ? null : engine.getHandshakeSession());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, @Nullable Socket socket)
            throws CertificateException {
        check(chain, socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        check(chain, null);
    }

    private void check(X509Certificate[] chain, @Nullable SSLSession handshake) throws CertificateException {
        // A library that is given an SSLContext may enable older versions of TLS, and the context cannot forbid it.
        if (handshake == null || !handshake.getProtocol().equals(Tls.VERSION)) {
            throw new CertificateException("attested TLS: expected " + Tls.VERSION + ", found "
                    + (handshake == null ? "no connection" : handshake.getProtocol()));
        }
        latest.set(appraise(chain));
    }

    private Accepted appraise(X509Certificate[] chain) throws CertificateException {
        if (chain.length != 1) {
            throw refused(List.of(malformed(chain.length + " certificates", "one, the enclave's own")));
        }
        RaTls raTls;
        try {
            raTls = RaTls.parse(chain[0].getEncoded());
        } catch (MalformedException e) {
            throw refused(List.of(malformed(String.valueOf(e.getMessage()), "an RA-TLS certificate")));
        }
        // TLS proves possession of the key that the Java runtime read from the certificate. It must be the key that we
        // read, or two parsers with two opinions would be a way around the binding.
        if (!Bytes.of(chain[0].getPublicKey().getEncoded()).equals(raTls.publicKey())) {
            throw refused(List.of(malformed("a key in another encoding than its only DER form", "DER")));
        }
        List<Reason> reasons = new ArrayList<>();
        if (!raTls.speaksForItsKey()) {
            reasons.add(new Reason(
                    Reason.Code.REPORT_DATA_MISMATCH,
                    "certificate.pubkey-hash",
                    raTls.taggedEvidence().publicKeyHash().shortHex(),
                    Bytes.sha256(raTls.publicKey().toArray()).shortHex(),
                    "The evidence was made for another key: whoever answers is not the enclave it speaks for"));
        }
        byte[] reportData = ReportData.ofCertificateClaims(raTls.taggedEvidence().claims());
        Verdict verdict = appraise(
                appraiser, raTls.taggedEvidence().evidence().toArray(), reportData, Appraiser.Purpose.CERTIFICATE);
        return switch (verdict) {
            case Verdict.Accepted accepted when reasons.isEmpty() ->
                new Accepted(accepted.claims(), raTls.taggedEvidence().publicKeyHash());
            case Verdict.Accepted _ -> throw refused(reasons);
            case Verdict.Refused refusal -> {
                reasons.addAll(refusal.reasons());
                throw refused(reasons);
            }
            case Verdict.Undecided undecided -> {
                reasons.addAll(undecided.reasons());
                throw refused(reasons);
            }
        };
    }

    /** Asks the appraiser, and does not take its word for the one check on which everything else rests. */
    static Verdict appraise(Appraiser appraiser, byte[] evidence, byte[] reportData, Appraiser.Purpose purpose) {
        Verdict verdict = appraiser.appraise(evidence, reportData.clone(), purpose);
        if (verdict instanceof Verdict.Accepted accepted
                && !accepted.claims().reportData().equals(Bytes.of(reportData))) {
            return new Verdict.Refused(List.of(new Reason(
                    Reason.Code.REPORT_DATA_MISMATCH,
                    "claims.report-data",
                    accepted.claims().reportData().shortHex(),
                    Bytes.of(reportData).shortHex(),
                    "The appraiser accepted evidence without comparing its report data; correct the appraiser")));
        }
        return verdict;
    }

    private static Reason malformed(String found, String wanted) {
        return new Reason(
                Reason.Code.MALFORMED, "certificate", found, wanted, "Check that the address is that of an enclave");
    }

    private static CertificateException refused(List<Reason> reasons) {
        SessionRefusedException cause =
                new SessionRefusedException(Appraiser.Purpose.CERTIFICATE, new Verdict.Refused(reasons));
        return new CertificateException(cause.getMessage(), cause);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw clientsNotTrusted();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, @Nullable Socket socket)
            throws CertificateException {
        throw clientsNotTrusted();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        throw clientsNotTrusted();
    }

    private static CertificateException clientsNotTrusted() {
        return new CertificateException("attested TLS: this context is for clients, it trusts no client certificates");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
