package org.innerkeep.evidence;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * Evidence that its makers give in several parts, such as a TPM quote with its signature, register values and event log, as one
 * sequence of bytes: a collection of the RATS Conceptual Messages Wrapper (draft-ietf-rats-msg-wrap), a CBOR map of records
 * {@code [media type, bytes]} by label, with the collection's type under {@code __cmwc_t}. The labels come in the order of their
 * bytes, so that the same parts always give the same bytes. Nothing signs the collection: each part is verified for what it is, and
 * that they belong together.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param type what the parts make up, such as {@code tag:innerkeep.org,2026:tpm-quote}
 * @param parts by label, 1 to 32 characters of {@code a-z}, digits and {@code -}; at most 64 parts
 */
public record EvidenceParts(String type, Map<String, Bytes> parts) {
    /** What every type begins with. */
    public static final String TYPE_PREFIX = "tag:innerkeep.org,2026:";

    private static final String TYPE_LABEL = "__cmwc_t";
    private static final String MEDIA_TYPE = "application/octet-stream";
    private static final int MAX_TYPE = 128;
    private static final int MAX_LABEL = 32;
    private static final int MAX_PARTS = 64;

    /**
     * Copies the parts and checks the labels.
     *
     * @throws IllegalArgumentException if a label or the number of parts is out of bounds
     */
    public EvidenceParts {
        parts = Collections.unmodifiableMap(new TreeMap<>(parts));
        if (parts.isEmpty() || parts.size() > MAX_PARTS || !parts.keySet().stream().allMatch(EvidenceParts::isLabel)
                || type.isEmpty() || type.length() > MAX_TYPE) {
            throw new IllegalArgumentException("evidence parts: expected a type and 1 to " + MAX_PARTS
                    + " parts under labels of a-z, digits and '-'");
        }
    }

    private static boolean isLabel(String label) {
        return !label.isEmpty()
                && label.length() <= MAX_LABEL
                && label.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-');
    }

    /**
     * A part.
     *
     * @param label its label
     * @return its bytes, or nothing where it is absent
     */
    public Optional<Bytes> find(String label) {
        return Optional.ofNullable(parts.get(label));
    }

    /**
     * A part that must be there.
     *
     * @param label its label
     * @return its bytes
     * @throws MalformedException if it is absent
     */
    public Bytes get(String label) throws MalformedException {
        Bytes found = parts.get(label);
        if (found == null) {
            throw new MalformedException(label, -1, "expected this part of the evidence, found none");
        }
        return found;
    }

    /**
     * Tells by the first bytes alone whether bytes want to be read as a collection.
     *
     * @param bytes hostile bytes
     * @return whether a map comes first whose first key is the collection's type
     */
    public static boolean looksLike(byte[] bytes) {
        CborReader reader = new CborReader(bytes);
        try {
            return reader.peek() == CborReader.Type.MAP
                    && reader.map("parts", 2, MAX_PARTS + 1) > 0
                    && reader.peek() == CborReader.Type.TEXT
                    && reader.text("label", MAX_LABEL).equals(TYPE_LABEL);
        } catch (MalformedException e) {
            return false;
        }
    }

    /**
     * Reads the form that {@link #toByteArray} writes.
     *
     * @param encoded hostile bytes
     * @return the parts, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static EvidenceParts parse(byte[] encoded) throws MalformedException {
        CborReader reader = new CborReader(encoded);
        int pairs = reader.map("parts", 2, MAX_PARTS + 1);
        int start = reader.offset();
        if (!reader.text("label", MAX_LABEL).equals(TYPE_LABEL)) {
            throw new MalformedException("parts", start, "expected " + TYPE_LABEL + " first");
        }
        start = reader.offset();
        String type = reader.text(TYPE_LABEL, MAX_TYPE);
        if (type.isEmpty()) {
            throw new MalformedException(TYPE_LABEL, start, "expected a type, found none");
        }
        TreeMap<String, Bytes> parts = new TreeMap<>();
        for (int i = 1; i < pairs; i++) {
            start = reader.offset();
            String label = reader.text("label", MAX_LABEL);
            if (!isLabel(label) || !parts.isEmpty() && parts.lastKey().compareTo(label) >= 0) {
                throw new MalformedException("label", start, "expected labels of a-z, digits and '-', each once, in order");
            }
            reader.arrayOf(label, 2);
            start = reader.offset();
            if (!reader.text(label + " media type", MAX_TYPE).equals(MEDIA_TYPE)) {
                throw new MalformedException(label + " media type", start, "expected " + MEDIA_TYPE);
            }
            parts.put(label, Bytes.of(reader.bytes(label, 0, Verifier.MAX_EVIDENCE_BYTES)));
        }
        reader.end("parts");
        return new EvidenceParts(type, parts);
    }

    /** {@return the collection's bytes, of the one form that {@link #parse} accepts} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter().map(parts.size() + 1).text(TYPE_LABEL).text(type);
        parts.forEach((label, bytes) -> writer.text(label).array(2).text(MEDIA_TYPE).bytes(bytes.toArray()));
        return writer.toByteArray();
    }
}
