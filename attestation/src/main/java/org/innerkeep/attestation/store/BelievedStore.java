package org.innerkeep.attestation.store;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A store whose policies, signers, waiting changes, approvals and signing keys are believed though somebody else runs the
 * database. Of each there is a code (HMAC-SHA-256) over its kind, name, version, content and who set it, under a secret that is
 * derived from the log's private key: whoever can write to the database rewrites a policy and its leaf, and makes no code. Which
 * version holds the store knows from the log.
 *
 * <p>A code is written before what it is of, in a change of its own: if that one is never made, the code is of nothing. So content counts
 * that somebody who may set it has tried to set, and nothing else. A store from before there were codes is taken as it is when it
 * is opened first, which is said in the log.
 *
 * <p>Safe for use by several threads.
 */
public final class BelievedStore implements AttestationStore {
    /** The kind of document that the codes are in. */
    static final String KIND = "document-codes";

    private static final String ALL = "all";
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.store");
    private static final String SECRET = "innerkeep document codes v1";
    private static final String LABEL = "innerkeep document code v1";
    private static final String SERVICE = "service";
    private static final long MOST = 256 * 1024;

    private final AttestationStore store;
    private final byte[] secret;
    private final AtomicReference<DocumentCodes> known = new AtomicReference<>(DocumentCodes.NONE);

    private BelievedStore(AttestationStore store, byte[] secret) {
        this.store = store;
        this.secret = secret;
    }

    /**
     * Opens over a store.
     *
     * @param store where everything is; closed with this
     * @param key the key that signs its log
     * @return the store
     * @throws StoreException if it cannot be read or written; then the store is still open
     */
    public static BelievedStore over(AttestationStore store, LogKey key) throws StoreException {
        BelievedStore believed = new BelievedStore(store, key.secret(SECRET));
        believed.adopt();
        return believed;
    }

