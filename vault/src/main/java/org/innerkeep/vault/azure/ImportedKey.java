package org.innerkeep.vault.azure;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import javax.crypto.KeyAgreement;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads private JSON Web Keys (RFC 7517) that are imported. The parts of a key must belong together: a key whose public part is another's
 * would make the vault say something untrue for as long as it is kept.
 */
final class ImportedKey {
    private static final int CERTAINTY = 64;
    private static final BigInteger LEAST_EXPONENT = BigInteger.valueOf(3);

    private final ObjectNode jwk;

    private ImportedKey(ObjectNode jwk) {
        this.jwk = jwk;
    }

    /**
     * Reads a key.
     *
     * @param type its type
     * @param jwk hostile; further fields are the caller's business
     * @return the key, for the caller to close
     * @throws MalformedException if it is no such key, of a size that the vault does not keep, or its parts do not belong together
     */
    static FreshKey read(WebKeyType type, ObjectNode jwk) throws MalformedException {
        ImportedKey reader = new ImportedKey(jwk);
        try {
            return switch (type) {
                case RSA -> reader.rsa();
                case EC -> reader.ec();
                case OCT -> reader.oct();
                case OKP -> reader.x25519();
            };
        } catch (GeneralSecurityException e) {
            throw new MalformedException("key", -1, "expected the numbers of one " + type.text() + " key");
        }
    }

    private FreshKey rsa() throws MalformedException, GeneralSecurityException {
        BigInteger n = number("n");
        BigInteger e = number("e");
        BigInteger d = number("d");
        BigInteger p = number("p");
        BigInteger q = number("q");
        BigInteger dp = number("dp");
        BigInteger dq = number("dq");
        BigInteger qi = number("qi");
        if (!KeyFields.RSA_BITS.contains(n.bitLength())) {
            throw new MalformedException("key.n", -1, "expected an RSA key of " + KeyFields.RSA_BITS + " bits, found " + n.bitLength());
        }
        BigInteger p1 = p.subtract(BigInteger.ONE);
        BigInteger q1 = q.subtract(BigInteger.ONE);
        boolean sound = e.compareTo(LEAST_EXPONENT) >= 0 && e.testBit(0) && e.bitLength() <= 64
                && p1.signum() > 0 && q1.signum() > 0 && d.compareTo(n) < 0
                && !p.equals(q) && p.multiply(q).equals(n)
                && dp.equals(d.mod(p1)) && dq.equals(d.mod(q1))
                && e.multiply(dp).mod(p1).equals(BigInteger.ONE) && e.multiply(dq).mod(q1).equals(BigInteger.ONE)
                && qi.signum() > 0 && qi.compareTo(p) < 0 && qi.multiply(q).mod(p).equals(BigInteger.ONE)
                && p.isProbablePrime(CERTAINTY) && q.isProbablePrime(CERTAINTY);
        if (!sound) {
            throw new MalformedException("key", -1, "expected n, e, d, p, q, dp, dq and qi of one RSA key");
        }
        KeyFactory factory = KeyFactory.getInstance("RSA");
        PrivateKey key = factory.generatePrivate(new RSAPrivateCrtKeySpec(n, e, d, p, q, dp, dq, qi));
        PublicKey open = factory.generatePublic(new RSAPublicKeySpec(n, e));
        return FreshKey.of(WebKeyType.RSA, String.valueOf(n.bitLength()), open, key);
    }

    private FreshKey ec() throws MalformedException, GeneralSecurityException {
        String curve = text("crv");
        if (!KeyFields.CURVES.contains(curve)) {
            throw new MalformedException("key.crv", -1, "expected one of " + KeyFields.CURVES);
        }
        BigInteger d = number("d");
        BigInteger x = number("x");
        BigInteger y = number("y");
        X9ECParameters known = CustomNamedCurves.getByName(curve);
        if (d.signum() == 0 || d.compareTo(known.getN()) >= 0) {
            throw new MalformedException("key.d", -1, "expected a number from 1 to below the order of " + curve);
        }
        org.bouncycastle.math.ec.ECPoint point = known.getG().multiply(d).normalize();
        if (!point.getAffineXCoord().toBigInteger().equals(x) || !point.getAffineYCoord().toBigInteger().equals(y)) {
            throw new MalformedException("key", -1, "expected x, y and d of one key on " + curve);
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(KeyFields.javaCurve(curve)));
        ECParameterSpec spec = parameters.getParameterSpec(ECParameterSpec.class);
        KeyFactory factory = KeyFactory.getInstance("EC");
        PrivateKey key = factory.generatePrivate(new ECPrivateKeySpec(d, spec));
        PublicKey open = factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, y), spec));
        return FreshKey.of(WebKeyType.EC, curve, open, key);
    }

    private FreshKey oct() throws MalformedException {
        byte[] secret = bytes("k", KeyFields.OCT_BITS.getLast() / 8);
        if (!KeyFields.OCT_BITS.contains(secret.length * 8)) {
            Arrays.fill(secret, (byte) 0);
            throw new MalformedException("key.k", -1, "expected " + KeyFields.OCT_BITS + " bits, found " + secret.length * 8);
        }
        return FreshKey.symmetric(secret);
    }

    private FreshKey x25519() throws MalformedException, GeneralSecurityException {
        if (!text("crv").equals(KeyFields.X25519)) {
            throw new MalformedException("key.crv", -1, "expected X25519");
        }
        byte[] d = bytes("d", KeyFields.X25519_BYTES);
        try {
            KeyFactory factory = KeyFactory.getInstance("X25519");
            PrivateKey key = factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, d));
            // Multiplying the base point, 9, by the private key gives the public key (RFC 7748 section 6.1).
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(key);
            agreement.doPhase(
                    factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BigInteger.valueOf(9))), true);
            byte[] point = agreement.generateSecret();
            if (!Arrays.equals(point, bytes("x", KeyFields.X25519_BYTES))) {
                throw new MalformedException("key", -1, "expected x and d of one X25519 key");
            }
            PublicKey open = factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, littleEndian(point)));
            return FreshKey.of(WebKeyType.OKP, KeyFields.X25519, open, key);
        } finally {
            Arrays.fill(d, (byte) 0);
        }
    }

    private static BigInteger littleEndian(byte[] point) {
        byte[] bigEndian = new byte[point.length];
        for (int i = 0; i < point.length; i++) {
            bigEndian[i] = point[point.length - 1 - i];
        }
        return new BigInteger(1, bigEndian);
    }

    private BigInteger number(String name) throws MalformedException {
        return new BigInteger(1, bytes(name, KeyFields.RSA_BITS.getLast() / 8 + 1));
    }

    private byte[] bytes(String name, int most) throws MalformedException {
        String text = text(name);
        if (text.length() > (most + 2) / 3 * 4) {
            throw new MalformedException("key." + name, -1, "expected at most " + most + " bytes in base64url");
        }
        return Base64Text.any("key." + name, text);
    }

    private String text(String name) throws MalformedException {
        return StrictJson.text(jwk, name).orElseThrow(() -> new MalformedException("key." + name, -1, "expected text"));
    }
}
