package org.innerkeep.attestation.log;

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

/**
 * What the log commits to at one moment: how many leaves it has and the root over them, as claims of an Entity Attestation Token
 * (RFC 9711) of the profile {@value #PROFILE}. All claims are present, in deterministic order, and no other one.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param size how many leaves, from 0
 * @param root the Merkle tree hash over them (RFC 9162 section 2.1.1), 32 bytes
 * @param time when it was signed, by the signer's clock; cut to whole seconds; 1970 to 9999
 */
public record LogHead(long size, Bytes root, Instant time) {
    /** The value of the claim {@code eat_profile}, a tag URI (RFC 4151). */
    public static final String PROFILE = "tag:innerkeep.org,2026:log-head/1";

    /** Claim key of the size, an integer from 0 to 2^53. */
    public static final long CLAIM_SIZE = -66201;

    /** Claim key of the root, 32 bytes. */
    public static final long CLAIM_ROOT = -66202;

    /** The most bytes of a signed head. */
    public static final int MAX_SIGNED_BYTES = 512;

    private static final int CLAIMS = 4;
    private static final int HASH_LENGTH = 32;
    private static final long MAX_SIZE = LogEntry.MAX_SEQUENCE + 1;
    private static final long LAST_SECOND = LogEntry.LAST_MILLISECOND / 1000;

    /**
     * Checks every size and range.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public LogHead {
        if (size < 0 || size > MAX_SIZE) {
            throw new IllegalArgumentException("size: expected 0 to 2^53, found " + size);
        }
        if (root.length() != HASH_LENGTH) {
            throw new IllegalArgumentException("root: expected 32 bytes, found " + root.length());
        }
        if (time.getEpochSecond() < 0 || time.getEpochSecond() > LAST_SECOND) {
            throw new IllegalArgumentException("time: expected 1970 to 9999, found " + time);
        }
        time = time.truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Reads a signed head. Checks form only.
     *
     * @param signed hostile bytes
     * @return the head and its signature, neither of them verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Signed parse(byte[] signed) throws MalformedException {
        if (signed.length > MAX_SIGNED_BYTES) {
            throw new MalformedException(
                    "log head", -1, "expected at most " + MAX_SIGNED_BYTES + " bytes, found " + signed.length);
        }
        CoseSign1 envelope = CoseSign1.parse(signed);
        Bytes keyId = envelope.protectedHeader().keyId().orElse(Bytes.EMPTY);
        if (keyId.length() != HASH_LENGTH
                || !envelope.protectedHeader().equals(CoseSign1.ES256.withKeyId(keyId))
                || !envelope.unprotectedHeader().equals(CoseHeader.EMPTY)) {
            throw new MalformedException(
                    "log head header", -1, "expected ES256 and a key id of 32 bytes, both protected, and nothing else");
        }
        return new Signed(decode(envelope.payload().toArray()), keyId, envelope);
    }

    /** A head with its signature. Whether the signature is right is what {@link #signedBy} tells. Immutable. */
    public static final class Signed {
        private final LogHead head;
        private final Bytes logId;
        private final CoseSign1 envelope;

        Signed(LogHead head, Bytes logId, CoseSign1 envelope) {
            this.head = head;
            this.logId = logId;
            this.envelope = envelope;
        }

        /** {@return what the head says; proves nothing} */
        public LogHead head() {
            return head;
        }

        /** {@return the id of the log that is said to have signed: SHA-256 of its key's SubjectPublicKeyInfo, 32 bytes} */
        public Bytes logId() {
            return logId;
        }

        /**
         * Tells whether the signature is that of a pinned log. The whole key decides.
         *
         * @param anchor the pinned log
         * @return whether it signed this head under its own id
         */
        public boolean signedBy(LogAnchor anchor) {
            return anchor.id().equals(logId) && envelope.verify(anchor.key());
        }

        /** {@return the signed head's bytes, a COSE_Sign1, as they were parsed} */
        public byte[] toByteArray() {
            return envelope.toByteArray();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Signed that && envelope.equals(that.envelope);
        }

        @Override
        public int hashCode() {
            return envelope.hashCode();
        }

        /** {@return size, root and time, for people} */
        @Override
        public String toString() {
            return "size " + head.size + ", root " + head.root.shortHex() + ", signed " + head.time;
        }
    }

    /** The claims, as they are signed. */
    byte[] encode() {
        return new CborWriter()
                .map(CLAIMS)
                .integer(Eat.IAT).integer(time.getEpochSecond())
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(CLAIM_SIZE).integer(size)
                .integer(CLAIM_ROOT).bytes(root.toArray())
                .toByteArray();
    }

    private static LogHead decode(byte[] payload) throws MalformedException {
        EatReader claims = new EatReader(payload, "log head", CLAIMS);
        long time = claims.integer(Eat.IAT, "iat", 0, LAST_SECOND);
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        long size = claims.integer(CLAIM_SIZE, "size", 0, MAX_SIZE);
        Bytes root = claims.bytes(CLAIM_ROOT, "root", HASH_LENGTH, HASH_LENGTH);
        claims.end();
        return new LogHead(size, root, Instant.ofEpochSecond(time));
    }
}
