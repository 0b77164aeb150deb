package org.innerkeep.evidence.snp;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.SignatureScheme;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.snp.SnpReport.PlatformInfo;
import org.innerkeep.evidence.snp.SnpReport.Policy;

/** Verifies SEV-SNP reports. */
public final class SnpVerifier {
    private static final int VCEK = 0;
    private static final int VLEK = 1;

    private SnpVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>no bit is set whose meaning is not known, the guest asked for the report and not its host, and it is signed at all;
     *   <li>the line of products is known, by CPUID or, in version 2, by the certificate, and is not refused;
     *   <li>the certificate is of the kind of key that the report names, and of its line, its chip and its reported TCB;
     *   <li>it leads by the authorities of that line to a pinned root, and none of them is revoked;
     *   <li>the report is signed with its key;
     *   <li>the versions that the report states are consistent with each other;
     *   <li>the guest cannot be moved by a migration agent, unless that is accepted.
     * </ol>
     *
     * That it cannot be debugged, and its report data, are checked as for all kinds.
     *
     * @param evidence the report, and certificates where it came with some
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(SnpEvidence evidence, Verification run) {
        return run.conclude(prove(evidence, run));
    }

    /**
     * Checks everything but what all kinds have in common, for evidence that has a report as one of its parts.
     *
     * @param evidence the report, and certificates where it came with some
     * @param run the verification, to which reasons are added
     * @return what is proven if no reason was added, and otherwise not
     */
    public static Claims prove(SnpEvidence evidence, Verification run) {
        SnpReport report = evidence.report();
        int before = run.reasons();
        checkForm(report, run);
        Optional<SnpProduct> line = lineByProcessor(report, run);
        Optional<SnpKeyCertificate> key = findKey(evidence, line, run);
        Optional<SnpProduct> product = line.or(() -> key.map(SnpKeyCertificate::product));
        checkProduct(product, run);
        Optional<Authority> authority = key.flatMap(each -> proveChain(evidence, each, run));
        key.ifPresent(each -> checkSignature(report, each, run));
        checkVersions(report, run);
        checkLeast(report, product, run);
        checkMigration(report, run);
        if (authority.isEmpty() && run.reasons() == before) {
            throw new IllegalStateException("nothing is proven and no reason was given");
        }
        Bytes anchor = authority.map(Authority::anchor).orElse(Bytes.EMPTY);
        return SnpClaims.of(report, product, key, anchor);
    }

    private static void checkForm(SnpReport report, Verification run) {
        checkUnknown("report.policy", report.policy() & Policy.UNKNOWN, run);
        checkUnknown("report.platform-info", report.platformInfo() & PlatformInfo.UNKNOWN, run);
        checkUnknown("report.key-info", report.unknownKeyInfo(), run);
        if (report.vmpl() == SnpReport.HOST_VMPL) {
            run.refuse(Code.NOT_VERIFIABLE, "report.vmpl", "a report that the host asked for", "one that the guest asked for",
                    "The guest did not choose its report data: ask the guest for a report.");
        }
        if (report.signatureAlgo() != SnpReport.ECDSA_P384_SHA384) {
            run.refuse(Code.NOT_VERIFIABLE, "report.signature-algo", "algorithm " + report.signatureAlgo(),
                    "1, ECDSA on P-384 with SHA-384", "Use a newer verifier.");
        }
        int key = report.signingKey();
        if (key != VCEK && key != VLEK) {
            run.refuse(Code.NOT_VERIFIABLE, "report.key-info", key == 7 ? "a report that no key signed" : "signing key " + key,
                    "a report signed with a VCEK (0) or a VLEK (1)", "Have the host set up a signing key.");
        } else if (key == VCEK && report.maskChipKey()) {
            // Firmware that masks its chip's key writes zeros in place of a signature.
            run.refuse(Code.NOT_VERIFIABLE, "report.key-info", "a masked chip key: the firmware does not sign with it",
                    "a signed report", "Have the host unmask the key, or load a VLEK.");
        }
    }

    private static void checkUnknown(String path, long bits, Verification run) {
        if (bits != 0) {
            run.refuse(Code.RESERVED_NOT_ZERO, path, "the bits 0x" + Long.toHexString(bits), "known bits only", "Use a newer verifier.");
        }
    }

