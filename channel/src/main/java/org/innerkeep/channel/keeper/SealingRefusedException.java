package org.innerkeep.channel.keeper;

import java.io.Serial;
import java.util.List;

/** An enclave may not have the sealing key it asked for. */
public final class SealingRefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Why.
     *
     * @param own the enclave's own security version
     * @param asked the version whose key it asked for
     * @param missing names of the mechanisms under which the key was made and which do not confine the enclave; none if it is the version
     */
    public record Detail(long own, long asked, List<String> missing) {
        /** Copies the list. */
        public Detail {
            missing = List.copyOf(missing);
        }
    }

    private final transient Detail detail;

    /**
     * Creates the refusal.
     *
     * @param detail why
     */
    public SealingRefusedException(Detail detail) {
        super(
                detail.missing().isEmpty()
                        ? "sealed at security version " + detail.asked() + ", which version " + detail.own()
                                + " may not open: run that version or a newer one"
                        : "sealed in an enclave that was confined by " + String.join(", ", detail.missing())
                                + " as well, which this one is not: 'innerkeep platforms' says what this machine lacks");
        this.detail = detail;
    }

    /** {@return why} */
    public Detail detail() {
        return detail;
    }
}
