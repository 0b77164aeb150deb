package org.innerkeep.channel.release;

import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Eat;
import org.innerkeep.evidence.EatReader;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * What a vault releases: an Entity Attestation Token (RFC 9711) of the profile {@value #PROFILE} in a COSE_Sign1 (see {@link CoseSign1})
 * whose protected header has the vault's id as key id. All claims are present, in deterministic order, and no other one; where a lease
 * or a bound of uses is absent, its claim is -1.
 *
 * <p>Parsing checks form only. Immutable, safe for use by several threads.
 */
public final class ReleaseResponse {
    /** The value of the claim {@code eat_profile}. */
    public static final String PROFILE = "tag:innerkeep.org,2026:release-response/1";

    /** The media type. */
    public static final String MEDIA_TYPE = "application/cose";

    /** The most bytes of the encoded form. */
    public static final int MAX_BYTES = 16 * 1024;

    /** The most bytes of the receipt. */
    public static final int MAX_RECEIPT_BYTES = 8 * 1024;

    private static final long CLAIM_REQUEST = -66421;
    private static final long CLAIM_ENCAPSULATION = -66422;
    private static final long CLAIM_CIPHERTEXT = -66423;
    private static final long CLAIM_VERSION = -66424;
    private static final long CLAIM_GRANT = -66425;
    private static final long CLAIM_LEASE = -66426;
    private static final long CLAIM_USES = -66427;
    private static final long CLAIM_EPOCH = -66428;
    private static final long CLAIM_RECEIPT = -66429;
    private static final int CLAIMS = 11;
    private static final long ABSENT = -1;

    private final CoseSign1 envelope;
    private final ReleaseTerms terms;
    private final TransportKey.Encrypted encrypted;
    private final Bytes receipt;

    private ReleaseResponse(CoseSign1 envelope, ReleaseTerms terms, TransportKey.Encrypted encrypted, Bytes receipt) {
        this.envelope = envelope;
        this.terms = terms;
        this.encrypted = encrypted;
        this.receipt = receipt;
    }

    /**
     * Encrypts and signs: the vault's side.
     *
     * @param terms under which the key is released
     * @param transportKey the request's
     * @param fileKey stays the caller's
     * @param receipt of the log, for the decision; empty for none
     * @param key the vault's private key
     * @param publicKey that belongs to it
     * @param random for the encapsulation
     * @return the response
     * @throws IllegalArgumentException if the transport key is not usable
     */
    public static ReleaseResponse make(
            ReleaseTerms terms,
            Bytes transportKey,
            FileKey fileKey,
            Bytes receipt,
            PrivateKey key,
            P256PublicKey publicKey,
            SecureRandom random) {
        TransportKey.Encrypted encrypted = TransportKey.encrypt(transportKey, terms.info(), fileKey, random);
        CoseSign1 envelope = CoseSign1.sign(
                CoseSign1.ES256.withKeyId(publicKey.id()),
                CoseHeader.EMPTY,
                Bytes.of(encode(terms, encrypted, receipt)),
                Bytes.EMPTY,
                key);
        return new ReleaseResponse(envelope, terms, encrypted, receipt);
    }

    private static byte[] encode(ReleaseTerms terms, TransportKey.Encrypted encrypted, Bytes receipt) {
        return new CborWriter()
                .map(CLAIMS)
                .integer(Eat.IAT).integer(terms.time().getEpochSecond())
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(CLAIM_REQUEST).bytes(terms.request().toArray())
                .integer(CLAIM_ENCAPSULATION).bytes(encrypted.encapsulation().toArray())
                .integer(CLAIM_CIPHERTEXT).bytes(encrypted.ciphertext().toArray())
                .integer(CLAIM_VERSION).text(terms.version())
                .integer(CLAIM_GRANT).text(terms.grant())
                .integer(CLAIM_LEASE).integer(terms.leaseUntil().map(Instant::getEpochSecond).orElse(ABSENT))
                .integer(CLAIM_USES).integer(terms.usesLeft().orElse(ABSENT))
                .integer(CLAIM_EPOCH).integer(terms.epoch())
                .integer(CLAIM_RECEIPT).bytes(receipt.toArray())
                .toByteArray();
    }

    /**
     * Reads a response.
     *
     * @param bytes hostile bytes
     * @return the response, whose signature is not yet verified
     * @throws MalformedException if the bytes are anything else
     */
    public static ReleaseResponse parse(byte[] bytes) throws MalformedException {
        CoseSign1 envelope = Forms.signed("response", bytes, MAX_BYTES);
        EatReader claims = new EatReader(envelope.payload().toArray(), "response", CLAIMS);
        Instant time = Instant.ofEpochSecond(claims.integer(Eat.IAT, "iat", 0, Forms.LAST_SECOND));
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        Bytes request = claims.bytes(CLAIM_REQUEST, "request", Forms.DIGEST, Forms.DIGEST);
        TransportKey.Encrypted encrypted = new TransportKey.Encrypted(
                claims.bytes(CLAIM_ENCAPSULATION, "encapsulation", TransportKey.ENCAPSULATION_LENGTH, TransportKey.ENCAPSULATION_LENGTH),
                claims.bytes(CLAIM_CIPHERTEXT, "ciphertext", TransportKey.CIPHERTEXT_LENGTH, TransportKey.CIPHERTEXT_LENGTH));
        String version = claims.text(CLAIM_VERSION, "version", ReleaseTerms.ID_LENGTH);
        String grant = claims.text(CLAIM_GRANT, "grant", ReleaseTerms.ID_LENGTH);
        long lease = claims.integer(CLAIM_LEASE, "lease", ABSENT, Forms.LAST_SECOND);
        long uses = claims.integer(CLAIM_USES, "uses", ABSENT, Long.MAX_VALUE);
        long epoch = claims.integer(CLAIM_EPOCH, "epoch", 1, Long.MAX_VALUE);
        Bytes receipt = claims.bytes(CLAIM_RECEIPT, "receipt", 0, MAX_RECEIPT_BYTES);
        claims.end();
        try {
            ReleaseTerms terms = new ReleaseTerms(
                    request,
                    version,
                    grant,
                    time,
                    lease == ABSENT ? Optional.empty() : Optional.of(Instant.ofEpochSecond(lease)),
                    uses == ABSENT ? OptionalLong.empty() : OptionalLong.of(uses),
                    epoch);
            return new ReleaseResponse(envelope, terms, encrypted, receipt);
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

    /** {@return the terms; proven by {@link #signedBy} alone} */
    public ReleaseTerms terms() {
        return terms;
    }

    /** {@return the file key, encrypted} */
    TransportKey.Encrypted encrypted() {
        return encrypted;
    }

    /** {@return a receipt of the vault's log for the decision; empty where there is none} */
    public Bytes receipt() {
        return receipt;
    }

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    public byte[] toByteArray() {
        return envelope.toByteArray();
    }
}
