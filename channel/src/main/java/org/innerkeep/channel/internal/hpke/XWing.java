package org.innerkeep.channel.internal.hpke;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * X-Wing (draft-connolly-cfrg-xwing-kem): a key encapsulation that holds as long as either ML-KEM-768 or X25519 does, so both
 * against quantum computers and against a flaw in the younger of the two.
 *
 * <p>An instance holds the private key, expanded from its seed, and wipes it when closed, after which it throws
 * {@link IllegalStateException}. Safe for use by several threads.
 *
 * @see <a href="https://datatracker.ietf.org/doc/draft-connolly-cfrg-xwing-kem/">X-Wing: hybrid post-quantum KEM</a>
 */
public final class XWing implements AutoCloseable {
    /** The length of a private key in bytes: the seed of both of its parts. */
    public static final int SEED = 32;

    /** The length of a public key in bytes: that of ML-KEM-768, then that of X25519. */
    public static final int PUBLIC_KEY = MlKem768.PUBLIC_KEY + X25519.LENGTH;

    /** The length of a ciphertext in bytes: that of ML-KEM-768, then an ephemeral public key of X25519. */
    public static final int CIPHERTEXT = MlKem768.CIPHERTEXT + X25519.LENGTH;

    /** The length of a secret in bytes. */
    public static final int SECRET = 32;

    private static final byte[] LABEL = "\\.//^\\".getBytes(US_ASCII);

    private final MlKem768 mlKem;
    private final byte[] scalar;
    private final byte[] point;
    private boolean closed;

    /**
     * Expands a private key; section "Key derivation" of the draft.
     *
     * @param seed 32 bytes; stays the caller's to wipe
     * @throws IllegalArgumentException if there are not 32 bytes
     */
    public XWing(byte[] seed) {
        if (seed.length != SEED) {
            throw new IllegalArgumentException("a private key of X-Wing has " + SEED + " bytes, not " + seed.length);
        }
        byte[] expanded = Shake256.expand(seed, MlKem768.SEED + X25519.LENGTH);
        byte[] mlKemSeed = Arrays.copyOf(expanded, MlKem768.SEED);
        try {
            this.scalar = Arrays.copyOfRange(expanded, MlKem768.SEED, expanded.length);
            this.point = X25519.publicKey(scalar);
            this.mlKem = new MlKem768(mlKemSeed);
        } finally {
            Arrays.fill(expanded, (byte) 0);
            Arrays.fill(mlKemSeed, (byte) 0);
        }
    }

    /** {@return the public key, 1216 bytes} */
    public byte[] publicKey() {
        return join(mlKem.publicKey(), point);
    }

    /**
     * Checks a public key. Stricter than the draft, which takes any point: a key whose part of X25519 has low order gives half of
     * what it promises, and no honest key has one.
     *
     * @param publicKey of any length
     * @throws InvalidKeyException if it does not have 1216 bytes, its part of ML-KEM-768 is not reduced (FIPS 203, section 7.2),
     *     or its point has low order
     */
    public static void check(byte[] publicKey) throws InvalidKeyException {
        checkLength(publicKey);
        MlKem768.check(Arrays.copyOf(publicKey, MlKem768.PUBLIC_KEY));
        if (X25519.lowOrder(Arrays.copyOfRange(publicKey, MlKem768.PUBLIC_KEY, PUBLIC_KEY))) {
            throw new InvalidKeyException("the X25519 part of the X-Wing public key is a point of low order");
        }
    }

    private static void checkLength(byte[] publicKey) throws InvalidKeyException {
        if (publicKey.length != PUBLIC_KEY) {
            throw new InvalidKeyException("a public key of X-Wing has " + PUBLIC_KEY + " bytes, not " + publicKey.length);
        }
    }

    /**
     * Makes a secret that only the holder of a private key obtains from its ciphertext.
     *
     * @param publicKey whose
     * @param random gives 64 bytes: 32 for ML-KEM-768, then 32 for X25519
     * @return the secret and its ciphertext
     * @throws InvalidKeyException if the public key is not one, as for {@link #check}
     */
    public static Encapsulated encapsulate(byte[] publicKey, SecureRandom random) throws InvalidKeyException {
        checkLength(publicKey);
        byte[] point = Arrays.copyOfRange(publicKey, MlKem768.PUBLIC_KEY, PUBLIC_KEY);
        MlKem768.Encapsulated inner = MlKem768.encapsulate(Arrays.copyOf(publicKey, MlKem768.PUBLIC_KEY), random);
        byte[] ephemeral = new byte[X25519.LENGTH];
        byte[] shared = {};
        try {
            random.nextBytes(ephemeral);
            byte[] share = X25519.publicKey(ephemeral);
            shared = X25519.agree(ephemeral, point);
            return new Encapsulated(combine(inner.secret(), shared, share, point), join(inner.ciphertext(), share));
        } finally {
            Arrays.fill(inner.secret(), (byte) 0);
            Arrays.fill(ephemeral, (byte) 0);
            Arrays.fill(shared, (byte) 0);
        }
    }

    /**
     * Obtains the secret of a ciphertext. A ciphertext that was changed, or made for another key, gives another secret and no
     * failure. Stricter than the draft in one point: a share of low order is refused, as HPKE asks (RFC 9180, section 7.1.4).
     *
     * @param ciphertext 1120 bytes
     * @return 32 bytes, which the caller wipes
     * @throws InvalidKeyException if the ciphertext's share of X25519 has low order
     * @throws IllegalArgumentException if there are not 1120 bytes
     */
    public synchronized byte[] decapsulate(byte[] ciphertext) throws InvalidKeyException {
        if (ciphertext.length != CIPHERTEXT) {
            throw new IllegalArgumentException("a ciphertext of X-Wing has " + CIPHERTEXT + " bytes, not " + ciphertext.length);
        }
        if (closed) {
            throw new IllegalStateException("the private key is closed and its bytes are wiped");
        }
        byte[] share = Arrays.copyOfRange(ciphertext, MlKem768.CIPHERTEXT, CIPHERTEXT);
        byte[] shared = {};
        byte[] inner = {};
        try {
            shared = X25519.agree(scalar, share);
            inner = mlKem.decapsulate(Arrays.copyOf(ciphertext, MlKem768.CIPHERTEXT));
            return combine(inner, shared, share, point);
        } finally {
            Arrays.fill(shared, (byte) 0);
            Arrays.fill(inner, (byte) 0);
        }
    }

    /** Section "Combiner" of the draft. The ciphertext of ML-KEM need not be hashed: the secret is bound to it already. */
    private static byte[] combine(byte[] mlKemSecret, byte[] x25519Secret, byte[] share, byte[] point) {
        try {
            MessageDigest sha3 = MessageDigest.getInstance("SHA3-256");
            sha3.update(mlKemSecret);
            sha3.update(x25519Secret);
            sha3.update(share);
            sha3.update(point);
            return sha3.digest(LABEL);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA3-256", e);
        }
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Wipes the private key. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Arrays.fill(scalar, (byte) 0);
            mlKem.close();
        }
    }

    /**
     * What {@link #encapsulate} makes.
     *
     * @param secret 32 bytes, which whoever asked wipes
     * @param ciphertext 1120 bytes, public
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed on at once, never compared.
    public record Encapsulated(byte[] secret, byte[] ciphertext) {
        @Override
        public String toString() {
            return "Encapsulated[secret]";
        }
    }
}
