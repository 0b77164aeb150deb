package org.innerkeep.attestation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Certificates and private keys in files of PEM (RFC 7468), as an operator has them. */
public final class Pem {
    private static final int MAX_BYTES = 1 << 20;
    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_END = "-----END PRIVATE KEY-----";

    private Pem() {}

    /**
     * Reads certificates.
     *
     * @param file one or more certificates in PEM
     * @return the certificates, in their order, at least one
     * @throws IOException if it cannot be read, or holds none
     */
    public static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            List<X509Certificate> found = new ArrayList<>();
            for (Certificate each : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(read(file)))) {
                found.add((X509Certificate) each);
            }
            if (found.isEmpty()) {
                throw new IOException(file + ": expected certificates in PEM, found none");
            }
            return List.copyOf(found);
        } catch (CertificateException e) {
            throw new IOException(file + ": expected certificates in PEM", e);
        }
    }

    /**
     * Reads a private key that only its owner may read.
     *
     * @param file a key in PKCS #8, not encrypted, in PEM
     * @return the key, RSA or EC
     * @throws IOException if it cannot be read, others may read it, or it is none
     */
    public static PrivateKey privateKey(Path file) throws IOException {
        requireOwnerOnly(file);
        String text = new String(read(file), StandardCharsets.US_ASCII);
        int begin = text.indexOf(KEY_BEGIN);
        int end = text.indexOf(KEY_END);
        if (begin < 0 || end < begin) {
            throw new IOException(file + ": expected '" + KEY_BEGIN
                    + "'; convert a key of another form by 'openssl pkcs8 -topk8 -nocrypt'");
        }
        byte[] der = new byte[0];
        try {
            der = Base64.getMimeDecoder().decode(text.substring(begin + KEY_BEGIN.length(), end));
            for (String algorithm : List.of("RSA", "EC")) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (GeneralSecurityException e) {
                    // It may be of the next.
                }
            }
        } catch (IllegalArgumentException e) {
            // Falls through.
        } finally {
            Arrays.fill(der, (byte) 0);
        }
        throw new IOException(file + ": expected a private key of RSA or EC in PKCS #8");
    }

    /**
     * Refuses a file that others than its owner may read.
     *
     * @param file holds a secret
     * @throws IOException if others may read it
     */
    public static void requireOwnerOnly(Path file) throws IOException {
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
        if (found.stream().anyMatch(each -> !each.name().startsWith("OWNER"))) {
            throw new IOException(file + ": expected a file that only its owner can read; run chmod 600 on it");
        }
    }

    /**
     * A server's TLS.
     *
     * @param chain the server's certificate and those above it
     * @param key that belongs to it
     * @return a context for servers
     * @throws IOException if they do not belong together or cannot be used
     */
    public static SSLContext serverContext(List<X509Certificate> chain, PrivateKey key) throws IOException {
        try {
            char[] none = new char[0];
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, none);
            keys.setKeyEntry("server", key, none, chain.toArray(Certificate[]::new));
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, none);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: certificate and key cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a block of PEM.
     *
     * @param label such as {@code CERTIFICATE}
     * @param der what is in it
     * @return the text
     */
    public static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException(file + ": expected at most " + MAX_BYTES + " bytes");
            }
            return bytes;
        }
    }
}
