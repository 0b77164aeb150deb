package org.innerkeep.inside;

import org.innerkeep.channel.call.HostVisible;

/** What {@link PatientsEnclave} does for its host. */
@HostVisible
public interface Patients {
    /**
     * Reads {@code patients.age}.
     *
     * @param vault address and key
     * @return its text, or why it cannot be read
     */
    String read(String vault);
}
