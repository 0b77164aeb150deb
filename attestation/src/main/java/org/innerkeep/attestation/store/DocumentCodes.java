package org.innerkeep.attestation.store;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * Codes by which documents are believed: of each document those of the version that holds and of the next, announced before it is
 * set. A CBOR array of kind, name, version and code, in this order, each once. Immutable.
 *
 * @param codes by place, in the order in which they were announced; at most {@link #MOST_OF_A_VERSION} of each
 */
record DocumentCodes(SortedMap<Place, List<Bytes>> codes) {
    /** More than one where changes were announced that lost a race or were never made. */
    static final int MOST_OF_A_VERSION = 16;

    static final int CODE_BYTES = 32;
    static final DocumentCodes NONE = new DocumentCodes(new TreeMap<>());

    private static final int MOST = 10_000;
    private static final int MAX_NAME = 100;

    /**
     * A document in one version.
     *
     * @param kind of the document
     * @param name of the document
     * @param version of the document
     */
    record Place(String kind, String name, long version) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byKind = kind.compareTo(other.kind);
            int byName = byKind != 0 ? byKind : name.compareTo(other.name);
            return byName != 0 ? byName : Long.compare(version, other.version);
        }
    }

    List<Bytes> of(Place place) {
        return codes.getOrDefault(place, List.of());
    }

    /** With one more, and without those of versions before the one that it follows. */
    DocumentCodes and(Place place, Bytes code) {
        SortedMap<Place, List<Bytes>> more = new TreeMap<>(codes);
        more.keySet().removeIf(each -> each.kind().equals(place.kind()) && each.name().equals(place.name())
                && each.version() < place.version() - 1);
        List<Bytes> all = new ArrayList<>(of(place));
        all.remove(code);
        all.add(code);
        while (all.size() > MOST_OF_A_VERSION) {
            all.removeFirst();
        }
        more.put(place, List.copyOf(all));
        return new DocumentCodes(more);
    }

    byte[] toByteArray() {
        CborWriter writer = new CborWriter().array(codes.values().stream().mapToInt(List::size).sum());
        codes.forEach((place, all) -> all.forEach(code ->
                writer.array(4).text(place.kind()).text(place.name()).integer(place.version()).bytes(code.toArray())));
        return writer.toByteArray();
    }

    static DocumentCodes parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        SortedMap<Place, List<Bytes>> codes = new TreeMap<>();
        for (int count = reader.array("codes", 0, MOST); count > 0; count--) {
            int start = reader.offset();
            reader.arrayOf("code", 4);
            Place place = new Place(
                    reader.text("kind", MAX_NAME), reader.text("name", MAX_NAME), reader.integer("version", 1, Long.MAX_VALUE));
            Bytes code = Bytes.of(reader.bytes("code", CODE_BYTES, CODE_BYTES));
            List<Bytes> all = codes.computeIfAbsent(place, _ -> new ArrayList<>());
            if (!codes.lastKey().equals(place) || all.contains(code) || all.size() == MOST_OF_A_VERSION) {
                throw new MalformedException("codes", start, "expected them in the order of their documents, each once");
            }
            all.add(code);
        }
        reader.end("codes");
        codes.replaceAll((_, all) -> List.copyOf(all));
        return new DocumentCodes(codes);
    }
}
