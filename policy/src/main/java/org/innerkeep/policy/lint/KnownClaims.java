package org.innerkeep.policy.lint;

import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.policy.lint.KnownClaim.Kind;
import org.innerkeep.policy.lint.KnownClaim.Role;

/** The claims that are documented for policies, by name. A name can be of several types; each name has one kind of value. */
final class KnownClaims {
    private final Map<String, KnownClaim> byName = new LinkedHashMap<>();

    KnownClaims() {
        common();
        sgx();
        snp();
        tdx();
        azure();
        tpm();
    }

    Optional<KnownClaim> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    Collection<String> names() {
        return byName.keySet();
    }

    /** Whether a verifier of the type, or of any if none is given, makes a claim of that name. */
    boolean has(String name, Optional<AttestationType> type) {
        return find(name).filter(claim -> type.isEmpty() || claim.types().contains(type.get())).isPresent();
    }

    private void common() {
        Set<AttestationType> all = EnumSet.allOf(AttestationType.class);
        put(Kind.TEXT, 0, all, false, Role.OTHER, "x-ms-attestation-type", "x-ms-policy-hash", "x-ms-runtime", "x-ms-inittime",
                "nonce",
                "kind", "platform", "tcb-status", "memory-readable-by", "report-data", "anchor", "$tee");
        put(Kind.TEXT, 0, all, false, Role.IDENTITY, "measurement", "signer");
        put(Kind.NUMBER, 0, all, false, Role.OTHER, "product-id", "security-version", "issued-at");
        put(Kind.FLAG, 0, all, true, Role.DEBUG, "debug");
        put(Kind.TEXT, 0, all, false, Role.OTHER, "isolation");
        put(Kind.FLAG, 0, all, false, Role.OTHER, "secret-heap", "landlock", "seccomp", "namespaces", "cgroup");
    }

    private void sgx() {
        Set<AttestationType> sgx = EnumSet.of(AttestationType.SGX);
        put(Kind.FLAG, 0, sgx, true, Role.DEBUG, "x-ms-sgx-is-debuggable", "$is-debuggable");
        put(Kind.NUMBER, 0, sgx, true, Role.OTHER, "x-ms-sgx-product-id", "x-ms-sgx-svn", "$product-id", "$svn");
        put(Kind.TEXT, 64, sgx, true, Role.IDENTITY, "x-ms-sgx-mrsigner", "x-ms-sgx-mrenclave", "$sgx-mrsigner",
                "$sgx-mrenclave");
        put(Kind.TEXT, 128, sgx, false, Role.OTHER, "x-ms-sgx-report-data", "x-ms-sgx-config-id");
        put(Kind.TEXT, 32, sgx, false, Role.IDENTITY, "x-ms-sgx-isv-extended-product-id", "x-ms-sgx-isv-family-id");
        put(Kind.NUMBER, 0, sgx, false, Role.OTHER, "x-ms-sgx-config-svn");
        put(Kind.TEXT, 0, sgx, false, Role.OTHER, "x-ms-sgx-ehd", "x-ms-sgx-collateral", "$maa-ehd", "$aas-ehd",
                "$maa-attestationcollateral");
    }

    private void snp() {
        Set<AttestationType> snp = EnumSet.of(AttestationType.SEV_SNP, AttestationType.AZURE_VM);
        String prefix = "x-ms-sevsnpvm-";
        put(Kind.FLAG, 0, snp, true, Role.DEBUG, prefix + "is-debuggable");
        put(Kind.FLAG, 0, snp, true, Role.OTHER, prefix + "migration-allowed", prefix + "smt-allowed");
        put(Kind.NUMBER, 0, snp, true, Role.OTHER, prefix + "bootloader-svn", prefix + "guestsvn", prefix + "microcode-svn",
                prefix + "snpfw-svn", prefix + "tee-svn", prefix + "vmpl");
        put(Kind.TEXT, 96, snp, true, Role.IDENTITY, prefix + "launchmeasurement", prefix + "idkeydigest", prefix
                + "authorkeydigest");
        put(Kind.TEXT, 64, snp, true, Role.IDENTITY, prefix + "hostdata");
        put(Kind.TEXT, 64, snp, true, Role.OTHER, prefix + "reportid");
        put(Kind.TEXT, 128, snp, true, Role.OTHER, prefix + "reportdata");
        put(Kind.TEXT, 32, snp, true, Role.IDENTITY, prefix + "familyId", prefix + "imageId");
        put(Kind.TEXT, 0, EnumSet.of(AttestationType.SEV_SNP, AttestationType.TDX, AttestationType.AZURE_VM), false, Role.OTHER,
                "x-ms-compliance-status");
    }

