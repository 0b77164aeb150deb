package org.innerkeep.inside;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * What the host gave is not what this enclave had it keep last. The message says what was found and what to do; no secret is in
 * it.
 */
final class StateRefusedException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    enum Code {
        /** The host has nothing, and the platform's register says that there is something. */
        MISSING,
        /** It ends before what the register says was kept: an older copy was put back, or its end was cut off. */
        OLDER,
        /** What stands where the register points is something else: a state that branched off, or another journal. */
        OTHER,
        /** A record was changed, put elsewhere, or sealed by another identity, for another name or on another platform. */
        DAMAGED,
        /** There is a journal, and the platform has no register for it. */
        NO_REGISTER,
        /** It was kept under other settings of the same security version, or of a later one. */
        SETTINGS,
        /** Another enclave of this signer and product has the platform's register, and has not ended. */
        HELD,
        /** A later security version has set the platform's register. */
        NEWER_VERSION,
        /** The platform gives no register for another reason, which the message says. */
        REGISTER_REFUSED
    }

    private final Code code;

    StateRefusedException(Code code, String message, @Nullable Throwable cause) {
        super("state " + code + ": " + message, cause);
        this.code = code;
    }

    /** {@return what is wrong} */
    Code code() {
        return code;
    }
}
