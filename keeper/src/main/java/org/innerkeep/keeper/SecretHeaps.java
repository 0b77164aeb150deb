package org.innerkeep.keeper;

import org.innerkeep.channel.keeper.StartRefusedException;

/** How much memory all secret heaps lock together. It is taken before an enclave starts. Safe for use by several threads. */
final class SecretHeaps {
    private final long mostBytes;
    private long takenBytes;

    SecretHeaps(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /**
     * Takes memory.
     *
     * @param bytes that the heap locks
     * @throws StartRefusedException if it would be more than all may have together
     */
    synchronized void take(long bytes) throws StartRefusedException {
        if (bytes > mostBytes - takenBytes) {
            throw EnclaveProcess.refused(
                    StartRefusedException.Code.CONFINEMENT_UNAVAILABLE,
                    "a secret heap of this size locks " + bytes + " bytes of memory, and of the " + mostBytes
                            + " bytes that this keeper has for all secret heaps, " + takenBytes + " are taken: end an enclave, pack a"
                            + " smaller heap or secret-heap = false, or start the keeper with another --secret-heaps");
        }
        takenBytes += bytes;
    }

    /** Gives back what was taken for one enclave. */
    synchronized void giveBack(long bytes) {
        takenBytes -= bytes;
    }
}