    private void tdx() {
        Set<AttestationType> tdx = EnumSet.of(AttestationType.TDX, AttestationType.AZURE_VM);
        put(Kind.FLAG, 0, tdx, true, Role.DEBUG, "tdx_td_attributes_debug");
        put(Kind.FLAG, 0, tdx, true, Role.OTHER, "tdx_td_attributes_key_locker", "tdx_td_attributes_perfmon",
                "tdx_td_attributes_protection_keys", "tdx_td_attributes_septve_disable");
        put(Kind.TEXT, 96, tdx, true, Role.IDENTITY, "tdx_mrtd", "tdx_rtmr0", "tdx_rtmr1", "tdx_rtmr2", "tdx_rtmr3",
                "tdx_mrconfigid",
                "tdx_mrowner", "tdx_mrownerconfig");
        put(Kind.TEXT, 96, tdx, true, Role.OTHER, "tdx_mrseam", "tdx_mrsignerseam");
        put(Kind.TEXT, 128, tdx, true, Role.OTHER, "tdx_report_data");
        put(Kind.TEXT, 16, tdx, true, Role.OTHER, "tdx_seam_attributes", "tdx_td_attributes", "tdx_xfam");
        put(Kind.TEXT, 32, tdx, true, Role.OTHER, "tdx_tee_tcb_svn");
        put(Kind.NUMBER, 0, tdx, true, Role.OTHER, "tdx_seamsvn");
        put(Kind.TEXT, 0, tdx, true, Role.OTHER, "attester_tcb_status", "eat_profile", "intuse");
        put(Kind.TEXT, 0, tdx, true, Role.DEBUG, "dbgstat");
    }

    private void azure() {
        Set<AttestationType> azure = EnumSet.of(AttestationType.AZURE_VM);
        String prefix = "x-ms-azurevm-";
        for (String flag : new String[] {
            "bootdebug-enabled", "dbvalidated", "dbxvalidated", "debuggersdisabled", "default-securebootkeysvalidated",
                    "elam-enabled",
            "flightsigning-enabled", "hypervisordebug-enabled", "is-windows", "kerneldebug-enabled", "signingdisabled",
                    "testsigning-enabled"
        }) {
            put(Kind.FLAG, 0, azure, false, Role.OTHER, prefix + flag);
        }
        put(Kind.TEXT, 0, azure, false, Role.OTHER, prefix + "attestation-protocol-ver", prefix + "osbuild", prefix + "osdistro",
                prefix + "ostype");
        put(Kind.NUMBER, 0, azure, false, Role.OTHER, prefix + "attested-pcrs", prefix + "hvci-policy", prefix
                + "osversion-major",
                prefix + "osversion-minor");
        put(Kind.TEXT, 0, azure, false, Role.IDENTITY, prefix + "vmid");
        put(Kind.FLAG, 0, azure, false, Role.OTHER, "secureboot");
    }

    private void tpm() {
        Set<AttestationType> tpm = EnumSet.of(AttestationType.TPM, AttestationType.VBS);
        put(Kind.FLAG, 0, tpm, false, Role.OTHER, "aikValidated", "secureBootEnabled", "iommuEnabled", "bootDebuggingDisabled",
                "notSafeMode",
                "notWinPE", "vbsEnabled", "vbsReportPresent", "vsmReportPresent");
        put(Kind.TEXT, 0, tpm, false, Role.IDENTITY, "aikPubHash", "enclaveAuthorId", "enclaveImageId", "enclaveOwnerId",
                "enclaveFamilyId",
                "events", "bootEvents", "pcrs");
        put(Kind.TEXT, 0, tpm, false, Role.OTHER, "x-ms-tpm-request-key", "x-ms-tpm-other-keys");
        put(Kind.NUMBER, 0, tpm, false, Role.OTHER, "tpmVersion", "enclaveSvn", "enclavePlatformSvn", "enclaveFlags");
    }

    private void put(Kind kind, int hexDigits, Set<AttestationType> types, boolean always, Role role, String... names) {
        for (String name : names) {
            byName.put(name, new KnownClaim(name, kind, hexDigits, Set.copyOf(types), always, role));
        }
    }
}
