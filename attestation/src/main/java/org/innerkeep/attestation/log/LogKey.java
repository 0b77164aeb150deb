package org.innerkeep.attestation.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;

/**
 * The key that signs the log's heads, P-256. All instances that share one store share one log key.
 *
 * <p>Immutable, safe for use by several threads. Neither {@link #toString} nor any message shows the private key.
 */
public final class LogKey {
    private static final int SCALAR_BYTES = 32;

    private final PrivateKey key;
    private final LogAnchor anchor;

    private LogKey(PrivateKey key, LogAnchor anchor) {
        this.key = key;
        this.anchor = anchor;
    }

    /**
     * Takes a key pair of any provider.
     *
     * @param key the private key, P-256
     * @param publicKey the public key that belongs to it
     * @return the log key
     * @throws IllegalArgumentException if a key is not on P-256 or they do not belong together
     */
    public static LogKey of(PrivateKey key, PublicKey publicKey) {
        LogKey made = new LogKey(key, LogAnchor.of(publicKey));
        LogHead trial = new LogHead(0, MerkleTree.EMPTY_ROOT, Instant.EPOCH);
        if (!made.sign(trial).signedBy(made.anchor)) {
            throw new IllegalArgumentException("log key: expected a private and a public key that belong together, found two that do not");
        }
        return made;
    }

    /**
     * Makes a new key, in memory only.
     *
     * @return the log key, from the platform's strong randomness
     */
    public static LogKey generate() {
        KeyPair pair = LogKeyFile.newPair();
        return of(pair.getPrivate(), pair.getPublic());
    }

    /**
     * Reads a private key as {@link #write} or {@code openssl genpkey} writes it: PEM, {@code PRIVATE KEY} (PKCS #8), not encrypted.
     *
     * @param file the file; only its owner may have access to it
     * @return the log key
     * @throws IOException if the file cannot be read, others have access to it, or it holds no P-256 key
     */
    public static LogKey read(Path file) throws IOException {
        return LogKeyFile.read(file);
    }

    /**
     * Writes the private key to a new file that only its owner can read (mode 0600).
     *
     * @param file a file that does not exist yet
     * @throws java.nio.file.FileAlreadyExistsException if it does: a key is never overwritten
     * @throws IOException if the file cannot be written
     */
    public void write(Path file) throws IOException {
        LogKeyFile.write(file, key);
    }

    /** {@return the public part, to be pinned by whoever holds receipts} */
    public LogAnchor anchor() {
        return anchor;
    }

    /**
     * Signs a head. Only a store calls this, and it gives the head away only once what it covers is on disk: two heads of one size
     * with different roots convict the log.
     *
     * @param head what to sign
     * @return the signed head
     */
    public LogHead.Signed sign(LogHead head) {
        CoseHeader header = CoseSign1.ES256.withKeyId(anchor.id());
        CoseSign1 envelope = CoseSign1.sign(header, CoseHeader.EMPTY, Bytes.of(head.encode()), Bytes.EMPTY, key);
        return new LogHead.Signed(head, anchor.id(), envelope);
    }

    /**
     * Derives a secret that only the holders of the private key have: HMAC-SHA-256 of a label under its scalar.
     *
     * @param label what it is for; others give others
     * @return 32 bytes, for the caller to wipe
     * @throws IllegalStateException if the private key cannot be exported, as from a token
     */
    public byte[] secret(String label) {
        if (!(key instanceof ECPrivateKey exported)) {
            throw new IllegalStateException("log key: expected one whose private part is at hand");
        }
        byte[] number = exported.getS().toByteArray();
        byte[] scalar = new byte[SCALAR_BYTES];
        int length = Math.min(number.length, SCALAR_BYTES);
        System.arraycopy(number, number.length - length, scalar, SCALAR_BYTES - length, length);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(scalar, "HmacSHA256"));
            return mac.doFinal(label.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every Java platform", e);
        } finally {
            Arrays.fill(number, (byte) 0);
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /** {@return the log's id, in short} */
    @Override
    public String toString() {
        return "log key " + anchor.id().shortHex();
    }
}
