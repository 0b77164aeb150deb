package org.innerkeep.channel.release;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Eat;
import org.innerkeep.evidence.EatReader;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What an enclave asks of a vault's register, which remembers the newest version of each value that enclaves of one identity stored: to
 * read it, or to go on from one version to the next. Claims of an Entity Attestation Token (RFC 9711) of the profile {@value #PROFILE},
 * in deterministic order. Evidence over {@link #reportData} makes it the enclave's own.
 *
 * <p>The vault knows from its nonce that the request is new, and the enclave knows from its own claim that the answer is: the host carries
 * the challenge, and could give one again together with what was answered to it.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param nonce from the vault's challenge, 32 bytes
 * @param vault the id of the vault that the enclave trusts, 32 bytes
 * @param key the name of the key in the vault whose grants say who may use the register
 * @param name of the value, a lower-case letter, then up to 63 of these, digits, hyphens and underscores
 * @param step from which version to which; nothing to read
 * @param own random, of the enclave, 32 bytes
 */
public record RegisterRequest(Bytes nonce, Bytes vault, String key, String name, Optional<Step> step, Bytes own)
        implements VaultRequest {
    /** The value of the claim {@code eat_profile}. */
    public static final String PROFILE = "tag:innerkeep.org,2026:register-request/1";

    /** The most bytes of the encoded form. */
    public static final int MAX_BYTES = 1024;

    /** The last version: files are named after versions, with as many digits at most. */
    public static final long LAST_VERSION = 999_999_999_999_999_999L;

    /** The bytes of the enclave's random claim. */
    static final int OWN_LENGTH = 32;

    static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

    private static final long CLAIM_KEY = -66411;
    private static final long CLAIM_NAME = -66431;
    private static final long CLAIM_EXPECTED = -66432;
    private static final long CLAIM_VERSION = -66433;
    private static final long CLAIM_DIGEST = -66434;
    private static final long CLAIM_OWN = -66436;
    private static final int CLAIMS = 9;
    private static final int MAX_KEY_CHARS = 127;
    private static final int MAX_NAME_CHARS = 64;
    private static final Pattern KEY = Pattern.compile("[0-9a-z-]{1,127}");

    /**
     * From one version to a later one; done only where the register is at the first.
     *
     * @param expected at which version the register is, 0 where it has none yet
     * @param version above that
     * @param digest SHA-256 of what is stored as that version, 32 bytes
     */
    public record Step(long expected, long version, Bytes digest) {
        /**
         * Checks order and size.
         *
         * @throws IllegalArgumentException if one is wrong
         */
        public Step {
            if (expected < 0 || version <= expected || version > LAST_VERSION) {
                throw new IllegalArgumentException("version: expected one above " + expected + ", found " + version);
            }
            Forms.checkLength("digest", digest, Forms.DIGEST);
        }
    }

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public RegisterRequest {
        Forms.checkLength("nonce", nonce, Challenge.NONCE_LENGTH);
        Forms.checkLength("vault", vault, Forms.DIGEST);
        Forms.checkLength("own", own, OWN_LENGTH);
        if (!KEY.matcher(key).matches() || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("key, name: expected lower-case letters, digits and hyphens, up to " + MAX_KEY_CHARS + " and "
                    + MAX_NAME_CHARS);
        }
    }

    /**
     * Reads a request.
     *
     * @param bytes hostile bytes
     * @return the request, of which nothing is proven
     * @throws MalformedException if the bytes are anything else
     */
    public static RegisterRequest parse(byte[] bytes) throws MalformedException {
        Forms.checkSize("request", bytes, MAX_BYTES);
        EatReader claims = new EatReader(bytes, "request", CLAIMS);
        Bytes nonce = claims.bytes(Eat.NONCE, "eat_nonce", Challenge.NONCE_LENGTH, Challenge.NONCE_LENGTH);
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        Bytes vault = claims.bytes(Challenge.CLAIM_VAULT, "vault", Forms.DIGEST, Forms.DIGEST);
        String key = claims.text(CLAIM_KEY, "key", MAX_KEY_CHARS);
        String name = claims.text(CLAIM_NAME, "name", MAX_NAME_CHARS);
        long expected = claims.integer(CLAIM_EXPECTED, "expected", 0, LAST_VERSION);
        long version = claims.integer(CLAIM_VERSION, "version", 0, LAST_VERSION);
        Bytes digest = claims.bytes(CLAIM_DIGEST, "digest", 0, Forms.DIGEST);
        Bytes own = claims.bytes(CLAIM_OWN, "own", OWN_LENGTH, OWN_LENGTH);
        claims.end();
        boolean reads = version == 0 && expected == 0 && digest.length() == 0;
        try {
            return new RegisterRequest(
                    nonce, vault, key, name, reads ? Optional.empty() : Optional.of(new Step(expected, version, digest)), own);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("request", -1, String.valueOf(e.getMessage()));
        }
    }

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    @Override
    public byte[] toByteArray() {
        return new CborWriter()
                .map(CLAIMS)
                .integer(Eat.NONCE).bytes(nonce.toArray())
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(Challenge.CLAIM_VAULT).bytes(vault.toArray())
                .integer(CLAIM_KEY).text(key)
                .integer(CLAIM_NAME).text(name)
                .integer(CLAIM_EXPECTED).integer(step.map(Step::expected).orElse(0L))
                .integer(CLAIM_VERSION).integer(step.map(Step::version).orElse(0L))
                .integer(CLAIM_DIGEST).bytes(step.map(Step::digest).orElse(Bytes.EMPTY).toArray())
                .integer(CLAIM_OWN).bytes(own.toArray())
                .toByteArray();
    }

    @Override
    public byte[] reportData() {
        return ReportData.of(ReportData.REGISTER, toByteArray());
    }
}
