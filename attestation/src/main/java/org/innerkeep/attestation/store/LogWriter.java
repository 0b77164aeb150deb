package org.innerkeep.attestation.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogSource;
import org.innerkeep.attestation.log.MerkleTree;
import org.innerkeep.attestation.log.TreeGrowth;
import org.innerkeep.attestation.store.StoreException.Code;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of this instance that changes the store. Changes that wait together go into one transaction: one signature, one wait
 * for the disk. So the log grows as fast as leaves can be written, and not as fast as disks turn.
 *
 * <p>Before it appends, it makes sure that the log in the database goes on from every head that it has given away. If not, the database
 * was restored from an older copy or rewritten, and it never writes again.
 */
final class LogWriter implements AutoCloseable {
    /** What a change does inside the transaction. It may be run a second time, in another one. */
    @FunctionalInterface
    interface Mutation<T> {
        Outcome<T> in(Connection connection, LogTransaction log) throws SQLException, StoreException;
    }

    /** What the caller gets once it is committed. */
    @FunctionalInterface
    interface Outcome<T> {
        T with(LogTransaction.Receipts receipts) throws SQLException, StoreException;
    }

    private record Waiting<T>(Mutation<T> mutation, long bytes, CompletableFuture<T> answer) {
        /** Runs the change, and returns what answers its caller after the commit. */
        Answering in(Connection connection, LogTransaction log) throws SQLException, StoreException {
            Outcome<T> outcome = mutation.in(connection, log);
            return receipts -> {
                try {
                    answer.complete(outcome.with(receipts));
                } catch (SQLException | StoreException | RuntimeException e) {
                    // It is committed, and only the receipt could not be made.
                    answer.completeExceptionally(
                            new StoreException(Code.FAILED, "store: committed, but without a receipt: " + e.getMessage(), e, true));
                }
            };
        }
    }

    @FunctionalInterface
    private interface Answering {
        void answer(LogTransaction.Receipts receipts);
    }

    private static final int MOST_TOGETHER = 512;

    /** One in so many places, and bytes, is not for strangers. */
    private static final int LEFT = 4;

    /** What all changes that wait may hold of the heap together; one change holds at most a quarter of it. */
    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private static final LogTransaction.Receipts NO_RECEIPTS = sequence -> {
        throw new IllegalStateException("leaf " + sequence + " was not written");
    };

    private final Database database;
    private final LogKey key;
    private final Clock clock;
    private final RollbackGuard guard;
    private final int maxWaiting;
    private final BlockingQueue<Waiting<?>> queue;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    private final Object closing = new Object();

    /** The last in the queue. */
    private final Waiting<?> end = new Waiting<>((connection, log) -> receipts -> Boolean.TRUE, 0, new CompletableFuture<Boolean>());

    private boolean closed;
    private volatile @Nullable StoreException failure;

    /** Of the last head that this instance wrote or found: touched by the writing thread only, once it runs. */
    private TreeGrowth known = new TreeGrowth();

    private Optional<LogHead.Signed> knownHead = Optional.empty();
    private volatile DocumentVersions knownDocuments = DocumentVersions.NONE;

    LogWriter(Database database, LogKey key, Clock clock, int maxWaiting, RollbackGuard guard) {
        this.guard = guard;
        this.database = database;
        this.key = key;
        this.clock = clock;
        this.maxWaiting = maxWaiting;
        this.queue = new ArrayBlockingQueue<>(maxWaiting);
        this.thread = Thread.ofPlatform().name("innerkeep-store").daemon().unstarted(this::run);
    }

    /** Looks at the log for the first time, in the calling thread, then begins to accept changes. */
    void start() throws StoreException {
        database.read(connection -> {
            catchUp(connection);
            guard.check(connection, knownHead.orElseThrow().head());
            return Boolean.TRUE;
        });
        guard.keep(knownHead.orElseThrow());
        thread.start();
    }