    private static Optional<SnpProduct> lineByProcessor(SnpReport report, Verification run) {
        Optional<SnpProduct> line = report.processor().flatMap(cpu -> SnpProduct.of(cpu.family(), cpu.model()));
        if (report.processor().isPresent() && line.isEmpty()) {
            SnpReport.Processor cpu = report.processor().get();
            run.refuse(Code.NOT_VERIFIABLE, "report.cpuid",
                    String.format("family 0x%02x, model 0x%02x", cpu.family(), cpu.model()), "Milan, Genoa or Turin",
                    "Use a newer verifier.");
        }
        return line;
    }

    private static void checkProduct(Optional<SnpProduct> product, Verification run) {
        if (product.isPresent() && run.options().refusedProducts().stream().anyMatch(product.get().toString()::equalsIgnoreCase)) {
            run.refuse(Code.PRODUCT_LINE_REFUSED, "report.product", product.get().toString(),
                    "none of " + String.join(", ", run.options().refusedProducts()), "Run it on another machine.");
        }
    }

    /** Why a certificate is not the one that the report needs. */
    private record Fault(Code code, String path, String found, String wanted) {}

    /** A certificate of the right kind of key, and what is wrong with it for this report. */
    private record Candidate(SnpKeyCertificate certificate, List<Fault> faults, boolean valid) {
        boolean fits() {
            return faults.isEmpty() && valid;
        }

        int rank() {
            return 2 * faults.size() + (valid ? 0 : 1);
        }
    }

    /**
     * Looks for the certificate among those that came with the report, and then among the endorsements. Where none fits, the one that
     * comes closest is refused with all that is wrong with it: that tells more than that none was found.
     */
    private static Optional<SnpKeyCertificate> findKey(SnpEvidence evidence, Optional<SnpProduct> line, Verification run) {
        SnpReport report = evidence.report();
        if (report.signingKey() != VCEK && report.signingKey() != VLEK || report.processor().isPresent() && line.isEmpty()) {
            return Optional.empty();
        }
        boolean vlek = report.signingKey() == VLEK;
        List<Candidate> candidates = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        collect(evidence.certificates(), report, line, candidates, problems, run);
        // A report of version 2 does not name its line: each is asked for.
        for (SnpProduct each : line.map(List::of).orElse(List.of(SnpProduct.values()))) {
            if (candidates.stream().anyMatch(Candidate::fits)) {
                break;
            }
            Bytes chip = Bytes.of(Arrays.copyOf(report.chipId().toArray(), each.hardwareIdBytes()));
            Bytes tcb = report.reportedTcb().value();
            var answer = run.find(
                    vlek ? new Need.Vlek(each.toString(), tcb) : new Need.Vcek(each.toString(), chip, tcb));
            problems.addAll(answer.problems());
            collect(answer.documents(), report, line, candidates, problems, run);
        }
        if (candidates.isEmpty()) {
            run.missing("report.certificate", "the " + (vlek ? "VLEK" : "VCEK") + " certificate"
                    + (vlek ? "" : " of chip " + report.chipId().shortHex()) + " for TCB " + report.reportedTcb(),
                    problems.stream().distinct().toList());
            return Optional.empty();
        }
        Candidate best = best(candidates, report, run);
        for (Fault fault : best.faults()) {
            run.refuse(fault.code(), fault.path(), fault.found(), fault.wanted(),
                    "Get the certificate of this chip at this TCB from AMD's service, or from the cloud.");
        }
        if (!vlek && SnpClaims.isZero(report.chipId())) {
            run.notChecked("chip id", "the host masks it: the signature alone says which chip it is");
        }
        return Optional.of(best.certificate());
    }

    private static void collect(List<Bytes> documents, SnpReport report, Optional<SnpProduct> line, List<Candidate> candidates,
            List<String> problems, Verification run) {
        boolean vlek = report.signingKey() == VLEK;
        for (Bytes document : documents) {
            X509Certificate certificate;
            try {
                certificate = run.crypto().certificate("certificate", document);
            } catch (MalformedException e) {
                // Candidates may be anything.
                continue;
            }
            if (!certificate.getSubjectX500Principal().equals(vlek ? SnpKeyCertificate.VLEK : SnpKeyCertificate.VCEK)) {
                continue;
            }
            try {
                SnpKeyCertificate key =
                        run.crypto().remember(SnpKeyCertificate.class, document, bytes -> SnpKeyCertificate.of(certificate));
                candidates.add(new Candidate(key, faults(report, line, key), Chain.isValid(run, certificate)));
            } catch (MalformedException e) {
                problems.add("a certificate of another form: " + e.field() + ", " + e.problem());
            }
        }
    }

