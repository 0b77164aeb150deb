package org.innerkeep.cli.vectors;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.innerkeep.channel.session.Appraiser;
import org.innerkeep.channel.session.AttestedContext;
import org.innerkeep.channel.session.CertificateMaker;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.cli.vectors.CodecVectors.Entry;
import org.innerkeep.cli.vectors.EvidenceVectors.Report;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.cbor.CborWriter;

/** The certificate of an enclave, and the report data of a session. The product's own client judges each certificate. */
final class SessionVectors {
    private static final String OID = "06066781050504" + "09";

    private final Recorded recorded;

    SessionVectors(Recorded recorded) {
        this.recorded = recorded;
    }

    Map<String, Object> session() throws Exception {
        Bytes spki = Keys.spki(Keys.ENCLAVE);
        Bytes keyId = Bytes.sha256(spki.toArray());
        byte[] entry = new CborWriter().array(2).integer(1).bytes(keyId.toArray()).toByteArray();
        byte[] claims = new CborWriter().map(1).text("pubkey-hash").bytes(entry).toByteArray();
        byte[] bound = ReportData.ofCertificateClaims(claims);
        Bytes evidence = EvidenceVectors.keepReport(recorded, Report.good().bound(bound), Keys.KEEPER, "evidence");
        Bytes extension = Bytes.of(new CborWriter().tag(60000).array(2).bytes(evidence.toArray()).bytes(claims).toByteArray());
        Bytes certificate = keepCertificate(CertificateMaker.make(Keys.ENCLAVE, evidence));
        require(certificate.hex().contains(extension.hex()), "the certificate carries the extension");

        require(List.of(), verdict(certificate));
        byte[] nonce = Bytes.sha256("nonce".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).toArray();
        byte[] exporter = Bytes.sha256("exporter".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).toArray();
        byte[] fresh = ReportData.of(ReportData.SESSION, nonce, exporter, keyId.toArray());
        return new Entry()
                .put("about", "The certificate of an enclave and the report data of a session; docs/protocol.md, section 4."
                        + " Verified with the anchor and the signer of evidence.json.")
                .put("certificate", certificate.hex())
                .put("publicKey", spki.hex())
                .put("keyId", keyId.hex())
                .put("extension", extension.hex())
                .put("claims", Bytes.of(claims).hex())
                .put("evidence", evidence.hex())
                .put("certificateReportData", Bytes.of(bound).hex())
                .put("nonce", Bytes.of(nonce).hex())
                .put("exporter", Bytes.of(exporter).hex())
                .put("sessionReportData", Bytes.of(fresh).hex())
                .put("refused", refused(certificate.hex(), spki.hex(), keyId.hex(), extension.hex()))
                .map();
    }

    /** Its signature is DER and so of several lengths; what is signed before it must be what is made now. */
    private Bytes keepCertificate(Bytes made) throws GeneralSecurityException {
        Optional<Bytes> kept = recorded.text("certificate").map(Bytes::fromHex);
        if (kept.isEmpty()) {
            return made;
        }
        X509Certificate before = certificate(kept.get());
        boolean same = Bytes.of(before.getTBSCertificate()).equals(Bytes.of(certificate(made).getTBSCertificate()));
        if (same) {
            before.verify(Keys.ENCLAVE.getPublic());
        }
        return same ? kept.get() : made;
    }

    private static X509Certificate certificate(Bytes der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der.toArray()));
    }

    /** Mutations keep every length, so that the certificate around them stays DER. Only the own key is ever at the end of TLS. */
    private List<Object> refused(String good, String spki, String keyId, String extension) throws Exception {
        String otherKeyId = Bytes.sha256(Keys.spki(Keys.STATEMENT).toArray()).hex();
        List<Object> list = new ArrayList<>();
        refuse(list, "another-key-in-the-certificate", good.replace(spki, Keys.spki(Keys.STATEMENT).hex()), "REPORT_DATA_MISMATCH");
        refuse(list, "claims-for-another-key", good.replace(keyId, otherKeyId), "REPORT_DATA_MISMATCH,REPORT_DATA_MISMATCH");
        refuse(list, "no-evidence", good.replace(OID, "0606678105050408"), "MALFORMED");
        refuse(list, "another-hash-algorithm", good.replace("82015820" + keyId, "82025820" + keyId), "MALFORMED");
        refuse(list, "another-claim", good.replace("7075626b65792d68617368", "7075626b65792d68617369"), "MALFORMED");
        refuse(list, "another-tag", good.replace(extension, "d9ea61" + extension.substring(6)), "MALFORMED");
        refuse(list, "evidence-changed", good.replace(EvidenceVectors.SIGNER.hex(), EvidenceVectors.RUNTIME.hex()), "SIGNATURE_INVALID");
        return list;
    }

    private static void refuse(List<Object> list, String name, String certificate, String codes) throws Exception {
        Bytes bytes = Bytes.fromHex(certificate);
        List<String> wanted = List.of(codes.split(","));
        require(wanted, verdict(bytes));
        list.add(new Entry().put("name", name).put("certificate", bytes.hex()).put("codes", wanted).map());
    }

    private static void require(List<String> wanted, List<String> found) {
        require(wanted.equals(found), "wanted " + wanted + ", found " + found);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException(rule);
        }
    }

    /** The codes with which the product's TLS client refuses a server that shows this certificate; empty if it does not. */
    private static List<String> verdict(Bytes der) throws Exception {
        X509Certificate certificate = certificate(der);
        Trust trust = Trust.signer(EvidenceVectors.SIGNER, 7, 3)
                .on(EvidenceVectors.ANCHOR)
                .at(Clock.fixed(EvidenceVectors.NOW, ZoneOffset.UTC));
        Appraiser appraiser = trust;
        boolean statementsKey = Bytes.of(certificate.getPublicKey().getEncoded()).equals(Keys.spki(Keys.STATEMENT));
        SSLContext server = server(certificate, statementsKey ? Keys.STATEMENT.getPrivate() : Keys.ENCLAVE.getPrivate());
        try (SSLServerSocket listener = (SSLServerSocket)
                        server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SSLSocket client = (SSLSocket) AttestedContext.clientContext(appraiser)
                        .getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
            Thread serving = Thread.ofVirtual().start(() -> {
                try (SSLSocket accepted = (SSLSocket) listener.accept()) {
                    accepted.startHandshake();
                    accepted.getInputStream().read();
                } catch (IOException e) {
                    // The client refused, which is what it tells us below.
                }
            });
            try {
                client.startHandshake();
                return List.of();
            } catch (IOException e) {
                return codes(e);
            } finally {
                client.close();
                serving.join();
            }
        }
    }

    private static SSLContext server(Certificate certificate, java.security.PrivateKey key)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("enclave", key, new char[0], new Certificate[] {certificate});
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), null, new SecureRandom());
        return context;
    }

    private static List<String> codes(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SessionRefusedException refused) {
                Verdict.Refused refusal = refused.refusal();
                return refusal.reasons().stream().map(reason -> reason.code().name().toUpperCase(Locale.ROOT)).toList();
            }
        }
        throw new IllegalStateException("the handshake failed for another reason", failure);
    }
}
