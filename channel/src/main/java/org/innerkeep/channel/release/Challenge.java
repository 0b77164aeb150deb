package org.innerkeep.channel.release;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Eat;
import org.innerkeep.evidence.EatReader;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What a vault asks to be answered: claims of an Entity Attestation Token (RFC 9711) of the profile {@value #PROFILE}, in deterministic
 * order. Not signed: whoever changes it makes the vault refuse, and the vault's time counts only in what it signs.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param nonce taken once, 32 bytes
 * @param vault the id of the vault, 32 bytes
 * @param time the vault's, cut to seconds
 * @param validity how long the nonce is taken, in seconds, 1 to 3600
 */
public record Challenge(Bytes nonce, Bytes vault, Instant time, Duration validity) {
    /** The value of the claim {@code eat_profile}. */
    public static final String PROFILE = "tag:innerkeep.org,2026:release-challenge/1";

    /** Bytes of a nonce. */
    public static final int NONCE_LENGTH = 32;

    /** The most bytes of the encoded form. */
    public static final int MAX_BYTES = 256;

    /** Claim key of the vault's id, 32 bytes. */
    static final long CLAIM_VAULT = -66401;

    private static final long CLAIM_VALIDITY = -66402;
    private static final int CLAIMS = 5;
    private static final long MAX_SECONDS = 3600;

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public Challenge {
        Forms.checkLength("nonce", nonce, NONCE_LENGTH);
        Forms.checkLength("vault", vault, Forms.DIGEST);
        Forms.checkTime("time", time);
        time = time.truncatedTo(ChronoUnit.SECONDS);
        if (validity.toSeconds() < 1 || validity.toSeconds() > MAX_SECONDS) {
            throw new IllegalArgumentException("validity: expected 1 to " + MAX_SECONDS + " seconds, found " + validity);
        }
        validity = Duration.ofSeconds(validity.toSeconds());
    }

    /**
     * Reads a challenge.
     *
     * @param bytes hostile bytes
     * @return the challenge, of which nothing is proven
     * @throws MalformedException if the bytes are anything else
     */
    public static Challenge parse(byte[] bytes) throws MalformedException {
        Forms.checkSize("challenge", bytes, MAX_BYTES);
        EatReader claims = new EatReader(bytes, "challenge", CLAIMS);
        Instant time = Instant.ofEpochSecond(claims.integer(Eat.IAT, "iat", 0, Forms.LAST_SECOND));
        Bytes nonce = claims.bytes(Eat.NONCE, "eat_nonce", NONCE_LENGTH, NONCE_LENGTH);
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        Bytes vault = claims.bytes(CLAIM_VAULT, "vault", Forms.DIGEST, Forms.DIGEST);
        Duration validity = Duration.ofSeconds(claims.integer(CLAIM_VALIDITY, "validity", 1, MAX_SECONDS));
        claims.end();
        return new Challenge(nonce, vault, time, validity);
    }

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    public byte[] toByteArray() {
        return new CborWriter()
                .map(CLAIMS)
                .integer(Eat.IAT).integer(time.getEpochSecond())
                .integer(Eat.NONCE).bytes(nonce.toArray())
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(CLAIM_VAULT).bytes(vault.toArray())
                .integer(CLAIM_VALIDITY).integer(validity.toSeconds())
                .toByteArray();
    }
}
