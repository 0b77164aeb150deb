package org.innerkeep.channel.session;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ReportData;
import org.jspecify.annotations.Nullable;

/**
 * The TLS key of one enclave: a P-256 key pair made inside it, never stored and never leaving it, with a self-signed
 * certificate that carries the enclave's evidence for exactly this key (RA-TLS).
 *
 * <p>The certificate is an X.509 v3 certificate with the extension <i>tcg-dice-TaggedEvidence</i> (2.23.133.5.4.9) in the
 * form of the interoperable RA-TLS agreement. It is public. Its evidence is as old as this object.
 *
 * <p>Instances are immutable and safe for use by several threads; one serves all sessions of an enclave.
 */
public final class SessionKey {
    private static final String ALIAS = "enclave";

    private final PrivateKey privateKey;
    private final X509Certificate certificate;
    private final Bytes id;
    private final SecureRandom random;

    private SessionKey(PrivateKey privateKey, X509Certificate certificate, Bytes id, SecureRandom random) {
        this.privateKey = privateKey;
        this.certificate = certificate;
        this.id = id;
        this.random = random;
    }

    /**
     * Makes a new key and has the platform vouch for it.
     *
     * @param attester signs for this enclave
     * @param random makes the key, and later the secrets of its sessions
     * @return the key
     * @throws IOException if the platform cannot be reached or refuses, or if its evidence does not fit into a TLS
     *     certificate (28 KiB)
     */
    public static SessionKey create(Attester attester, SecureRandom random) throws IOException {
        Objects.requireNonNull(attester, "attester");
        Objects.requireNonNull(random, "random");
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            Bytes id = Bytes.sha256(pair.getPublic().getEncoded());
            byte[] evidence = attester.attest(ReportData.ofCertificateClaims(TaggedEvidence.claims(id)));
            if (evidence.length == 0 || evidence.length > TaggedEvidence.MAX_EVIDENCE_BYTES) {
                throw new IOException("the platform's evidence has " + evidence.length
                        + " bytes, but a TLS certificate carries 1 to " + TaggedEvidence.MAX_EVIDENCE_BYTES);
            }
            byte[] der = RaTls.write(pair, Bytes.of(evidence), random);
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            return new SessionKey(pair.getPrivate(), certificate, id, random);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime cannot make a P-256 key and certificate", e);
        }
    }

    /** {@return the certificate, public} */
    public X509Certificate certificate() {
        return certificate;
    }

    /** {@return SHA-256 of the public key's SubjectPublicKeyInfo, 32 bytes} */
    public Bytes id() {
        return id;
    }

    /** {@return a new context with this key} */
    SSLContext newContext() {
        return Tls.server(new OnlyKey(), random);
    }

    @Override
    public String toString() {
        return "SessionKey[" + id.shortHex() + "]";
    }

    /** Offers this key to whoever connects, and no other. */
    private final class OnlyKey extends X509ExtendedKeyManager {
        private static boolean fits(@Nullable String keyType) {
            return "EC".equals(keyType);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return fits(keyType) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return fits(keyType) ? ALIAS : null;
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return fits(keyType) ? new String[] {ALIAS} : null;
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return alias.equals(ALIAS) ? new X509Certificate[] {certificate} : null;
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return alias.equals(ALIAS) ? privateKey : null;
        }
    }
}
