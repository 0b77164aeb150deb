package org.innerkeep.attestation.token;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The secret under which private keys stand in the store: AES-256-GCM, with the key's id as additional data, so that a wrapped key cannot
 * be passed off as another. The secret is a file of its own, readable by its owner alone, so that a copy of the store gives no key away.
 *
 * <p>Safe for use by several threads. Close it to wipe the secret.
 */
public final class WrappingKey implements AutoCloseable {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final byte[] secret;
    private final SecureRandom random;
    private boolean closed;

    private WrappingKey(byte[] secret, SecureRandom random) {
        this.secret = secret;
        this.random = random;
    }

    /**
     * Takes a secret that is kept elsewhere.
     *
     * @param secret 32 bytes, copied; the caller wipes its own
     * @param random for nonces
     * @return the key
     * @throws IllegalArgumentException if there are more or less bytes
     */
    public static WrappingKey of(byte[] secret, SecureRandom random) {
        if (secret.length != KEY_BYTES) {
            throw new IllegalArgumentException("wrapping key: expected " + KEY_BYTES + " bytes, found " + secret.length);
        }
        return new WrappingKey(secret.clone(), random);
    }

    /**
     * Reads the file, or makes it where there is none.
     *
     * @param file 32 bytes, readable and writable by its owner only
     * @param random for a new secret, and for nonces
     * @return the key
     * @throws IOException if it cannot be read or made, others can read it, or it has another size
     */
    public static WrappingKey readOrCreate(Path file, SecureRandom random) throws IOException {
        byte[] fresh = new byte[KEY_BYTES];
        random.nextBytes(fresh);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            channel.write(ByteBuffer.wrap(fresh));
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            // The usual case: it was made at the first start.
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
        if (!OWNER_ONLY.containsAll(found)) {
            throw new IOException(file + ": expected a file that only its owner can read, found "
                    + PosixFilePermissions.toString(found) + "; run chmod 600 on it");
        }
        if (Files.size(file) != KEY_BYTES) {
            throw new IOException(file + ": expected " + KEY_BYTES + " bytes, found " + Files.size(file));
        }
        return new WrappingKey(Files.readAllBytes(file), random);
    }

    /**
     * Wraps.
     *
     * @param id of what is wrapped; the same is needed to unwrap
     * @param plain what is wrapped
     * @return nonce, ciphertext and tag
     * @throws IllegalStateException if it was closed
     */
    public Bytes wrap(String id, byte[] plain) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, id).doFinal(plain);
            return Bytes.of(ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every Java platform", e);
        }
    }

    /**
     * Unwraps.
     *
     * @param id as it was given to wrap
     * @param wrapped hostile bytes
     * @return what was wrapped, for the caller to wipe
     * @throws MalformedException if it was not wrapped by this secret under this id
     * @throws IllegalStateException if it was closed
     */
    public byte[] unwrap(String id, Bytes wrapped) throws MalformedException {
        byte[] bytes = wrapped.toArray();
        if (bytes.length >= NONCE_BYTES + TAG_BITS / 8) {
            try {
                return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(bytes, NONCE_BYTES), id)
                        .doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
            } catch (GeneralSecurityException e) {
                // Falls through.
            }
        }
        throw new MalformedException("wrapped key " + id, -1, "it was not wrapped under this key file, or was changed");
    }

    private synchronized Cipher cipher(int mode, byte[] nonce, String id) throws GeneralSecurityException {
        if (closed) {
            // Zeros are all that is left: what they wrap, anyone unwraps.
            throw new IllegalStateException("the wrapping key was closed");
        }
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(secret, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(id.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(secret, (byte) 0);
    }
}
