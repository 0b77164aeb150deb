package org.innerkeep.evidence.cose;

import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * One of the two sets of parameters of a signed object (RFC 9052 section 3): protected ones are covered by the signature,
 * unprotected ones are not.
 *
 * <p>Only the labels named here exist; every other one, {@code crit} among them, is refused. A reader that skips what it
 * does not know leaves room for two readers that see different things in the same bytes.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class CoseHeader {
    /**
     * Order of the encoded labels (RFC 8949 section 4.2.1): 0, 1, 2 and on, then -1, -2 and on. It stands before
     * {@link #EMPTY}, which needs it.
     */
    private static final Comparator<Long> DETERMINISTIC =
            Comparator.comparing((Long label) -> label < 0).thenComparingLong(label -> label < 0 ? ~label : label);

    /** No parameters. */
    public static final CoseHeader EMPTY = new CoseHeader(newMap());

    /** The signature algorithm; RFC 9052 section 3.1. Protected only. */
    public static final long ALG = 1;

    /** The type of the payload as a CoAP content format, 0 to 65535; RFC 9052 section 3.1. Protected only. */
    public static final long CONTENT_TYPE = 3;

    /** A hint at the key, 1 to 64 bytes; RFC 9052 section 3.1. */
    public static final long KID = 4;

    /** Private use: the signer's own SubjectPublicKeyInfo, so that it is signed too. Protected only. */
    public static final long SIGNER_KEY = -66301;

    /**
     * Private use: evidence for the signer's key, 1 byte to 64 KiB. Unprotected only: it vouches for the key and the
     * payload, so it can be made only after both, and it carries its own signature.
     */
    public static final long EVIDENCE = -66302;

    /** The most bytes of evidence in a header. */
    public static final int MAX_EVIDENCE_BYTES = 64 * 1024;

    static final int MAX_KID_BYTES = 64;
    private static final int MAX_CONTENT_TYPE = 0xffff;
    private static final Set<Long> PROTECTED = Set.of(ALG, CONTENT_TYPE, KID, SIGNER_KEY);
    private static final Set<Long> UNPROTECTED = Set.of(KID, EVIDENCE);

    private sealed interface Value {
        record Int(long value) implements Value {}

        record ByteString(Bytes value) implements Value {}
    }

    private final SortedMap<Long, Value> parameters;

    private CoseHeader(SortedMap<Long, Value> parameters) {
        this.parameters = parameters;
    }

    /** A header of our own signatures: ES256 and nothing more. */
    static CoseHeader es256() {
        return EMPTY.with(ALG, new Value.Int(Es256.ALGORITHM));
    }

    /**
     * Adds a hint at the key.
     *
     * @param keyId 1 to 64 bytes
     * @return a header with it
     */
    public CoseHeader withKeyId(Bytes keyId) {
        return with(KID, new Value.ByteString(checkLength("key id", keyId, MAX_KID_BYTES)));
    }

    /**
     * Adds the signer's own key.
     *
     * @param key the key
     * @return a header with it
     */
    public CoseHeader withSignerKey(P256PublicKey key) {
        return with(SIGNER_KEY, new Value.ByteString(key.spki()));
    }

    /**
     * Adds evidence for the signer's key.
     *
     * @param evidence 1 byte to 64 KiB
     * @return a header with it
     */
    public CoseHeader withEvidence(Bytes evidence) {
        return with(EVIDENCE, new Value.ByteString(checkLength("evidence", evidence, MAX_EVIDENCE_BYTES)));
    }

    /** {@return the algorithm's number in the IANA registry} */
    public OptionalLong algorithm() {
        return number(ALG);
    }

    /** {@return the content format of the payload} */
    public OptionalLong contentType() {
        return number(CONTENT_TYPE);
    }

    /** {@return the hint at the key} */
    public Optional<Bytes> keyId() {
        return bytes(KID);
    }

    /** {@return the SubjectPublicKeyInfo that the signer gives as its own, not checked} */
    public Optional<Bytes> signerKey() {
        return bytes(SIGNER_KEY);
    }

    /** {@return the evidence, not verified} */
    public Optional<Bytes> evidence() {
        return bytes(EVIDENCE);
    }

    /** {@return the labels that are present, in deterministic order} */
    Set<Long> labels() {
        return parameters.keySet();
    }

    boolean onlyProtected() {
        return PROTECTED.containsAll(labels());
    }

    boolean onlyUnprotected() {
        return UNPROTECTED.containsAll(labels());
    }

    static CoseHeader parseProtected(byte[] encoded) throws MalformedException {
        CborReader reader = new CborReader(encoded);
        CoseHeader header = parse(reader, "protected header", PROTECTED);
        reader.end("protected header");
        return header;
    }

    static CoseHeader parseUnprotected(CborReader reader) throws MalformedException {
        return parse(reader, "unprotected header", UNPROTECTED);
    }

    private static CoseHeader parse(CborReader reader, String name, Set<Long> known) throws MalformedException {
        SortedMap<Long, Value> parameters = newMap();
        for (int pairs = reader.map(name, 0, known.size()); pairs > 0; pairs--) {
            int start = reader.offset();
            long label = reader.integer(name + " label");
            if (!known.contains(label)) {
                throw new MalformedException(name + " label", start, "found " + label + ", which is not accepted here");
            }
            // Only growing labels: this refuses duplicates, and a second encoding of the same header.
            if (!parameters.isEmpty() && DETERMINISTIC.compare(parameters.lastKey(), label) >= 0) {
                throw new MalformedException(
                        name + " label", start, "found " + label + " after " + parameters.lastKey() + ", out of order");
            }
            parameters.put(label, value(reader, label, name + " " + label));
        }
        return new CoseHeader(parameters);
    }

    private static Value value(CborReader reader, long label, String name) throws MalformedException {
        if (label == ALG) {
            return new Value.Int(reader.integer(name));
        } else if (label == CONTENT_TYPE) {
            return new Value.Int(reader.integer(name, 0, MAX_CONTENT_TYPE));
        } else if (label == KID) {
            return new Value.ByteString(Bytes.of(reader.bytes(name, 1, MAX_KID_BYTES)));
        } else if (label == SIGNER_KEY) {
            return new Value.ByteString(
                    Bytes.of(reader.bytes(name, P256PublicKey.SPKI_LENGTH, P256PublicKey.SPKI_LENGTH)));
        }
        return new Value.ByteString(Bytes.of(reader.bytes(name, 1, MAX_EVIDENCE_BYTES)));
    }

    void write(CborWriter writer) {
        writer.map(parameters.size());
        parameters.forEach((label, value) -> {
            writer.integer(label);
            switch (value) {
                case Value.Int number -> writer.integer(number.value());
                case Value.ByteString bytes -> writer.bytes(bytes.value().toArray());
            }
        });
    }

    byte[] toByteArray() {
        CborWriter writer = new CborWriter();
        write(writer);
        return writer.toByteArray();
    }

    private CoseHeader with(long label, Value value) {
        SortedMap<Long, Value> more = newMap();
        more.putAll(parameters);
        more.put(label, value);
        return new CoseHeader(more);
    }

    private OptionalLong number(long label) {
        return parameters.get(label) instanceof Value.Int number
                ? OptionalLong.of(number.value())
                : OptionalLong.empty();
    }

    private Optional<Bytes> bytes(long label) {
        return parameters.get(label) instanceof Value.ByteString bytes ? Optional.of(bytes.value()) : Optional.empty();
    }

    private static Bytes checkLength(String name, Bytes value, int most) {
        if (value.length() == 0 || value.length() > most) {
            throw new IllegalArgumentException(
                    name + ": expected 1 to " + most + " bytes, found " + value.length());
        }
        return value;
    }

    private static SortedMap<Long, Value> newMap() {
        return new TreeMap<>(DETERMINISTIC);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CoseHeader that && parameters.equals(that.parameters);
    }

    @Override
    public int hashCode() {
        return parameters.hashCode();
    }

    /** {@return the labels that are present} */
    @Override
    public String toString() {
        return "header " + labels();
    }
}
