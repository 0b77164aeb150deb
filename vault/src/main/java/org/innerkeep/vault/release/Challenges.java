package org.innerkeep.vault.release;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.channel.release.Challenge;
import org.innerkeep.evidence.Bytes;

/**
 * Issues nonces that prove by themselves who issued them and when: time, random bytes, and a code over both. So nothing is kept for one
 * until it is answered by evidence that is right: whoever asks for a million costs no room and keeps nobody out. Whether one was
 * answered before is for whoever records the answer.
 *
 * <p>Safe for use by several threads. Close it to wipe the secret.
 */
final class Challenges implements AutoCloseable {
    private static final int TIME_BYTES = 6;
    private static final int RANDOM_BYTES = 10;
    private static final int CODE_BYTES = Challenge.NONCE_LENGTH - TIME_BYTES - RANDOM_BYTES;

    private final byte[] secret;
    private final Bytes vault;
    private final SecureRandom random;
    private final Duration validity;
    private boolean closed;

    /** What is said of a nonce. */
    enum Standing {
        CURRENT,
        EXPIRED,
        FOREIGN
    }

    /**
     * Issues under a secret.
     *
     * @param secret taken over; the same on all instances of a vault, known to nobody else
     * @param vault the vault's id
     * @param random for nonces
     * @param validity how long one is taken
     */
    Challenges(byte[] secret, Bytes vault, SecureRandom random, Duration validity) {
        this.secret = secret;
        this.vault = vault;
        this.random = random;
        this.validity = validity;
    }

    Challenge issue(Instant now) {
        byte[] fresh = new byte[RANDOM_BYTES];
        random.nextBytes(fresh);
        byte[] time = ByteBuffer.allocate(Long.BYTES).putLong(now.toEpochMilli()).array();
        byte[] bare = ByteBuffer.allocate(TIME_BYTES + RANDOM_BYTES)
                .put(time, Long.BYTES - TIME_BYTES, TIME_BYTES).put(fresh).array();
        byte[] nonce = ByteBuffer.allocate(Challenge.NONCE_LENGTH).put(bare).put(code(bare)).array();
        return new Challenge(Bytes.of(nonce), vault, now, validity);
    }

    /** When a nonce was issued, if it was. */
    static Instant issuedAt(Bytes nonce) {
        byte[] time = new byte[Long.BYTES];
        System.arraycopy(nonce.toArray(), 0, time, Long.BYTES - TIME_BYTES, TIME_BYTES);
        return Instant.ofEpochMilli(ByteBuffer.wrap(time).getLong());
    }

    /** From when on a nonce is refused for its age. */
    Instant end(Bytes nonce) {
        return issuedAt(nonce).plus(validity);
    }

    Standing standing(Bytes nonce, Instant now) {
        byte[] bytes = nonce.toArray();
        if (bytes.length != Challenge.NONCE_LENGTH) {
            return Standing.FOREIGN;
        }
        byte[] bare = Arrays.copyOf(bytes, TIME_BYTES + RANDOM_BYTES);
        if (!MessageDigest.isEqual(code(bare), Arrays.copyOfRange(bytes, bare.length, bytes.length))) {
            return Standing.FOREIGN;
        }
        // One from the future was issued before the clock was set back: how old it is nobody knows.
        Instant issued = issuedAt(nonce);
        return issued.isAfter(now) || !now.isBefore(end(nonce)) ? Standing.EXPIRED : Standing.CURRENT;
    }

    private byte[] code(byte[] bare) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            synchronized (this) {
                if (closed) {
                    // Zeros are all that is left: under them anyone issues challenges.
                    throw new IllegalStateException("the vault was closed");
                }
                mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            }
            mac.update(vault.toArray());
            return Arrays.copyOf(mac.doFinal(bare), CODE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every Java platform", e);
        }
    }

    Duration validity() {
        return validity;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(secret, (byte) 0);
    }
}