    private static List<Fault> faults(SnpReport report, Optional<SnpProduct> line, SnpKeyCertificate key) {
        List<Fault> faults = new ArrayList<>();
        if (line.isPresent() && line.get() != key.product()) {
            faults.add(new Fault(Code.MACHINE_MISMATCH, "report.cpuid", "a report of " + line.get(),
                    "one of " + key.product() + ", as the certificate says"));
        }
        if (key.hardwareId().isPresent() && !SnpClaims.isZero(report.chipId())) {
            byte[] padded = Arrays.copyOf(key.hardwareId().get().toArray(), report.chipId().length());
            if (!report.chipId().equals(Bytes.of(padded))) {
                faults.add(new Fault(Code.MACHINE_MISMATCH, "report.chip-id", report.chipId().shortHex(),
                        key.hardwareId().get().shortHex() + ", as the certificate says"));
            }
        }
        if (!report.reportedTcb().equals(key.tcb())) {
            faults.add(new Fault(Code.TCB_MISMATCH, "report.reported-tcb", report.reportedTcb().components(key.product()).toString(),
                    key.tcb().components(key.product()) + ", as the certificate says"));
        }
        return faults;
    }

    /** Where several come equally close, the one whose key signed: a key can only be told from its certificate where it is masked. */
    private static Candidate best(List<Candidate> candidates, SnpReport report, Verification run) {
        int least = candidates.stream().mapToInt(Candidate::rank).min().orElseThrow();
        List<Candidate> closest = candidates.stream().filter(each -> each.rank() == least).limit(8).toList();
        return closest.size() == 1
                ? closest.getFirst()
                : closest.stream().filter(each -> signed(report, each.certificate(), run)).findFirst().orElse(closest.getFirst());
    }

    /**
     * That a certificate is AMD's.
     *
     * @param anchor SHA-256 of the pinned root key that it leads to
     */
    private record Authority(Bytes anchor) {}

    private static Optional<Authority> proveChain(SnpEvidence evidence, SnpKeyCertificate key, Verification run) {
        List<Bytes> with = evidence.certificates();
        // All that is read of the key follows from its certificate.
        return run.proveOnce(List.of(key.certificate(), with), Authority.class, () -> proveAuthority(key, with, run));
    }

    private static Optional<Authority> proveAuthority(SnpKeyCertificate key, List<Bytes> with, Verification run) {
        String path = "report.chain";
        String line = key.product().toString();
        List<X509Certificate> others = new ArrayList<>();
        for (X509Certificate each : Chain.certificates(run, with)) {
            addAuthority(others, each, key);
        }
        for (X509Certificate each : Chain.certificates(run, run.find(new Need.AmdChain(line, key.vlek())).documents())) {
            addAuthority(others, each, key);
        }
        if (!key.certificate().getIssuerX500Principal().equals(key.expectedIssuer())) {
            run.refuse(Code.CHAIN_INVALID, path, "a certificate by " + Chain.name(key.certificate().getIssuerX500Principal()),
                    "one by " + Chain.name(key.expectedIssuer()) + ", as it is a " + (key.vlek() ? "VLEK" : "VCEK") + " of " + line,
                    "Do not trust this chain.");
        }
        Chain.Revocation revocation = run.options().missingRevocationListAllowed()
                ? Chain.Revocation.IF_AT_HAND
                : Chain.Revocation.REQUIRED_ABOVE_LEAF;
        Optional<Chain> chain = Chain.prove(
                run, key.certificate(), others, new Chain.Rules(path, run.options().roots(Maker.AMD), Set.of(), revocation));
        chain.ifPresent(each -> checkLine(each, key, run));
        return chain.map(each -> new Authority(Bytes.sha256(each.root().toArray())));
    }

    private static void addAuthority(List<X509Certificate> others, X509Certificate certificate, SnpKeyCertificate key) {
        var subject = certificate.getSubjectX500Principal();
        if (subject.equals(key.certificate().getIssuerX500Principal()) || subject.equals(key.expectedRoot())) {
            others.add(certificate);
        }
    }

