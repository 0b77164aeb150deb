package org.innerkeep.attestation.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.MerkleTree;
import org.innerkeep.attestation.store.StoreException.Code;

/**
 * Notices, when a store is opened, that it is older than a head that is kept apart from it, or that it is another one. What is accepted
 * all the same is named by the kept head that is given up: as soon as that was done another head is kept, and the same value accepts
 * nothing more.
 */
final class RollbackGuard {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.store");

    private final Optional<StoreOptions.KeptHead> keptHead;
    private boolean madeAnew;

    RollbackGuard(Optional<StoreOptions.KeptHead> keptHead) {
        this.keptHead = keptHead;
    }

    private Optional<LogHead> kept() {
        return keptHead.flatMap(head -> head.file().kept()).map(LogHead.Signed::head);
    }

    /** What gives this head up. */
    private static String name(LogHead kept) {
        return kept.size() + ":" + kept.root().hex();
    }

    private boolean givenUp(LogHead kept) {
        return keptHead.filter(head -> head.accepted().equals(name(kept))).isPresent();
    }

    /** A store without a log, which is about to be made. */
    void checkEmpty() throws StoreException {
        Optional<LogHead> kept = kept();
        if (kept.isPresent() && !givenUp(kept.get())) {
            throw refused(kept.get(), "it is empty");
        }
        madeAnew = true;
    }

    /** A store whose log has this head, which is signed by the log's key. */
    void check(Connection connection, LogHead found) throws SQLException, StoreException {
        if (keptHead.isEmpty()) {
            return;
        }
        Optional<LogHead> known = kept();
        if (known.isEmpty()) {
            if (!madeAnew) {
                LOG.log(System.Logger.Level.WARNING, "store: no head was kept in " + keptHead.get().file() + "; the log of "
                        + found.size() + " leaves is taken as it is. Right at the first start of an instance; otherwise find out who took"
                        + " the file away, and compare the log with receipts or an export by 'innerkeep log verify'");
            }
            return;
        }
        LogHead kept = known.get();
        boolean goesOn = found.size() >= kept.size()
                && SqlLog.proof(() -> MerkleTree.root(SqlLog.hashes(connection), kept.size())).equals(kept.root());
        if (goesOn) {
            return;
        }
        if (!givenUp(kept)) {
            throw refused(kept, "its log has " + found.size() + " leaves"
                    + (found.size() >= kept.size() ? " and does not go on from those" : ""));
        }
        LOG.log(System.Logger.Level.WARNING, "store: a log of " + found.size() + " leaves, root " + found.root().hex() + ", is accepted in"
                + " place of the one of " + kept.size() + " leaves that this instance knew, signed at " + kept.time() + ", as"
                + " accept-rollback says. That value is spent; take the setting out");
    }

    private StoreException refused(LogHead kept, String found) {
        return new StoreException(Code.ROLLED_BACK, "store: an older copy was restored, or another one put in its place: this instance knows"
                + " " + kept.size() + " leaves, signed at " + kept.time() + " (" + keptHead.map(head -> head.file().toString()).orElse("")
                + "), and " + found + ". Restore the newest copy. If it is lost, begin a new store with a new log key. To go on with this"
                + " one all the same, set accept-rollback=" + name(kept) + " for one start: policies that were taken back since may hold"
                + " again, and everyone with a newer receipt can then show that the log was rewritten", null);
    }

    /** Keeps a head, before anybody is told of it. */
    void keep(LogHead.Signed head) throws StoreException {
        if (keptHead.isEmpty()) {
            return;
        }
        try {
            keptHead.get().file().keep(head);
        } catch (IOException e) {
            throw new StoreException(Code.FAILED, "store: changed, but the head of its log cannot be kept in " + keptHead.get().file()
                    + " (" + e.getMessage() + "): make room there, and look what holds before trying again", e, true);
        }
    }
}
