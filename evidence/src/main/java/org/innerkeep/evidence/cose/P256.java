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

    static final ECParameterSpec PARAMETERS = parameters();

    private static final BigInteger P = ((ECFieldFp) PARAMETERS.getCurve().getField()).getP();

    private P256() {}

    private static ECParameterSpec parameters() {
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
        return found.getCurve().equals(PARAMETERS.getCurve())
                && found.getGenerator().equals(PARAMETERS.getGenerator())
                && found.getOrder().equals(PARAMETERS.getOrder())
                && found.getCofactor() == PARAMETERS.getCofactor();
    }

    /**
     * The whole public key validation of SP 800-56A section 5.6.2.3.3: the cofactor is 1 and infinity has no coordinates.
     */
    static boolean isOnCurve(ECPoint point) {
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || x.compareTo(P) >= 0 || y.signum() < 0 || y.compareTo(P) >= 0) {
            return false;
        }
        BigInteger a = PARAMETERS.getCurve().getA();
        BigInteger b = PARAMETERS.getCurve().getB();
        BigInteger right = x.multiply(x).add(a).multiply(x).add(b).mod(P);
        return y.multiply(y).mod(P).equals(right);
    }
}
