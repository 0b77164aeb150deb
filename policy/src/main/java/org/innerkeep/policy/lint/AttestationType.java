package org.innerkeep.policy.lint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** For which evidence a policy is, as far as claims differ by it. */
public enum AttestationType {
    /** SGX enclaves, with Open Enclave's reports. */
    SGX("sgx", "SgxEnclave", "OpenEnclave"),
    /** SEV-SNP virtual machines. */
    SEV_SNP("sevsnpvm", "SevSnpVm", "snp"),
    /** TDX virtual machines. */
    TDX("tdxvm", "TdxVm", "tdx"),
    /** Azure's virtual machines with a virtual TPM. */
    AZURE_VM("azurevm", "AzureGuest"),
    /** TPMs. */
    TPM("tpm"),
    /** Enclaves of Windows' virtualization-based security, over a TPM. */
    VBS("vbs");

    @SuppressWarnings("ImmutableEnumChecker") // A list that cannot be changed.
    private final List<String> names;

    AttestationType(String... names) {
        this.names = List.of(names);
    }

    /**
     * Finds a type.
     *
     * @param name as tokens write it, such as {@code sevsnpvm}, or as a service's address does, such as {@code SevSnpVm}; upper and
     *     lower case are the same
     * @return the type, if there is one of that name
     */
    public static Optional<AttestationType> of(String name) {
        return Arrays.stream(values()).filter(type -> type.names.stream().anyMatch(name::equalsIgnoreCase)).findFirst();
    }

    /** {@return its name as tokens write it} */
    public String text() {
        return names.getFirst();
    }
}
