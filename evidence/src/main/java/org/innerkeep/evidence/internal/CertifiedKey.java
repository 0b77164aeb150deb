package org.innerkeep.evidence.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.cbor.CborReader;

/** What certificates that carry evidence for their own key (RA-TLS) have in common, whatever the evidence. */
public final class CertifiedKey {
    private static final String PUBLIC_KEY_HASH = "pubkey-hash";
    private static final String TOKEN_ISSUER = "innerkeep-token-issuer";
    private static final String VAULT = "innerkeep-vault";
    private static final int MAX_CLAIMS = 16;
    private static final int MAX_CLAIM_BYTES = 4096;
    private static final int MAX_NAME = 64;

    private CertifiedKey() {}

    /**
     * Tells whether report data is over claims that name a key, as the interoperable form has it. Claims that are not known are left out
     * of account, as the form says.
     *
     * @param reportData 64 bytes
     * @param claims the claims buffer, hostile
     * @param key a SubjectPublicKeyInfo
     * @return whether the report data is SHA-256 of the claims, followed by zeros, and the claims have the digest of the key
     * @throws MalformedException if the claims break their form
     */
    public static boolean isBound(Bytes reportData, Bytes claims, Bytes key) throws MalformedException {
        byte[] buffer = claims.toArray();
        return reportData.equals(Bytes.of(ReportData.ofCertificateClaims(buffer))) && names(buffer, key.toArray());
    }

    /**
     * What the certificate of a key is known by, once it is proven: {@code certificate-key}, SHA-256 of the SubjectPublicKeyInfo, and,
     * where the claims name one, {@code certificate-token-issuer}: the issuer of the tokens that the key signs, which the evidence is
     * over, other than whatever name stands in the certificate; or {@code certificate-vault}: the service whose vault the key signs for.
     *
     * @param claims the claims buffer, hostile; nothing where the evidence is over the key alone
     * @param key a SubjectPublicKeyInfo
     * @return the details
     * @throws MalformedException if the claims break their form
     */
    public static Map<String, ClaimValue> details(Optional<Bytes> claims, Bytes key) throws MalformedException {
        Map<String, ClaimValue> details = new HashMap<>();
        details.put("certificate-key", ClaimValue.of(Bytes.sha256(key.toArray())));
        if (claims.isPresent()) {
            CborReader reader = new CborReader(claims.get().toArray());
            int pairs = reader.map("claims", 1, MAX_CLAIMS);
            for (int i = 0; i < pairs; i++) {
                int start = reader.offset();
                String name = reader.text("claim", MAX_NAME);
                byte[] value = reader.bytes("claim", 0, MAX_CLAIM_BYTES);
                Optional<String> detail = switch (name) {
                    case TOKEN_ISSUER -> Optional.of("certificate-token-issuer");
                    case VAULT -> Optional.of("certificate-vault");
                    default -> Optional.empty();
                };
                if (detail.isPresent() && details.put(detail.get(), ClaimValue.of(address(name, value, start))) != null) {
                    throw new MalformedException(name, start, "expected this claim once");
                }
            }
        }
        return details;
    }

    /** Of ASCII that can be seen, so that no issuer looks like another. */
    private static String address(String name, byte[] value, int start) throws MalformedException {
        String text = new String(value, StandardCharsets.ISO_8859_1);
        if (!text.matches("[!-~]+")) {
            throw new MalformedException(name, start, "expected an address of visible ASCII characters");
        }
        return text;
    }

    private static boolean names(byte[] buffer, byte[] key) throws MalformedException {
        CborReader reader = new CborReader(buffer);
        int pairs = reader.map("claims", 1, MAX_CLAIMS);
        boolean found = false;
        boolean right = false;
        for (int i = 0; i < pairs; i++) {
            int start = reader.offset();
            String name = reader.text("claim", MAX_NAME);
            byte[] value = reader.bytes("claim", 0, MAX_CLAIM_BYTES);
            if (name.equals(PUBLIC_KEY_HASH)) {
                if (found) {
                    throw new MalformedException(PUBLIC_KEY_HASH, start, "expected this claim once");
                }
                found = true;
                right = isDigest(value, key);
            }
        }
        reader.end("claims");
        return right;
    }

    private static boolean isDigest(byte[] hashEntry, byte[] key) throws MalformedException {
        CborReader reader = new CborReader(hashEntry);
        reader.arrayOf(PUBLIC_KEY_HASH, 2);
        long id = reader.integer("hash-alg-id", 0, 255);
        byte[] digest = reader.bytes("hash-value", 0, 64);
        reader.end(PUBLIC_KEY_HASH);
        String algorithm = switch ((int) id) {
            case 1 -> "SHA-256";
            case 7 -> "SHA-384";
            case 8 -> "SHA-512";
            default -> throw new MalformedException("hash-alg-id", -1, "expected 1, 7 or 8, found " + id);
        };
        try {
            return Arrays.equals(digest, MessageDigest.getInstance(algorithm).digest(key));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform has no " + algorithm, e);
        }
    }

    /** Refuses where the evidence is not over the key. */
    public static void refuseUnbound(Verification run) {
        run.refuse(
                Code.BINDING_MISMATCH,
                "certificate.public-key",
                "a key that the evidence is not over",
                "the key whose digest is in the report data",
                "Whoever shows this certificate may not be what the evidence is about: do not trust it.");
    }

    /**
     * Checks that the certificate's own key signed it, and that it is within its time.
     *
     * @param certificate hostile
     * @param run the verification
     */
    public static void check(X509Certificate certificate, Verification run) {
        boolean signed = certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                && run.crypto().signed(certificate, Bytes.of(certificate.getPublicKey().getEncoded()));
        if (!signed) {
            run.refuse(
                    Code.SIGNATURE_INVALID,
                    "certificate.signature",
                    "a signature that is not by its own key, or by a weak algorithm",
                    "a self-signed certificate",
                    "Ask for a certificate that the enclave signed itself.");
        }
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (!run.hasBegun(from)) {
            run.refuse(Code.CERTIFICATE_NOT_YET_VALID, "certificate", "valid from " + from, "valid at " + run.at(),
                    "Set the clock right, or verify at a later time.");
        }
        if (run.hasEnded(until)) {
            run.refuse(Code.CERTIFICATE_EXPIRED, "certificate", "valid until " + until, "valid at " + run.at(),
                    "Ask for a current certificate.");
        }
        run.checked("RA-TLS certificate", "its key is bound by the evidence and signed it");
    }
}
