package org.innerkeep.evidence.dcap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.internal.CertifiedKey;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.Curve;
import org.innerkeep.evidence.internal.SignatureScheme;
import org.innerkeep.evidence.internal.Verification;

/** Verifies quotes of SGX enclaves and TDX trust domains. */
public final class DcapVerifier {
    private static final int MAX_PCK_CANDIDATES = 32;

    private DcapVerifier() {}

    /**
     * Verifies a quote as {@link #prove} does, and where a certificate carries it:
     *
     * <ol>
     *   <li>the quote is over the certificate's key;
     *   <li>that key signed the certificate, which is within its time.
     * </ol>
     *
     * Whether that key is the one that is talked to is for the caller to see, by the claims {@link CertifiedKey#details}.
     *
     * @param evidence the quote, alone or in what carries it
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(DcapEvidence evidence, Verification run) {
        Claims claims = prove(evidence.quote(), run);
        if (evidence instanceof RaTlsCertificate certificate) {
            Map<String, ClaimValue> details = checkBinding(certificate, run);
            CertifiedKey.check(certificate.certificate(), run);
            claims = claims.withDetails(details);
        }
        return run.conclude(claims);
    }

    private static Map<String, ClaimValue> checkBinding(RaTlsCertificate certificate, Verification run) {
        try {
            if (!certificate.bindsKey()) {
                CertifiedKey.refuseUnbound(run);
            }
            return CertifiedKey.details(certificate.claims(), certificate.publicKey());
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "certificate.claims", e, "Ask again; if it stays so, the sender is broken or hostile.");
            return Map.of();
        }
    }

    /**
     * Proves:
     *
     * <ol>
     *   <li>it says that Intel's quoting enclave made it;
     *   <li>the attributes of the enclave or the trust domain have a meaning that is known, and no operator may move it;
     *   <li>the PCK certificate leads to a pinned root key of Intel, and nothing on the way is revoked, or out of its time;
     *   <li>the PCK key signed the report of the quoting enclave;
     *   <li>the quoting enclave vouches for the attestation key;
     *   <li>the attestation key signed header and body;
     *   <li>TCB info for the platform's kind is Intel's and current;
     *   <li>the identity of the quoting enclave is Intel's and current, and the quoting enclave is like that;
     *   <li>the TDX module is Intel's;
     *   <li>the status of all versions together is accepted.
     * </ol>
     *
     * Adds a reason to the verification for everything that is not so, and does not conclude it.
     *
     * @param quote the quote
     * @param run the verification
     * @return the claims, which are proven where the verification has no reason against them
     */
    public static Claims prove(Quote quote, Verification run) {
        checkMaker(quote, run);
        checkTrailing(quote, run);
        checkAttributes(quote.body(), run);
        noteServiceDomain(quote.body(), run);
        Optional<PckChain> pck = pck(quote, run);
        Optional<Chain> chain = pck.flatMap(each -> proveChain(each, run));
        pck.ifPresent(each -> checkQeReportSignature(quote, each, run));
        checkAttestationKey(quote, run);
        checkQuoteSignature(quote, run);
        Need.Tee tee = quote.tdx() ? Need.Tee.TDX : Need.Tee.SGX;
        Collateral collateral = new Collateral(run);
        Optional<TcbInfo> info = pck.flatMap(each -> collateral.tcbInfo(tee, each.extension()));
        Optional<EnclaveIdentity> identity = collateral.identity(tee);
        checkQe(quote.qeReport(), identity, run);
        info.ifPresent(each -> checkModule(quote.body(), each, run));
        Optional<TcbEvaluation> evaluation = pck.isPresent() && info.isPresent() && identity.isPresent()
                ? evaluate(quote, pck.get().extension(), info.get(), identity.get(), run)
                : Optional.empty();
        if (run.reasons() == 0 && (chain.isEmpty() || info.isEmpty() || evaluation.isEmpty())) {
            throw new IllegalStateException("a part of the proof is missing and no reason says so");
        }
        return DcapClaims.of(quote, chain, pck, info, evaluation, collateral);
    }

    private static void checkMaker(Quote quote, Verification run) {
        if (!quote.qeVendorId().equals(Quote.INTEL_QE_VENDOR)) {
            run.refuse(
                    Code.NOT_VERIFIABLE,
                    "quote.qe-vendor-id",
                    quote.qeVendorId().hex(),
                    Quote.INTEL_QE_VENDOR + ", the quoting enclave of Intel",
                    "Have Intel's quoting enclave make the quote.");
        }
    }

