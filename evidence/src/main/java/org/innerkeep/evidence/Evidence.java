package org.innerkeep.evidence;

import java.util.Optional;
import org.innerkeep.evidence.arm.CcaToken;
import org.innerkeep.evidence.arm.PsaToken;
import org.innerkeep.evidence.azure.AzureEvidence;
import org.innerkeep.evidence.certified.CertifiedEvidence;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.dcap.DcapEvidence;
import org.innerkeep.evidence.eventlog.CcelEvidence;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.nitro.NitroDocument;
import org.innerkeep.evidence.nvidia.NvidiaEvidence;
import org.innerkeep.evidence.nvidia.NvidiaReport;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.token.Jws;
import org.innerkeep.evidence.token.Token;
import org.innerkeep.evidence.tpm.TpmEvidence;

/** Evidence of a kind that is known: its form is checked, and nothing of it is verified. */
public sealed interface Evidence {
    /**
     * A keeper report.
     *
     * @param signed the report with its signature
     */
    record OfKeeper(KeeperReport.Signed signed) implements Evidence {}

    /**
     * A quote of an SGX enclave or a TDX trust domain, alone or in what carries it.
     *
     * @param evidence the quote
     */
    record OfDcap(DcapEvidence evidence) implements Evidence {}

    /**
     * An AMD SEV-SNP report.
     *
     * @param evidence the report, with the host's certificates where it came with some
     */
    record OfSnp(SnpEvidence evidence) implements Evidence {}

    /**
     * A certificate with a report of SEV-SNP or a token of Arm CCA for its own key.
     *
     * @param evidence the certificate
     */
    record OfCertificate(CertifiedEvidence evidence) implements Evidence {}

    /**
     * Evidence of a confidential virtual machine of Azure.
     *
     * @param evidence its parts
     */
    record OfAzure(AzureEvidence evidence) implements Evidence {}

    /**
     * A TD quote with its event log.
     *
     * @param evidence both
     */
    record OfCcel(CcelEvidence evidence) implements Evidence {}

    /**
     * TPM quotes.
     *
     * @param evidence the quotes and what belongs to them
     */
    record OfTpm(TpmEvidence evidence) implements Evidence {}

    /**
     * A document of an AWS Nitro enclave.
     *
     * @param signed the document with its signature
     */
    record OfNitro(NitroDocument.Signed signed) implements Evidence {}

    /**
     * An Arm CCA token.
     *
     * @param token the token
     */
    record OfCca(CcaToken token) implements Evidence {}

    /**
     * A PSA token.
     *
     * @param signed the token with its signature
     */
    record OfPsa(PsaToken.Signed signed) implements Evidence {}

    /**
     * A report of a GPU or a switch of NVIDIA's.
     *
     * @param evidence the report, with the device's certificates where it came with them
     */
    record OfNvidia(NvidiaEvidence evidence) implements Evidence {}

    /**
     * A token of an attestation service.
     *
     * @param token the token
     */
    record OfToken(Token token) implements Evidence {}

    /**
     * Finds the kind and reads the bytes as that kind. Each kind is known by its first bytes or its size, and no two claim the same.
     *
     * @param evidence hostile bytes
     * @return the evidence, or nothing where the bytes are of no known kind
     * @throws MalformedException if they are of a known kind by their first bytes and break its form
     */
    static Optional<Evidence> parse(byte[] evidence) throws MalformedException {
        if (EvidenceParts.looksLike(evidence)) {
            return ofParts(EvidenceParts.parse(evidence));
        }
        if (SnpEvidence.looksLike(evidence)) {
            return Optional.of(new OfSnp(SnpEvidence.parse(evidence)));
        }
        if (NvidiaReport.looksLike(evidence)) {
            return Optional.of(new OfNvidia(new NvidiaEvidence(NvidiaReport.parse(evidence), Optional.empty())));
        }
        Optional<CertifiedEvidence> certified = CertifiedEvidence.parse(evidence);
        if (certified.isPresent()) {
            return Optional.of(new OfCertificate(certified.get()));
        }
        Optional<DcapEvidence> dcap = DcapEvidence.parse(evidence);
        if (dcap.isPresent()) {
            return Optional.of(new OfDcap(dcap.get()));
        }
        if (Jws.looksLike(evidence)) {
            return Optional.of(new OfToken(Token.parse(evidence)));
        }
        if (CcaToken.looksLike(evidence)) {
            return Optional.of(new OfCca(CcaToken.parse(evidence)));
        }
        if (PsaToken.looksLike(evidence)) {
            return Optional.of(new OfPsa(PsaToken.parse(evidence)));
        }
        if (NitroDocument.looksLike(evidence)) {
            return Optional.of(new OfNitro(NitroDocument.parse(evidence)));
        }
        if (!CoseSign1.looksLike(evidence)) {
            return Optional.empty();
        }
        CoseSign1 envelope = CoseSign1.parse(evidence);
        return switch (Eat.profile(envelope.payload().toArray()).orElse("")) {
            case KeeperReport.PROFILE -> Optional.of(new OfKeeper(KeeperReport.parse(envelope)));
            default -> Optional.empty();
        };
    }

    private static Optional<Evidence> ofParts(EvidenceParts parts) throws MalformedException {
        return switch (parts.type()) {
            case SnpEvidence.TYPE -> Optional.of(new OfSnp(SnpEvidence.parse(parts)));
            case NvidiaEvidence.TYPE -> Optional.of(new OfNvidia(NvidiaEvidence.parse(parts)));
            case TpmEvidence.TYPE -> Optional.of(new OfTpm(TpmEvidence.parse(parts)));
            case CcelEvidence.TYPE -> Optional.of(new OfCcel(CcelEvidence.parse(parts)));
            case AzureEvidence.SNP_TYPE, AzureEvidence.TDX_TYPE -> Optional.of(new OfAzure(AzureEvidence.parse(parts)));
            default -> Optional.empty();
        };
    }
}
