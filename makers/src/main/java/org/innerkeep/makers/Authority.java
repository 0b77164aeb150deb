package org.innerkeep.makers;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A certification authority of a synthetic maker. It makes what it is told to, wrong certificates too: tests need them.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class Authority {
    /** What a certificate is to be like. Begins right for its use; each method makes it otherwise. Not safe for several threads. */
    public static final class Wish {
        private final String subject;
        private final PublicKey key;
        private Instant from;
        private Instant until;
        private BigInteger serial;
        private @Nullable BasicConstraints constraints;
        private @Nullable KeyUsage usage;
        private final List<Extension> extensions = new ArrayList<>();

        private Wish(String subject, PublicKey key, Instant at) {
            this.subject = subject;
            this.key = key;
            this.from = at.minus(Duration.ofDays(365));
            this.until = at.plus(Duration.ofDays(365));
            this.serial = new BigInteger(1, Bytes.sha256(subject.getBytes(StandardCharsets.UTF_8), key.getEncoded())
                    .toArray()).shiftRight(160);
        }

        /** Its validity. */
        public Wish valid(Instant begin, Instant end) {
            from = begin;
            until = end;
            return this;
        }

        /** Its serial number. */
        public Wish serial(BigInteger number) {
            serial = number;
            return this;
        }

        /** Its basic constraints: a path length, negative for a CA without one, or nothing for no CA. */
        public Wish authority(Optional<Integer> pathLength) {
            constraints = pathLength.map(most -> most < 0 ? new BasicConstraints(true) : new BasicConstraints(most)).orElse(null);
            return this;
        }

        /** Its key usage, bits as in {@link KeyUsage}; 0 for none. */
        public Wish usage(int bits) {
            usage = bits == 0 ? null : new KeyUsage(bits);
            return this;
        }

        /** A further extension. */
        public Wish extension(String oid, boolean critical, byte[] value) {
            extensions.add(new Extension(new ASN1ObjectIdentifier(oid), critical, value));
            return this;
        }
    }


    private final KeyPair keys;
    private final String algorithm;
    private final X509Certificate certificate;

    private Authority(KeyPair keys, String algorithm, X509Certificate certificate) {
        this.keys = keys;
        this.algorithm = algorithm;
        this.certificate = certificate;
    }

    /**
     * Makes a root.
     *
     * @param name its distinguished name
     * @param keys its keys
     * @param algorithm such as {@code SHA256withECDSA} or {@code SHA384WITHRSAANDMGF1}
     * @param at the time around which it is valid
     * @return the authority
     */
    public static Authority root(String name, KeyPair keys, String algorithm, Instant at) {
        return root(name, keys, algorithm, at, wish -> {});
    }

    /** As before, with a changed wish for its own certificate. */
    public static Authority root(String name, KeyPair keys, String algorithm, Instant at, Consumer<Wish> change) {
        Wish wish = new Wish(name, keys.getPublic(), at).authority(Optional.of(-1)).usage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
        change.accept(wish);
        return new Authority(keys, algorithm, sign(new X500Name(name), keys, algorithm, wish));
    }

    /**
     * Makes an authority below this one.
     *
     * @param name its distinguished name
     * @param other its keys
     * @param otherAlgorithm how it signs
     * @param at the time around which it is valid
     * @param change of its certificate
     * @return the authority
     */
    public Authority below(String name, KeyPair other, String otherAlgorithm, Instant at, Consumer<Wish> change) {
        Wish wish = new Wish(name, other.getPublic(), at).authority(Optional.of(0)).usage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
        change.accept(wish);
        return new Authority(other, otherAlgorithm, sign(name(), keys, algorithm, wish));
    }

    /**
     * Certifies a key that signs evidence.
     *
     * @param name its distinguished name
     * @param key the key
     * @param at the time around which it is valid
     * @param change of the certificate
     * @return the certificate
     */
    public X509Certificate certify(String name, PublicKey key, Instant at, Consumer<Wish> change) {
        Wish wish = new Wish(name, key, at).usage(KeyUsage.digitalSignature);
        change.accept(wish);
        return sign(name(), keys, algorithm, wish);
    }

    /**
     * Makes a revocation list.
     *
     * @param from its this-update
     * @param until its next-update
     * @param revoked serial numbers
     * @return the list, DER
     */
    public Bytes revocationList(Instant from, Instant until, BigInteger... revoked) {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(name(), Date.from(from)).setNextUpdate(Date.from(until));
        for (BigInteger serial : revoked) {
            builder.addCRLEntry(serial, Date.from(from), CRLReason.keyCompromise);
        }
        try {
            return Bytes.of(builder.build(signer(keys, algorithm)).getEncoded());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As it is encoded: read from text, a name of several parts would come out in the other order. */
    private X500Name name() {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    /** {@return its certificate} */
    public X509Certificate certificate() {
        return certificate;
    }

    /** {@return its certificate, DER} */
    public Bytes der() {
        return der(certificate);
    }

    /** {@return its public key, SubjectPublicKeyInfo, DER} */
    public Bytes publicKey() {
        return Bytes.of(keys.getPublic().getEncoded());
    }

    /** {@return its keys} */
    public KeyPair keys() {
        return keys;
    }

    /** {@return a certificate's DER} */
    public static Bytes der(X509Certificate certificate) {
        try {
            return Bytes.of(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return new keys on a curve, such as {@code secp256r1}} */
    public static KeyPair ecKeys(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return new RSA keys} */
    public static KeyPair rsaKeys(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate sign(X500Name issuer, KeyPair keys, String algorithm, Wish wish) {
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                issuer,
                wish.serial,
                Date.from(wish.from),
                Date.from(wish.until),
                new X500Name(wish.subject),
                SubjectPublicKeyInfo.getInstance(wish.key.getEncoded()));
        try {
            if (wish.constraints != null) {
                builder.addExtension(Extension.basicConstraints, true, wish.constraints);
            }
            if (wish.usage != null) {
                builder.addExtension(Extension.keyUsage, true, wish.usage);
            }
            for (Extension extension : wish.extensions) {
                builder.addExtension(extension);
            }
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(keys, algorithm)));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ContentSigner signer(KeyPair keys, String algorithm) {
        try {
            JcaContentSignerBuilder builder = new JcaContentSignerBuilder(algorithm);
            // The JDK knows RSASSA-PSS under another name. Not registered with the platform.
            return (algorithm.endsWith("MGF1") ? builder.setProvider(new BouncyCastleProvider()) : builder).build(keys.getPrivate());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }
}
