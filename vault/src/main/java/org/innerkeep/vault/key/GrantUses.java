package org.innerkeep.vault.key;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.Granted;

/**
 * How often grants were used. The counts of those that bound their uses are a document of the vault, one for each key; of the
 * others they are for owners to look at, and nothing depends on them.
 */
final class GrantUses {
    private static final String USES = "vault-uses";

    private final KeyDocuments documents;

    GrantUses(KeyDocuments documents) {
        this.documents = documents;
    }

    /** All of a key, by the ids of grants. */
    Map<String, Long> of(LoggedStore.Reader reader, VaultKey key) throws SQLException, StoreException {
        Map<String, Long> uses = new LinkedHashMap<>();
        KeyUses counted = counted(reader, key.name());
        for (Granted each : key.grants()) {
            String id = each.grant().id();
            uses.put(id, each.grant().uses().isPresent() ? counted.of(id) : reader.tally(place(key.name(), id)));
        }
        return uses;
    }

    /** Those of grants that hold and bound them: of the others it does not matter. */
    Map<String, Long> bounded(LoggedStore.Reader reader, VaultKey key) throws SQLException, StoreException {
        List<String> bounded = key.grants().stream()
                .filter(each -> each.revoked().isEmpty() && each.grant().uses().isPresent())
                .map(each -> each.grant().id())
                .toList();
        if (bounded.isEmpty()) {
            return Map.of();
        }
        KeyUses counted = counted(reader, key.name());
        Map<String, Long> uses = new LinkedHashMap<>();
        bounded.forEach(each -> uses.put(each, counted.of(each)));
        return uses;
    }

    /** The uses of a grant that bounds them. */
    long bounded(LoggedStore.Reader reader, KeyName name, String grant) throws SQLException, StoreException {
        return counted(reader, name).of(grant);
    }

    /** Counts one, and gives how many there are now. */
    long one(LoggedStore.Writer writer, KeyName name, Grant grant) throws SQLException, StoreException {
        if (grant.uses().isEmpty()) {
            return writer.add(place(name, grant.id()), 1);
        }
        KeyUses now = counted(writer, name).oneMore(grant.id());
        documents.write(writer, USES, name.place(), now.toByteArray(), "grant-used", VaultLife.VAULT);
        return now.of(grant.id());
    }

    /** Forgets counts of grants that nobody can use any more: those that are not remembered. */
    void forget(LoggedStore.Writer writer, KeyName name, KeyPast past, String by) throws SQLException, StoreException {
        KeyUses uses = counted(writer, name);
        KeyUses left = uses.only(past.grants());
        if (!left.equals(uses)) {
            documents.write(writer, USES, name.place(), left.toByteArray(), "uses-forgotten", by);
        }
    }

    private KeyUses counted(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Optional<KeyDocuments.Authentic> found = documents.read(reader, USES, name.place());
        try {
            return found.isEmpty() ? KeyUses.NONE : KeyUses.parse(found.get().content().toArray());
        } catch (MalformedException e) {
            throw StoreException.corrupt("the uses of the key '" + name + "'", e);
        }
    }

    private static String place(KeyName name, String grant) {
        return "uses of " + name.place() + " by " + grant;
    }
}
