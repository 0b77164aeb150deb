package org.innerkeep.channel.session;

import java.io.IOException;
import java.io.Serial;
import org.innerkeep.evidence.Verdict;

/**
 * The client refuses the enclave: its evidence is missing, wrong or not good enough. Nothing of the application was sent
 * and the transport is closed. The message holds every reason.
 */
public final class SessionRefusedException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Appraiser.Purpose purpose;
    private final transient Verdict.Refused refusal;

    /**
     * Reports a refusal.
     *
     * @param purpose which evidence is refused, that of the certificate or that of the session
     * @param refusal every reason
     */
    public SessionRefusedException(Appraiser.Purpose purpose, Verdict.Refused refusal) {
        super(switch (purpose) {
                    case CERTIFICATE -> "the certificate's evidence is refused: ";
                    case SESSION -> "the session's evidence is refused: ";
                    case STATEMENT -> "the statement's evidence is refused: ";
                }
                + refusal.explain());
        this.purpose = purpose;
        this.refusal = refusal;
    }

    /** {@return which evidence is refused} */
    public Appraiser.Purpose purpose() {
        return purpose;
    }

    /** {@return the refusal with every reason} */
    public Verdict.Refused refusal() {
        return refusal;
    }
}
