package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Set;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * The keeper's two secrets, made at its first start: the platform key (P-256) that signs reports, and the sealing root (32
 * bytes) from which sealing keys derive. Files {@code platform.key} and {@code sealing.root}, mode 0600; the public half is
 * {@code keeper.anchor}, which relying parties pin. Immutable.
 */
final class PlatformKeys {
    private static final String KEY = "platform.key";
    private static final String ROOT = "sealing.root";
    static final String ANCHOR = "keeper.anchor";
    private static final String PROBE = "innerkeep keeper: do the halves of this key belong together";

    private final PrivateKey privateKey;
    private final PublicKey publicKey;
    private final byte[] sealingRoot;

    private PlatformKeys(PrivateKey privateKey, PublicKey publicKey, byte[] sealingRoot) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
        this.sealingRoot = sealingRoot;
    }

    PrivateKey privateKey() {
        return privateKey;
    }

    PublicKey publicKey() {
        return publicKey;
    }

    /** The root itself, not a copy: only for deriving. */
    byte[] sealingRoot() {
        return sealingRoot;
    }

    KeeperAnchor anchor() {
        return KeeperAnchor.of(publicKey);
    }

    /** Reads the secrets; makes them where there are none. Refuses a folder that holds only one of them. */
    static PlatformKeys open(Path folder, SecureRandom random) throws IOException {
        Path key = folder.resolve(KEY);
        Path root = folder.resolve(ROOT);
        if (!Files.exists(key) && !Files.exists(root)) {
            create(folder, random);
        } else if (!Files.exists(root)) {
            // A crash between the two files leaves the root alone, never the key alone: the root is written first.
            throw new IOException(folder + " holds " + KEY + " but no " + ROOT
                    + ": sealed data of this keeper could not be opened; restore the file from a backup");
        } else if (!Files.exists(key)) {
            writeKey(folder, random);
        }
        checkPrivate(key);
        checkPrivate(root);
        byte[] encoded = Files.readAllBytes(key);
        try {
            KeyFactory factory = KeyFactory.getInstance("EC");
            ByteBuffer both = ByteBuffer.wrap(encoded);
            byte[] secret = new byte[both.getShort() & 0xffff];
            both.get(secret);
            byte[] spki = new byte[both.remaining()];
            both.get(spki);
            PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(secret));
            // The strict parser first: Java takes encodings that differ in bits without meaning, and relying parties pin bytes.
            P256PublicKey.parse(spki);
            PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(spki));
            Arrays.fill(secret, (byte) 0);
            if (!belongTogether(privateKey, publicKey)) {
                throw new GeneralSecurityException("the halves do not belong together");
            }
            byte[] sealingRoot = Files.readAllBytes(root);
            if (sealingRoot.length != 32) {
                throw new IOException(root + " must hold 32 bytes, found " + sealingRoot.length);
            }
            return new PlatformKeys(privateKey, publicKey, sealingRoot);
        } catch (GeneralSecurityException | MalformedException | java.nio.BufferUnderflowException e) {
            throw new IOException(key + " is not a platform key; restore it from a backup", e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static void checkPrivate(Path secret) throws IOException {
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(secret));
        if (!mode.endsWith("------")) {
            throw new IOException(secret + " is open to other users (mode " + mode + "): find out whether one of them has read"
                    + " or changed it, then chmod 600 it or restore it from a backup");
        }
    }

    /** A damaged file may still hold a private key, of which every report would be refused by whoever pinned the public one. */
    private static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        byte[] probe = PROBE.getBytes(StandardCharsets.US_ASCII);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(privateKey);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(probe);
        return signature.verify(signed);
    }

    private static void create(Path folder, SecureRandom random) throws IOException {
        byte[] root = new byte[32];
        random.nextBytes(root);
        writeSecret(folder.resolve(ROOT), root);
        Arrays.fill(root, (byte) 0);
        writeKey(folder, random);
    }

    private static void writeKey(Path folder, SecureRandom random) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            byte[] secret = pair.getPrivate().getEncoded();
            byte[] spki = pair.getPublic().getEncoded();
            byte[] both = ByteBuffer.allocate(2 + secret.length + spki.length)
                    .putShort((short) secret.length)
                    .put(secret)
                    .put(spki)
                    .array();
            Path anchor = folder.resolve(ANCHOR);
            Files.writeString(
                    anchor, KeeperAnchor.of(pair.getPublic()) + "\n", StandardCharsets.US_ASCII);
            Files.setPosixFilePermissions(anchor, PosixFilePermissions.fromString("rw-r--r--"));
            writeSecret(folder.resolve(KEY), both);
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(both, (byte) 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform provides P-256", e);
        }
    }

    /** Writes beside, forces to the disk, then renames: a crash leaves the old state or the new one. */
    static void writeSecret(Path file, byte[] secret) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        try (FileChannel channel = FileChannel.open(
                beside,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer buffer = ByteBuffer.wrap(secret);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
