package org.innerkeep.attestation;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a client attests, and under whose policy: the segment of the path after {@code /attest/} and {@code /policies/}. All but
 * {@link #EVIDENCE} are of Microsoft Azure Attestation's interface.
 */
public enum AttestationType {
    /** A quote of an SGX enclave. */
    SGX_ENCLAVE("SgxEnclave", true),
    /** A quote of an SGX enclave in a report of the Open Enclave SDK. */
    OPEN_ENCLAVE("OpenEnclave", true),
    /** A report of an AMD SEV-SNP guest, with its certificates. */
    SEV_SNP_VM("SevSnpVm", true),
    /** A quote of an Intel TDX trust domain. */
    TDX_VM("TdxVm", true),
    /** Evidence of any kind that the verifier knows; this service's own. */
    EVIDENCE("Evidence", true),
    /** Azure's protocol for TPMs and VBS enclaves. */
    TPM("Tpm", false),
    /** Guests of Azure, answered with a token that is sealed to their TPM. */
    AZURE_GUEST("AzureGuest", false),
    /** Pluton security processors. */
    PLUTON("Pluton", false),
    /** Keys that VBS guards. */
    KEY_GUARD("KeyGuard", false),
    /** Devices of Microsoft's own platform. */
    MDEP_TZ("MdepTz", false),
    /** Microsoft's HSMs for models. */
    AI_HSM("AiHsm", false);

    private final String segment;
    private final boolean offered;

    AttestationType(String segment, boolean offered) {
        this.segment = segment;
        this.offered = offered;
    }

    /**
     * Finds a type by its segment; clients spell it in several cases.
     *
     * @param segment hostile text
     * @return the type, or nothing
     */
    public static Optional<AttestationType> of(String segment) {
        return Arrays.stream(values()).filter(each -> each.segment.equalsIgnoreCase(segment)).findFirst();
    }

    /** {@return the segment of the path} */
    public String segment() {
        return segment;
    }

    /** {@return whether this service attests it} */
    public boolean offered() {
        return offered;
    }

    /** {@return the segment} */
    @Override
    public String toString() {
        return segment;
    }
}
