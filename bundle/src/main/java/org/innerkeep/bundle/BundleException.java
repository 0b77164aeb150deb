package org.innerkeep.bundle;

import java.io.Serial;

/**
 * A bundle, an input of one, or a key is refused. The message says what, where, found, wanted and, where there is one, the
 * remedy; it never holds key material. Failures of disks and streams are {@link java.io.IOException}s instead.
 */
public final class BundleException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why something is refused. Names are stable: programs and tests may rely on them. */
    public enum Code {
        /** The bytes do not have the form of a bundle. */
        MALFORMED,
        /** The bytes are of a later format, or the key is of a kind that this version does not know. */
        UNSUPPORTED,
        /** There is more than the format or the caller's limit allows. */
        TOO_LARGE,
        /** The bytes end too early. */
        TRUNCATED,
        /** Bytes follow where the bundle ends. */
        TRAILING_BYTES,
        /** The bundle has no signature yet. */
        UNSIGNED,
        /** The signature is not of this manifest by this key. */
        SIGNATURE_INVALID,
        /** The bytes of a file are not those that the manifest names. */
        FILE_DIGEST_MISMATCH,
        /** The folder to unpack to holds something already, or is not a folder. */
        TARGET_NOT_EMPTY,
        /** A key is not well-formed, not on its curve, or one with which anybody can sign. */
        KEY_INVALID,
        /** Other users may read the file of a private key. */
        KEY_FILE_EXPOSED,
        /** A jar to pack cannot be read or has entries that no jar should have. */
        JAR_INVALID,
        /** A jar to pack would have the JVM load code that is not in the bundle. */
        JAR_LOADS_FOREIGN_CODE,
        /** Two inputs would have the same path in the bundle. */
        NAME_CLASH,
        /** No jar holds the program's class. */
        PROGRAM_MISSING,
        /** A jar holds native code that was neither declared nor dropped. */
        NATIVE_CODE_UNDECLARED,
        /** Something was declared about native code that no jar holds. */
        DECLARATION_UNUSED,
        /** An input changed between its measurement and its packing. */
        INPUT_CHANGED
    }

    private final Code code;

    BundleException(Code code, String message) {
        super(message);
        this.code = code;
    }

    BundleException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** {@return why, for programs} */
    public Code code() {
        return code;
    }
}
