package org.innerkeep.channel.keeper;

import java.io.Serial;

/** An enclave may not have the sealing key it asked for. */
public final class SealingRefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Why.
     *
     * @param own the enclave's own security version
     * @param asked the version whose key it asked for
     */
    public record Detail(long own, long asked) {}

    private final transient Detail detail;

    /**
     * Creates the refusal.
     *
     * @param detail why
     */
    public SealingRefusedException(Detail detail) {
        super("sealed at security version " + detail.asked() + ", which version " + detail.own()
                + " may not open: run that version or a newer one");
        this.detail = detail;
    }

    /** {@return why} */
    public Detail detail() {
        return detail;
    }
}
