package org.innerkeep.channel.release;

import java.io.Serial;

/** What came back from a vault, or from whoever says to be one, is not accepted. The message holds no secret. */
public final class ReleaseRefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Code code;

    /** Why. Names are stable. */
    public enum Code {
        /** The bytes are no challenge or no response. */
        MALFORMED,
        /** The challenge is of another vault than the one that is pinned. */
        OTHER_VAULT,
        /** The response is not signed by the vault that is pinned. */
        NOT_SIGNED,
        /** The response answers another request. */
        OTHER_REQUEST,
        /** The vault's life is an earlier one than was seen before: an old copy of it was put back. */
        OLD_EPOCH,
        /** The lease was over before it began. */
        LEASE_OVER,
        /** The file key cannot be decrypted, or does not open the file. */
        NOT_THE_KEY
    }

    ReleaseRefusedException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /** {@return why} */
    public Code code() {
        return code;
    }
}
