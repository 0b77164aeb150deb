package org.innerkeep.enclave;

import java.io.IOException;
import java.io.Serial;
import java.util.Optional;
import org.innerkeep.channel.release.VaultRefusal;

/**
 * A file key was not obtained from a vault, or a file not from the host. The message holds no secret; what it quotes of the host
 * and of whoever answered is bounded, printable, and not proven.
 */
public final class VaultException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why. Names are stable. */
    public enum Code {
        /** The host did not carry: it may not, cannot, or will not; or the network did not. */
        NOT_CARRIED,
        /** The vault, or whoever answered for it, refused: {@link #refusal} is its explanation. Nobody signed it. */
        REFUSED,
        /**
         * What was answered is not of the vault that is pinned, or not for this request: it was replaced, changed or replayed.
         */
        NOT_THE_VAULT,
        /** What the host gave is no sealed file, or not the one that was wanted. */
        NOT_THE_FILE
    }

    private final Code code;
    private final transient Optional<VaultRefusal> refusal;

    /**
     * Creates the failure.
     *
     * @param code why, for programs
     * @param message why, for people
     */
    public VaultException(Code code, String message) {
        super(message);
        this.code = code;
        this.refusal = Optional.empty();
    }

    /**
     * Creates the failure.
     *
     * @param code why, for programs
     * @param message why, for people
     * @param cause what lies beneath
     */
    public VaultException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.refusal = Optional.empty();
    }

    /**
     * Creates a refusal.
     *
     * @param message why, for people
     * @param refusal what the vault said
     */
    public VaultException(String message, VaultRefusal refusal) {
        super(message + ": " + refusal);
        this.code = Code.REFUSED;
        this.refusal = Optional.of(refusal);
    }

    /** {@return why} */
    public Code code() {
        return code;
    }

    /** {@return what was answered, where the code is {@link Code#REFUSED}: hostile text} */
    public Optional<VaultRefusal> refusal() {
        return refusal;
    }
}
