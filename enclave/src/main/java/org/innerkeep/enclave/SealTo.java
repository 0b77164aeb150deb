package org.innerkeep.enclave;

/** Who can open what an enclave seals; always on the same platform only, and a debug enclave never shares with others. */
public enum SealTo {
    /** Exactly this code, runtime and configuration. */
    MEASUREMENT,
    /** The same signer's same product at this security version or a later one. */
    SIGNER
}
