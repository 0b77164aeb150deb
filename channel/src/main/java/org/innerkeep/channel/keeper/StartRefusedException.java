package org.innerkeep.channel.keeper;

import java.io.Serial;

/** A keeper does not start what a host asked for. */
public final class StartRefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why. Names are stable: programs and tests may rely on them. */
    public enum Code {
        /** The bundle's bytes do not have a bundle's form, or not all announced bytes came. */
        BUNDLE_MALFORMED,
        /** The bundle is larger than this keeper accepts. */
        BUNDLE_TOO_LARGE,
        /** The signature over the manifest is wrong. */
        BUNDLE_SIGNATURE_INVALID,
        /** A file is not the one that the manifest names. */
        BUNDLE_FILE_MISMATCH,
        /** This keeper's Java is not the release that the bundle needs, or lacks a module that it names. */
        RUNTIME_UNAVAILABLE,
        /** The operating system does not give what the bundle needs or demands to be confined by. */
        CONFINEMENT_UNAVAILABLE,
        /** The enclave's process ended or did not answer in time while it started. */
        LAUNCH_FAILED,
        /** The keeper has as many enclaves as it accepts. */
        TOO_MANY_ENCLAVES,
        /** Calls came in an order that makes no sense. */
        PROTOCOL
    }

    /**
     * What is carried over the connection.
     *
     * @param code why
     * @param message what was found, what was wanted, what to do
     */
    public record Detail(Code code, String message) {}

    private final transient Detail detail;

    /**
     * Creates the refusal.
     *
     * @param detail why
     */
    public StartRefusedException(Detail detail) {
        super(detail.code() + ": " + detail.message());
        this.detail = detail;
    }

    /** {@return why} */
    public Detail detail() {
        return detail;
    }
}
