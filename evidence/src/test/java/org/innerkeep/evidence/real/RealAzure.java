package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.azure.AzureEvidence;
import org.innerkeep.evidence.azure.HclReport;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.tpm.AkCertificate;
import org.innerkeep.evidence.tpm.TpmQuote;

/** Confidential virtual machines of Azure, with SEV-SNP and with TDX. */
final class RealAzure implements RealKind {

    private final Crypto crypto = new Crypto(Optional.empty(), 1000);
    private final Verifier verifier = new Verifier();

    @Override
    public void check(RealCase each) throws Exception {
        Expected expected = each.expected();
        boolean good = each.good();
        boolean debug = expected.flag("debug").orElse(false);
        EvidenceParts parts = evidence(each);
        AzureEvidence evidence = AzureEvidence.parse(parts);
        HclReport report = evidence.report();
        TpmQuote quote = evidence.quote().quote();
        assertThat(Bytes.of(report.toByteArray())).isEqualTo(each.file("hclReport"));
        assertThat(Bytes.of(quote.toByteArray())).isEqualTo(each.file("tpmQuoteMessage"));
        expected.object("hcl").ifPresent(hcl -> {
            hcl.number("version", report.version());
            hcl.number("reportType", report.tee() == HclReport.Tee.SNP ? 2 : 4);
            hcl.number("requestType", report.requestType());
            hcl.number("hashType", report.hash() == TpmHash.SHA256 ? 1 : report.hash() == TpmHash.SHA384 ? 2 : 3);
            hcl.number("reportSize", report.toByteArray().length - report.padding());
            hcl.number("runtimeDataSize", report.runtimeData().length());
            hcl.bytes("runtimeDataSha256", Bytes.sha256(report.runtimeData().toArray()));
        });

        if (debug) {
            assertThat(verify(each, parts, options(each))).as("%s can be debugged", each).isNotInstanceOf(Verdict.Accepted.class);
        }
        Verdict verdict = verify(each, parts, lifted(each));
        if (good) {
            assertThat(verdict).as(each.name()).isInstanceOf(Verdict.Accepted.class);
            Claims claims = ((Verdict.Accepted) verdict).claims();
            expected.text("userData", claims.text("user-data").orElse(""));
            expected.bytes("akPublicSpkiSha256", Bytes.fromHex(claims.text("ak-id").orElseThrow()));
            expected.take("vmConfiguration").ifPresent(value -> assertThat(configuration(claims))
                    .isEqualTo(texts((JsonValue.Obj) value)));
            checkQuote(expected, quote, claims);
            checkNonce(each, parts, quote);
            checkCertificate(each, parts, expected);
        } else {
            assertThat(verdict).as(each.name()).isNotInstanceOf(Verdict.Accepted.class);
            for (String name : List.of("userData", "akPublicSpkiSha256", "vmConfiguration", "tpmQuote", "akCertificate")) {
                expected.known(name, "the case is refused as a whole, and gives no claims");
            }
        }
        expected.flag("runtimeDataBoundToReport", !(verdict instanceof Verdict.Refused refused && refused.has(Code.BINDING_MISMATCH)));
        expected.flag("tdQuoteReportDataEqualsTdReport",
                !(verdict instanceof Verdict.Refused refused && refused.has(Code.BINDING_MISMATCH)));
        expected.known("sourceTest", "says what the source's own test does");
        if (good) {
            checkHardware(each, evidence);
        } else {
            // Which part of it is wrong the case does not say, so the hardware's evidence alone may be right.
            expected.left().forEach(name -> expected.known(name, "of hardware that is not the whole of the case"));
        }
    }

