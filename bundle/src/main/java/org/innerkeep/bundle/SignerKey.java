package org.innerkeep.bundle;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.innerkeep.bundle.BundleException.Code;

/**
 * The public key of whoever signs bundles, in its one accepted form: a SubjectPublicKeyInfo (RFC 5280, section 4.1) of Ed25519
 * (RFC 8410) or of P-256 with named curve and uncompressed point (RFC 5480). A key that is not on its curve cannot be such an
 * object.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class SignerKey {
    /** The number of bytes of a signature, by either algorithm. */
    public static final int SIGNATURE_BYTES = 64;

    /** The kinds of keys. */
    public enum Algorithm {
        /** Ed25519 (RFC 8032), the one to prefer. */
        ED25519("Ed25519", "Ed25519", "302a300506032b6570032100", 32),
        /** ECDSA on P-256 with SHA-256 (FIPS 186-5), for hardware that has nothing else. */
        P256("EC", "SHA256withECDSAinP1363Format", "3059301306072a8648ce3d020106082a8648ce3d030107034200", 65);

        final String keyFactory;
        final String signature;
        // In hexadecimal. Everything before the point is constant, so comparing it is a whole DER parser.
        private final String prefix;
        private final int pointBytes;

        Algorithm(String keyFactory, String signature, String prefix, int pointBytes) {
            this.keyFactory = keyFactory;
            this.signature = signature;
            this.prefix = prefix;
            this.pointBytes = pointBytes;
        }

        /**
         * Reads a signature as other tools write it.
         *
         * @param made by Ed25519 the 64 bytes of RFC 8032; by P-256 an ECDSA-Sig-Value in DER, as {@code openssl dgst -sha256 -sign}
         *     makes it
         * @return the form that bundles have, 64 bytes
         * @throws BundleException {@code SIGNATURE_INVALID} if it has another form
         */
        public byte[] decodeSignature(byte[] made) throws BundleException {
            return switch (this) {
                case ED25519 -> {
                    if (made.length != SIGNATURE_BYTES) {
                        throw new BundleException(
                                Code.SIGNATURE_INVALID,
                                "signature: expected the " + SIGNATURE_BYTES + " bytes of Ed25519, found " + made.length + " bytes");
                    }
                    yield made.clone();
                }
                case P256 -> EcdsaSignature.fromDer(made).orElseThrow(() -> new BundleException(
                        Code.SIGNATURE_INVALID,
                        "signature: expected an ECDSA signature on P-256 in DER, as 'openssl dgst -sha256 -sign' writes it, found "
                                + made.length + " bytes of another form"));
            };
        }

        private boolean isFormOf(byte[] spki) {
            return spki.length == prefix.length() / 2 + pointBytes && HexFormat.of().formatHex(spki).startsWith(prefix);
        }
    }

    private final Algorithm algorithm;
    private final byte[] spki;
    private final PublicKey key;

    private SignerKey(Algorithm algorithm, byte[] spki, PublicKey key) {
        this.algorithm = algorithm;
        this.spki = spki;
        this.key = key;
    }

    /**
     * Reads a SubjectPublicKeyInfo.
     *
     * @param spki its DER bytes, 44 for Ed25519, 91 for P-256; copied
     * @return the key
     * @throws BundleException {@code UNSUPPORTED} if it is of another kind or form, {@code KEY_INVALID} if the point is not on the
     *     curve or anybody could sign for it
     */
    public static SignerKey of(byte[] spki) throws BundleException {
        byte[] owned = spki.clone();
        for (Algorithm algorithm : Algorithm.values()) {
            if (algorithm.isFormOf(owned)) {
                byte[] point = Arrays.copyOfRange(owned, owned.length - algorithm.pointBytes, owned.length);
                switch (algorithm) {
                    case ED25519 -> Curves.checkEd25519(point);
                    case P256 -> Curves.checkP256(point);
                }
                try {
                    PublicKey key = KeyFactory.getInstance(algorithm.keyFactory).generatePublic(new X509EncodedKeySpec(owned));
                    return new SignerKey(algorithm, owned, key);
                } catch (GeneralSecurityException e) {
                    throw new BundleException(Code.KEY_INVALID, "signer key: refused by the Java platform", e);
                }
            }
        }
        throw new BundleException(
                Code.UNSUPPORTED,
                "signer key: expected a SubjectPublicKeyInfo of Ed25519 or of P-256 (named curve, uncompressed point), found "
                        + owned.length + " bytes of another form");
    }

    /**
     * Reads the form that {@link #toPem} writes, which is also what {@code openssl pkey -pubout} writes.
     *
     * @param pem one block {@code PUBLIC KEY} and nothing else
     * @return the key
     * @throws BundleException as {@link #of}, or {@code KEY_INVALID} if this is not PEM
     */
    public static SignerKey parsePem(String pem) throws BundleException {
        return of(Pem.decode("PUBLIC KEY", pem));
    }

    /**
     * Reads a file as {@link #parsePem} reads a text.
     *
     * @param file the file
     * @return the key
     * @throws BundleException as {@link #parsePem}
     * @throws IOException if the file cannot be read
     */
    public static SignerKey read(Path file) throws IOException, BundleException {
        return parsePem(Pem.read(file));
    }

    /** {@return the key in PEM, {@code PUBLIC KEY} (RFC 7468, section 13), ended by a line feed} */
    public String toPem() {
        return Pem.encode("PUBLIC KEY", spki);
    }

    /** {@return the signer id: SHA-256 of {@link #spki}} */
    public Digest id() {
        return Digest.sha256(spki);
    }

    /** {@return the kind of key} */
    public Algorithm algorithm() {
        return algorithm;
    }

    /** {@return the SubjectPublicKeyInfo in DER, a copy} */
    public byte[] spki() {
        return spki.clone();
    }

    /**
     * Verifies a signature.
     *
     * @param signed what was signed
     * @param signature as {@link BundleSigner#sign} makes it; anything else is simply wrong
     * @return whether the holder of this key signed exactly this
     */
    public boolean verify(byte[] signed, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(algorithm.signature);
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            // The JDK's answer to values out of range.
            return false;
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a checked " + algorithm + " key was refused", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java platform does not provide " + algorithm.signature, e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignerKey that && Arrays.equals(spki, that.spki);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(spki);
    }

    /** {@return the algorithm and the signer id} */
    @Override
    public String toString() {
        return algorithm + " " + id();
    }
}
