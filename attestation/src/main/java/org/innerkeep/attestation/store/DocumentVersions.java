package org.innerkeep.attestation.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * Which version of each document holds. Every leaf has the digest of this, so the last leaf says it for all: a policy that was put back
 * to an older version, which has a leaf as well, is found without a search through the log.
 */
final class DocumentVersions {
    /** No document was ever set. */
    static final DocumentVersions NONE = new DocumentVersions(newMap());

    private record Place(String kind, String name) {}

    private final SortedMap<Place, Long> versions;
    private final Bytes digest;

    private DocumentVersions(SortedMap<Place, Long> versions) {
        this.versions = versions;
        CborWriter writer = new CborWriter().array(versions.size());
        versions.forEach((place, version) ->
                writer.array(3).text(place.kind()).text(place.name()).integer(version));
        this.digest = Bytes.sha256(writer.toByteArray());
    }

    static DocumentVersions read(Connection connection) throws SQLException {
        SortedMap<Place, Long> versions = newMap();
        try (PreparedStatement query = connection.prepareStatement("SELECT kind, name, version FROM document");
                ResultSet found = query.executeQuery()) {
            while (found.next()) {
                versions.put(new Place(found.getString(1), found.getString(2)), found.getLong(3));
            }
        }
        return new DocumentVersions(versions);
    }

    DocumentVersions with(String kind, String name, long version) {
        SortedMap<Place, Long> more = newMap();
        more.putAll(versions);
        more.put(new Place(kind, name), version);
        return new DocumentVersions(more);
    }

    /** The version that holds; 0 where the document was never set. */
    long version(String kind, String name) {
        return versions.getOrDefault(new Place(kind, name), 0L);
    }

    /** The names of all documents of a kind that were ever set. */
    Set<String> names(String kind) {
        Set<String> names = new LinkedHashSet<>();
        for (Place each : versions.tailMap(new Place(kind, "")).keySet()) {
            if (!each.kind().equals(kind)) {
                break;
            }
            names.add(each.name());
        }
        return names;
    }

    /** SHA-256 of a CBOR array of arrays of kind, name and version, in the order of kind and name. */
    Bytes digest() {
        return digest;
    }

    /** Refuses other versions than the last leaf says. */
    void check(LogEntry last) throws StoreException {
        if (!last.digest(LogEntry.DOCUMENTS).equals(Optional.of(digest))) {
            throw SqlLog.corrupt("policies, signers and keys are not in the versions that the log's last leaf says");
        }
    }

    private static SortedMap<Place, Long> newMap() {
        return new TreeMap<>(Comparator.comparing(Place::kind).thenComparing(Place::name));
    }
}
