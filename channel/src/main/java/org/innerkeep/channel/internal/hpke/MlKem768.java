package org.innerkeep.channel.internal.hpke;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KEM;
import javax.crypto.SecretKey;
import javax.security.auth.DestroyFailedException;

/**
 * ML-KEM-768 (FIPS 203) of the JDK, on byte strings, with the key pair made from its seed. Safe for use by several threads.
 *
 * <p>The JDK makes no key from a seed, other than with the seed as the randomness of its generator, which takes {@code d} and
 * then {@code z}, as FIPS 203 names them. That it does so is not promised, and therefore tested at the first use: a generator that did
 * otherwise would silently make keys that nobody else makes from the same seed.
 */
final class MlKem768 implements AutoCloseable {
    static final int SEED = 64;
    static final int PUBLIC_KEY = 1184;
    static final int CIPHERTEXT = 1088;
    static final int SECRET = 32;

    private static final NamedParameterSpec PARAMETERS = NamedParameterSpec.ML_KEM_768;
    /** What stands before the key in its X.509 form (RFC 5280, section 4.1; object identifier 2.16.840.1.101.3.4.4.2). */
    private static final byte[] X509 = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    private final KeyPair pair;

    /**
     * Makes the key pair of a seed.
     *
     * @param seed 64 bytes, {@code d} and {@code z}; stays the caller's to wipe
     * @throws IllegalArgumentException if there are not 64 bytes
     */
    MlKem768(byte[] seed) {
        if (seed.length != SEED) {
            throw new IllegalArgumentException("a seed of ML-KEM-768 has " + SEED + " bytes, not " + seed.length);
        }
        this.pair = generate(seed);
        if (!SelfTest.PASSED) {
            close();
            throw new IllegalStateException("this JDK's ML-KEM-768 does not make the key that FIPS 203 gives for a seed: "
                + "run with another JDK, or with keys that need X25519 only");
        }
    }

    private static KeyPair generate(byte[] seed) {
        FixedRandom random = new FixedRandom(seed);
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(PARAMETERS.getName());
            generator.initialize(PARAMETERS, random);
            KeyPair pair = generator.generateKeyPair();
            if (!random.spent()) {
                throw new IllegalStateException("ML-KEM-768 did not take its whole seed");
            }
            return pair;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no ML-KEM-768", e);
        }
    }

    /** {@return the public key, 1184 bytes} */
    byte[] publicKey() {
        return raw(pair.getPublic());
    }

    private static byte[] raw(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded.length != X509.length + PUBLIC_KEY || !Arrays.equals(encoded, 0, X509.length, X509, 0, X509.length)) {
            throw new IllegalStateException("this JDK encodes a public key of ML-KEM-768 in another way than RFC 9935");
        }
        return Arrays.copyOfRange(encoded, X509.length, encoded.length);
    }

    /**
     * Checks a public key as FIPS 203, section 7.2, asks.
     *
     * @param key 1184 bytes
     * @throws InvalidKeyException if it does not have that length or holds a coefficient that is not reduced
     */
    static void check(byte[] key) throws InvalidKeyException {
        encapsulator(key, new FixedRandom(new byte[0]));
    }

    /**
     * Makes a secret and its ciphertext.
     *
     * @param key 1184 bytes
     * @param random gives 32 bytes
     * @return both; the secret is the caller's to wipe
     * @throws InvalidKeyException if the key is not one, as for {@link #check}
     */
    static Encapsulated encapsulate(byte[] key, SecureRandom random) throws InvalidKeyException {
        KEM.Encapsulated made = encapsulator(key, random).encapsulate();
        return new Encapsulated(bytes(made.key()), made.encapsulation());
    }

    private static KEM.Encapsulator encapsulator(byte[] key, SecureRandom random) throws InvalidKeyException {
        if (key.length != PUBLIC_KEY) {
            throw new InvalidKeyException("a public key of ML-KEM-768 has " + PUBLIC_KEY + " bytes, not " + key.length);
        }
        byte[] encoded = Arrays.copyOf(X509, X509.length + PUBLIC_KEY);
        System.arraycopy(key, 0, encoded, X509.length, PUBLIC_KEY);
        try {
            PublicKey parsed = KeyFactory.getInstance(PARAMETERS.getName()).generatePublic(new X509EncodedKeySpec(encoded));
            return KEM.getInstance(PARAMETERS.getName()).newEncapsulator(parsed, random);
        } catch (InvalidKeyException e) {
            throw new InvalidKeyException("the public key of ML-KEM-768 holds a coefficient that is not reduced", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no ML-KEM-768", e);
        }
    }

    /**
     * Obtains the secret of a ciphertext. One that was not made for this key gives another secret, and no failure: FIPS 203
     * rejects implicitly.
     *
     * @param ciphertext 1088 bytes
     * @return 32 bytes, which the caller wipes
     * @throws IllegalArgumentException if there are not 1088 bytes
     */
    byte[] decapsulate(byte[] ciphertext) {
        if (ciphertext.length != CIPHERTEXT) {
            throw new IllegalArgumentException(
                "a ciphertext of ML-KEM-768 has " + CIPHERTEXT + " bytes, not " + ciphertext.length);
        }
        try {
            return bytes(KEM.getInstance(PARAMETERS.getName()).newDecapsulator(pair.getPrivate()).decapsulate(ciphertext));
        } catch (GeneralSecurityException e) {
            // Of its own key, and of a ciphertext of the right length, nothing is refused.
            throw new IllegalStateException("ML-KEM-768 does not work", e);
        }
    }

    /** The JDK's object keeps a copy until it is collected: nothing public wipes it. */
    private static byte[] bytes(SecretKey key) {
        return key.getEncoded();
    }

    /** Wipes the private key. */
    @Override
    public void close() {
        try {
            pair.getPrivate().destroy();
        } catch (DestroyFailedException e) {
            throw new IllegalStateException("this JDK cannot wipe a private key of ML-KEM-768", e);
        }
    }

    /** The secret and the ciphertext that carries it. */
    @SuppressWarnings("ArrayRecordComponent") // Handed on at once, never compared.
    record Encapsulated(byte[] secret, byte[] ciphertext) {}

    /** Initialised at the first use, by one thread. */
    private static final class SelfTest {
        /** SHA-256 of the public key of the seed 0, 1, 2 … 63. */
        private static final String DIGEST = "0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9";

        static final boolean PASSED = pass();

        private SelfTest() {}

        private static boolean pass() {
            byte[] seed = new byte[SEED];
            for (int i = 0; i < SEED; i++) {
                seed[i] = (byte) i;
            }
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(raw(generate(seed).getPublic()));
                return HexFormat.of().formatHex(digest).equals(DIGEST);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JDK has no SHA-256", e);
            }
        }
    }
}
