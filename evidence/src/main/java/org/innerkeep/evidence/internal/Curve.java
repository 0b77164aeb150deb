package org.innerkeep.evidence.internal;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** The curves of FIPS 186-5 that evidence is signed on. */
public enum Curve {
    /** P-256. */
    P256("secp256r1", 32),
    /** P-384. */
    P384("secp384r1", 48),
    /** P-521. */
    P521("secp521r1", 66);

    private final int length;
    private final ECParameterSpec parameters;

    Curve(String name, int length) {
        this.length = length;
        try {
            AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
            named.init(new ECGenParameterSpec(name));
            this.parameters = named.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no " + name, e);
        }
    }

    /** {@return the length of a coordinate, and of r and of s, in bytes} */
    public int length() {
        return length;
    }

    /**
     * Finds the curve of a key.
     *
     * @param key any key
     * @return its curve, or nothing where it is of another kind or its point is not on the curve
     */
    public static Optional<Curve> of(PublicKey key) {
        if (!(key instanceof ECPublicKey ec)) {
            return Optional.empty();
        }
        return Arrays.stream(values()).filter(each -> each.hasParametersOf(ec) && each.contains(ec.getW())).findFirst();
    }

    /** Tells whether a key, of which it was checked before that its point is on its curve, is on this one. */
    boolean isOf(PublicKey key) {
        return key instanceof ECPublicKey ec && hasParametersOf(ec);
    }

    private boolean hasParametersOf(ECPublicKey key) {
        ECParameterSpec found = key.getParams();
        return parameters.getOrder().equals(found.getOrder())
                && parameters.getCurve().equals(found.getCurve())
                && parameters.getGenerator().equals(found.getGenerator());
    }

    private boolean contains(ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        EllipticCurve curve = parameters.getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || x.compareTo(p) >= 0 || y.signum() < 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB()).mod(p);
        return y.multiply(y).mod(p).equals(right);
    }

    /**
     * Makes a key of its coordinates.
     *
     * @param field its name, for messages
     * @param point x and y, big-endian, each of {@link #length()} bytes; hostile
     * @return the SubjectPublicKeyInfo, DER
     * @throws MalformedException if the length is another or the point is not on the curve
     */
    public Bytes spki(String field, byte[] point) throws MalformedException {
        if (point.length != 2 * length) {
            throw new MalformedException(field, -1, "expected " + 2 * length + " bytes, found " + point.length);
        }
        ECPoint w = new ECPoint(
                new BigInteger(1, Arrays.copyOf(point, length)), new BigInteger(1, Arrays.copyOfRange(point, length, 2 * length)));
        if (!contains(w)) {
            throw new MalformedException(field, -1, "expected a point on " + this + ", found another");
        }
        try {
            return Bytes.of(KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(w, parameters)).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform refuses a valid key on " + this, e);
        }
    }

    /**
     * Writes a signature in the form that providers take (RFC 3279 section 2.2.3).
     *
     * @param signature r and s, big-endian, each of {@link #length()} bytes
     * @return a DER SEQUENCE of two INTEGERs, or nothing where the length is another
     */
    Optional<byte[]> toDer(byte[] signature) {
        if (signature.length != 2 * length) {
            return Optional.empty();
        }
        byte[] r = new BigInteger(1, Arrays.copyOf(signature, length)).toByteArray();
        byte[] s = new BigInteger(1, Arrays.copyOfRange(signature, length, 2 * length)).toByteArray();
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        int inner = r.length + s.length + 4;
        der.write(DerReader.SEQUENCE);
        if (inner >= 0x80) {
            der.write(0x81);
        }
        der.write(inner);
        for (byte[] each : new byte[][] {r, s}) {
            der.write(DerReader.INTEGER);
            der.write(each.length);
            der.writeBytes(each);
        }
        return Optional.of(der.toByteArray());
    }
}
