package org.innerkeep.channel.release;

import java.security.PrivateKey;
import java.time.Instant;
import java.util.Optional;
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
 * To whom files for a key of a vault are sealed, signed by the vault as releases are: whoever has pinned the vault seals to nobody else,
 * whoever answers under its address. COSE_Sign1 (RFC 9052) over claims of an EAT (RFC 9711).
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class SignedRecipient {
    /** What begins it. */
    public static final String PROFILE = "tag:innerkeep.org,2026:vault-recipient/1";

    /** The most bytes of the encoded form. */
    public static final int MAX_BYTES = 8 * 1024;

    private static final int MAX_KEY = 127;
    private static final int MAX_RECIPIENT = 4096;
    private static final long CLAIM_KEY = -66431;
    private static final long CLAIM_VERSION = -66432;
    private static final long CLAIM_RECIPIENT = -66433;
    private static final int CLAIMS = 5;

    private final CoseSign1 envelope;
    private final Instant time;
    private final String key;
    private final String version;
    private final String recipient;

    private SignedRecipient(CoseSign1 envelope, Instant time, String key, String version, String recipient) {
        this.envelope = envelope;
        this.time = time;
        this.key = key;
        this.version = version;
        this.recipient = recipient;
    }

    /**
     * Signs: the vault's side.
     *
     * @param key the name of the key
     * @param version the id of its version
     * @param recipient {@code age1…}
     * @param time the vault's, whole seconds
     * @param signingKey the vault's private key
     * @param publicKey that belongs to it
     * @return the signed recipient
     */
    public static SignedRecipient make(
            String key, String version, String recipient, Instant time, PrivateKey signingKey, P256PublicKey publicKey) {
        byte[] claims = new CborWriter()
                .map(CLAIMS)
                .integer(Eat.IAT).integer(time.getEpochSecond())
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(CLAIM_KEY).text(key)
                .integer(CLAIM_VERSION).text(version)
                .integer(CLAIM_RECIPIENT).text(recipient)
                .toByteArray();
        CoseSign1 envelope = CoseSign1.sign(
                CoseSign1.ES256.withKeyId(publicKey.id()), CoseHeader.EMPTY, Bytes.of(claims), Bytes.EMPTY, signingKey);
        return new SignedRecipient(envelope, Instant.ofEpochSecond(time.getEpochSecond()), key, version, recipient);
    }

    /**
     * Reads one.
     *
     * @param bytes hostile bytes
     * @return the recipient, whose signature is not yet verified
     * @throws MalformedException if the bytes are anything else
     */
    public static SignedRecipient parse(byte[] bytes) throws MalformedException {
        CoseSign1 envelope = Forms.signed("recipient", bytes, MAX_BYTES);
        EatReader claims = new EatReader(envelope.payload().toArray(), "recipient", CLAIMS);
        Instant time = Instant.ofEpochSecond(claims.integer(Eat.IAT, "iat", 0, Forms.LAST_SECOND));
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        String key = claims.text(CLAIM_KEY, "key", MAX_KEY);
        String version = claims.text(CLAIM_VERSION, "version", ReleaseTerms.ID_LENGTH);
        String recipient = claims.text(CLAIM_RECIPIENT, "recipient", MAX_RECIPIENT);
        claims.end();
        return new SignedRecipient(envelope, time, key, version, recipient);
    }

    /**
     * Gives the recipient to whoever asked for it and has pinned the vault.
     *
     * @param vault the pinned vault
     * @param name of the key that was asked for
     * @return the recipient {@code age1…}; nothing where another vault signed it, or it is that of another key
     */
    public Optional<String> of(VaultAnchor vault, String name) {
        boolean signed = Forms.signedBy(envelope, vault);
        return signed && key.equals(name) ? Optional.of(recipient) : Optional.empty();
    }

    /** {@return when it was signed, by the vault's clock; proven by {@link #of} alone} */
    public Instant time() {
        return time;
    }

    /** {@return the id of the key's version; proven by {@link #of} alone} */
    public String version() {
        return version;
    }

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    public byte[] toByteArray() {
        return envelope.toByteArray();
    }
}
