package org.innerkeep.endorsements;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Need;
import org.innerkeep.makers.Authority;

/** Made-up documents of makers. */
final class Made {
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final KeyPair KEYS = Authority.ecKeys("secp256r1");

    private Made() {}

    static Authority authority(String name) {
        return Authority.root("CN=" + name, KEYS, "SHA256withECDSA", NOW);
    }

    static Bytes list(Authority issuer) {
        return issuer.revocationList(NOW, NOW.plus(Duration.ofDays(30)));
    }

    static Need.RevocationList listOf(Authority issuer) {
        return new Need.RevocationList(name(issuer), "name");
    }

    static Need.IssuerCertificate certificateOf(Authority subject) {
        return new Need.IssuerCertificate(name(subject), "name");
    }

    private static Bytes name(Authority authority) {
        return Bytes.of(authority.certificate().getSubjectX500Principal().getEncoded());
    }

    static String pem(Authority... authorities) {
        StringBuilder all = new StringBuilder();
        for (Authority each : authorities) {
            all.append("-----BEGIN CERTIFICATE-----\n")
                    .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(each.der().toArray()))
                    .append("\n-----END CERTIFICATE-----\n");
        }
        return all.toString();
    }

    /** As Intel's service encodes it. */
    static String header(Authority... authorities) {
        return URLEncoder.encode(pem(authorities), StandardCharsets.US_ASCII).replace("+", "%20");
    }

    static Bytes text(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
