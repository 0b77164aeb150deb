package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.DerReader;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.evidence.snp.SnpReport;
import org.innerkeep.evidence.snp.SnpReport.Policy;

/** AMD SEV-SNP reports with VCEK or VLEK, ASK or ASVK, and ARK. */
final class RealSnp implements RealKind {
    private static final Set<Code> SIGNATURES = Set.of(
            Code.SIGNATURE_INVALID, Code.ANCHOR_NOT_PINNED, Code.ALGORITHM_WEAK, Code.CHAIN_INVALID);
    private static final String ARC = "1.3.6.1.4.1.3704.1.";

    @Override
    public void check(RealCase each) throws Exception {
        Expected expect = each.expected();
        byte[] evidence = each.file("report").toArray();
        SnpReport report = SnpReport.parse(evidence);
        assertThat(report.toByteArray()).isEqualTo(evidence);
        compare(expect, report);
        Optional<Bytes> leaf = each.find("vlek").or(() -> each.find("vcek"));
        if (leaf.isPresent()) {
            Optional<Expected> wanted = expect.object("leaf");
            if (wanted.isPresent()) {
                compareLeaf(wanted.get(), der(leaf.get()));
            }
            compareProduct(expect, report, SnpProduct.ofName(text(certificate(der(leaf.get())), "2")).orElseThrow());
        }
        if (each.has("trustAnchor") && leaf.isPresent()) {
            checkVerdicts(each, evidence, report);
        } else {
            checkUndecided(each, evidence);
        }
        checkHostData(each, report);
        expect.known("sourceTest", "says what the test of the source expects, which is the same");
    }

    private static Bytes der(Bytes file) throws MalformedException {
        return Certificates.looksLikePem(file.toArray()) ? Certificates.ofPem("certificate", file.toArray()).getFirst() : file;
    }

    private static X509Certificate certificate(Bytes der) throws MalformedException {
        return new Crypto(Optional.empty(), 0).certificate("certificate", der);
    }

    private static void compare(Expected expect, SnpReport report) {
        expect.number("version", report.version());
        expect.number("guestSvn", report.guestSvn());
        expect.text("policy", String.format("0x%016x", report.policy()));
        expect.bytes("familyId", report.familyId());
        expect.bytes("imageId", report.imageId());
        expect.number("vmpl", report.vmpl());
        expect.number("signatureAlgo", report.signatureAlgo());
        expect.bytes("currentTcb", report.currentTcb().value());
        expect.text("platformInfo", String.format("0x%016x", report.platformInfo()));
        expect.text("keyInfo", String.format("0x%08x", report.keyInfo()));
        expect.bytes("reportData", report.reportData());
        expect.bytes("measurement", report.measurement());
        expect.bytes("hostData", report.hostData());
        expect.bytes("idKeyDigest", report.idKeyDigest());
        expect.bytes("authorKeyDigest", report.authorKeyDigest());
        expect.bytes("reportId", report.reportId());
        expect.bytes("reportIdMa", report.reportIdMa());
        expect.bytes("reportedTcb", report.reportedTcb().value());
        expect.bytes("chipId", report.chipId());
        expect.bytes("committedTcb", report.committedTcb().value());
        expect.text("currentVersion", report.currentVersion().toString());
        expect.text("committedVersion", report.committedVersion().toString());
        expect.bytes("launchTcb", report.launchTcb().value());
        expect.object("policyFields").ifPresent(policy -> {
            policy.number("abiMinor", report.abiMinor());
            policy.number("abiMajor", report.abiMajor());
            policy.flag("smtAllowed", Policy.SMT.in(report.policy()));
            policy.flag("migrateMaAllowed", Policy.MIGRATE_MA.in(report.policy()));
            policy.flag("debugAllowed", Policy.DEBUG.in(report.policy()));
            policy.flag("singleSocket", Policy.SINGLE_SOCKET.in(report.policy()));
        });
        expect.flag("authorKeyEnabled", report.authorKeyEnabled());
        expect.flag("maskChipKey", report.maskChipKey());
        expect.text("signingKey", switch (report.signingKey()) {
            case 0 -> "VCEK";
            case 1 -> "VLEK";
            default -> "none";
        });
        assertThat(report.processor().isPresent()).isEqualTo(report.version() >= 3);
        report.processor().ifPresent(cpu -> {
            expect.number("cpuidFamily", cpu.family());
            expect.number("cpuidModel", cpu.model());
            expect.number("cpuidStepping", cpu.stepping());
        });
        report.mitigations().ifPresent(vectors -> {
            expect.text("launchMitVector", String.format("0x%016x", vectors.launch()));
            expect.text("currentMitVector", String.format("0x%016x", vectors.current()));
        });
    }