    /** What is of the hardware's evidence is checked as a case of its own kind. */
    private static void checkHardware(RealCase each, AzureEvidence evidence) throws Exception {
        Expected expected = each.expected();
        boolean tdx = evidence.report().tee() == HclReport.Tee.TDX;
        Map<String, JsonValue> fields = new TreeMap<>();
        for (String inner : tdx ? List.of("tdQuote") : List.of("snpReport")) {
            expected.take(inner).ifPresent(value -> fields.putAll(((JsonValue.Obj) value).fields()));
        }
        for (String name : List.of("signature", "failures", "debug", "leaf", "tcbStatus", "advisories", "tcbDate", "platformTcbStatus",
                "platformTcbDate", "qeTcbStatus", "tdxModuleTcbStatus", "currentTcbStatus", "launchTcbStatus")) {
            expected.take(name).ifPresent(value -> fields.put(name, value));
        }
        Expected own = new Expected(each.name() + ".hardware", new JsonValue.Obj(0, 0, fields));
        Map<String, String> files = new TreeMap<>(each.files());
        Path report = Files.createTempFile("hardware", ".bin");
        try {
            if (tdx) {
                files.put("quote", each.files().get("tdQuote"));
            } else {
                Files.write(report, evidence.report().hardware().toArray());
                files.put("report", report.toString());
            }
            RealCase hardware = new RealCase(tdx ? "tdx-v4" : "sev-snp", each.name(), each.folder(), each.at(), files, own);
            (tdx ? RealDcap.KIND : new RealSnp()).check(hardware);
        } finally {
            Files.delete(report);
        }
        own.assertAllTaken();
    }

    private static Map<String, String> configuration(Claims claims) {
        Map<String, String> found = new TreeMap<>();
        ((ClaimValue.Group) claims.details().get("vm-configuration")).values().forEach((name, value) -> found.put(name, value.toString()));
        return found;
    }

    private static Map<String, String> texts(JsonValue.Obj object) {
        Map<String, String> found = new TreeMap<>();
        object.fields().forEach((name, value) -> found.put(name, switch (value) {
            case JsonValue.Text text -> text.value();
            case JsonValue.Flag flag -> Boolean.toString(flag.value());
            case JsonValue.Num number -> number.value().toString();
            default -> throw new IllegalStateException("another type of value");
        }));
        return found;
    }

    private static void checkQuote(Expected expected, TpmQuote quote, Claims claims) {
        expected.object("tpmQuote").ifPresent(wanted -> {
            wanted.text("magic", Long.toHexString(TpmQuote.MAGIC));
            wanted.text("type", "8018");
            wanted.bytes("qualifiedSigner", quote.qualifiedSigner());
            wanted.bytes("extraData", quote.extraData());
            wanted.bytes("nonce", claims.reportData());
            wanted.number("clock", quote.clock());
            wanted.number("resetCount", quote.resetCount());
            wanted.number("restartCount", quote.restartCount());
            wanted.flag("safe", quote.safe());
            wanted.text("firmwareVersion", claims.text("tpm-firmware-version").orElseThrow());
            wanted.take("pcrSelect").ifPresent(value -> RealTpmQuote.checkSelections(value, quote.selections()));
            wanted.bytes("pcrDigest", quote.pcrDigest());
            wanted.number("trailing", 0);
            // The case was accepted, so these held.
            wanted.text("signature", "valid");
            wanted.flag("pcrDigestMatches", true);
            wanted.text("scheme", "RSASSA-PKCS1-v1_5 SHA-256");
        });
    }

    private void checkNonce(RealCase each, EvidenceParts parts, TpmQuote quote) throws MalformedException {
        if (quote.extraData().length() > 0) {
            assertThat(verify(each, parts, lifted(each).nonce(quote.extraData()))).isInstanceOf(Verdict.Accepted.class);
        }
        Verdict other = verify(each, parts, options(each).nonce(Bytes.fromHex("0badc0de")));
        assertThat(((Verdict.Refused) other).has(Code.NONCE_MISMATCH)).isTrue();
    }

