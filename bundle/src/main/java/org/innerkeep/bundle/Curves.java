package org.innerkeep.bundle;

import java.math.BigInteger;
import java.util.HexFormat;
import org.innerkeep.bundle.BundleException.Code;

/**
 * Checks of public points that the JDK leaves to its callers or makes only when a signature is verified. Only public values come
 * here, so nothing has to run in constant time.
 */
final class Curves {
    /** P-256, SP 800-186 section 3.2.1.3; a is -3. */
    static final BigInteger P256_P = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");

    private static final BigInteger P256_B = hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    /** Edwards25519, RFC 8032 section 5.1; a is -1. */
    private static final BigInteger ED_P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

    private static final BigInteger ED_D =
            BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(ED_P)).mod(ED_P);

    private Curves() {}

    /** Checks an uncompressed point, 04 x y (SEC 1, section 2.3.4). */
    static void checkP256(byte[] point) throws BundleException {
        BigInteger x = new BigInteger(1, point, 1, 32);
        BigInteger y = new BigInteger(1, point, 33, 32);
        boolean onCurve = point[0] == 4
                && x.compareTo(P256_P) < 0
                && y.compareTo(P256_P) < 0
                && y.multiply(y).mod(P256_P).equals(p256RightSide(x));
        if (!onCurve) {
            throw new BundleException(Code.KEY_INVALID, "signer key: the point is not on P-256");
        }
    }

    /** {@return x^3 - 3x + b, which is the square of y} */
    static BigInteger p256RightSide(BigInteger x) {
        return x.pow(3).subtract(x.multiply(BigInteger.valueOf(3))).add(P256_B).mod(P256_P);
    }

    /** Checks a compressed point: y, little-endian, with the lowest bit of x on top (RFC 8032, section 5.1.3). */
    static void checkEd25519(byte[] point) throws BundleException {
        byte[] bigEndian = new byte[32];
        for (int i = 0; i < 32; i++) {
            bigEndian[i] = point[31 - i];
        }
        bigEndian[0] &= 0x7f;
        BigInteger y = new BigInteger(1, bigEndian);
        BigInteger yy = y.multiply(y).mod(ED_P);
        // x^2 = u / v. The quotient has a root exactly when the product has one (Euler's criterion).
        BigInteger u = yy.subtract(BigInteger.ONE);
        BigInteger v = ED_D.multiply(yy).add(BigInteger.ONE);
        BigInteger root = u.multiply(v).modPow(ED_P.shiftRight(1), ED_P);
        // Of order 1, 2 or 4: y is 1, -1 or 0. Of order 8: doubling it gives y = 0, that is x^2 = -y^2, put into the curve's equation.
        // For such a point "signatures" of any message can be made without a private key.
        boolean smallOrder = u.multiply(y).mod(ED_P).signum() == 0
                || ED_D.multiply(yy).multiply(yy).add(yy.shiftLeft(1)).subtract(BigInteger.ONE).mod(ED_P).signum() == 0;
        if (y.compareTo(ED_P) >= 0 || smallOrder || !root.equals(BigInteger.ONE)) {
            throw new BundleException(Code.KEY_INVALID, "signer key: the point is not on Ed25519, or is one of small order");
        }
    }

    private static BigInteger hex(String digits) {
        return new BigInteger(1, HexFormat.of().parseHex(digits));
    }
}
