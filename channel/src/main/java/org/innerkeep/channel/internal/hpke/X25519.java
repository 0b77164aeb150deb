package org.innerkeep.channel.internal.hpke;

import java.io.Serial;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/** The function X25519 on byte strings (RFC 7748, section 5). Safe for use by several threads. */
public final class X25519 {
    /** Scalars, u-coordinates and results, in bytes, little-endian. */
    public static final int LENGTH = 32;

    private static final BigInteger PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

    /** The coordinates of order 1, 2, 4 and 8 on the curve and its twist (D. J. Bernstein, "A state-of-the-art Diffie-Hellman function"). */
    private static final Set<BigInteger> LOW_ORDER = Set.of(
        BigInteger.ZERO,
        BigInteger.ONE,
        PRIME.subtract(BigInteger.ONE),
        new BigInteger("325606250916557431795983626356110631294008115727848805560023387167927233504"),
        new BigInteger("39382357235489614581723060781553021112529911719440698176882885853963445705823"));

    private static final byte[] BASE_POINT = Arrays.copyOf(new byte[] {9}, LENGTH);

    private X25519() {}

    /**
     * Computes the public key of a scalar.
     *
     * @param scalar 32 bytes, any; stays as it is, and the caller's to wipe
     * @return 32 bytes
     */
    public static byte[] publicKey(byte[] scalar) {
        try {
            return agree(scalar, BASE_POINT);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("the base point cannot have low order", e);
        }
    }

    /**
     * Computes the shared secret.
     *
     * @param scalar 32 bytes, any; stays as it is, and the caller's to wipe
     * @param point 32 bytes, the other side's public key
     * @return 32 bytes, not all zero, which the caller wipes
     * @throws InvalidKeyException if the point has low order, so that the result would be zero whatever the scalar is
     */
    public static byte[] agree(byte[] scalar, byte[] point) throws InvalidKeyException {
        // The JDK prunes a scalar in place, so it gets its own copy.
        byte[] own = scalar.clone();
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(new Scalar(own));
            agreement.doPhase(new Point(coordinate(point)), true);
            return agreement.generateSecret();
        } catch (InvalidKeyException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no X25519", e);
        } finally {
            Arrays.fill(own, (byte) 0);
        }
    }

    /**
     * Tells whether a point has low order: it gives zero with every scalar, so that everybody knows the secret.
     *
     * @param point 32 bytes
     * @return whether it has
     */
    public static boolean lowOrder(byte[] point) {
        // Not by trying: that would cost as much as the agreement that follows, which tells again.
        return LOW_ORDER.contains(coordinate(point).mod(PRIME));
    }

    /** Decodes as RFC 7748, section 5: little-endian, the highest bit is ignored, larger values are reduced by the field. */
    private static BigInteger coordinate(byte[] point) {
        byte[] bigEndian = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            bigEndian[i] = point[LENGTH - 1 - i];
        }
        bigEndian[0] &= 0x7f;
        return new BigInteger(1, bigEndian);
    }

    /**
     * Shows an array as a private key. Unlike the key that a KeyFactory makes it leaves no copies and no encoding of the secret
     * behind on the heap.
     */
    private static final class Scalar implements XECPrivateKey {
        @Serial
        private static final long serialVersionUID = 1L;

        private final transient byte[] bytes;

        Scalar(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public Optional<byte[]> getScalar() {
            return Optional.of(bytes);
        }

        @Override
        public AlgorithmParameterSpec getParams() {
            return NamedParameterSpec.X25519;
        }

        @Override
        public String getAlgorithm() {
            return "XDH";
        }

        @Override
        public @Nullable String getFormat() {
            return null;
        }

        @Override
        public byte @Nullable [] getEncoded() {
            return null;
        }

        @Override
        public String toString() {
            return "X25519 scalar";
        }
    }

    private record Point(BigInteger u) implements XECPublicKey {
        @Override
        public BigInteger getU() {
            return u;
        }

        @Override
        public AlgorithmParameterSpec getParams() {
            return NamedParameterSpec.X25519;
        }

        @Override
        public String getAlgorithm() {
            return "XDH";
        }

        @Override
        public @Nullable String getFormat() {
            return null;
        }

        @Override
        public byte @Nullable [] getEncoded() {
            return null;
        }
    }
}
