package org.innerkeep.endorsements;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;

/** Certificates as services give them: PEM, one after the other, and in headers percent-encoded. Hostile, and of no trust. */
final class PemChain {
    private static final int MAX_CERTIFICATES = 8;
    private static final int MAX_CERTIFICATE_BYTES = 16 << 10;
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private PemChain() {}

    /** The certificates of a text, DER; what is none is left out. */
    static List<Bytes> of(String pem) {
        List<Bytes> found = new ArrayList<>();
        int at = pem.indexOf(BEGIN);
        while (at >= 0 && found.size() < MAX_CERTIFICATES) {
            int end = pem.indexOf(END, at + BEGIN.length());
            if (end < 0) {
                break;
            }
            try {
                Bytes der = Bytes.of(Base64.getMimeDecoder().decode(pem.substring(at + BEGIN.length(), end)));
                if (subject(der).isPresent()) {
                    found.add(der);
                }
            } catch (IllegalArgumentException e) {
                // It is no certificate.
            }
            at = pem.indexOf(BEGIN, end);
        }
        return found;
    }

    /**
     * The certificates of a header. Not by the rules of forms: a plus sign is itself, as base64 has it, but between the words of the
     * first and last line, where some services mean a space by it.
     */
    static List<Bytes> ofHeader(String header) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int i = 0; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c == '%' && i + 2 < header.length() && digit(header.charAt(i + 1)) >= 0 && digit(header.charAt(i + 2)) >= 0) {
                text.write(digit(header.charAt(i + 1)) << 4 | digit(header.charAt(i + 2)));
                i += 2;
            } else {
                text.write(c);
            }
        }
        String pem = text.toString(StandardCharsets.ISO_8859_1);
        return of(pem.replace("BEGIN+CERTIFICATE", "BEGIN CERTIFICATE").replace("END+CERTIFICATE", "END CERTIFICATE"));
    }

    private static int digit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    /** The subject of a certificate, or nothing for other bytes. */
    static Optional<X500Principal> subject(Bytes der) {
        return certificate(der).map(X509Certificate::getSubjectX500Principal);
    }

    /** A certificate, or nothing for other bytes. */
    static Optional<X509Certificate> certificate(Bytes der) {
        if (der.length() > MAX_CERTIFICATE_BYTES || der.length() == 0 || der.toArray()[0] != 0x30) {
            return Optional.empty();
        }
        try {
            return Optional.of((X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der.toArray())));
        } catch (CertificateException | RuntimeException e) {
            // The platform's parser throws all kinds of exceptions for hostile bytes.
            return Optional.empty();
        }
    }
}
