package org.innerkeep.vault.key;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * How often grants that bound their uses were used: a document of its own for each key, so that it is as hard to put back as a grant. The
 * stored form is a CBOR array of arrays of id and number, by id.
 *
 * @param counts by the ids of grants
 */
record KeyUses(SortedMap<String, Long> counts) {
    static final KeyUses NONE = new KeyUses(new TreeMap<>());

    private static final int MOST = 20_000;
    private static final int ID_CHARS = 32;

    KeyUses {
        counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
    }

    long of(String grant) {
        return counts.getOrDefault(grant, 0L);
    }

    KeyUses oneMore(String grant) {
        SortedMap<String, Long> more = new TreeMap<>(counts);
        more.merge(grant, 1L, Math::addExact);
        return new KeyUses(more);
    }

    /** Without those of other grants, which nobody can use any more. */
    KeyUses only(Set<String> grants) {
        SortedMap<String, Long> some = new TreeMap<>(counts);
        some.keySet().retainAll(grants);
        return new KeyUses(some);
    }

    byte[] toByteArray() {
        CborWriter writer = new CborWriter().array(counts.size());
        counts.forEach((id, count) -> writer.array(2).text(id).integer(count));
        return writer.toByteArray();
    }

    static KeyUses parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        Map<String, Long> counts = new TreeMap<>();
        String last = "";
        for (int count = reader.array("uses", 0, MOST); count > 0; count--) {
            reader.arrayOf("use", 2);
            String id = reader.text("grant", ID_CHARS);
            if (id.compareTo(last) <= 0) {
                throw new MalformedException("uses", reader.offset(), "expected grants in order, each once");
            }
            counts.put(id, reader.integer("number", 1, Long.MAX_VALUE));
            last = id;
        }
        reader.end("uses");
        return new KeyUses(new TreeMap<>(counts));
    }
}
