package org.innerkeep.evidence.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.VerifierOptions;
import org.jspecify.annotations.Nullable;

/**
 * Signatures, keys and certificates, with a memory for what never changes: that some bytes parse to something, and that a key signed a
 * certificate or an endorsement. Never remembered are failures, anything that depends on the time, and signatures over evidence.
 *
 * <p>Safe for use by several threads.
 */
public final class Crypto {
    /** The most bytes of a certificate. */
    public static final int MAX_CERTIFICATE_BYTES = 16 * 1024;

    /** The most bytes of a revocation list: some twenty thousand entries. */
    public static final int MAX_CRL_BYTES = 1 << 20;

    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final int MAX_KEY_BYTES = 2048;
    private static final long MAX_REMEMBERED_BYTES = 16 << 20;

    /** Something that can be read from bytes. */
    @FunctionalInterface
    public interface Parse<T> {
        /** Reads it. */
        T parse(byte[] bytes) throws MalformedException;
    }

    /** What is remembered, under what it was made of. */
    private record Key(Class<?> type, List<?> source) {
        /** What is not bytes is a certificate or a key that was parsed and is remembered for itself. */
        private static final int OTHER_WEIGHT = 1024;

        private long weight() {
            return source.stream().mapToLong(each -> each instanceof Bytes bytes ? bytes.length() : OTHER_WEIGHT).sum();
        }
    }

    /**
     * What was used last, bounded in number and in bytes: hostile endorsements are parsed before their signatures are looked at, and
     * large ones must not fill the memory. What was parsed takes several times the bytes of its source.
     */
    private static final class Memory {
        private final int most;
        private final LinkedHashMap<Key, Object> known = new LinkedHashMap<>(16, 0.75f, true);
        private long weight;

        /** What a value weighs beside its key. */
        private static long weight(Object value) {
            return value instanceof Proof proof ? proof.weight() : 0;
        }

        private Memory(int most) {
            this.most = most;
        }

        synchronized @Nullable Object get(Key key) {
            return known.get(key);
        }

        synchronized void put(Key key, Object value) {
            Object before = known.put(key, value);
            weight += weight(value) + (before == null ? key.weight() : -weight(before));
            Iterator<Map.Entry<Key, Object>> eldest = known.entrySet().iterator();
            while (known.size() > most || weight > MAX_REMEMBERED_BYTES) {
                Map.Entry<Key, Object> next = eldest.next();
                weight -= next.getKey().weight() + weight(next.getValue());
                eldest.remove();
            }
        }
    }

    /** The provider, or null for the platform's own. */
    private final @Nullable Provider provider;

    private final Memory memory;

    /**
     * Begins with an empty memory.
     *
     * @param provider for signatures, or nothing for the platform's own
     * @param most how many things are remembered at most; 0 for none
     */
    public Crypto(Optional<Provider> provider, int most) {
        this.provider = provider.orElse(null);
        this.memory = new Memory(most);
    }

    /**
     * Parses, or remembers what the same bytes were parsed to.
     *
     * @param <T> what it is
     * @param type what it is; each type has one parser
     * @param source hostile bytes
     * @param parser reads it; the result must be immutable
     * @return the result
     * @throws MalformedException as the parser does
     */
    public <T> T remember(Class<T> type, Bytes source, Parse<T> parser) throws MalformedException {
        Key key = new Key(type, List.of(source));
        Object known = memory.get(key);
        if (known != null) {
            return type.cast(known);
        }
        T parsed = parser.parse(source.toArray());
        memory.put(key, parsed);
        return parsed;
    }

    /** The proof that is remembered of some things by some options. */
    Optional<Proof> proof(Class<?> type, List<?> of, VerifierOptions options) {
        return Optional.ofNullable((Proof) memory.get(new Key(Proof.class, List.of(type, of, options))));
    }

    /** Remembers a proof. */
    void remember(Class<?> type, List<?> of, VerifierOptions options, Proof proof) {
        memory.put(new Key(Proof.class, List.of(type, of, options)), proof);
    }

    /** A certificate of exactly these bytes, DER. */
    public X509Certificate certificate(String field, Bytes der) throws MalformedException {
        return remember(X509Certificate.class, der, bytes -> parseCertificate(field, bytes));
    }

