package org.innerkeep.channel.session;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** What someone who is no enclave can build with ordinary tools: certificates and TLS servers of any shape. */
final class HostileServer {
    static final byte[] TAGGED_EVIDENCE = Der.oid(2, 23, 133, 5, 4, 9);

    private HostileServer() {}

    static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] evidenceExtension(byte[] value) {
        return Der.sequence(TAGGED_EVIDENCE, Der.octets(value));
    }

    /** A well-formed self-signed certificate with these extensions. */
    static byte[] certificate(KeyPair key, byte[]... extensions) {
        byte[] algorithm = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
        byte[] name = Der.sequence(Der.set(Der.sequence(Der.oid(2, 5, 4, 3), Der.utf8("Innerkeep enclave"))));
        byte[] keyUsage = Der.sequence(Der.oid(2, 5, 29, 15), Der.yes(), Der.octets(Der.bits(7, new byte[] {(byte) 0x80})));
        byte[][] all = new byte[extensions.length + 1][];
        all[0] = keyUsage;
        System.arraycopy(extensions, 0, all, 1, extensions.length);
        byte[] toBeSigned = Der.sequence(
                Der.element(Der.context(0), Der.integer(BigInteger.TWO)),
                Der.integer(BigInteger.ONE),
                algorithm,
                name,
                Der.sequence(Der.time(Der.UTC_TIME, "000101000000Z"), Der.time(Der.GENERALIZED_TIME, "99991231235959Z")),
                name,
                key.getPublic().getEncoded(),
                Der.element(Der.context(3), Der.sequence(all)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key.getPrivate());
            signature.update(toBeSigned);
            return Der.sequence(toBeSigned, algorithm, Der.bits(0, signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static X509Certificate read(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /** A TLS context that shows this chain and signs with this key, whether they belong together or not. */
    static SSLContext context(PrivateKey key, Certificate... chain) throws Exception {
        char[] password = "test".toCharArray();
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, password);
        store.setKeyEntry("hostile", key, password, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), new TrustManager[0], new SecureRandom());
        return context;
    }
}
