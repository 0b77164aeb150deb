package org.innerkeep.attestation.store;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;

/**
 * A decision as it is kept. Every content has the digest that the record says; whether the record has the digest that the log says is
 * shown by a receipt. Immutable.
 *
 * @param sequence where its leaf stands in the log
 * @param record what was decided
 * @param contents by name, those that are still kept
 */
public record RecordedDecision(long sequence, DecisionRecord record, Map<String, Bytes> contents) {
    /** Copies the contents. */
    public RecordedDecision {
        contents = Map.copyOf(contents);
    }

    /**
     * Finds a content.
     *
     * @param name the name of an input or output
     * @return the content, if it is still kept
     */
    public Optional<Bytes> content(String name) {
        return Optional.ofNullable(contents.get(name));
    }

    /** {@return the names of inputs whose contents are not kept, without which it cannot be replayed} */
    public Set<String> missingInputs() {
        Set<String> missing = new TreeSet<>(record.inputs().keySet());
        missing.removeAll(contents.keySet());
        return missing;
    }
}