    /** Takes a store from before there were codes as it is. */
    private void adopt() throws StoreException {
        if (store.further().look(reader -> reader.version(KIND, ALL) != 0)) {
            return;
        }
        List<Announced> all = new ArrayList<>();
        Set<String> types = store.further().look(reader -> reader.names(new Forms.Policy().kind()));
        for (String type : types) {
            all.add(announced(new Forms.Policy(), type, store.policy(type)));
        }
        all.add(announced(new Forms.Signers(), "", store.policySigners()));
        all.add(announced(new Forms.Pending(), "", store.pendingChanges()));
        all.add(announced(new Forms.Approvals(), "", store.approvals()));
        all.add(announced(new Forms.Keys(), "", store.signingKeys()));
        all.removeIf(each -> each.place().version() == 0);
        if (!all.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "store: it is from before its documents had codes, and is taken as it is");
            add(all, false);
        }
    }

    /** A code, and what it is of. */
    private record Announced(DocumentCodes.Place place, Bytes code) {}

    private <T> Announced announced(Documents.Form<T> form, String name, Versioned<T> found) {
        return announced(form, name, found.version(), found.value(), found.setBy());
    }

    private <T> Announced announced(Documents.Form<T> form, String name, long version, T value, String by) {
        Optional<Bytes> body = form.encode(value);
        byte[] all = new CborWriter()
                .array(7)
                .text(LABEL)
                .text(form.kind())
                .text(name)
                .integer(version)
                .text(by)
                .bool(body.isPresent())
                .bytes(body.orElse(Bytes.EMPTY).toArray())
                .toByteArray();
        return new Announced(new DocumentCodes.Place(form.kind(), name, version), code(all));
    }

    private Bytes code(byte[] all) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return Bytes.of(mac.doFinal(all));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every Java platform", e);
        }
    }

    /** A change of documents. */
    @FunctionalInterface
    private interface Making<T> {
        Change<T> make() throws StoreException;
    }

    /** Makes a change whose codes are announced. */
    private <T> Change<T> making(List<Announced> all, Making<T> making) throws StoreException {
        add(all, true);
        Change<T> change = making.make();
        // Others may have announced so much meanwhile that these were dropped.
        if (change instanceof Change.Made<T>) {
            DocumentCodes stored = store.further().look(BelievedStore::read);
            if (!all.stream().allMatch(each -> isIn(stored, each))) {
                add(all, false);
            }
        }
        return change;
    }

    /**
     * Adds codes to those that are stored.
     *
     * @param all what is added
     * @param next whether they are of what is about to be set; where it is known already that it will not be, they are left out, lest they
     *     push out those of what holds
     */
    private void add(List<Announced> all, boolean next) throws StoreException {
        DocumentCodes now = store.further()
                .work(
                        writer -> {
                            DocumentCodes codes = read(writer);
                            DocumentCodes more = codes;
                            for (Announced each : all) {
                                DocumentCodes.Place place = each.place();
                                long holds = writer.version(place.kind(), place.name());
                                if (holds == (next ? place.version() - 1 : place.version())) {
                                    more = more.and(place, each.code());
                                }
                            }
                            if (!more.equals(codes)) {
                                writer.set(KIND, ALL, Optional.of(Bytes.of(more.toByteArray())), "document-codes-set", SERVICE);
                            }
                            return more;
                        },
                        MOST)
                .value();
        known.set(now);
    }

    private static DocumentCodes read(LoggedStore.Reader reader) throws SQLException, StoreException {
        Optional<Bytes> body = reader.document(KIND, ALL).flatMap(LoggedStore.Document::body);
        try {
            return body.isEmpty() ? DocumentCodes.NONE : DocumentCodes.parse(body.get().toArray());
        } catch (MalformedException e) {
            throw StoreException.corrupt("the codes of documents", e);
        }
    }

    private <T> Versioned<T> believed(Documents.Form<T> form, String name, Versioned<T> found) throws StoreException {
        if (found.version() == 0) {
            return found;
        }
        Announced wanted = announced(form, name, found);
        // What was right once stays so; another instance may have announced what this one has not seen.
        if (!isIn(known.get(), wanted)) {
            known.set(store.further().look(BelievedStore::read));
            if (!isIn(known.get(), wanted)) {
                throw StoreException.damaged(form.kind() + " '" + name + "' of version " + found.version() + " has no code of this service");
            }
        }
        return found;
    }

    private static boolean isIn(DocumentCodes codes, Announced wanted) {
        byte[] code = wanted.code().toArray();
        return codes.of(wanted.place()).stream().anyMatch(each -> MessageDigest.isEqual(each.toArray(), code));
    }

    @Override
    public Versioned<Optional<String>> policy(String type) throws StoreException {
        return believed(new Forms.Policy(), type, store.policy(type));
    }

    @Override
    public Change<Optional<String>> setPolicy(String type, long expectedVersion, String text, String by) throws StoreException {
        return making(
                List.of(announced(new Forms.Policy(), type, expectedVersion + 1, Optional.of(text), by)),
                () -> store.setPolicy(type, expectedVersion, text, by));
    }

    @Override
    public Change<Optional<String>> resetPolicy(String type, long expectedVersion, String by) throws StoreException {
        return making(
                List.of(announced(new Forms.Policy(), type, expectedVersion + 1, Optional.<String>empty(), by)),
                () -> store.resetPolicy(type, expectedVersion, by));
    }

    @Override
    public Versioned<List<Bytes>> policySigners() throws StoreException {
        return believed(new Forms.Signers(), "", store.policySigners());
    }

    @Override
    public Change<List<Bytes>> setPolicySigners(long expectedVersion, List<Bytes> certificates, String by) throws StoreException {
        return making(
                List.of(announced(new Forms.Signers(), "", expectedVersion + 1, certificates, by)),
                () -> store.setPolicySigners(expectedVersion, certificates, by));
    }

    @Override
    public Versioned<List<PendingChange>> pendingChanges() throws StoreException {
        return believed(new Forms.Pending(), "", store.pendingChanges());
    }

    @Override
    public Change<List<PendingChange>> setPendingChanges(long expectedVersion, List<PendingChange> changes, String by)
            throws StoreException {
        return making(
                List.of(announced(new Forms.Pending(), "", expectedVersion + 1, changes, by)),
                () -> store.setPendingChanges(expectedVersion, changes, by));
    }

    private Announced announced(Approval approval) {
        return announced(new Forms.Pending(), "", approval.expectedVersion() + 1, approval.changes(), approval.by());
    }

    @Override
    public Change<Optional<String>> setApprovedPolicy(
            String type, long expectedVersion, Optional<String> text, String by, Approval approval) throws StoreException {
        return making(
                List.of(announced(new Forms.Policy(), type, expectedVersion + 1, text, by), announced(approval)),
                () -> store.setApprovedPolicy(type, expectedVersion, text, by, approval));
    }

    @Override
    public Change<List<Bytes>> setApprovedSigners(long expectedVersion, List<Bytes> certificates, String by, Approval approval)
            throws StoreException {
        return making(
                List.of(announced(new Forms.Signers(), "", expectedVersion + 1, certificates, by), announced(approval)),
                () -> store.setApprovedSigners(expectedVersion, certificates, by, approval));
    }

    @Override
    public Versioned<Integer> approvals() throws StoreException {
        return believed(new Forms.Approvals(), "", store.approvals());
    }

    @Override
    public Change<Integer> setApprovals(long expectedVersion, int number, String by) throws StoreException {
        return making(
                List.of(announced(new Forms.Approvals(), "", expectedVersion + 1, number, by)),
                () -> store.setApprovals(expectedVersion, number, by));
    }

    @Override
    public Versioned<List<SigningKey>> signingKeys() throws StoreException {
        return believed(new Forms.Keys(), "", store.signingKeys());
    }

    @Override
    public Change<List<SigningKey>> setSigningKeys(long expectedVersion, List<SigningKey> keys, String by) throws StoreException {
        return making(
                List.of(announced(new Forms.Keys(), "", expectedVersion + 1, keys, by)),
                () -> store.setSigningKeys(expectedVersion, keys, by));
    }

    @Override
    public byte[] nonceSecret() {
        return store.nonceSecret();
    }

    @Override
    public Receipt record(Decision decision) throws StoreException {
        return store.record(decision);
    }

    @Override
    public Optional<RecordedDecision> decision(long sequence) throws StoreException {
        return store.decision(sequence);
    }

    @Override
    public Pruned prune(Instant before) throws StoreException {
        return store.prune(before);
    }

    @Override
    public LoggedStore further() {
        return store.further();
    }

    @Override
    public TransparencyLog log() {
        return store.log();
    }

    @Override
    public Optional<StoreException> writeFailure() {
        return store.writeFailure();
    }

    @Override
    public void close() {
        store.close();
        Arrays.fill(secret, (byte) 0);
    }
}
