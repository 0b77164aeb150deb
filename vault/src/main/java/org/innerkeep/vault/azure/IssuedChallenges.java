package org.innerkeep.vault.azure;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/** The challenges that this vault issues, as they stand in attested runtime data. Safe for use by several threads. */
public interface IssuedChallenges {
    /**
     * A challenge that was just issued.
     *
     * @param text base64url, to be put into the runtime data as it is
     * @param validity how long it is taken
     */
    record Issued(String text, Duration validity) {}

    /**
     * A challenge of this vault that has not expired. Whether it was used is for the database to say.
     *
     * @param value by which its use is remembered
     * @param until how long it must be remembered
     */
    record Current(Bytes value, Instant until) {}

    /** {@return a new challenge} */
    Issued issue();

    /**
     * Looks at a text.
     *
     * @param text hostile
     * @param now the vault's time
     * @return what is remembered of it, or nothing where this vault did not issue it, or it expired
     */
    Optional<Current> current(String text, Instant now);
}