    /** Makes the very first change, in the calling thread, before {@link #start}. */
    static <T> void first(Database database, LogKey key, Clock clock, Mutation<T> mutation) throws StoreException {
        database.write(connection -> {
            if (SqlLog.head(connection).isEmpty()) {
                LogTransaction log = new LogTransaction(new TreeGrowth(), DocumentVersions.NONE, clock);
                mutation.in(connection, log);
                log.write(connection, key);
            }
            return Boolean.TRUE;
        });
    }

    /** Waits until the change, which holds so many bytes, is on disk. */
    <T> T make(Mutation<T> mutation, long bytes) throws StoreException {
        return make(mutation, bytes, 0);
    }

    /** The same for changes that strangers cause: they leave a quarter of the room to others. */
    <T> T makeForStrangers(Mutation<T> mutation, long bytes) throws StoreException {
        return make(mutation, bytes, LEFT);
    }

    private <T> T make(Mutation<T> mutation, long bytes, int left) throws StoreException {
        if (left != 0 && !database.hasRoomForStrangers()) {
            throw new StoreException(Code.FULL, "store: it is nearly full, and the rest is for its administrators", null);
        }
        Waiting<T> waiting = new Waiting<>(mutation, bytes, new CompletableFuture<>());
        synchronized (closing) {
            if (closed) {
                throw new StoreException(Code.CLOSED, "store: it is closed", null);
            }
            long free = left == 0 ? 0 : MOST_BYTES / left;
            boolean full = left != 0 && queue.remainingCapacity() <= maxWaiting / left;
            if (full || waitingBytes.get() + bytes > MOST_BYTES - free || !queue.offer(waiting)) {
                throw new StoreException(Code.BUSY, "store: too many changes wait for the disk; try again", null);
            }
            waitingBytes.addAndGet(bytes);
        }
        try {
            return waiting.answer().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Code.INTERRUPTED, "store: interrupted while waiting for the disk", e, true);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException because) {
                // Of its own for every caller: an exception that threads share has the stack of one of them.
                throw new StoreException(
                        because.code(), String.valueOf(because.getMessage()), because, because.mayHaveHappened());
            }
            throw new StoreException(Code.FAILED, "store: " + e.getCause(), e.getCause());
        }
    }

    /** The versions of documents as this instance knows them: older than those in the database, perhaps, and never newer. */
    DocumentVersions documents() {
        return knownDocuments;
    }

    Optional<StoreException> failure() {
        return Optional.ofNullable(failure);
    }

    private void run() {
        List<Waiting<?>> together = new ArrayList<>();
        boolean last = false;
        while (!last) {
            try {
                together.add(queue.take());
            } catch (InterruptedException _) {
                // Nobody has a reason to interrupt this thread, and changes are waiting: close() ends it.
                continue;
            }
            queue.drainTo(together, MOST_TOGETHER - 1);
            last = together.removeIf(each -> each.equals(end));
            if (!together.isEmpty()) {
                commit(List.copyOf(together));
                together.forEach(each -> waitingBytes.addAndGet(-each.bytes()));
                together.clear();
            }
        }
    }

    private void commit(List<Waiting<?>> together) {
        try {
            tryToCommit(together);
        } catch (StoreException e) {
            failure = e;
            if ((e.code() == Code.FAILED || e.code() == Code.DAMAGED) && !e.mayHaveHappened() && together.size() > 1) {
                // One of them may be at fault: the others need not suffer for it.
                together.forEach(each -> commit(List.of(each)));
            } else {
                together.forEach(each -> each.answer().completeExceptionally(e));
            }
        } catch (RuntimeException | Error e) {
            // Whatever happens, nobody waits for ever, and this thread goes on.
            StoreException because = new StoreException(Code.FAILED, "store: " + e, e, true);
            failure = because;
            together.forEach(each -> each.answer().completeExceptionally(because));
        }
    }

    private void tryToCommit(List<Waiting<?>> together) throws StoreException {
        StoreException earlier = failure;
        if (earlier != null && (earlier.code() == Code.CORRUPT || earlier.code() == Code.ROLLED_BACK)) {
            throw earlier;
        }
        List<Answering> answers = new ArrayList<>();
        LogTransaction done = database.write(connection -> {
            answers.clear();
            catchUp(connection);
            LogTransaction log = new LogTransaction(known, knownDocuments, clock);
            for (Waiting<?> each : together) {
                answers.add(each.in(connection, log));
            }
            log.write(connection, key);
            return log;
        });
        // Before the answers: whoever has one and asks finds what it says.
        failure = null;
        if (done.head().isEmpty()) {
            answers.forEach(each -> each.answer(NO_RECEIPTS));
            return;
        }
        known = done.growth();
        knownHead = done.head();
        knownDocuments = done.documents();
        // Before any receipt is given: what was given away is what must not be forgotten.
        guard.keep(done.head().get());
        LogTransaction.Receipts receipts = done.receipts();
        answers.forEach(each -> each.answer(receipts));
    }

    /** Looks where the log ends now, and whether it goes on from where this instance knew it to end. */
    private void catchUp(Connection connection) throws SQLException, StoreException {
        LogHead.Signed head = SqlLog.head(connection).orElseThrow(() -> SqlLog.corrupt("the log has no head"));
        if (knownHead.isPresent() && knownHead.get().equals(head)) {
            return;
        }
        if (!head.signedBy(key.anchor())) {
            throw SqlLog.corrupt("the log's head is not signed by the log's key");
        }
        if (head.head().size() < known.size()) {
            throw new StoreException(Code.ROLLED_BACK, "store: the log has " + head.head().size() + " leaves, and receipts were given for "
                    + known.size() + "; an older copy was restored, or somebody rewrote it: restore the newest copy", null);
        }
        long more = head.head().size() - known.size();
        TreeGrowth found = known.size() > 0 && more <= LogSource.MAX_LEAVES
                ? goOn(connection, head.head(), (int) more)
                : resume(connection, head.head());
        checkEnd(connection, head.head().size());
        DocumentVersions documents = DocumentVersions.read(connection);
        documents.check(SqlLog.proven(connection, head.head().size() - 1, head.head()));
        knownDocuments = documents;
        known = found;
        knownHead = Optional.of(head);
    }

    /** By the leaves that others appended: usually few, and the root then shows both that they are signed and that they follow. */
    private TreeGrowth goOn(Connection connection, LogHead head, int more) throws SQLException, StoreException {
        TreeGrowth found = known.copy();
        if (more > 0) {
            SqlLog.leaves(connection, known.size(), more).forEach(leaf -> found.append(leaf.toArray()));
            found.takeFinished();
        }
        if (!found.root().equals(head.root())) {
            throw SqlLog.corrupt("the log does not go on from its " + known.size() + " leaves for which receipts were given");
        }
        return found;
    }

    /** By the hashes of subtrees: a few, however long the log is. */
    private TreeGrowth resume(Connection connection, LogHead head) throws SQLException, StoreException {
        TreeGrowth found = SqlLog.proof(() -> TreeGrowth.resume(SqlLog.hashes(connection), head.size()));
        if (!found.root().equals(head.root())) {
            throw SqlLog.corrupt("the log's leaves and hashes are not those that its head signs");
        }
        if (!SqlLog.proof(() -> MerkleTree.root(SqlLog.hashes(connection), known.size())).equals(known.root())) {
            throw SqlLog.corrupt("the log does not go on from its " + known.size() + " leaves for which receipts were given");
        }
        return found;
    }

    /** Leaves beyond the head would be found and not be covered by anything. */
    private static void checkEnd(Connection connection, long size) throws SQLException, StoreException {
        try (Statement statement = connection.createStatement();
                var found = statement.executeQuery("SELECT MAX(sequence) FROM log_leaf")) {
            if (!found.next() || found.getLong(1) != size - 1) {
                throw SqlLog.corrupt("the last leaf is not the last one that the log's head covers");
            }
        }
    }

    /** Waits for what was accepted. */
    @Override
    public void close() {
        boolean interrupted = false;
        synchronized (closing) {
            if (!closed) {
                closed = true;
                // Nothing comes behind it, as nothing is accepted any more.
                while (thread.isAlive() && !queue.offer(end)) {
                    try {
                        closing.wait(1);
                    } catch (InterruptedException _) {
                        interrupted = true;
                    }
                }
            }
        }
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
