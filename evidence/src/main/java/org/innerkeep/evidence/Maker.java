package org.innerkeep.evidence;

/** Who vouches for hardware with a certificate chain of their own. A root pinned for one never vouches for another. */
public enum Maker {
    /** Intel: SGX and TDX quotes, and their collateral. */
    INTEL,
    /** AMD: SEV-SNP reports. */
    AMD,
    /** Amazon Web Services: Nitro Enclaves documents. */
    AWS,
    /** Makers of TPMs, and clouds that give virtual ones: certificates of attestation keys. */
    TPM,
    /** NVIDIA: reports of GPUs and switches. */
    NVIDIA
}
