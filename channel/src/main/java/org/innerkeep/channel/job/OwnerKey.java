package org.innerkeep.channel.job;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * The public key with which an owner signs: Ed25519 (RFC 8032) or ECDSA on P-256 with SHA-256 (FIPS 186-5). Equal if their
 * encodings are; each key has one encoding only, so that nobody appears twice under two spellings of one key. Safe for use
 * by several threads.
 */
public final class OwnerKey {
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final byte[] P256_PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private static final BigInteger ED25519_P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger ED25519_D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(ED25519_P))
            .mod(ED25519_P);

    private final Bytes encoded;
    private final PublicKey key;
    private final String signature;

    private OwnerKey(Bytes encoded, PublicKey key, String signature) {
        this.encoded = encoded;
        this.key = key;
        this.signature = signature;
    }

    /**
     * Reads a SubjectPublicKeyInfo (RFC 5280, section 4.1; RFC 8410; RFC 5480, uncompressed point).
     *
     * @param spki the DER encoding, 44 bytes for Ed25519 or 91 for P-256
     * @return the key
     * @throws MalformedException if it is anything else, or the point is not on the curve
     */
    public static OwnerKey parse(byte[] spki) throws MalformedException {
        boolean ed25519 = begins(spki, ED25519_PREFIX, 32);
        if (!ed25519 && !begins(spki, P256_PREFIX, 64)) {
            throw malformed("expected the SubjectPublicKeyInfo of an Ed25519 or P-256 key");
        }
        if (ed25519) {
            checkEd25519(Arrays.copyOfRange(spki, ED25519_PREFIX.length, spki.length));
        } else {
            checkP256(spki);
        }
        try {
            PublicKey key = KeyFactory.getInstance(ed25519 ? "Ed25519" : "EC").generatePublic(new X509EncodedKeySpec(spki));
            return new OwnerKey(Bytes.of(spki), key, ed25519 ? "Ed25519" : "SHA256withECDSAinP1363Format");
        } catch (GeneralSecurityException e) {
            throw malformed("the key is not valid");
        }
    }

    /**
     * Reads the base64 text of a SubjectPublicKeyInfo.
     *
     * @param base64 with padding, without line breaks; other spellings of the same bytes are refused
     * @return the key
     * @throws MalformedException if it is anything else
     */
    public static OwnerKey parse(String base64) throws MalformedException {
        byte[] spki;
        try {
            spki = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw malformed("expected base64");
        }
        if (!Base64.getEncoder().encodeToString(spki).equals(base64)) {
            throw malformed("expected base64 with padding and no stray bits");
        }
        return parse(spki);
    }

    /** {@return the SubjectPublicKeyInfo in DER, 44 or 91 bytes} */
    public Bytes encoded() {
        return encoded;
    }

    /** {@return SHA-256 of the SubjectPublicKeyInfo, 32 bytes} */
    public Bytes id() {
        return Bytes.sha256(encoded.toArray());
    }

    /** {@return the base64 text of the SubjectPublicKeyInfo} */
    public String base64() {
        return Base64.getEncoder().encodeToString(encoded.toArray());
    }

    /**
     * Verifies a signature.
     *
     * @param message what was signed, whole
     * @param signed the signature, hostile; 64 bytes for both kinds (P-256: r and s, IEEE P1363)
     * @return whether this key signed the message
     */
    public boolean verify(byte[] message, byte[] signed) {
        if (signed.length != 64) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(signature);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signed);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 25 platform verifies " + signature, e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OwnerKey that && encoded.equals(that.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }

    @Override
    public String toString() {
        return "key " + id().shortHex();
    }

    private static boolean begins(byte[] spki, byte[] prefix, int more) {
        return spki.length == prefix.length + more
                && Arrays.equals(spki, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** Checks the encoding of a point (RFC 8032, section 5.1.3), and that the point is fit for a key. */
    private static void checkEd25519(byte[] raw) throws MalformedException {
        byte[] bigEndian = new byte[32];
        for (int i = 0; i < 32; i++) {
            bigEndian[i] = raw[31 - i];
        }
        bigEndian[0] &= 0x7f;
        BigInteger y = new BigInteger(1, bigEndian);
        BigInteger square = y.multiply(y);
        BigInteger x2 = square.subtract(BigInteger.ONE)
                .multiply(ED25519_D.multiply(square).add(BigInteger.ONE).modInverse(ED25519_P))
                .mod(ED25519_P);
        boolean point = y.compareTo(ED25519_P) < 0
                && x2.modPow(ED25519_P.shiftRight(1), ED25519_P).equals(BigInteger.ONE); // Euler's criterion
        // Anybody can sign for a point whose order divides 8. Order 1 and 2 have x = 0, which is no square of the group and
        // so is refused above; order 4 has y = 0; order 8 doubles to order 4, so x^2 + y^2 = 0.
        if (!point || y.signum() == 0 || x2.add(square).mod(ED25519_P).signum() == 0) {
            throw malformed("the Ed25519 key is not a point in its one encoding, or anybody can sign for it");
        }
    }

    /** After its prefix was checked only the point can be at fault. */
    private static void checkP256(byte[] spki) throws MalformedException {
        try {
            P256PublicKey.parse(spki);
        } catch (MalformedException e) {
            throw malformed("the P-256 point is not on the curve");
        }
    }

    private static MalformedException malformed(String problem) {
        return new MalformedException("owner key", -1, problem);
    }
}