    private static void compareProduct(Expected expect, SnpReport report, SnpProduct product) {
        expect.text("product", product.toString());
        expect.object("reportedTcbFields").ifPresent(tcb -> report.reportedTcb().components(product).forEach(tcb::number));
    }

    private static void compareLeaf(Expected expect, Bytes der) throws MalformedException {
        X509Certificate leaf = certificate(der);
        String subject = leaf.getSubjectX500Principal().getName();
        String issuer = leaf.getIssuerX500Principal().getName();
        expect.text("type").ifPresent(type -> assertThat(subject).contains("CN=SEV-" + type));
        expect.text("issuerCn").ifPresent(name -> assertThat(issuer).contains("CN=" + name + ","));
        expect.text("serial", leaf.getSerialNumber().toString());
        expect.time("notBefore", leaf.getNotBefore().toInstant());
        expect.time("notAfter", leaf.getNotAfter().toInstant());
        Map<String, String> numbers = Map.of("structVersion", "1", "fmc", "3.9", "bootloader", "3.1", "tee", "3.2", "spl4", "3.4",
                "spl5", "3.5", "spl6", "3.6", "spl7", "3.7", "snp", "3.3", "microcode", "3.8");
        for (Map.Entry<String, String> each : numbers.entrySet()) {
            if (expect.has(each.getKey())) {
                expect.number(each.getKey(), new DerReader(extension(leaf, each.getValue())).integer(each.getKey(), 0, 255));
            }
        }
        expect.text("productName", text(leaf, "2"));
        if (expect.has("hwId")) {
            assertThat(expect.text("hwId").orElseThrow()).isSubstringOf(Bytes.of(extension(leaf, "4")).hex());
        }
        if (expect.has("cspId")) {
            expect.text("cspId", text(leaf, "5"));
        }
    }

    private static byte[] extension(X509Certificate certificate, String oid) throws MalformedException {
        return new DerReader(certificate.getExtensionValue(ARC + oid)).content(oid, DerReader.OCTET_STRING);
    }

