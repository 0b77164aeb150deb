package org.innerkeep.evidence.azure;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.eventlog.BootState;
import org.innerkeep.evidence.eventlog.LogVerifier;
import org.innerkeep.evidence.internal.HardwareCheck;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.tpm.AkCertificate;
import org.innerkeep.evidence.tpm.AttestationKey;
import org.innerkeep.evidence.tpm.QuoteVerifier;

/** Verifies evidence of Azure's confidential virtual machines. */
public final class AzureVerifier {
    private static final String VMPL = "x-ms-sevsnpvm-vmpl";
    private static final String OTHER_MACHINE = "The parts are not of one machine: do not trust whoever sent them.";

    private AzureVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>the hardware's evidence, the report of SEV-SNP or the TD quote;
     *   <li>the runtime data: the hardware's report data is its hash and zeros. With SEV-SNP it was the paravisor that asked for it
     *       (VMPL 0); with TDX the TDREPORT has the report data of the quote too;
     *   <li>the quote of the virtual TPM by the key in the runtime data, as {@link QuoteVerifier};
     *   <li>the certificate of that key, where it is given: of the same key, and leading to a pinned root of a maker of TPMs. The key
     *       needs none, and so a chain that cannot be followed for want of certificates or of a pinned root is noted and not refused:
     *       whoever sends it could as well leave it out;
     *   <li>the event log, where it is given, as {@link LogVerifier}.
     * </ol>
     *
     * The measurement is the hardware's, of the paravisor, because everything else rests on it: a guest that is not Microsoft's paravisor
     * can play the virtual TPM itself, with any key and any register values. Whether it is, the relying party must say by comparing it:
     * Microsoft publishes no list of them. What runs in the guest is the detail {@code guest-measurement}, SHA-256 over the values of the
     * quoted registers, as far as the paravisor is trusted. The report data is the nonce of the quote, so that the values
     * of the registers are as fresh as it; bytes that the guest has put into the runtime data are the claim {@code user-data}.
     *
     * @param evidence the evidence
     * @param run the verification
     * @param snp verifies reports of SEV-SNP, 1184 bytes
     * @param tdx verifies TD quotes
     * @return the verdict
     */
    public static Verdict verify(AzureEvidence evidence, Verification run, HardwareCheck snp, HardwareCheck tdx) {
        boolean isTdx = evidence.tdQuote().isPresent();
        Optional<Claims> hardware = evidence.tdQuote()
                .map(quote -> tdx.check(quote, run))
                .orElseGet(() -> snp.check(evidence.report().hardware(), run));
        hardware.ifPresent(claims -> checkBinding(run, evidence.report(), claims));
        RuntimeData runtime;
        try {
            runtime = RuntimeData.parse(evidence.report().runtimeData().toArray());
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "hcl-report.runtime-data", e, "Ask for the report again.");
            return run.refusal();
        }
        AttestationKey key = new AttestationKey(runtime.attestationKey(), Optional.empty());
        QuoteVerifier.verify(run, List.of(evidence.quote()), key, evidence.pcrs());
        evidence.akCertificate().ifPresent(certificate -> checkCertificate(run, certificate, key));
        Optional<BootState> boot = evidence.eventLog().flatMap(log -> LogVerifier.verify(run, log, evidence.pcrs().banks()));
        if (hardware.isEmpty()) {
            return run.refusal();
        }
        Map<String, ClaimValue> details = new TreeMap<>(hardware.get().details());
        details.putAll(QuoteVerifier.claims(List.of(evidence.quote()), key, evidence.pcrs()));
        boot.ifPresent(state -> details.putAll(state.claims()));
        details.putAll(claims(evidence, runtime));
        details.put(
                "guest-measurement",
                ClaimValue.of(Measurement.sha256(Bytes.sha256(evidence.pcrs().toByteArray())).toString()));
        run.notChecked("paravisor", "whether measurement and signer are those of Microsoft's paravisor: compare them. Any other guest could"
                + " claim any register values");
        return run.conclude(new Claims(
                isTdx ? "azure-tdx" : "azure-snp",
                isTdx ? "tdx" : "snp",
                hardware.get().measurement(),
                hardware.get().signer(),
                hardware.get().productId(),
                hardware.get().securityVersion(),
                hardware.get().debug() || boot.map(BootState::debug).orElse(false),
                evidence.quote().quote().extraData(),
                hardware.get().issuedAt(),
                hardware.get().anchor(),
                details));
    }

    /** Step 2. */
    private static void checkBinding(Verification run, HclReport report, Claims hardware) {
        Bytes wanted = report.expectedReportData();
        if (!hardware.reportData().equals(wanted)) {
            run.refuse(Code.BINDING_MISMATCH, "hcl-report.runtime-data", "report data " + hardware.reportData().shortHex(),
                    wanted.shortHex() + ", the hash of the runtime data and zeros", OTHER_MACHINE);
        }
        if (report.tee() == HclReport.Tee.TDX && !report.tdReportData().equals(hardware.reportData())) {
            run.refuse(Code.BINDING_MISMATCH, "hcl-report.tdreport", "report data " + report.tdReportData().shortHex(),
                    hardware.reportData().shortHex() + ", as in the TD quote", OTHER_MACHINE);
        }
        if (report.tee() == HclReport.Tee.SNP
                && hardware.details().get(VMPL) instanceof ClaimValue.Int vmpl
                && vmpl.value() != 0) {
            run.refuse(Code.PLATFORM_NOT_ACCEPTED, "hcl-report.vmpl", "VMPL " + vmpl.value(), "VMPL 0, that of the paravisor",
                    "The guest asked for this report itself: its words are not the paravisor's.");
        }
        run.checked("HCL report", "the hardware's report data is the hash of the runtime data, which has the attestation key");
    }

    /** Step 4. */
    private static void checkCertificate(Verification run, Bytes bytes, AttestationKey key) {
        String path = "ak-certificate";
        X509Certificate certificate;
        try {
            certificate = AkCertificate.parse(run.crypto(), path, bytes);
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, path, e, "Ask for the certificate again, or leave it out.");
            return;
        }
        AkCertificate.checkKey(run, certificate, key.spki(), path);
        if (run.options().roots(Maker.TPM).isEmpty()) {
            run.notChecked("attestation key certificate", "no root of a maker of TPMs is pinned; the hardware vouches for the key");
            return;
        }
        Verification chain = new Verification(run::find, run.at(), run.options(), run.crypto());
        AkCertificate.prove(chain, certificate, path);
        if (chain.reasons() == 0) {
            run.checked("attestation key certificate", "leads to a pinned root of a maker of TPMs");
            return;
        }
        switch (chain.refusal()) {
            case Verdict.Undecided undecided -> run.notChecked("attestation key certificate",
                    "certificates of its chain are missing; the hardware vouches for the key");
            case Verdict.Refused refused -> {
                for (Reason each : refused.reasons()) {
                    run.refuse(each.code(), each.path(), each.found(), each.wanted(), each.remedy());
                }
            }
            case Verdict.Accepted accepted -> throw new IllegalStateException("no acceptance has reasons");
        }
    }

    private static Map<String, ClaimValue> claims(AzureEvidence evidence, RuntimeData runtime) {
        Map<String, ClaimValue> claims = new TreeMap<>();
        claims.put("x-ms-runtime", runtime.all());
        claims.put("x-ms-azurevm-attested-pcrs", new ClaimValue.Many(evidence.pcrs().banks().values().stream()
                .flatMap(values -> values.keySet().stream())
                .distinct()
                .sorted()
                .map(register -> ClaimValue.of(register.longValue()))
                .toList()));
        claims.put("vm-configuration", new ClaimValue.Group(runtime.vmConfiguration()));
        runtime.vmId().ifPresent(id -> claims.put("x-ms-azurevm-vmid", ClaimValue.of(id)));
        runtime.userData().ifPresent(data -> claims.put("user-data", ClaimValue.of(data)));
        return claims;
    }
}
