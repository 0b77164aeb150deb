package org.innerkeep.attestation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Remembers what follows from documents alone, since most appraisals are answered with the same few: their archive, and what they are.
 * Nothing that is remembered is a decision. Bounded, whatever requests bring.
 *
 * <p>Safe for use by several threads.
 */
final class CollateralMemory {
    private static final StrictJson JSON = StrictJson.upTo(4 << 20);
    private static final int MOST = 32;

    /** What is larger is made anew each time. */
    private static final long MOST_BYTES = 128 << 10;

    private record Looked(Bytes document, String field, String id, String fmspc) {}

    private final Map<List<Bytes>, Optional<Bytes>> archives = newMap();
    private final Map<Looked, Boolean> looks = newMap();

    private static <K, V> Map<K, V> newMap() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MOST;
            }
        };
    }

    private static <K, V> V remembered(Map<K, V> map, K key, long bytes, Supplier<V> made) {
        if (bytes > MOST_BYTES) {
            return made.get();
        }
        synchronized (map) {
            V known = map.get(key);
            if (known != null) {
                return known;
            }
        }
        V value = made.get();
        synchronized (map) {
            map.put(key, value);
        }
        return value;
    }

    /** {@return the documents in one file, for {@link EndorsementPool#parse}; nothing where one that says it is PEM is none} */
    Optional<Bytes> archive(List<Bytes> documents) {
        return remembered(archives, documents, documents.stream().mapToLong(Bytes::length).sum(), () -> {
            try {
                return Optional.of(Bytes.of(EndorsementPool.of(documents).toByteArray()));
            } catch (MalformedException e) {
                return Optional.empty();
            }
        });
    }

    /** {@return whether a document is JSON with an object of this name, which has this id and, unless it is empty, this FMSPC} */
    boolean fits(Bytes document, String field, String id, String fmspc) {
        return remembered(
                looks, new Looked(document, field, id, fmspc), document.length(), () -> look(document.toArray(), field, id, fmspc));
    }

    private static boolean look(byte[] document, String field, String id, String fmspc) {
        try {
            return document.length > 0
                    && document[0] == '{'
                    && JSON.object("collateral", document).get(field) instanceof ObjectNode body
                    && StrictJson.text(body, "id").orElse("").equals(id)
                    && (fmspc.isEmpty() || StrictJson.text(body, "fmspc").orElse("").equalsIgnoreCase(fmspc));
        } catch (MalformedException e) {
            return false;
        }
    }
}
