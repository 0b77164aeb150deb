package org.innerkeep.attestation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.evidence.MalformedException;

/**
 * Nonces that the service issues and knows again without keeping them, on every instance that has the same secret: time, random bytes
 * and a code over both. One may be used more than once while it is valid; what it shows is that the evidence is not older than it.
 *
 * <p>Safe for use by several threads.
 */
public final class Nonces {
    /** What every nonce of a service begins with. */
    public static final String PREFIX = "ikn1.";

    private static final int RANDOM_BYTES = 24;
    private static final int CODE_BYTES = 16;
    private static final int BYTES = Long.BYTES + RANDOM_BYTES + CODE_BYTES;

    private final byte[] secret;
    private final SecureRandom random;
    private final Duration validity;

    /** What a service says of a nonce. */
    public enum Standing {
        /** It issued it, and not long ago. */
        CURRENT,
        /** It issued it too long ago, or its clock was set back since. */
        EXPIRED,
        /** It did not issue it. */
        FOREIGN
    }

    /**
     * Issues under a secret.
     *
     * @param secret the same on all instances of a service, at least 32 random bytes
     * @param random for the nonces
     * @param validity how long one is current
     */
    public Nonces(byte[] secret, SecureRandom random, Duration validity) {
        this.secret = secret.clone();
        this.random = random;
        this.validity = validity;
    }

    /** {@return how long one is current} */
    public Duration validity() {
        return validity;
    }

    /**
     * Issues one.
     *
     * @param now the time
     * @return text of letters, digits, '-', '_' and one '.'
     */
    public String issue(Instant now) {
        byte[] fresh = new byte[RANDOM_BYTES];
        random.nextBytes(fresh);
        byte[] bare = ByteBuffer.allocate(Long.BYTES + RANDOM_BYTES).putLong(now.toEpochMilli()).put(fresh).array();
        return PREFIX + Base64Text.url(ByteBuffer.allocate(BYTES).put(bare).put(code(bare)).array());
    }

    /**
     * Looks at one.
     *
     * @param nonce hostile text
     * @param now the time
     * @return what it is
     */
    public Standing standing(String nonce, Instant now) {
        byte[] bytes;
        try {
            bytes = nonce.startsWith(PREFIX) ? Base64Text.url("nonce", nonce.substring(PREFIX.length())) : new byte[0];
        } catch (MalformedException e) {
            return Standing.FOREIGN;
        }
        if (bytes.length != BYTES) {
            return Standing.FOREIGN;
        }
        byte[] bare = Arrays.copyOf(bytes, Long.BYTES + RANDOM_BYTES);
        if (!MessageDigest.isEqual(code(bare), Arrays.copyOfRange(bytes, bare.length, BYTES))) {
            return Standing.FOREIGN;
        }
        Instant issued = Instant.ofEpochMilli(ByteBuffer.wrap(bare).getLong());
        return issued.isAfter(now) || now.isAfter(issued.plus(validity)) ? Standing.EXPIRED : Standing.CURRENT;
    }

    private byte[] code(byte[] bare) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update(PREFIX.getBytes(StandardCharsets.US_ASCII));
            return Arrays.copyOf(mac.doFinal(bare), CODE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every Java platform", e);
        }
    }

    /** {@return nothing of the secret} */
    @Override
    public String toString() {
        return "nonces, valid for " + validity + ", secret of " + secret.length + " bytes";
    }
}