    /** Kernels and clouds pad quotes, mostly with zeros. Nothing reads what comes after a quote, and it is said where it is more. */
    private static void checkTrailing(Quote quote, Verification run) {
        byte[] trailing = quote.trailing().toArray();
        for (byte each : trailing) {
            if (each != 0) {
                run.notChecked("bytes after the quote", trailing.length + ", not all of them zero: no signature covers them, and nothing"
                        + " here reads them");
                return;
            }
        }
    }

    private static void checkAttributes(QuoteBody body, Verification run) {
        switch (body) {
            case SgxReport enclave -> {
                if (enclave.reservedFlags() != 0) {
                    refuseReserved("quote.attributes", enclave.reservedFlags(), run);
                }
            }
            case TdReport domain -> {
                if (domain.reservedAttributes() != 0) {
                    refuseReserved("quote.td-attributes", domain.reservedAttributes(), run);
                }
                if (domain.has(TdReport.MIGRATABLE) && !run.options().migrationAllowed()) {
                    run.refuse(
                            Code.MIGRATION_ALLOWED,
                            "quote.td-attributes",
                            "a trust domain that a migration agent may move",
                            "one that stays where it is",
                            "Launch it without migration, or accept migration by name.");
                }
            }
        }
    }

    /** A service trust domain, such as a migration agent, measured the same everywhere: which one is for the relying party to say. */
    private static void noteServiceDomain(QuoteBody body, Verification run) {
        if (body instanceof TdReport domain
                && domain.current().isPresent()
                && !domain.current().get().mrServiceTd().equals(Bytes.of(new byte[48]))) {
            run.notChecked("service trust domain", "one is bound to this trust domain: compare tdx-mrservicetd");
        }
    }

    private static void refuseReserved(String path, long bits, Verification run) {
        run.refuse(
                Code.RESERVED_NOT_ZERO,
                path,
                String.format("reserved bits 0x%016x", bits),
                "zeros",
                "What these bits mean is not known here: use a newer verifier.");
    }

