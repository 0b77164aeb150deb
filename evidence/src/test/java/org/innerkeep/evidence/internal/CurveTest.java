package org.innerkeep.evidence.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CurveTest {
    private static KeyPair keys(Curve curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp" + curve.name().substring(1) + "r1"));
        return generator.generateKeyPair();
    }

    private static byte[] point(Curve curve, ECPoint point) {
        byte[] bytes = new byte[2 * curve.length()];
        BigInteger[] both = {point.getAffineX(), point.getAffineY()};
        for (int i = 0; i < 2; i++) {
            byte[] number = both[i].toByteArray();
            int from = Math.max(0, number.length - curve.length());
            System.arraycopy(number, from, bytes, (i + 1) * curve.length() - (number.length - from), number.length - from);
        }
        return bytes;
    }

    /** A key that says what it is told to. */
    private record Told(ECParameterSpec params, ECPoint w) implements ECPublicKey {
        @Override
        public ECPoint getW() {
            return w;
        }

        @Override
        public ECParameterSpec getParams() {
            return params;
        }

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return new byte[0];
        }
    }

    @ParameterizedTest
    @EnumSource(Curve.class)
    void findsTheCurveOfAKeyAndMakesItOfItsPoint(Curve curve) throws GeneralSecurityException, MalformedException {
        ECPublicKey key = (ECPublicKey) keys(curve).getPublic();
        assertThat(Curve.of(key)).contains(curve);
        assertThat(curve.spki("key", point(curve, key.getW()))).isEqualTo(Bytes.of(key.getEncoded()));
    }

    @ParameterizedTest
    @EnumSource(Curve.class)
    void pointsOffTheCurveAreRefused(Curve curve) throws GeneralSecurityException {
        ECPublicKey key = (ECPublicKey) keys(curve).getPublic();
        SplittableRandom random = new SplittableRandom(curve.ordinal());
        for (int i = 0; i < 100; i++) {
            byte[] changed = point(curve, key.getW());
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> curve.spki("key", changed));
            ECPoint off = new ECPoint(
                    new BigInteger(1, Arrays.copyOf(changed, curve.length())),
                    new BigInteger(1, Arrays.copyOfRange(changed, curve.length(), changed.length)));
            assertThat(Curve.of(new Told(key.getParams(), off))).isEmpty();
        }
        BigInteger p = ((ECFieldFp) key.getParams().getCurve().getField()).getP();
        ECPoint w = key.getW();
        for (ECPoint wrong : new ECPoint[] {
            ECPoint.POINT_INFINITY, new ECPoint(BigInteger.ZERO, BigInteger.ZERO),
            new ECPoint(w.getAffineX().add(p), w.getAffineY()), new ECPoint(w.getAffineX(), w.getAffineY().add(p)),
            new ECPoint(w.getAffineX(), w.getAffineY().subtract(p)), new ECPoint(w.getAffineX().negate(), w.getAffineY())
        }) {
            assertThat(Curve.of(new Told(key.getParams(), wrong))).as("%s", wrong).isEmpty();
        }
        for (int length : new int[] {0, curve.length(), 2 * curve.length() - 1, 2 * curve.length() + 1}) {
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> curve.spki("key", new byte[length]));
        }
    }

    @ParameterizedTest
    @EnumSource(Curve.class)
    void curvesThatOnlyLookAlikeAreRefused(Curve curve) throws GeneralSecurityException {
        // CVE-2020-0601: the right curve with another generator makes keys to which anybody knows the secret.
        ECPublicKey key = (ECPublicKey) keys(curve).getPublic();
        ECParameterSpec right = key.getParams();
        EllipticCurve other = new EllipticCurve(right.getCurve().getField(), right.getCurve().getA(), right.getCurve().getB().add(BigInteger.ONE));
        for (ECParameterSpec wrong : new ECParameterSpec[] {
            new ECParameterSpec(right.getCurve(), key.getW(), right.getOrder(), right.getCofactor()),
            new ECParameterSpec(right.getCurve(), right.getGenerator(), right.getOrder().add(BigInteger.TWO), right.getCofactor()),
            new ECParameterSpec(other, right.getGenerator(), right.getOrder(), right.getCofactor())
        }) {
            assertThat(Curve.of(new Told(wrong, key.getW()))).isEmpty();
        }
    }

    @Test
    void otherKeysAreOnNoCurve() throws GeneralSecurityException {
        for (String algorithm : new String[] {"RSA", "Ed25519", "X25519"}) {
            assertThat(Curve.of(KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPublic())).as(algorithm).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Curve.class)
    void writesSignaturesAsProvidersTakeThem(Curve curve) throws GeneralSecurityException {
        KeyPair keys = keys(curve);
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(keys.getPrivate());
        Signature verifier = Signature.getInstance("SHA256withECDSA");
        for (int i = 0; i < 8; i++) {
            signer.update((byte) i);
            byte[] signature = signer.sign();
            verifier.initVerify(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(
                    keys.getPublic().getEncoded())));
            verifier.update((byte) i);
            assertThat(verifier.verify(curve.toDer(signature).orElseThrow())).isTrue();
        }
        assertThat(curve.toDer(new byte[2 * curve.length() - 1])).isEqualTo(Optional.empty());
        assertThat(curve.toDer(new byte[2 * curve.length()]).orElseThrow()).isEqualTo(new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0});
    }
}