    private static X509Certificate parseCertificate(String field, byte[] der) throws MalformedException {
        checkSigned(field, der, MAX_CERTIFICATE_BYTES);
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            // What was parsed must be what was given, or two readers could see two certificates.
            if (!Arrays.equals(certificate.getEncoded(), der)) {
                throw new MalformedException(field, 0, "expected a certificate in DER, found another encoding of one");
            }
            return certificate;
        } catch (CertificateException | RuntimeException e) {
            // The platform's parser throws all kinds of exceptions for hostile bytes.
            throw new MalformedException(field, 0, "expected an X.509 certificate, found other bytes");
        }
    }

    /** A revocation list of exactly these bytes, DER. */
    public X509CRL revocationList(String field, Bytes der) throws MalformedException {
        return remember(X509CRL.class, der, bytes -> {
            checkSigned(field, bytes, MAX_CRL_BYTES);
            try {
                return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(bytes));
            } catch (CRLException | CertificateException | RuntimeException e) {
                throw new MalformedException(field, 0, "expected an X.509 certificate revocation list, found other bytes");
            }
        });
    }

    /** Contents, algorithm and signature. That of the platform lets the signature be of any number of bits. */
    private static void checkSigned(String field, byte[] der, int most) throws MalformedException {
        checkOneValue(field, der, most);
        DerReader inner = new DerReader(der).enter(field, DerReader.SEQUENCE);
        inner.any(field);
        inner.any(field);
        int start = inner.offset();
        byte[] signature = inner.content(field, DerReader.BIT_STRING);
        inner.end(field);
        if (signature.length == 0 || signature[0] != 0) {
            throw new MalformedException(field, start, "expected a signature of whole bytes");
        }
    }

    private static void checkOneValue(String field, byte[] der, int most) throws MalformedException {
        if (der.length > most) {
            throw new MalformedException(field, -1, "expected at most " + most + " bytes, found " + der.length);
        }
        DerReader reader = new DerReader(der);
        reader.enter(field, DerReader.SEQUENCE);
        reader.end(field);
    }

    /**
     * A key that is fit to verify with: RSA of 2048 to 8192 bits, or a point on P-256, P-384 or P-521.
     *
     * @param field its name, for messages
     * @param spki SubjectPublicKeyInfo, DER; hostile
     * @return the key, of the provider where it has that kind
     * @throws MalformedException if it is anything else
     */
    public PublicKey publicKey(String field, Bytes spki) throws MalformedException {
        return remember(PublicKey.class, spki, bytes -> parseKey(field, bytes));
    }

    private PublicKey parseKey(String field, byte[] spki) throws MalformedException {
        checkOneValue(field, spki, MAX_KEY_BYTES);
        X509EncodedKeySpec encoded = new X509EncodedKeySpec(spki);
        for (String algorithm : List.of("EC", "RSA")) {
            PublicKey key;
            try {
                key = KeyFactory.getInstance(algorithm).generatePublic(encoded);
            } catch (GeneralSecurityException | RuntimeException e) {
                continue;
            }
            checkStrength(field, key);
            try {
                return provider == null ? key : KeyFactory.getInstance(algorithm, provider).generatePublic(encoded);
            } catch (GeneralSecurityException | RuntimeException e) {
                return key;
            }
        }
        throw new MalformedException(field, 0, "expected a public key for RSA or on P-256, P-384 or P-521, found another");
    }

    private static void checkStrength(String field, PublicKey key) throws MalformedException {
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || rsa.getPublicExponent().bitLength() < 2) {
                throw new MalformedException(
                        field, -1, "expected an RSA key of " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits, found " + bits);
            }
        } else if (Curve.of(key).isEmpty()) {
            throw new MalformedException(field, -1, "expected a point on P-256, P-384 or P-521, found another");
        }
    }

    /**
     * Verifies a signature.
     *
     * @param scheme how it was made
     * @param key from {@link #publicKey}, which checked it
     * @param message what was signed
     * @param signature hostile bytes
     * @return whether that key signed that message by that scheme; false where the key is of another kind
     */
    public boolean verify(SignatureScheme scheme, PublicKey key, byte[] message, byte[] signature) {
        Optional<Curve> curve = scheme.curve();
        if (curve.isPresent() ? !curve.get().isOf(key) : !(key instanceof RSAPublicKey)) {
            return false;
        }
        Optional<byte[]> encoded = curve.isPresent() ? curve.get().toDer(signature) : Optional.of(signature);
        return encoded.isPresent() && verify(scheme.jcaName(), scheme.parameters(), key, message, encoded.get());
    }

    /**
     * Verifies an ECDSA signature where curve and hash need not go together, as in TPMs.
     *
     * @param hash such as {@code SHA-256}
     * @param curve that the key must be on
     * @param key from {@link #publicKey}
     * @param message what was signed
     * @param signature r and s, hostile bytes
     * @return whether that key signed that message
     */
    public boolean verifyEcdsa(String hash, Curve curve, PublicKey key, byte[] message, byte[] signature) {
        Optional<byte[]> encoded = curve.toDer(signature);
        return Curve.of(key).equals(Optional.of(curve))
                && encoded.isPresent()
                && verify(hash.replace("-", "") + "withECDSA", Optional.empty(), key, message, encoded.get());
    }

    /** Verifies an RSASSA-PKCS1-v1_5 signature with any hash, such as {@code SHA-256}; otherwise as {@link #verifyEcdsa}. */
    public boolean verifyPkcs1(String hash, PublicKey key, byte[] message, byte[] signature) {
        return key instanceof RSAPublicKey
                && verify(hash.replace("-", "") + "withRSA", Optional.empty(), key, message, signature);
    }

    /** Verifies an RSASSA-PSS signature with a salt of this length; hash and mask are of one algorithm, such as {@code SHA-256}. */
    public boolean verifyPss(String hash, int salt, PublicKey key, byte[] message, byte[] signature) {
        PSSParameterSpec parameters = new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1);
        return key instanceof RSAPublicKey && verify("RSASSA-PSS", Optional.of(parameters), key, message, signature);
    }

    private boolean verify(
            String algorithm, Optional<AlgorithmParameterSpec> parameters, PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = signature(algorithm);
            verifier.initVerify(key);
            if (parameters.isPresent()) {
                verifier.setParameter(parameters.get());
            }
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            // The way of providers to refuse r or s out of range, or a signature of another length.
            return false;
        } catch (InvalidKeyException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no " + algorithm, e);
        }
    }

    private Signature signature(String algorithm) throws NoSuchAlgorithmException {
        if (provider != null) {
            try {
                return Signature.getInstance(algorithm, provider);
            } catch (NoSuchAlgorithmException e) {
                // The provider need not have all; what it lacks the platform does.
            }
        }
        return Signature.getInstance(algorithm);
    }

    /**
     * Verifies a maker's signature over an endorsement, or remembers that it was right.
     *
     * @param scheme how it was made
     * @param key SubjectPublicKeyInfo, DER
     * @param message what was signed
     * @param signature hostile bytes
     * @return whether that key signed that message by that scheme
     */
    public boolean verifyOnce(SignatureScheme scheme, Bytes key, Bytes message, Bytes signature) {
        return rememberTrue(
                new Key(SignatureScheme.class, List.of(scheme, key, message, signature)),
                () -> verify(scheme, publicKey("key", key), message.toArray(), signature.toArray()));
    }

    /** How certificates and revocation lists are signed; others are too weak, or not in use by any maker. */
    private static Optional<CertificateAlgorithm> algorithm(String oid, byte @Nullable [] parameters) {
        return switch (oid) {
            case "1.2.840.10045.4.3.2" -> Optional.of(new CertificateAlgorithm("SHA256withECDSA", Optional.empty()));
            case "1.2.840.10045.4.3.3" -> Optional.of(new CertificateAlgorithm("SHA384withECDSA", Optional.empty()));
            case "1.2.840.10045.4.3.4" -> Optional.of(new CertificateAlgorithm("SHA512withECDSA", Optional.empty()));
            case "1.2.840.113549.1.1.11" -> Optional.of(new CertificateAlgorithm("SHA256withRSA", Optional.empty()));
            case "1.2.840.113549.1.1.12" -> Optional.of(new CertificateAlgorithm("SHA384withRSA", Optional.empty()));
            case "1.2.840.113549.1.1.13" -> Optional.of(new CertificateAlgorithm("SHA512withRSA", Optional.empty()));
            case "1.2.840.113549.1.1.10" -> pss(parameters);
            default -> Optional.empty();
        };
    }

    private record CertificateAlgorithm(String name, Optional<AlgorithmParameterSpec> parameters) {}

    /** RSASSA-PSS where hash, mask and salt are of one size, as they are in every scheme here. */
    private static Optional<CertificateAlgorithm> pss(byte @Nullable [] encoded) {
        if (encoded == null) {
            return Optional.empty();
        }
        PSSParameterSpec found;
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            parameters.init(encoded);
            found = parameters.getParameterSpec(PSSParameterSpec.class);
        } catch (GeneralSecurityException | IOException e) {
            return Optional.empty();
        }
        for (SignatureScheme scheme : List.of(SignatureScheme.PS256, SignatureScheme.PS384, SignatureScheme.PS512)) {
            PSSParameterSpec wanted = (PSSParameterSpec) scheme.parameters().orElseThrow();
            if (found.getDigestAlgorithm().equals(wanted.getDigestAlgorithm())
                    && found.getSaltLength() == wanted.getSaltLength()
                    && found.getTrailerField() == wanted.getTrailerField()
                    && found.getMGFParameters() instanceof MGF1ParameterSpec mask
                    && mask.getDigestAlgorithm().equals(wanted.getDigestAlgorithm())) {
                return Optional.of(new CertificateAlgorithm(scheme.jcaName(), Optional.of(wanted)));
            }
        }
        return Optional.empty();
    }

    /**
     * Tells whether the algorithm that a certificate was signed with is strong enough to be looked at.
     *
     * @param certificate the certificate
     * @return whether it is ECDSA or RSA with SHA-256, SHA-384 or SHA-512
     */
    public boolean signedStrongly(X509Certificate certificate) {
        return algorithm(certificate.getSigAlgOID(), certificate.getSigAlgParams()).isPresent();
    }

    /**
     * Verifies the signature of a certificate, or remembers that it was right. Looks at nothing but the signature.
     *
     * @param certificate the certificate
     * @param key the issuer's SubjectPublicKeyInfo, DER
     * @return whether that key signed it, by an algorithm that is strong enough
     */
    public boolean signed(X509Certificate certificate, Bytes key) {
        // Equal certificates have the same encoding.
        return rememberTrue(new Key(CertificateAlgorithm.class, List.of(certificate, key)), () -> signed(
                key,
                algorithm(certificate.getSigAlgOID(), certificate.getSigAlgParams()),
                certificate.getTBSCertificate(),
                certificate.getSignature()));
    }

    /**
     * Verifies the signature of a revocation list, or remembers that it was right. Looks at nothing but the signature.
     *
     * @param list the list
     * @param key the issuer's SubjectPublicKeyInfo, DER
     * @return whether that key signed it, by an algorithm that is strong enough
     */
    public boolean signed(X509CRL list, Bytes key) {
        // Equal lists have the same encoding.
        return rememberTrue(new Key(CertificateAlgorithm.class, List.of(list, key)), () -> signed(
                key, algorithm(list.getSigAlgOID(), list.getSigAlgParams()), list.getTBSCertList(), list.getSignature()));
    }

    private boolean signed(Bytes key, Optional<CertificateAlgorithm> algorithm, byte[] message, byte[] signature)
            throws MalformedException {
        return algorithm.isPresent()
                && verify(algorithm.get().name(), algorithm.get().parameters(), publicKey("key", key), message, signature);
    }

    /** Something to find out that may fail; what fails is not so. */
    @FunctionalInterface
    private interface Question {
        boolean ask() throws MalformedException, GeneralSecurityException;
    }

    private boolean rememberTrue(Key seen, Question question) {
        if (memory.get(seen) != null) {
            return true;
        }
        boolean right;
        try {
            right = question.ask();
        } catch (MalformedException | GeneralSecurityException e) {
            return false;
        }
        if (right) {
            memory.put(seen, true);
        }
        return right;
    }
}