    private static String text(X509Certificate certificate, String oid) throws MalformedException {
        return new String(new DerReader(extension(certificate, oid)).content(oid, 0x16), java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** Without a certificate of the key, or a root, nothing can be decided but that the report is not accepted. */
    private static void checkUndecided(RealCase each, byte[] evidence) {
        Expected expect = each.expected();
        assertThat(expect.text("signature")).isNotEqualTo(Optional.of("valid"));
        expect.texts("failures");
        boolean debug = expect.flag("debug").orElse(false);
        VerifierOptions options = VerifierOptions.of(MakerRoots.amd()).allowMissingRevocationList();
        EndorsementPool endorsements = each.endorsements("ask", "asvk", "crl");
        Verdict verdict = new Verifier().verify(evidence, endorsements, each.at(), options);
        assertThat(verdict).isInstanceOf(debug ? Verdict.Refused.class : Verdict.Undecided.class);
        assertThat(new Verifier().verify(evidence, endorsements, each.at(), options.allowDebug()))
                .isNotInstanceOf(Verdict.Accepted.class);
        for (String name : List.of("product", "reportedTcbFields", "leaf", "trustAnchorSha256")) {
            expect.known(name, "only a certificate says so");
        }
    }

    private static void checkVerdicts(RealCase each, byte[] evidence, SnpReport report) throws Exception {
        Expected expect = each.expected();
        Bytes anchorFile = der(each.file("trustAnchor"));
        expect.bytes("trustAnchorSha256", Bytes.sha256(anchorFile.toArray()));
        MakerRoot anchor = MakerRoot.of(Maker.AMD, certificate(anchorFile));
        VerifierOptions strict = VerifierOptions.of(anchor);
        VerifierOptions lenient = strict.allowMissingRevocationList();
        EndorsementPool endorsements = each.endorsements("vcek", "vlek", "ask", "asvk", "crl", "trustAnchor");
        Optional<String> signature = expect.text("signature");
        boolean valid = signature.equals(Optional.of("valid"));
        boolean debug = expect.flag("debug").orElse(false);
        List<String> failures = expect.texts("failures");
        Verifier verifier = new Verifier();

        Verdict verdict = verifier.verify(evidence, endorsements, each.at(), lenient);
        if (signature.isEmpty()) {
            assertThat(verdict).as("what cannot be decided is not accepted").isNotInstanceOf(Verdict.Accepted.class);
        } else if (valid && failures.isEmpty() && !debug) {
            checkClaims(each, report, accepted(verdict), anchor);
            checkForms(each, evidence, lenient);
        } else {
            assertThat(verdict).isNotInstanceOf(Verdict.Accepted.class);
            Set<Code> codes = Verdicts.codes(verdict);
            assertThat(codes.contains(Code.DEBUG_ENCLAVE)).isEqualTo(debug);
            // A chain that breaks off, for want of an issuer that signed it, is one that does not verify.
            assertThat(codes.stream().anyMatch(SIGNATURES::contains) || !valid && codes.contains(Code.ENDORSEMENT_MISSING))
                    .as("%s", verdict)
                    .isEqualTo(!valid);
            for (String failure : failures) {
                assertThat(codes).as(failure).containsAnyElementsOf(fitting(failure));
            }
        }
        if (valid && failures.isEmpty() && debug) {
            checkClaims(each, report, accepted(verifier.verify(evidence, endorsements, each.at(), lenient.allowDebug())), anchor);
        }
        if (valid && failures.isEmpty()) {
            checkStrictOptions(each, evidence, report, endorsements, strict.allowDebug());
            checkOtherRoots(evidence, endorsements, each.at(), anchor);
        }
    }

    /** The codes that say what a failure of the vector says. */
    private static Set<Code> fitting(String failure) {
        if (failure.contains("TCB")) {
            return Set.of(Code.TCB_MISMATCH);
        } else if (failure.contains("CHIP_ID") || failure.contains("hwID") || failure.contains("product")) {
            return Set.of(Code.MACHINE_MISMATCH);
        } else if (failure.contains("sign")) {
            return Set.of(Code.SIGNATURE_INVALID);
        }
        return Set.of(Code.values());
    }

    private static void checkClaims(RealCase each, SnpReport report, Claims claims, MakerRoot anchor) {
        Expected expect = each.expected();
        assertThat(claims.kind()).isEqualTo("snp-report");
        assertThat(claims.platform()).isEqualTo("snp");
        assertThat(claims.anchor()).isEqualTo(anchor.id());
        assertThat(claims.measurement().orElseThrow().toString()).isEqualTo("sha-384:" + report.measurement());
        assertThat(claims.reportData()).isEqualTo(report.reportData());
        assertThat(claims.securityVersion()).hasValue(report.guestSvn());
        expect.text("product", claims.text("product").orElseThrow());
        expect.text("signingKey", claims.text("signing-key").orElseThrow());
        expect.object("reportedTcbFields").ifPresent(tcb -> {
            tcb.number("bootloader").ifPresent(level -> assertThat(number(claims, "x-ms-sevsnpvm-bootloader-svn")).isEqualTo(level));
            tcb.number("tee").ifPresent(level -> assertThat(number(claims, "x-ms-sevsnpvm-tee-svn")).isEqualTo(level));
            tcb.number("snp").ifPresent(level -> assertThat(number(claims, "x-ms-sevsnpvm-snpfw-svn")).isEqualTo(level));
            tcb.number("microcode").ifPresent(level -> assertThat(number(claims, "x-ms-sevsnpvm-microcode-svn")).isEqualTo(level));
            tcb.number("fmc").ifPresent(level -> assertThat(number(claims, "fmc-svn")).isEqualTo(level));
        });
    }

    private static long number(Claims claims, String name) {
        return ((ClaimValue.Int) claims.details().get(name)).value();
    }

    /** The same report in its other forms, with the certificates from the host's table. */
    private static void checkForms(RealCase each, byte[] evidence, VerifierOptions options) throws Exception {
        Bytes leaf = der(each.find("vlek").orElseGet(() -> each.file("vcek")));
        SnpCertificateTable table = SnpCertificateTable.of(List.of(
                new SnpCertificateTable.Entry(Bytes.fromHex("63da758de6644564adc5f4b93be8accd"), leaf),
                new SnpCertificateTable.Entry(Bytes.fromHex("4ab7b379bbac4fe4a02f05aef327c782"), der(each.file("ask")))));
        SnpEvidence extended = new SnpEvidence(SnpReport.parse(evidence), Optional.of(table));
        for (byte[] form : List.of(extended.toByteArray(), extended.toParts().toByteArray())) {
            accepted(new Verifier().verify(form, Endorsements.none(), each.at(), options));
        }
    }

    private static void checkStrictOptions(
            RealCase each, byte[] evidence, SnpReport report, EndorsementPool endorsements, VerifierOptions strict) {
        Verifier verifier = new Verifier();
        Instant at = each.at();
        if (!each.has("crl")) {
            assertThat(verifier.verify(evidence, endorsements, at, strict)).isInstanceOf(Verdict.Undecided.class);
        }
        VerifierOptions lenient = strict.allowMissingRevocationList();
        assertThat(verifier.verify(evidence, Endorsements.none(), at, lenient)).isInstanceOf(Verdict.Undecided.class);
        Bytes otherData = Bytes.sha256(report.reportData().toArray());
        assertThat(codes(refused(verifier.verify(evidence, endorsements, at, lenient.reportData(otherData)))))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
        accepted(verifier.verify(evidence, endorsements, at, lenient.reportData(report.reportData())));
        for (SnpProduct line : SnpProduct.values()) {
            boolean same = line.toString().equals(each.expected().text("product").orElseThrow());
            Verdict verdict = verifier.verify(evidence, endorsements, at, lenient.refuseProducts(line.toString()));
            assertThat(verdict instanceof Verdict.Refused refused && refused.has(Code.PRODUCT_LINE_REFUSED)).isEqualTo(same);
        }
        assertThat(codes(refused(verifier.verify(evidence, endorsements, Instant.parse("2019-01-01T00:00:00Z"), lenient))))
                .containsOnly(Code.CERTIFICATE_NOT_YET_VALID);
        assertThat(codes(refused(verifier.verify(evidence, endorsements, Instant.parse("2100-01-01T00:00:00Z"), lenient))))
                .containsOnly(Code.CERTIFICATE_EXPIRED);
    }

    private static void checkOtherRoots(byte[] evidence, EndorsementPool endorsements, Instant at, MakerRoot anchor) {
        List<MakerRoot> others = MakerRoots.amd().stream().filter(each -> !each.equals(anchor)).toList();
        assertThat(others).as("the anchor is one of AMD's published roots").hasSize(MakerRoots.amd().size() - 1);
        VerifierOptions options = VerifierOptions.of(others).allowMissingRevocationList().allowDebug();
        assertThat(codes(refused(new Verifier().verify(evidence, endorsements, at, options)))).containsExactly(Code.ANCHOR_NOT_PINNED);
        accepted(new Verifier().verify(
                evidence, endorsements, at, VerifierOptions.of(MakerRoots.amd()).allowMissingRevocationList().allowDebug()));
    }

    /**
     * Azure's container instances put the digest of their policy into the host data. Its endorsement of the measurement, a COSE
     * message by a key of Azure's, is not verified: whose measurement it is remains the relying party's decision.
     */
    private static void checkHostData(RealCase each, SnpReport report) {
        Expected expect = each.expected();
        each.find("securityPolicyBase64").ifPresent(file -> {
            byte[] policy = Base64.getMimeDecoder().decode(file.toArray());
            expect.bytes("policySha256", Bytes.sha256(policy));
            expect.flag("hostDataIsSha256OfPolicy", report.hostData().equals(Bytes.sha256(policy)));
        });
    }

    private static List<Code> codes(Verdict.Refused refused) {
        return refused.reasons().stream().map(Reason::code).toList();
    }

    private static Claims accepted(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> accepted.claims();
            case Verdict.Refused refused -> throw new AssertionError(refused.explain());
            case Verdict.Undecided undecided -> throw new AssertionError(undecided.explain());
        };
    }

    private static Verdict.Refused refused(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return (Verdict.Refused) verdict;
    }
}
