package org.innerkeep.vault.master;

import java.io.IOException;
import java.util.List;

/** Whoever sits before the service when it starts. */
public interface Terminal {
    /**
     * Asks for a secret, which is not shown while it is typed.
     *
     * @param prompt what is asked for
     * @return what was typed, for the caller to wipe
     * @throws IOException if nothing was typed, since the input ended
     */
    char[] secret(String prompt) throws IOException;

    /**
     * Shows what is shown once and kept nowhere, and waits until whoever reads it says that it is kept.
     *
     * @param lines to be shown
     * @throws IOException if that is not said
     */
    void showOnce(List<String> lines) throws IOException;
}
