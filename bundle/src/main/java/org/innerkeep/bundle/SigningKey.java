package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.crypto.KeyAgreement;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.jspecify.annotations.Nullable;

/**
 * A private key that signs bundles, in this process's memory.
 *
 * <p>Instances are immutable and safe for use by several threads. Neither {@link #toString} nor any message shows the key.
 */
public final class SigningKey implements BundleSigner {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final PrivateKey key;
    private final SignerKey publicKey;

    private SigningKey(PrivateKey key, SignerKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    /**
     * Makes a new key.
     *
     * @param algorithm its kind; {@code ED25519} unless something else asks for {@code P256}
     * @return the key, from the platform's strong randomness
     */
    public static SigningKey generate(Algorithm algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm.keyFactory);
            if (algorithm == Algorithm.P256) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            KeyPair pair = generator.generateKeyPair();
            return new SigningKey(pair.getPrivate(), SignerKey.of(pair.getPublic().getEncoded()));
        } catch (GeneralSecurityException | BundleException e) {
            throw new IllegalStateException("the Java platform cannot make " + algorithm + " keys", e);
        }
    }

    /**
     * Reads a private key as {@link #write} or {@code openssl genpkey} writes it: PEM, {@code PRIVATE KEY} (PKCS #8), not encrypted.
     *
     * @param file the file; only its owner may have access to it
     * @return the key
     * @throws BundleException {@code KEY_FILE_EXPOSED} if others may read or write the file, {@code KEY_INVALID} or
     *     {@code UNSUPPORTED} if this is no such key
     * @throws IOException if the file cannot be read
     */
    public static SigningKey read(Path file) throws IOException, BundleException {
        if (supportsPermissions(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new BundleException(
                    Code.KEY_FILE_EXPOSED,
                    "key file " + file + ": expected no access but its owner's, found "
                            + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + "; chmod 600 it");
        }
        byte[] pkcs8 = Pem.decode("PRIVATE KEY", Pem.read(file));
        try {
            return decode(pkcs8);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    /**
     * Writes the private key to a new file that only its owner can read (mode 0600).
     *
     * @param file a file that does not exist yet
     * @throws java.nio.file.FileAlreadyExistsException if it does: a key is never overwritten
     * @throws IOException if the file cannot be written
     */
    public void write(Path file) throws IOException {
        FileAttribute<?>[] attributes = supportsPermissions(file.toAbsolutePath().getParent())
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        byte[] pkcs8 = key.getEncoded();
        byte[] pem = Pem.encode("PRIVATE KEY", pkcs8).getBytes(US_ASCII);
        try (SeekableByteChannel out = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            ByteBuffer rest = ByteBuffer.wrap(pem);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
            Arrays.fill(pem, (byte) 0);
        }
    }

    @Override
    public SignerKey publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] toBeSigned) {
        try {
            Signature signature = Signature.getInstance(publicKey.algorithm().signature);
            signature.initSign(key);
            signature.update(toBeSigned);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java platform cannot sign with " + publicKey.algorithm(), e);
        }
    }

    /** {@return the public key's algorithm and id} */
    @Override
    public String toString() {
        return publicKey.toString();
    }

    private static boolean supportsPermissions(@Nullable Path path) {
        return path != null && path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static SigningKey decode(byte[] pkcs8) throws BundleException {
        for (Algorithm algorithm : Algorithm.values()) {
            Optional<PrivateKey> key = tryDecode(algorithm, pkcs8);
            if (key.isPresent()) {
                SigningKey signer;
                try {
                    signer = switch (key.get()) {
                        case EdECPrivateKey ed -> new SigningKey(ed, SignerKey.of(ed25519Public(ed)));
                        case ECPrivateKey ec -> ofP256(ec);
                        default -> throw new GeneralSecurityException("an unknown class of key");
                    };
                } catch (GeneralSecurityException e) {
                    // Without the cause: its message may have been made from the key.
                    throw new BundleException(Code.KEY_INVALID, "private key: not a usable " + algorithm + " key");
                }
                return signer;
            }
        }
        throw new BundleException(
                Code.UNSUPPORTED, "private key: expected an Ed25519 or P-256 key in PKCS #8, found something else");
    }

    private static Optional<PrivateKey> tryDecode(Algorithm algorithm, byte[] pkcs8) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm.keyFactory).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        } catch (InvalidKeySpecException _) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java platform does not know " + algorithm, e);
        }
    }

    // A PKCS #8 file need not hold the public key, and one that holds it may hold a wrong one, so it is always computed. The JDK has no
    // method for that. Both ways below use its own arithmetic, which is made for secrets, and never a BigInteger on one.

    /** A key pair is made from 32 random bytes that are the private key: give it the ones we have. */
    private static byte[] ed25519Public(EdECPrivateKey key) throws GeneralSecurityException {
        byte[] seed = key.getBytes().orElseThrow(() -> new InvalidKeyException("no bytes"));
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new Repeating(seed));
            KeyPair pair = generator.generateKeyPair();
            // True by how the JDK makes keys, which it does not promise.
            if (!MessageDigest.isEqual(((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow(), seed)) {
                throw new InvalidKeyException("the platform makes Ed25519 keys in another way");
            }
            return pair.getPublic().getEncoded();
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /** The shared secret of this key with the base point is x of the public point; its two roots for y are told apart by a signature. */
    private static SigningKey ofP256(ECPrivateKey key) throws GeneralSecurityException, BundleException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec p256 = parameters.getParameterSpec(ECParameterSpec.class);
        if (!p256.getCurve().equals(key.getParams().getCurve()) || !p256.getGenerator().equals(key.getParams().getGenerator())) {
            throw new BundleException(Code.UNSUPPORTED, "private key: expected the curve P-256, found another");
        }
        KeyFactory factory = KeyFactory.getInstance("EC");
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        agreement.doPhase(factory.generatePublic(new ECPublicKeySpec(p256.getGenerator(), p256)), true);
        BigInteger x = new BigInteger(1, agreement.generateSecret());
        BigInteger y = Curves.p256RightSide(x).modPow(Curves.P256_P.add(BigInteger.ONE).shiftRight(2), Curves.P256_P);
        byte[] probe = "innerkeep key check".getBytes(US_ASCII);
        for (BigInteger root : new BigInteger[] {y, Curves.P256_P.subtract(y)}) {
            PublicKey candidate = factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, root), p256));
            SigningKey signer = new SigningKey(key, SignerKey.of(candidate.getEncoded()));
            if (signer.publicKey.verify(probe, signer.sign(probe))) {
                return signer;
            }
        }
        throw new InvalidKeyException("no public point fits");
    }

    /** Gives the same bytes for every request of their number, and is never used for anything but the line that makes it. */
    private static final class Repeating extends SecureRandom {
        @java.io.Serial
        private static final long serialVersionUID = 1L;

        private final transient byte[] bytes;

        Repeating(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void nextBytes(byte[] out) {
            if (out.length != bytes.length) {
                throw new IllegalStateException("expected a request of " + bytes.length + " bytes, found " + out.length);
            }
            System.arraycopy(bytes, 0, out, 0, out.length);
        }
    }
}
