package org.innerkeep.attestation.log;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * One leaf of the log: that something happened, with digests of what it was about.
 *
 * <p>Its bytes are a CBOR map in deterministic order (RFC 8949 section 4.2.1): 1 sequence, 2 time in milliseconds since 1970, 3 kind,
 * 4 subject, 5 a map from names to digests. {@code parse(b).toByteArray()} equals {@code b} for every {@code b} that is accepted.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param sequence where the leaf stands in the log, from 0; inside the leaf, so that leaves cannot change places
 * @param time when the writer appended it, by the writer's clock; cut to milliseconds; 1970 to 9999. Not promised to ascend: several
 *     instances have several clocks
 * @param kind what happened, such as {@link #DECISION}: 1 to 32 characters a-z and hyphens. Kinds that a reader does not know are no
 *     fault of the log
 * @param subject what it was about, such as the type of attestation; up to 128 printable ASCII characters, perhaps none
 * @param digests SHA-256 of what belongs to it, 32 bytes each, by name (1 to 32 characters a-z and hyphens); at most 17, kept in the order of their encoding
 */
public record LogEntry(long sequence, Instant time, String kind, String subject, Map<String, Bytes> digests) {
    /** The log begins. Its only digest, {@code log-key}, is the log's id, so that the first leaf names the key. */
    public static final String CREATED = "log-created";

    /** A policy was set. Its digest {@code policy} is that of its text. */
    public static final String POLICY_SET = "policy-set";

    /** A policy was taken back, and the default holds again. */
    public static final String POLICY_RESET = "policy-reset";

    /** The certificates of policy signers changed. */
    public static final String SIGNERS_SET = "signers-set";

    /** The keys that sign tokens changed. */
    public static final String KEYS_SET = "keys-set";

    /** The changes that wait for a second approval changed: one was proposed, approved, rejected, or was too old. */
    public static final String CHANGES_SET = "changes-set";

    /** How many identities a change of policies takes was changed. Its digest {@code approvals} is that of the CBOR integer. */
    public static final String APPROVALS_SET = "approvals-set";

    /** Evidence was appraised. Digests: {@code record} of the decision's record, and every input and output that it names. */
    public static final String DECISION = "decision";

    /** Records and evidence were deleted because of their age. The leaves of what was deleted stay. */
    public static final String PRUNED = "pruned";

    /**
     * The name of the digest that every leaf of a store has: of which version of each policy, and of signers and keys, holds after what
     * the leaf says.
     */
    public static final String DOCUMENTS = "documents";

    /** The most bytes of an encoded leaf. */
    public static final int MAX_BYTES = 2048;

    /** The most digests of a leaf. */
    public static final int MAX_DIGESTS = 17;

    /** The highest sequence, so that numbers stay exact in every language: 2^53 - 1. */
    public static final long MAX_SEQUENCE = (1L << 53) - 1;

    static final long LAST_MILLISECOND = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    private static final int DIGEST_LENGTH = 32;
    private static final int MAX_NAME = 32;
    private static final int MAX_SUBJECT = 128;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z-]{0,31}");
    private static final Pattern SUBJECT = Pattern.compile("[ -~]{0,128}");

    /** Order of encoded text keys: shorter first, then by their characters, which are ASCII. */
    private static final Comparator<String> DETERMINISTIC =
            Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

    /**
     * Checks every size and range and puts the digests in order.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public LogEntry {
        if (sequence < 0 || sequence > MAX_SEQUENCE) {
            throw new IllegalArgumentException("sequence: expected 0 to 2^53-1, found " + sequence);
        }
        if (time.isBefore(Instant.EPOCH) || time.isAfter(Instant.ofEpochMilli(LAST_MILLISECOND).plusNanos(999_999))) {
            throw new IllegalArgumentException("time: expected 1970 to 9999, found " + time);
        }
        time = time.truncatedTo(ChronoUnit.MILLIS);
        if (!NAME.matcher(kind).matches()) {
            throw new IllegalArgumentException("kind: expected 1 to 32 characters a-z and hyphens");
        }
        if (!SUBJECT.matcher(subject).matches()) {
            throw new IllegalArgumentException("subject: expected up to 128 printable ASCII characters");
        }
        if (digests.size() > MAX_DIGESTS) {
            throw new IllegalArgumentException("digests: expected at most " + MAX_DIGESTS + ", found " + digests.size());
        }
        TreeMap<String, Bytes> ordered = new TreeMap<>(DETERMINISTIC);
        digests.forEach((name, digest) -> {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("digest's name: expected 1 to 32 characters a-z and hyphens");
            }
            if (digest.length() != DIGEST_LENGTH) {
                throw new IllegalArgumentException("digest '" + name + "': expected 32 bytes, found " + digest.length());
            }
            ordered.put(name, digest);
        });
        digests = Collections.unmodifiableMap(ordered);
    }

    /**
     * Reads a leaf.
     *
     * @param leaf hostile bytes
     * @return the entry; nothing is proven
     * @throws MalformedException if the bytes are anything else
     */
    public static LogEntry parse(byte[] leaf) throws MalformedException {
        if (leaf.length > MAX_BYTES) {
            throw new MalformedException("leaf", -1, "expected at most " + MAX_BYTES + " bytes, found " + leaf.length);
        }
        CborReader reader = new CborReader(leaf);
        reader.map("leaf", 5, 5);
        reader.integer("leaf key 1", 1, 1);
        long sequence = reader.integer("sequence", 0, MAX_SEQUENCE);
        reader.integer("leaf key 2", 2, 2);
        long time = reader.integer("time", 0, LAST_MILLISECOND);
        reader.integer("leaf key 3", 3, 3);
        String kind = name(reader, "kind");
        reader.integer("leaf key 4", 4, 4);
        int start = reader.offset();
        String subject = reader.text("subject", MAX_SUBJECT);
        if (!SUBJECT.matcher(subject).matches()) {
            throw new MalformedException("subject", start, "expected printable ASCII characters");
        }
        reader.integer("leaf key 5", 5, 5);
        TreeMap<String, Bytes> digests = new TreeMap<>(DETERMINISTIC);
        for (int pairs = reader.map("digests", 0, MAX_DIGESTS); pairs > 0; pairs--) {
            start = reader.offset();
            String name = name(reader, "digest's name");
            if (!digests.isEmpty() && DETERMINISTIC.compare(digests.lastKey(), name) >= 0) {
                throw new MalformedException("digest's name", start, "expected names in order, each once");
            }
            digests.put(name, Bytes.of(reader.bytes("digest", DIGEST_LENGTH, DIGEST_LENGTH)));
        }
        reader.end("leaf");
        return new LogEntry(sequence, Instant.ofEpochMilli(time), kind, subject, digests);
    }

    private static String name(CborReader reader, String field) throws MalformedException {
        int start = reader.offset();
        String name = reader.text(field, MAX_NAME);
        if (!NAME.matcher(name).matches()) {
            throw new MalformedException(field, start, "expected 1 to 32 characters a-z and hyphens");
        }
        return name;
    }

    /** {@return the leaf's bytes, which the tree is made of} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter()
                .map(5)
                .integer(1).integer(sequence)
                .integer(2).integer(time.toEpochMilli())
                .integer(3).text(kind)
                .integer(4).text(subject)
                .integer(5).map(digests.size());
        digests.forEach((name, digest) -> writer.text(name).bytes(digest.toArray()));
        return writer.toByteArray();
    }

    /**
     * Finds one digest.
     *
     * @param name its name
     * @return the digest
     */
    public Optional<Bytes> digest(String name) {
        return Optional.ofNullable(digests.get(name));
    }

    /** {@return one line for people} */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder()
                .append(sequence).append(' ').append(time).append(' ').append(kind);
        if (!subject.isEmpty()) {
            line.append(' ').append(subject);
        }
        digests.forEach((name, digest) -> line.append(' ').append(name).append('=').append(digest.shortHex()));
        return line.toString();
    }
}
