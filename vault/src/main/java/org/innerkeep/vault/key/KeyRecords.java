package org.innerkeep.vault.key;

import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.MalformedException;

/**
 * Keys as the vault's documents, and what is remembered of those that had their names before. Each document of a key begins with
 * the life of the vault in which it was written: those from before the whole store was restored count as disabled in every
 * version.
 */
final class KeyRecords {
    static final String KEY = "vault-key";

    private static final String PAST = "vault-past";

    /** What is read for one page of keys. */
    private static final long MOST_OF_A_PAGE = 8L << 20;

    private static final System.Logger LOG = System.getLogger("org.innerkeep.vault.key");

    private final VaultLife life;

    KeyRecords(VaultLife life) {
        this.life = life;
    }

    /** Which version of a key holds, without asking the database. */
    static long version(LoggedStore.Reader reader, KeyName name) {
        return reader.version(KEY, name.place());
    }

    KeyStore.Seen see(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        VaultLife.Life now = life.now(reader);
        Optional<KeyDocuments.Authentic> document = life.documents().read(reader, KEY, name.place());
        Optional<VaultKey> key = document.isEmpty() ? Optional.empty() : Optional.of(read(document.get(), now));
        if (key.isPresent() && !key.get().name().equals(name)) {
            throw StoreException.corrupt("the key '" + name + "'", new MalformedException("name", -1, "it has the name of another"));
        }
        return new KeyStore.Seen(name, key.filter(each -> !(each.state() instanceof KeyState.Purged)),
                document.map(KeyDocuments.Authentic::version).orElse(0L), now.version());
    }

    /** Purged ones too. */
    Optional<VaultKey> find(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Optional<KeyDocuments.Authentic> document = life.documents().read(reader, KEY, name.place());
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get(), life.now(reader)));
    }

    private static VaultKey read(KeyDocuments.Authentic document, VaultLife.Life now) throws StoreException {
        try {
            ByteBuffer content = ByteBuffer.wrap(document.content().toArray());
            if (content.remaining() < Long.BYTES) {
                throw new MalformedException("life", -1, "expected " + Long.BYTES + " bytes");
            }
            long written = content.getLong();
            byte[] form = new byte[content.remaining()];
            content.get(form);
            VaultKey key = KeyForm.read(form);
            return written < now.state().restored() ? disabled(key) : key;
        } catch (MalformedException e) {
            throw StoreException.corrupt("the key '" + document.name() + "'", e);
        }
    }

    private static VaultKey disabled(VaultKey key) {
        return key.versions(key.versions().stream().map(each -> each.with(each.settings().enabled(false), each.updated())).toList());
    }

    void write(LoggedStore.Writer writer, VaultKey key, byte[] form, String leaf, String by) throws SQLException, StoreException {
        long epoch = life.now(writer).state().epoch();
        byte[] content = ByteBuffer.allocate(Long.BYTES + form.length).putLong(epoch).put(form).array();
        life.documents().write(writer, KEY, key.name().place(), content, leaf, by);
    }

    /** Reads keys in the order of their names; those that cannot be read are named and do not hide the others. */
    KeyStore.Page list(LoggedStore.Reader reader, boolean deleted, String after, int most) throws SQLException, StoreException {
        VaultLife.Life now = life.now(reader);
        List<VaultKey> keys = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        String last = after;
        long bytes = 0;
        while (true) {
            List<String> names = reader.names(KEY, last, LoggedStore.MAX_PAGE);
            for (String each : names) {
                last = each;
                try {
                    KeyDocuments.Authentic document = life.documents().read(reader, KEY, each)
                            .orElseThrow(() -> StoreException.damaged("the key '" + each + "' is gone"));
                    bytes += document.content().length();
                    VaultKey key = read(document, now);
                    if (deleted ? key.state() instanceof KeyState.Deleted : key.active()) {
                        keys.add(key);
                    }
                    if (keys.size() == most || bytes > MOST_OF_A_PAGE) {
                        return new KeyStore.Page(keys, Optional.of(key.name()), unreadable);
                    }
                } catch (StoreException e) {
                    if (e.code() != StoreException.Code.DAMAGED) {
                        throw e;
                    }
                    unreadable.add(each);
                    LOG.log(System.Logger.Level.ERROR, e.getMessage());
                }
            }
            if (names.size() < LoggedStore.MAX_PAGE) {
                return new KeyStore.Page(keys, Optional.empty(), unreadable);
            }
        }
    }

    /** What is remembered of keys that had a name before. */
    KeyPast past(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Optional<KeyDocuments.Authentic> found = life.documents().read(reader, PAST, name.place());
        try {
            return found.isEmpty() ? KeyPast.NONE : KeyPast.parse(found.get().content().toArray());
        } catch (MalformedException e) {
            throw StoreException.corrupt("what is remembered of the key '" + name + "'", e);
        }
    }

    void write(LoggedStore.Writer writer, KeyName name, KeyPast past, String by) throws SQLException, StoreException {
        life.documents().write(writer, PAST, name.place(), past.toByteArray(), "key-remembered", by);
    }
}
