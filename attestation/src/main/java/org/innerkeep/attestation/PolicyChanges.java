package org.innerkeep.attestation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.Change;
import org.innerkeep.attestation.store.PendingChange;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.store.Versioned;

/**
 * Changes that two identities have to want: one proposes, another approves the very same, named by its digest. Proposing, approving and
 * rejecting are leaves of the log, each with who did it.
 *
 * <p>Safe for use by several threads.
 */
final class PolicyChanges {
    private static final int ATTEMPTS = 8;

    private final AttestationStore store;
    private final PolicyBook policies;
    private final InstantSource clock;
    private final Duration validity;

    /**
     * A change that waits.
     *
     * @param change the change
     * @param receipt that it was taken up
     */
    record Proposed(PendingChange change, Receipt receipt) {}

    PolicyChanges(AttestationStore store, PolicyBook policies, InstantSource clock, Duration validity) {
        this.store = store;
        this.policies = policies;
        this.clock = clock;
        this.validity = validity;
    }

    Instant expiry(PendingChange change) {
        return change.at().plus(validity);
    }

    private boolean current(PendingChange change, Instant now) {
        return now.isBefore(expiry(change));
    }

    /** The changes that wait, without those that are too old. */
    List<PendingChange> waiting() throws RefusedException {
        try {
            Instant now = clock.instant();
            return store.pendingChanges().value().stream().filter(each -> current(each, now)).toList();
        } catch (StoreException e) {
            throw PolicyBook.unavailable(e);
        }
    }

    Proposed propose(PendingChange.Action action, AttestationType type, String text, String by) throws RefusedException {
        boolean aboutSigners =
                action == PendingChange.Action.ADD_CERTIFICATE || action == PendingChange.Action.REMOVE_CERTIFICATE;
        long base = policies.check(action, type, text);
        Instant now = clock.instant();
        PendingChange change = new PendingChange(action, aboutSigners ? "" : type.segment(), text, base, by, now);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                Versioned<List<PendingChange>> stored = store.pendingChanges();
                List<PendingChange> after = new ArrayList<>(stored.value().stream().filter(each -> current(each, now)).toList());
                if (after.size() == PendingChange.MAX) {
                    throw new RefusedException(Code.INVALID_OPERATION,
                            "policy changes: " + PendingChange.MAX + " wait already; approve or reject one first.");
                }
                after.add(change);
                if (store.setPendingChanges(stored.version(), after, by) instanceof Change.Made<List<PendingChange>> made) {
                    return new Proposed(change, made.receipt());
                }
            } catch (StoreException e) {
                throw PolicyBook.unavailable(e);
            }
        }
        throw busy();
    }

    /** What makes a change and takes it off the list, both or neither. */
    @FunctionalInterface
    interface Making<T> {
        /** What was made; nothing where the list is another by now. */
        Optional<T> make(PendingChange change, AttestationStore.Approval approval) throws RefusedException;
    }

    /**
     * Approves a change, so that of all who approve or reject it one is first. One that can no longer be made stays on the list.
     *
     * @param digest that names it, hostile
     * @param by who approves it: another than who proposed it
     * @param making makes it
     * @return what was made
     */
    <T> T approve(String digest, String by, Making<T> making) throws RefusedException {
        Instant now = clock.instant();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                Versioned<List<PendingChange>> stored = store.pendingChanges();
                PendingChange found = find(stored.value(), digest, now);
                if (AdminIdentity.same(found.by(), by)) {
                    throw new RefusedException(Code.FORBIDDEN,
                            "policy changes: who proposed a change cannot approve it; another has to.");
                }
                Optional<T> made =
                        making.make(found, new AttestationStore.Approval(stored.version(), without(stored.value(), found, now), by));
                if (made.isPresent()) {
                    return made.get();
                }
            } catch (StoreException e) {
                throw PolicyBook.unavailable(e);
            }
        }
        throw busy();
    }

    /**
     * Takes a change off the list, which nobody can approve then.
     *
     * @param digest that names it, hostile
     * @param by who rejects it
     */
    void reject(String digest, String by) throws RefusedException {
        Instant now = clock.instant();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                Versioned<List<PendingChange>> stored = store.pendingChanges();
                List<PendingChange> after = without(stored.value(), find(stored.value(), digest, now), now);
                if (store.setPendingChanges(stored.version(), after, by) instanceof Change.Made<List<PendingChange>>) {
                    return;
                }
            } catch (StoreException e) {
                throw PolicyBook.unavailable(e);
            }
        }
        throw busy();
    }

    private PendingChange find(List<PendingChange> stored, String digest, Instant now) throws RefusedException {
        return stored.stream()
                .filter(each -> current(each, now) && each.digest().hex().equals(digest))
                .findFirst()
                .orElseThrow(() -> new RefusedException(Code.NOT_FOUND,
                        "policy changes: none with this digest waits; it may be too old, or somebody was first."));
    }

    private List<PendingChange> without(List<PendingChange> stored, PendingChange taken, Instant now) {
        return stored.stream().filter(each -> current(each, now) && !each.equals(taken)).toList();
    }

    private static RefusedException busy() {
        return new RefusedException(Code.CONFLICT, "policy changes: others changed them again and again; try again.");
    }
}
