package org.innerkeep.attestation.attester;

import java.io.IOException;
import org.innerkeep.evidence.Bytes;

/** What the trusted execution environment that the service runs in says about itself. Safe for use by several threads. */
public interface Attester {
    /**
     * Asks for evidence.
     *
     * @param reportData what it is to be over, 64 bytes
     * @return evidence as {@link org.innerkeep.evidence.Evidence} reads it
     * @throws IOException if the device is not there or gives none, with what to do about it
     */
    Bytes evidence(Bytes reportData) throws IOException;
}
