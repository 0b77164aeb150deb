package org.innerkeep.host;

import java.io.IOException;
import java.io.Serial;
import java.util.Optional;
import org.innerkeep.channel.keeper.StartRefusedException;

/** An enclave did not start. */
public final class StartException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }

    /** {@return why the keeper refused, if it was the keeper that refused} */
    public Optional<StartRefusedException.Code> refusal() {
        return getCause() instanceof StartRefusedException refused
                ? Optional.of(refused.detail().code())
                : Optional.empty();
    }
}
