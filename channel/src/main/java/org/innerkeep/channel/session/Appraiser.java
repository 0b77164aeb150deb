package org.innerkeep.channel.session;

import org.innerkeep.evidence.Verdict;

/** Decides whether evidence is good enough. Implementations are safe for use by several threads. */
@FunctionalInterface
public interface Appraiser {
    /** What the evidence is shown for; it decides how old the evidence may be. */
    enum Purpose {
        /** Evidence in a certificate, made when the enclave started. Proves the key, says nothing of now. */
        CERTIFICATE,
        /** Evidence made for this session, over the nonce just sent. */
        SESSION,
        /** Evidence kept with a signed statement, to be verified at any later time. */
        STATEMENT
    }

    /**
     * Verifies and appraises evidence.
     *
     * @param evidence hostile bytes
     * @param reportData the 64 bytes that the evidence must be bound to
     * @param purpose what it is shown for
     * @return acceptance with proven claims, or a refusal with every reason
     */
    Verdict appraise(byte[] evidence, byte[] reportData, Purpose purpose);
}
