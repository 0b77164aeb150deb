package org.innerkeep.vault.key;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The vault's documents, which are believed though somebody else runs the database. At the end of each is a code (HMAC-SHA-256) over its
 * kind, name, version and content, by a secret that only the holders of the master key have: whoever can write to the database makes no
 * document. Which version holds is known from the log, so none that held before is taken for it, and none can be missing.
 *
 * <p>Safe for use by several threads. Close it to wipe the secret.
 */
final class KeyDocuments implements AutoCloseable {
    private static final int CODE_BYTES = 32;

    /** The most bytes of a document's content. */
    static final int MAX_BYTES = LoggedStore.MAX_BYTES - CODE_BYTES;

    private static final String ALGORITHM = "HmacSHA256";
    private static final String DERIVED = "innerkeep vault document key v1";
    private static final String LABEL = "innerkeep vault document v1";

    private final byte[] secret;
    private boolean closed;

    /**
     * A document that is this vault's.
     *
     * @param name its name
     * @param version its version
     * @param content what it says
     */
    record Authentic(String name, long version, Bytes content) {}

    /**
     * Derives the secret.
     *
     * @param from a secret that is wrapped under the master key; not kept
     */
    KeyDocuments(byte[] from) {
        this.secret = mac(from, DERIVED.getBytes(StandardCharsets.US_ASCII), new byte[0]);
    }

    /**
     * Reads a document.
     *
     * @return the document; nothing where it was never set
     * @throws StoreException if it is not this vault's, not in the version that holds, or gone
     */
    Optional<Authentic> read(LoggedStore.Reader reader, String kind, String name) throws SQLException, StoreException {
        Optional<LoggedStore.Document> found = reader.document(kind, name);
        return found.isEmpty() ? Optional.empty() : Optional.of(open(kind, found.get()));
    }

    /** Opens a document that the store read. */
    Authentic open(String kind, LoggedStore.Document document) throws StoreException {
        byte[] body = document.body().orElse(Bytes.EMPTY).toArray();
        if (body.length >= CODE_BYTES) {
            byte[] content = Arrays.copyOf(body, body.length - CODE_BYTES);
            byte[] code = Arrays.copyOfRange(body, content.length, body.length);
            if (MessageDigest.isEqual(code, code(kind, document.name(), document.version(), content))) {
                return new Authentic(document.name(), document.version(), Bytes.of(content));
            }
        }
        throw StoreException.damaged(kind + " '" + document.name() + "' has no code of this vault");
    }

    /** What a document says, for whoever has not got the secret yet, which is in it. */
    static byte[] unproven(LoggedStore.Document document) {
        byte[] body = document.body().orElse(Bytes.EMPTY).toArray();
        return Arrays.copyOf(body, Math.max(0, body.length - CODE_BYTES));
    }

    /** Sets a document, with a leaf. */
    void write(LoggedStore.Writer writer, String kind, String name, byte[] content, String leaf, String by)
            throws SQLException, StoreException {
        byte[] code = code(kind, name, writer.version(kind, name) + 1, content);
        byte[] body = Arrays.copyOf(content, content.length + CODE_BYTES);
        System.arraycopy(code, 0, body, content.length, CODE_BYTES);
        writer.set(kind, name, Optional.of(Bytes.of(body)), leaf, by);
    }

    private byte[] code(String kind, String name, long version, byte[] content) {
        // The first item tells by itself where it ends, so nothing of it can be taken for content.
        byte[] place = new CborWriter().array(4).text(LABEL).text(kind).text(name).integer(version).toByteArray();
        byte[] key;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the vault was closed");
            }
            key = secret.clone();
        }
        try {
            return mac(key, place, content);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] mac(byte[] key, byte[] first, byte[] second) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update(first);
            return mac.doFinal(second);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every Java platform", e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(secret, (byte) 0);
    }
}
