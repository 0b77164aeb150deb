package org.innerkeep.attestation.store;

import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.evidence.Bytes;

/**
 * A decision to be recorded: its record, and the contents that the record names by their digests.
 *
 * @param record what was decided
 * @param contents by the names of the record's inputs and outputs; those that are to be kept, perhaps none. Never a token or anything
 *     else that would let a reader of the store act for somebody. Each at most {@link #MAX_CONTENT_BYTES}, together at most
 *     {@link #MAX_ALL_BYTES}
 */
public record Decision(DecisionRecord record, Map<String, Bytes> contents) {
    /** The most bytes of one content. */
    public static final int MAX_CONTENT_BYTES = 8 * 1024 * 1024;

    /** The most bytes of all contents of one decision. */
    public static final int MAX_ALL_BYTES = 16 * 1024 * 1024;

    /**
     * Checks sizes, and that each content is what the record says.
     *
     * @throws IllegalArgumentException if a content is too large, or has no or another digest in the record
     */
    public Decision {
        Map<String, Bytes> named = new LinkedHashMap<>(record.inputs());
        named.putAll(record.outputs());
        long all = 0;
        for (Map.Entry<String, Bytes> each : contents.entrySet()) {
            int length = each.getValue().length();
            all += length;
            if (length > MAX_CONTENT_BYTES || all > MAX_ALL_BYTES) {
                throw new IllegalArgumentException("content '" + each.getKey() + "': expected at most " + MAX_CONTENT_BYTES
                        + " bytes and " + MAX_ALL_BYTES + " in all");
            }
            if (!Bytes.sha256(each.getValue().toArray()).equals(named.getOrDefault(each.getKey(), Bytes.EMPTY))) {
                throw new IllegalArgumentException(
                        "content '" + each.getKey() + "': expected the digest that the record has under this name");
            }
        }
        contents = Map.copyOf(contents);
    }

    /** How much of the heap it holds, about. */
    long bytes() {
        return contents.values().stream().mapToLong(Bytes::length).sum();
    }
}
