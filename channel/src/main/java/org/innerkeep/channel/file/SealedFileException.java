package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.Serial;

/**
 * A sealed file, its armor or a key in text form is refused. Messages never hold secrets or plaintext. Failures of the streams
 * that carry a file stay plain {@link IOException}s.
 */
public final class SealedFileException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why, for programs. */
    public enum Code {
        /** The header does not follow the grammar, breaks a limit, or holds a share that no honest sealer makes. */
        HEADER_MALFORMED,
        /** The header's MAC does not fit the file key: the header was changed, or the key belongs to another file. */
        HEADER_MAC,
        /** The header is well formed and none of the identities given opens it. Another identity may. */
        NO_IDENTITY_MATCHED,
        /** The file ends before its final chunk. */
        PAYLOAD_TRUNCATED,
        /** A chunk is not what the sealer wrote in that place: changed, moved, or cut in its middle. */
        PAYLOAD_MODIFIED,
        /** Bytes follow the final chunk. */
        PAYLOAD_TRAILING_BYTES,
        /** The ASCII armor around the file is not strict PEM. */
        ARMOR_MALFORMED,
        /** Text or a file that should hold an identity does not. */
        IDENTITY_MALFORMED,
        /** Text that should be a recipient is not. */
        RECIPIENT_MALFORMED,
        /** A file was to be sealed to recipients of both kinds, and would be no safer than the classic ones are. */
        RECIPIENTS_MIXED,
        /** A part of the age format that is not implemented here: another version, or another kind of key. */
        UNSUPPORTED
    }

    private final Code code;

    /**
     * Creates a refusal.
     *
     * @param code why, for programs
     * @param message why, for people: what, where, found, wanted, remedy; no secrets
     */
    public SealedFileException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /** {@return why, for programs} */
    public Code code() {
        return code;
    }
}
