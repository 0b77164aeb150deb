package org.innerkeep.vault.http;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.key.LoggedKeyStore;

/**
 * The certificate of the key by which a vault signs what it releases, with evidence of what the vault runs in, as {@link KeyEvidence} has
 * it: whoever verifies it need not take the operator's word for the vault. It is made anew once a day, as the code may have changed what
 * the machine measures.
 *
 * <p>Safe for use by several threads.
 */
public final class VaultCertificate {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.vault");
    private static final Duration RENEWED_AFTER = Duration.ofDays(1);
    private static final Duration LIFETIME = Duration.ofDays(30);

    private final LoggedKeyStore keys;
    private final KeyEvidence evidence;
    private final InstantSource clock;
    private final SecureRandom random;
    private Bytes certificate;
    private Instant triedAt;

    private VaultCertificate(LoggedKeyStore keys, KeyEvidence evidence, InstantSource clock, SecureRandom random) throws IOException {
        this.keys = keys;
        this.evidence = evidence;
        this.clock = clock;
        this.random = random;
        this.triedAt = clock.instant();
        this.certificate = certify(triedAt);
    }

    /**
     * Makes the certificate.
     *
     * @param keys of the vault
     * @param evidence makes evidence for keys
     * @param clock of this machine
     * @param random for the serial number
     * @return the certificate
     * @throws IOException if the device gives no evidence
     */
    public static VaultCertificate make(LoggedKeyStore keys, KeyEvidence evidence, InstantSource clock, SecureRandom random)
            throws IOException {
        return new VaultCertificate(keys, evidence, clock, random);
    }

    /** {@return the certificate, DER, with evidence of at most a day ago, or the last that could be had} */
    public synchronized Bytes current() {
        Instant now = clock.instant();
        if (now.isAfter(triedAt.plus(RENEWED_AFTER)) || now.isBefore(triedAt)) {
            // Strangers ask for this: a device that fails is not asked for each.
            triedAt = now;
            try {
                certificate = certify(now);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "vault: no new evidence for its key: " + e.getMessage());
            }
        }
        return certificate;
    }

    private Bytes certify(Instant now) throws IOException {
        try {
            PublicKey publicKey = KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(keys.publicKey().spki().toArray()));
            return Bytes.of(SelfSigned.ofTokens(
                            evidence.issuer(),
                            new KeyPair(publicKey, keys.signingKey()),
                            Optional.empty(),
                            now,
                            now.plus(LIFETIME),
                            Optional.of(evidence.ofVault(publicKey)),
                            random)
                    .getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IOException("vault: its key cannot be certified", e);
        }
    }
}
