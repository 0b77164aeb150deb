package org.innerkeep.channel.session;

import java.io.IOException;

/** Obtains fresh evidence from the platform for this enclave. Implementations are safe for use by several threads. */
@FunctionalInterface
public interface Attester {
    /**
     * Has report data signed.
     *
     * @param reportData 64 bytes, as {@link org.innerkeep.evidence.ReportData} makes them
     * @return evidence
     * @throws IOException if the platform cannot be reached or refuses
     */
    byte[] attest(byte[] reportData) throws IOException;
}
