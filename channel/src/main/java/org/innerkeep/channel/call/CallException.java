package org.innerkeep.channel.call;

import java.io.Serial;
import java.util.Optional;

/**
 * A call did not come to a result. Messages are made from constants and from names of this side's own interface; of what
 * the other end sent, at most a number that is out of place.
 */
public final class CallException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Code {
        /** The deadline passed. Whether the call was carried out is not known. */
        DEADLINE,
        /** The connection ended or broke. Whether a call under way was carried out is not known. */
        DISCONNECTED,
        /** The other end does not offer the interface. */
        NOT_OFFERED,
        /** The other end offers an interface of this name with other methods or types. */
        SCHEMA_MISMATCH,
        /** Too many calls at once, on this side or the other. The call was not carried out. */
        BUSY,
        /** The implementation threw something that the interface does not declare, or its result could not be carried. */
        FAILED,
        /** Bytes did not fit the schema or the protocol. */
        MALFORMED,
        /** The arguments or the result are larger than a frame may be. */
        TOO_LARGE,
        /** The calling thread was interrupted; its interrupt status is set. */
        CANCELLED,
        /** The implementation threw a declared exception whose detail was not disclosed; see {@link #declaredType()}. */
        DECLARED
    }

    private final Code code;
    private final String declaredType;

    /**
     * Creates a failure.
     *
     * @param code why
     * @param message what happened, to what, and what to do
     */
    public CallException(Code code, String message) {
        this(code, message, "");
    }

    CallException(Code code, String message, String declaredType) {
        super(message);
        this.code = code;
        this.declaredType = declaredType;
    }

    CallException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.declaredType = "";
    }

    /** {@return why} */
    public Code code() {
        return code;
    }

    /** {@return the class name of the declared exception where the code is {@link Code#DECLARED}, else empty} */
    public Optional<String> declaredType() {
        return declaredType.isEmpty() ? Optional.empty() : Optional.of(declaredType);
    }
}
