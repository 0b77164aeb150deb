package org.innerkeep.endorsements;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;

/** Until when documents say that they are valid: for a cache to know when to ask again, and for nothing else. */
final class Validity {
    /** Where Intel's JSON says it (PCS API version 4). */
    private static final Pattern NEXT_UPDATE = Pattern.compile("\"nextUpdate\"\\s{0,16}:\\s{0,16}\"([0-9TZ:.+-]{1,40})\"");

    private Validity() {}

    /** The earliest end of some documents; those that say none have none. */
    static Instant until(List<Bytes> documents) {
        return documents.stream().map(Validity::until).min(Instant::compareTo).orElse(Instant.MAX);
    }

    private static Instant until(Bytes document) {
        byte[] bytes = document.toArray();
        if (bytes.length > 0 && bytes[0] == '{') {
            Matcher found = NEXT_UPDATE.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
            try {
                return found.find() ? Instant.parse(found.group(1)) : Instant.MAX;
            } catch (DateTimeException e) {
                return Instant.MAX;
            }
        }
        return PemChain.certificate(document).map(each -> each.getNotAfter().toInstant()).orElseGet(() -> list(bytes));
    }

    private static Instant list(byte[] bytes) {
        try {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(bytes));
            return list.getNextUpdate() == null ? Instant.MAX : list.getNextUpdate().toInstant();
        } catch (CRLException | CertificateException | RuntimeException e) {
            // The platform's parser throws all kinds of exceptions for hostile bytes.
            return Instant.MAX;
        }
    }
}
