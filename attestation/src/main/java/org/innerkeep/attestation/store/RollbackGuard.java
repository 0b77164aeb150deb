package org.innerkeep.attestation.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.MerkleTree;
import org.innerkeep.attestation.store.StoreException.Code;

/** Notices, when a store is opened, that it is older than a head that is kept apart from it, or that it is another one. */
final class RollbackGuard {
    private static final String EMPTY = "empty";

    private final Optional<StoreOptions.KeptHead> keptHead;

    RollbackGuard(Optional<StoreOptions.KeptHead> keptHead) {
        this.keptHead = keptHead;
    }

    /** A store without a log, where there was one. */
    void checkEmpty() throws StoreException {
        if (keptHead.isPresent()) {
            Optional<LogHead.Signed> kept = keptHead.get().file().kept();
            if (kept.isPresent() && !keptHead.get().accepted().equals(EMPTY)) {
                throw refused(kept.get().head(), "it is empty", EMPTY);
            }
        }
    }

    /** A store whose log has this head, which is signed by the log's key. */
    void check(Connection connection, LogHead found) throws SQLException, StoreException {
        if (keptHead.isEmpty() || keptHead.get().file().kept().isEmpty()) {
            return;
        }
        LogHead kept = keptHead.get().file().kept().get().head();
        boolean goesOn = found.size() >= kept.size()
                && SqlLog.proof(() -> MerkleTree.root(SqlLog.hashes(connection), kept.size())).equals(kept.root());
        String state = found.size() + ":" + found.root().hex();
        // An empty store that was accepted has one leaf by now.
        boolean madeAnew = found.size() == 1 && keptHead.get().accepted().equals(EMPTY);
        if (!goesOn && !madeAnew && !keptHead.get().accepted().equals(state)) {
            throw refused(kept, "its log has " + found.size() + " leaves"
                    + (found.size() >= kept.size() ? " and does not go on from those" : ""), state);
        }
    }

    private StoreException refused(LogHead kept, String found, String state) {
        return new StoreException(Code.ROLLED_BACK, "store: an older copy was restored, or another one put in its place: this instance knows"
                + " " + kept.size() + " leaves, signed at " + kept.time() + " (" + keptHead.map(head -> head.file().toString()).orElse("")
                + "), and " + found + ". Restore the newest copy. If it is lost, begin a new store with a new log key. To go on with this"
                + " one all the same, set accept-rollback=" + state + ": policies that were taken back since may hold again, and"
                + " everyone with a newer receipt can then show that the log was rewritten", null);
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