    /** The root of one line must not vouch for another, even where both are pinned. */
    private static void checkLine(Chain chain, SnpKeyCertificate key, Verification run) {
        Optional<X509Certificate> issuer = chain.issuer();
        if (issuer.isEmpty() || !issuer.get().getIssuerX500Principal().equals(key.expectedRoot())) {
            run.refuse(Code.CHAIN_INVALID, "report.chain",
                    issuer.map(each -> "an authority by " + Chain.name(each.getIssuerX500Principal())).orElse("no authority between"),
                    "one by " + Chain.name(key.expectedRoot()), "Do not trust this chain.");
        }
        Optional<String> known = MakerRoots.amdProduct(chain.root());
        if (known.isPresent() && !known.get().equals(key.product().toString())) {
            run.refuse(Code.CHAIN_INVALID, "report.chain", "the root of " + known.get(), "the root of " + key.product(),
                    "Do not trust this chain.");
        }
    }

    private static void checkSignature(SnpReport report, SnpKeyCertificate key, Verification run) {
        if (signed(report, key, run)) {
            run.checked("report signature", "by the key of " + key.productName() + " at TCB " + key.tcb());
        } else {
            run.refuse(Code.SIGNATURE_INVALID, "report.signature", "a signature that is not by the certificate's key",
                    "a valid signature", "The report was changed or forged, or this is not its certificate.");
        }
    }

    private static boolean signed(SnpReport report, SnpKeyCertificate key, Verification run) {
        try {
            return run.crypto().verify(
                    SignatureScheme.ES384,
                    run.crypto().publicKey("key", key.publicKey()),
                    report.signedBytes(),
                    report.signature().toArray());
        } catch (MalformedException e) {
            return false;
        }
    }

    /**
     * What must hold whatever the operator does, by AMD's ABI: firmware is committed after it runs, and what is reported does not
     * exceed what runs. That less runs now than at launch is a rollback under a running guest; only migration explains it otherwise.
     *
     * <p>Left out on purpose: that committed equals current (firmware on trial is in use at clouds, and is claimed as provisional);
     * that the reported TCB is at most the committed one (a key of a TCB above the firmware's own cannot be derived, so nothing is
     * gained by it); and any order of launch and committed TCB (a guest may have been launched on firmware that was on trial).
     */
    private static void checkVersions(SnpReport report, Verification run) {
        checkOrder("committed TCB", report.committedTcb(), "current TCB", report.currentTcb(), run);
        checkOrder("reported TCB", report.reportedTcb(), "current TCB", report.currentTcb(), run);
        if (!Policy.MIGRATE_MA.in(report.policy())) {
            checkOrder("launch TCB", report.launchTcb(), "current TCB", report.currentTcb(), run);
        }
        if (report.committedVersion().compareTo(report.currentVersion()) > 0) {
            run.refuse(Code.TCB_MISMATCH, "report.committed-version", report.committedVersion().toString(),
                    "at most the current version " + report.currentVersion(), "Do not trust this machine's firmware.");
        }
    }

    private static void checkLeast(SnpReport report, Optional<SnpProduct> product, Verification run) {
        Map<String, Integer> least = run.leastSnpTcb();
        if (least.isEmpty()) {
            run.notChecked("least firmware versions", "AMD publishes none: compare the svn claims with what you require");
        }
        // Of which line it is decides which byte is which component; where that is not known there is a reason already.
        Map<String, Integer> found = product.map(report.reportedTcb()::components).orElse(Map.of());
        least.forEach((component, wanted) -> {
            Integer level = found.get(component);
            if (level == null || level < wanted) {
                run.refuse(Code.TCB_STATUS_NOT_ACCEPTED, "report.reported-tcb." + component,
                        level == null ? "a machine that has none" : level.toString(), "at least " + wanted,
                        "Have the machine's firmware updated.");
            }
        });
    }

    private static void checkOrder(String lower, SnpTcb low, String higher, SnpTcb high, Verification run) {
        if (!low.atMost(high)) {
            run.refuse(Code.TCB_MISMATCH, "report." + lower.replace(' ', '-').toLowerCase(Locale.ROOT), low.toString(),
                    "no component above the " + higher + " " + high, "Do not trust this machine's firmware.");
        }
    }

    private static void checkMigration(SnpReport report, Verification run) {
        if (Policy.MIGRATE_MA.in(report.policy()) && !run.options().migrationAllowed()) {
            run.refuse(Code.MIGRATION_ALLOWED, "report.policy", "a migration agent may move the guest", "it cannot be moved",
                    "Launch it without migration, or accept migration by name.");
        }
    }
}