    private void checkCertificate(RealCase each, EvidenceParts parts, Expected expected) throws MalformedException {
        Optional<Expected> wanted = expected.object("akCertificate");
        assertThat(parts.find("ak-certificate").isPresent()).isEqualTo(wanted.isPresent());
        if (wanted.isEmpty()) {
            return;
        }
        Bytes part = parts.get("ak-certificate");
        X509Certificate certificate = AkCertificate.parse(crypto, "certificate", part);
        wanted.get().text("subject", certificate.getSubjectX500Principal().getName());
        wanted.get().text("issuer", certificate.getIssuerX500Principal().getName());
        wanted.get().time("notBefore", certificate.getNotBefore().toInstant());
        wanted.get().time("notAfter", certificate.getNotAfter().toInstant());
        wanted.get().number("derTrailingBytes", part.length() - encoded(certificate).length());
        boolean complete = wanted.get().flag("chainEndsInRoot").orElseThrow();
        Verdict.Accepted accepted = (Verdict.Accepted) verify(each, parts, lifted(each));
        assertThat(accepted.checks().stream().filter(check -> check.name().equals("attestation key certificate")).map(Verdict.Check::done))
                .containsExactly(complete);
        List<String> chain = wanted.get().texts("chain");
        Verification run = new Verification(endorsements(each), each.at(), options(each), crypto);
        List<String> found = new ArrayList<>(AkCertificate.prove(run, certificate, "certificate").stream()
                .flatMap(path -> path.certificates().stream())
                .map(link -> link.getSubjectX500Principal().getName())
                .toList());
        if (complete) {
            // The pinned key stands for the root, whose certificate need not be at hand.
            assertThat(chain).startsWith(found.toArray(String[]::new)).hasSizeBetween(found.size(), found.size() + 1);
        } else {
            assertThat(run.refusal()).isInstanceOf(Verdict.Undecided.class);
        }
        wanted.get().flag("publicKeyIsHclAk", accepted.claims().text("ak-id").orElseThrow()
                .equals(Bytes.sha256(certificate.getPublicKey().getEncoded()).hex()));
    }

    private static Bytes encoded(X509Certificate certificate) {
        try {
            return Bytes.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a machine that can be debugged needs, which other cases do without. */
    private static VerifierOptions lifted(RealCase each) throws MalformedException {
        return each.expected().flag("debug").orElse(false) ? options(each).allowDebug() : options(each);
    }

    static VerifierOptions options(RealCase each) throws MalformedException {
        List<MakerRoot> roots = new ArrayList<>();
        for (String role : each.files().keySet()) {
            if (role.startsWith("akTrustAnchor")) {
                roots.add(MakerRoot.of(Maker.TPM, RealTpmQuote.certificate(certificate(each.file(role)))));
            }
        }
        roots.add(MakerRoot.of(
                each.has("tdQuote") ? Maker.INTEL : Maker.AMD, RealTpmQuote.certificate(certificate(each.file("trustAnchor")))));
        VerifierOptions options = VerifierOptions.of(roots).allowMissingRevocationList();
        return each.expected().text("tcbStatus").flatMap(TcbStatus::of).map(options::acceptTcb).orElse(options);
    }

    static Bytes certificate(Bytes file) throws MalformedException {
        return Certificates.looksLikePem(file.toArray()) ? Certificates.ofPem("certificate", file.toArray()).getFirst() : file;
    }

    static EndorsementPool endorsements(RealCase each) {
        return each.endorsements("akIntermediate", "akIntermediates", "vcek", "vlek", "ask", "asvk", "trustAnchor", "tcbInfo", "qeIdentity",
                "tcbInfoIssuerChain", "qeIdentityIssuerChain", "pckCrl", "pckCrlIssuerChain", "rootCaCrl");
    }

    static EvidenceParts evidence(RealCase each) throws MalformedException {
        Map<String, Bytes> parts = new TreeMap<>();
        parts.put("hcl-report", each.file("hclReport"));
        parts.put("tpm-quote", each.file("tpmQuoteMessage"));
        parts.put("tpm-signature", each.file("tpmQuoteSignature"));
        parts.put("pcrs", Bytes.of(PcrFiles.values(TpmHash.SHA256, each.file("pcrs")).toByteArray()));
        each.find("tdQuote").ifPresent(quote -> parts.put("td-quote", quote));
        if (each.has("akCertificate")) {
            parts.put("ak-certificate", certificate(each.file("akCertificate")));
        }
        EvidenceParts collected = new EvidenceParts(each.has("tdQuote") ? AzureEvidence.TDX_TYPE : AzureEvidence.SNP_TYPE, parts);
        return EvidenceParts.parse(collected.toByteArray());
    }

    Verdict verify(RealCase each, EvidenceParts parts, VerifierOptions options) {
        return verifier.verify(parts.toByteArray(), endorsements(each), each.at(), options);
    }
}
