package org.innerkeep.evidence.cose;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.InvalidParameterSpecException;

/** The curve P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3), whose figures every Java platform knows. */
final class P256 {
    /** Bytes of a coordinate and of each half of a signature. */
    static final int SIZE = 32;

    private P256() {}

    static ECParameterSpec parameters() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (InvalidParameterSpecException e) {
            throw new IllegalStateException("this Java platform has no P-256", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no elliptic curves", e);
        }
    }

    static boolean isCurveOf(ECParameterSpec found) {
        ECParameterSpec wanted = parameters();
        return found.getCurve().equals(wanted.getCurve())
                && found.getGenerator().equals(wanted.getGenerator())
                && found.getOrder().equals(wanted.getOrder())
                && found.getCofactor() == wanted.getCofactor();
    }

    /** The whole public key validation of SP 800-56A section 5.6.2.3.3: the cofactor is 1 and infinity has no coordinates. */
    static boolean isOnCurve(ECPoint point) {
        ECParameterSpec curve = parameters();
        BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || x.compareTo(p) >= 0 || y.signum() < 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x)
                .add(curve.getCurve().getA())
                .multiply(x)
                .add(curve.getCurve().getB())
                .mod(p);
        return y.multiply(y).mod(p).equals(right);
    }
}
