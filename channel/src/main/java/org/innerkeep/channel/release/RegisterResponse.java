package org.innerkeep.channel.release;

import java.security.PrivateKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Eat;
import org.innerkeep.evidence.EatReader;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * What a vault's register answers: an Entity Attestation Token (RFC 9711) of the profile {@value #PROFILE} in a COSE_Sign1 whose protected
 * header has the vault's id as key id. All claims are present, in deterministic order, and no other one.
 *
 * <p>Parsing checks form only. Immutable, safe for use by several threads.
 */
public final class RegisterResponse {
    /** The value of the claim {@code eat_profile}. */
    public static final String PROFILE = "tag:innerkeep.org,2026:register-response/1";

    /** The most bytes of the encoded form. */
    public static final int MAX_BYTES = 1024;

    private static final long CLAIM_REQUEST = -66421;
    private static final long CLAIM_EPOCH = -66428;
    private static final long CLAIM_VERSION = -66433;
    private static final long CLAIM_DIGEST = -66434;
    private static final long CLAIM_SET_IN = -66435;
    private static final int CLAIMS = 7;

    private final CoseSign1 envelope;
    private final Bytes request;
    private final Instant time;
    private final RegisterState state;

    private RegisterResponse(CoseSign1 envelope, Bytes request, Instant time, RegisterState state) {
        this.envelope = envelope;
        this.request = request;
        this.time = time;
        this.state = state;
    }

    /**
     * Signs: the vault's side.
     *
     * @param request the digest of the request that is answered, 32 bytes
     * @param time the vault's, cut to seconds
     * @param state of the register, after a step that was done
     * @param key the vault's private key
     * @param publicKey that belongs to it
     * @return the response
     */
    public static RegisterResponse make(Bytes request, Instant time, RegisterState state, PrivateKey key, P256PublicKey publicKey) {
        Forms.checkLength("request", request, Forms.DIGEST);
        Forms.checkTime("time", time);
        byte[] payload = new CborWriter()
                .map(CLAIMS)
                .integer(Eat.IAT).integer(time.getEpochSecond())
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(CLAIM_REQUEST).bytes(request.toArray())
                .integer(CLAIM_EPOCH).integer(state.epoch())
                .integer(CLAIM_VERSION).integer(state.version())
                .integer(CLAIM_DIGEST).bytes(state.digest().toArray())
                .integer(CLAIM_SET_IN).integer(state.setInEpoch())
                .toByteArray();
        CoseSign1 envelope = CoseSign1.sign(
                CoseSign1.ES256.withKeyId(publicKey.id()), CoseHeader.EMPTY, Bytes.of(payload), Bytes.EMPTY, key);
        return new RegisterResponse(envelope, request, time.truncatedTo(ChronoUnit.SECONDS), state);
    }

    /**
     * Reads a response.
     *
     * @param bytes hostile bytes
     * @return the response, whose signature is not yet verified
     * @throws MalformedException if the bytes are anything else
     */
    public static RegisterResponse parse(byte[] bytes) throws MalformedException {
        CoseSign1 envelope = Forms.signed("response", bytes, MAX_BYTES);
        EatReader claims = new EatReader(envelope.payload().toArray(), "response", CLAIMS);
        Instant time = Instant.ofEpochSecond(claims.integer(Eat.IAT, "iat", 0, Forms.LAST_SECOND));
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        Bytes request = claims.bytes(CLAIM_REQUEST, "request", Forms.DIGEST, Forms.DIGEST);
        long epoch = claims.integer(CLAIM_EPOCH, "epoch", 1, Long.MAX_VALUE);
        long version = claims.integer(CLAIM_VERSION, "version", 0, RegisterRequest.LAST_VERSION);
        Bytes digest = claims.bytes(CLAIM_DIGEST, "digest", 0, Forms.DIGEST);
        long setIn = claims.integer(CLAIM_SET_IN, "set-in", 0, Long.MAX_VALUE);
        claims.end();
        try {
            return new RegisterResponse(envelope, request, time, new RegisterState(version, digest, setIn, epoch));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("response", -1, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Tells whether a vault signed it.
     *
     * @param vault the pinned vault
     * @return whether it did, under its own id
     */
    public boolean signedBy(VaultAnchor vault) {
        return Forms.signedBy(envelope, vault);
    }

    /** {@return the digest of the request that is answered} */
    public Bytes request() {
        return request;
    }

    /** {@return the vault's time} */
    public Instant time() {
        return time;
    }

    /** {@return what the register says; proven by {@link #signedBy} alone} */
    public RegisterState state() {
        return state;
    }

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    public byte[] toByteArray() {
        return envelope.toByteArray();
    }
}
