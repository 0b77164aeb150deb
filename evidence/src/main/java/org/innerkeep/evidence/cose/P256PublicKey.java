package org.innerkeep.evidence.cose;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * A public key on P-256 that verifies ES256 signatures. The point is known to lie on the curve: an object with another
 * one cannot exist.
 *
 * <p>Immutable, safe for use by several threads. Two keys are equal if their points are.
 */
public final class P256PublicKey {
    /** Bytes of the only accepted SubjectPublicKeyInfo form. */
    public static final int SPKI_LENGTH = 91;

    /** Bytes of an ES256 signature, r and s of 32 bytes each, big-endian; RFC 9053 section 2.1. */
    public static final int SIGNATURE_LENGTH = 2 * P256.SIZE;

    /**
     * What comes before the two coordinates: id-ecPublicKey, secp256r1, uncompressed point (RFC 5480 section 2). With the
     * curve named and the point uncompressed, DER leaves one encoding, so a key has one id.
     */
    private static final byte[] SPKI_PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private final Bytes spki;
    private final PublicKey key;

    private P256PublicKey(Bytes spki, PublicKey key) {
        this.spki = spki;
        this.key = key;
    }

    /**
     * Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 5480), DER, curve named, point uncompressed.
     *
     * @param spki 91 bytes
     * @return the key
     * @throws MalformedException if the bytes have another form, are of another kind of key, or the point is not on the
     *     curve
     */
    public static P256PublicKey parse(byte[] spki) throws MalformedException {
        if (spki.length != SPKI_LENGTH
                || !Arrays.equals(spki, 0, SPKI_PREFIX.length, SPKI_PREFIX, 0, SPKI_PREFIX.length)) {
            throw new MalformedException(
                    "SubjectPublicKeyInfo",
                    0,
                    "expected a P-256 key with a named curve and an uncompressed point, " + SPKI_LENGTH
                            + " bytes, found something else of " + spki.length + " bytes");
        }
        int middle = SPKI_PREFIX.length + P256.SIZE;
        ECPoint point = new ECPoint(
                new BigInteger(1, spki, SPKI_PREFIX.length, P256.SIZE), new BigInteger(1, spki, middle, P256.SIZE));
        if (!P256.isOnCurve(point)) {
            throw new MalformedException(
                    "SubjectPublicKeyInfo", SPKI_PREFIX.length, "expected a point on P-256, found another");
        }
        try {
            PublicKey key = KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, P256.PARAMETERS));
            return new P256PublicKey(Bytes.of(spki), key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform refuses a valid P-256 key", e);
        }
    }

    /**
     * Takes a key of any provider.
     *
     * @param key a public key on P-256
     * @return the same key, checked
     * @throws IllegalArgumentException if it is of another kind, or the point is not on the curve
     */
    public static P256PublicKey of(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null) {
            throw new IllegalArgumentException("public key: expected one that can be encoded, found one that cannot");
        }
        try {
            return parse(encoded);
        } catch (MalformedException e) {
            throw new IllegalArgumentException("public key: " + e.getMessage(), e);
        }
    }

    /** {@return the SubjectPublicKeyInfo, DER, 91 bytes} */
    public Bytes spki() {
        return spki;
    }

    /** {@return the key's id, SHA-256 of the SubjectPublicKeyInfo, 32 bytes} */
    public Bytes id() {
        return Bytes.sha256(spki.toArray());
    }

    /**
     * Verifies an ES256 signature (FIPS 186-5 section 6.4.2 with SHA-256). As with all ECDSA, whoever sees a signature can
     * make a second valid one for the same message, so signatures must not serve as identifiers.
     *
     * @param message what was signed
     * @param signature r and s, 32 bytes each, big-endian
     * @return whether the signature is valid; false for one of another length
     */
    public boolean verify(byte[] message, byte[] signature) {
        if (signature.length != SIGNATURE_LENGTH) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(Es256.JCA_NAME);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            // The platform's way to refuse r or s out of range.
            return false;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("this Java platform has no ES256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof P256PublicKey that && spki.equals(that.spki);
    }

    @Override
    public int hashCode() {
        return spki.hashCode();
    }

    /** {@return the key's id, in short} */
    @Override
    public String toString() {
        return "P-256 key " + id().shortHex();
    }
}
