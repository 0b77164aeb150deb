package org.innerkeep.attestation.store;

import java.io.IOException;
import java.io.Serial;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/** The store cannot do what was asked. The message says what was wrong and what to do, and holds no secret. */
public final class StoreException extends IOException {
    /** What is wrong. */
    public enum Code {
        /** Somebody else holds the database, or more changes wait than are accepted. Trying again may help. */
        BUSY,
        /** No room on the disk. */
        FULL,
        /** The database can be read but not written. */
        READ_ONLY,
        /** The database cannot be reached, or the connection broke. */
        UNREACHABLE,
        /** What is stored cannot be true: damaged or rewritten. Restore it, and look for who did it. */
        CORRUPT,
        /** One document or record cannot be true, by itself: damaged or rewritten. The rest of the store can be used. */
        DAMAGED,
        /** The store has fewer leaves than this instance has already given receipts for. */
        ROLLED_BACK,
        /** The store belongs to another log key. */
        WRONG_KEY,
        /** The database was made by another version of this program, or its schema was changed. */
        SCHEMA,
        /** The store was closed. */
        CLOSED,
        /** The waiting thread was interrupted. */
        INTERRUPTED,
        /** Anything else that the database refused. */
        FAILED
    }

    @Serial
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final boolean mayHaveHappened;

    StoreException(Code code, String message, @Nullable Throwable cause) {
        this(code, message, cause, false);
    }

    StoreException(Code code, String message, @Nullable Throwable cause, boolean mayHaveHappened) {
        super(message, cause);
        this.code = code;
        this.mayHaveHappened = mayHaveHappened;
    }

    /**
     * What is stored cannot be read: for further parts of the service, which read what only they know.
     *
     * @param what such as {@code the key 'patients'}
     * @param cause what was found
     * @return the exception, of the code {@link Code#DAMAGED}
     */
    public static StoreException corrupt(String what, MalformedException cause) {
        return new StoreException(Code.DAMAGED, "store: " + what + " cannot be read: " + cause.getMessage()
                + "; it was damaged or rewritten: restore it from a copy, and look for who did it", cause);
    }

    /**
     * What is stored in one place is not what it must be.
     *
     * @param what such as {@code the key 'patients' has no code of this vault}
     * @return the exception, of the code {@link Code#DAMAGED}
     */
    public static StoreException damaged(String what) {
        return new StoreException(Code.DAMAGED, "store: " + what + "; it was damaged or rewritten: restore it from a copy, and look for"
                + " who did it", null);
    }

    /** {@return what is wrong} */
    public Code code() {
        return code;
    }

    /**
     * Tells whether a change can have been made although this was thrown: the connection broke or the thread was interrupted while the
     * database was committing. Nobody was told that it was made; read what holds before trying again.
     *
     * @return whether it is unknown; false means that nothing was changed
     */
    public boolean mayHaveHappened() {
        return mayHaveHappened;
    }
}