    private static Optional<PckChain> pck(Quote quote, Verification run) {
        CertificationData data = quote.certification();
        try {
            Optional<CertificationData.Platform> platform = data.platform();
            if (platform.isPresent()) {
                return lookUp(quote, platform.get(), run);
            }
            PckChain chain = parse(data.data(), run);
            if (data.type() == CertificationData.PCK_CERTIFICATE && !chain.others().isEmpty()) {
                throw new MalformedException("certification data", -1, "expected one certificate for this type, found more");
            }
            return Optional.of(chain);
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "quote.certification-data", e, "Ask again; if it stays so, the sender is broken or hostile.");
            return Optional.empty();
        }
    }

    private static PckChain parse(Bytes source, Verification run) throws MalformedException {
        return run.crypto().remember(PckChain.class, source, bytes -> PckChain.parse(run.crypto(), bytes));
    }

    /** Of all certificates that could be the one, the key decides. */
    private static Optional<PckChain> lookUp(Quote quote, CertificationData.Platform platform, Verification run) {
        Endorsements.Answer answer = run.find(new Need.PckCertificate(
                Bytes.of(Arrays.copyOf(quote.userData().toArray(), 16)),
                platform.ppid(),
                platform.cpuSvn(),
                platform.pceSvn(),
                platform.pceId()));
        boolean sameMachine = false;
        List<PckChain> candidates = new ArrayList<>();
        for (Bytes document : answer.documents()) {
            try {
                PckChain candidate = parse(document, run);
                if (candidates.size() < MAX_PCK_CANDIDATES && fits(candidate.extension(), quote.certification(), platform)) {
                    candidates.add(candidate);
                }
            } catch (MalformedException e) {
                // Candidates may be anything.
            }
        }
        for (PckChain candidate : candidates) {
            if (signedQeReport(quote, candidate, run)) {
                return Optional.of(candidate);
            }
            sameMachine |= candidate.extension().ppid().equals(platform.ppid());
        }
        if (sameMachine) {
            run.refuse(
                    Code.SIGNATURE_INVALID,
                    "quote.qe-report",
                    "a signature that no PCK key of this platform made",
                    "a valid signature",
                    "The quote was changed or forged: do not trust whoever sent it.");
        } else {
            run.missing(
                    "quote.pck-certificate",
                    "the PCK certificate of PPID " + platform.ppid().shortHex() + ", whose key signed the QE report",
                    answer.problems());
        }
        return Optional.empty();
    }

    private static boolean fits(PckExtension extension, CertificationData data, CertificationData.Platform platform) {
        return (data.type() != CertificationData.PPID || extension.ppid().equals(platform.ppid()))
                && platform.pceId().map(extension.pceId()::equals).orElse(true);
    }

    private static Optional<Chain> proveChain(PckChain pck, Verification run) {
        if (!pck.hasPckNames()) {
            run.refuse(
                    Code.CHAIN_INVALID,
                    "quote.pck-chain",
                    "a certificate of " + Chain.name(pck.leaf().getSubjectX500Principal()) + " by "
                            + Chain.name(pck.leaf().getIssuerX500Principal()),
                    "an Intel SGX PCK Certificate by the PCK Platform CA or Processor CA",
                    "Do not trust this chain.");
        }
        Optional<Chain> chain = Chain.prove(
                run,
                pck.leaf(),
                pck.others(),
                new Chain.Rules("quote.pck-chain", run.options().roots(Maker.INTEL), Set.of(), Chain.Revocation.REQUIRED));
        chain.ifPresent(proven -> run.checked("PCK certificate chain", "leads to a pinned root key of Intel"));
        return chain;
    }

    private static boolean signedQeReport(Quote quote, PckChain pck, Verification run) {
        try {
            return run.crypto().verify(
                    SignatureScheme.ES256,
                    run.crypto().publicKey("PCK key", pck.key()),
                    quote.qeReport().toByteArray(),
                    quote.qeReportSignature().toArray());
        } catch (MalformedException e) {
            // That the key is weak is said where the chain is checked.
            return false;
        }
    }

    private static void checkQeReportSignature(Quote quote, PckChain pck, Verification run) {
        if (!signedQeReport(quote, pck, run)) {
            run.refuse(
                    Code.SIGNATURE_INVALID,
                    "quote.qe-report",
                    "a signature that is not by the PCK key",
                    "a valid signature",
                    "The quote was changed or forged: do not trust whoever sent it.");
        }
    }

    private static void checkAttestationKey(Quote quote, Verification run) {
        Bytes digest = Bytes.sha256(quote.attestationKey().toArray(), quote.qeAuthenticationData().toArray());
        Bytes wanted = Bytes.of(Arrays.copyOf(digest.toArray(), 64));
        if (!quote.qeReport().reportData().equals(wanted)) {
            run.refuse(
                    Code.BINDING_MISMATCH,
                    "quote.qe-report.report-data",
                    quote.qeReport().reportData().shortHex(),
                    wanted.shortHex() + ", the digest of the attestation key and its data",
                    "Parts of two quotes were put together: do not trust whoever sent it.");
        }
    }

    private static void checkQuoteSignature(Quote quote, Verification run) {
        boolean right;
        try {
            Bytes spki = run.crypto().remember(
                    AttestationKey.class, quote.attestationKey(), AttestationKey::parse).spki();
            right = run.crypto().verify(
                    SignatureScheme.ES256,
                    run.crypto().publicKey("attestation key", spki),
                    quote.signedBytes(),
                    quote.signature().toArray());
        } catch (MalformedException e) {
            right = false;
        }
        if (!right) {
            run.refuse(
                    Code.SIGNATURE_INVALID,
                    "quote.signature",
                    "a signature that is not by the attestation key",
                    "a valid signature",
                    "The quote was changed or forged: do not trust whoever sent it.");
        }
    }

    /** A point as a key that can be remembered. */
    private record AttestationKey(Bytes spki) {
        static AttestationKey parse(byte[] point) throws MalformedException {
            return new AttestationKey(Curve.P256.spki("attestation key", point));
        }
    }

    private static void checkQe(SgxReport qe, Optional<EnclaveIdentity> identity, Verification run) {
        if (qe.debug()) {
            // Its identity would say so too; a debug quoting enclave signs whatever it is told, so nothing lifts this.
            refuseIdentity("quote.qe-report.attributes", "a quoting enclave that can be debugged", "one that cannot", run);
        }
        if (identity.isEmpty()) {
            return;
        }
        EnclaveIdentity wanted = identity.get();
        byte[] miscSelect = new byte[4];
        for (int i = 0; i < miscSelect.length; i++) {
            miscSelect[i] = (byte) (qe.miscSelect() >> (8 * i));
        }
        compare("miscselect", masked(Bytes.of(miscSelect), wanted.miscSelectMask()), wanted.miscSelect(), run);
        compare("attributes", masked(qe.attributes(), wanted.attributesMask()), wanted.attributes(), run);
        compare("mrsigner", qe.mrSigner(), wanted.mrSigner(), run);
        if (qe.isvProdId() != wanted.isvProdId()) {
            refuseIdentity(
                    "quote.qe-report.isvprodid", Integer.toString(qe.isvProdId()), Integer.toString(wanted.isvProdId()), run);
        }
        run.checked("quoting enclave", "signer, product and attributes are those of Intel's");
    }

    private static void compare(String field, Bytes found, Bytes wanted, Verification run) {
        if (!found.equals(wanted)) {
            refuseIdentity("quote.qe-report." + field, found.shortHex(), wanted.shortHex(), run);
        }
    }

    private static void refuseIdentity(String path, String found, String wanted, Verification run) {
        run.refuse(Code.IDENTITY_MISMATCH, path, found, wanted, "Do not trust this platform: another than Intel's enclave vouches.");
    }

    private static Bytes masked(Bytes value, Bytes mask) {
        byte[] bits = value.toArray();
        byte[] kept = mask.toArray();
        for (int i = 0; i < bits.length; i++) {
            bits[i] &= kept[i];
        }
        return Bytes.of(bits);
    }

    private static void checkModule(QuoteBody body, TcbInfo info, Verification run) {
        if (!(body instanceof TdReport domain)) {
            return;
        }
        Optional<TcbInfo.Module> module = TcbEvaluation.module(info, domain.teeTcbSvn());
        if (module.isEmpty()) {
            // That no level fits is said where levels are compared.
            return;
        }
        if (!domain.mrSignerSeam().equals(module.get().mrSigner())) {
            refuseModule("quote.mrsignerseam", domain.mrSignerSeam().shortHex(), module.get().mrSigner().shortHex(), run);
        }
        Bytes attributes = masked(domain.seamAttributes(), module.get().attributesMask());
        if (!attributes.equals(module.get().attributes())) {
            refuseModule("quote.seamattributes", attributes.hex(), module.get().attributes().hex(), run);
        } else if (LittleEndian.u64(domain.seamAttributes(), 0) != 0) {
            // None has a meaning yet, whatever the mask leaves out.
            refuseReserved("quote.seamattributes", LittleEndian.u64(domain.seamAttributes(), 0), run);
        }
        run.checked("TDX module", "signer and attributes are those of Intel's");
    }

    private static void refuseModule(String path, String found, String wanted, Verification run) {
        run.refuse(Code.IDENTITY_MISMATCH, path, found, wanted, "Do not trust this platform: its TDX module is not Intel's.");
    }

    private static Optional<TcbEvaluation> evaluate(
            Quote quote, PckExtension pck, TcbInfo info, EnclaveIdentity identity, Verification run) {
        TcbOutcome outcome = TcbEvaluation.evaluate(pck, quote.body(), quote.qeReport().isvSvn(), info, identity);
        return switch (outcome) {
            case TcbOutcome.NotSupported none -> {
                run.refuse(
                        Code.TCB_NOT_SUPPORTED,
                        "tcb",
                        none.part(),
                        "versions that Intel's TCB info " + info.evaluation() + " knows",
                        "Update the platform's firmware and software, or use endorsements that know it.");
                yield Optional.empty();
            }
            case TcbEvaluation evaluation -> {
                checkStatus(evaluation, run);
                yield Optional.of(evaluation);
            }
        };
    }

    private static void checkStatus(TcbEvaluation evaluation, Verification run) {
        TcbStatus status = evaluation.status();
        if (status == TcbStatus.REVOKED || !run.options().acceptedTcb().contains(status)) {
            String advisories =
                    evaluation.advisories().isEmpty() ? "" : ", open: " + String.join(", ", evaluation.advisories());
            run.refuse(
                    Code.TCB_STATUS_NOT_ACCEPTED,
                    "tcb.status",
                    status + " (of " + evaluation.date() + advisories + ")",
                    "one of " + run.options().acceptedTcb().stream().sorted().toList(),
                    "Update the platform, or look at what its advisories mean for you and accept the status by name.");
        } else {
            run.checked("TCB status", status + " as of " + evaluation.date());
        }
    }
}
