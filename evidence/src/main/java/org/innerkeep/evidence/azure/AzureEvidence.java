package org.innerkeep.evidence.azure;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.tpm.PcrValues;
import org.innerkeep.evidence.tpm.SignedQuote;

/**
 * Evidence of a confidential virtual machine of Azure, as {@link EvidenceParts} of the type {@link #SNP_TYPE} or {@link #TDX_TYPE}.
 * The parts:
 *
 * <ul>
 *   <li>{@code hcl-report}: NV index 0x01400001 of the virtual TPM, as read;
 *   <li>{@code tpm-quote}, {@code tpm-signature}: TPMS_ATTEST and its signature, bare RSA or TPMT_SIGNATURE;
 *   <li>{@code pcrs}: the values of all quoted registers, as {@link PcrValues};
 *   <li>{@code td-quote}: the TD quote over the TDREPORT of the HCL report; with TDX only;
 *   <li>{@code ak-certificate}: NV index 0x01C101D0, DER with zeros after it; may be absent, as the hardware vouches for the key;
 *   <li>{@code event-log}: the log of the guest's firmware; may be absent.
 * </ul>
 *
 * @param report the HCL report
 * @param quote the quote of the virtual TPM
 * @param pcrs the values
 * @param tdQuote with TDX
 * @param akCertificate not read yet
 * @param eventLog the log
 */
public record AzureEvidence(
        HclReport report,
        SignedQuote quote,
        PcrValues pcrs,
        Optional<Bytes> tdQuote,
        Optional<Bytes> akCertificate,
        Optional<EventLog> eventLog) {
    /** The type of the collection with SEV-SNP. */
    public static final String SNP_TYPE = EvidenceParts.TYPE_PREFIX + "azure-snp";

    /** The type of the collection with TDX. */
    public static final String TDX_TYPE = EvidenceParts.TYPE_PREFIX + "azure-tdx";

    /**
     * Reads the parts.
     *
     * @param parts hostile, of one of the two types
     * @return the evidence, of which nothing is verified
     * @throws MalformedException if a part is missing, malformed or unknown
     */
    public static AzureEvidence parse(EvidenceParts parts) throws MalformedException {
        boolean tdx = parts.type().equals(TDX_TYPE);
        Set<String> left = new TreeSet<>(parts.parts().keySet());
        left.removeAll(Set.of("hcl-report", "tpm-quote", "tpm-signature", "pcrs", "ak-certificate", "event-log"));
        if (tdx) {
            left.remove("td-quote");
        }
        if (!left.isEmpty()) {
            throw new MalformedException(left.iterator().next(), -1, "expected no such part in evidence of this type");
        }
        HclReport report = HclReport.parse(parts.get("hcl-report").toArray());
        if ((report.tee() == HclReport.Tee.TDX) != tdx) {
            throw new MalformedException("reportType", -1, "expected the hardware that the type of the collection names");
        }
        Optional<Bytes> log = parts.find("event-log");
        return new AzureEvidence(
                report,
                SignedQuote.parse("tpm-quote", parts.get("tpm-quote"), parts.get("tpm-signature")),
                PcrValues.parse(parts.get("pcrs").toArray()),
                tdx ? Optional.of(parts.get("td-quote")) : Optional.empty(),
                parts.find("ak-certificate"),
                log.isPresent() ? Optional.of(EventLog.parse(log.get().toArray())) : Optional.empty());
    }
}
