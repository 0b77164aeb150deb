package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.EnclaveIdentity;
import org.innerkeep.evidence.dcap.PckExtension;
import org.innerkeep.evidence.dcap.Quote;
import org.innerkeep.evidence.dcap.SgxReport;
import org.innerkeep.evidence.dcap.TcbEvaluation;
import org.innerkeep.evidence.dcap.TcbInfo;
import org.innerkeep.evidence.dcap.TcbOutcome;
import org.innerkeep.evidence.dcap.TdReport;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;

/** Quotes of SGX and TDX with the collateral of their time. */
final class RealDcap {
    static final RealKind KIND = each -> new RealDcap(each).check();

    /** What failures are called in the cases, and what they must lead to. */
    private static final Map<String, Set<Code>> FITTING = Map.of(
            "crl window", EnumSet.of(Code.ENDORSEMENT_EXPIRED, Code.ENDORSEMENT_NOT_YET_VALID),
            "window", EnumSet.of(Code.ENDORSEMENT_EXPIRED, Code.ENDORSEMENT_NOT_YET_VALID, Code.CERTIFICATE_EXPIRED,
                    Code.CERTIFICATE_NOT_YET_VALID),
            "cert time", EnumSet.of(Code.CERTIFICATE_EXPIRED, Code.CERTIFICATE_NOT_YET_VALID),
            "TCBNotSupported", EnumSet.of(Code.TCB_NOT_SUPPORTED),
            "no PCK certificate", EnumSet.of(Code.ENDORSEMENT_MISSING),
            "revoked", EnumSet.of(Code.CERTIFICATE_REVOKED, Code.TCB_STATUS_NOT_ACCEPTED),
            "not signed", EnumSet.of(Code.SIGNATURE_INVALID),
            "signature does not", EnumSet.of(Code.SIGNATURE_INVALID));

    private static final Set<Code> ABOUT_SIGNATURES =
            EnumSet.of(Code.SIGNATURE_INVALID, Code.BINDING_MISMATCH, Code.ANCHOR_NOT_PINNED, Code.CHAIN_INVALID);

    private final RealCase each;
    private final Expected expected;
    private final byte[] evidence;
    private final Quote quote;
    private final EndorsementPool pool;
    private final Verifier verifier = new Verifier();

    RealDcap(RealCase each) throws MalformedException {
        this.each = each;
        this.expected = each.expected();
        this.evidence = each.file("quote").toArray();
        this.quote = Quote.parse(evidence);
        this.pool = each.endorsements(
                "tcbInfo",
                "qeIdentity",
                "tcbInfoIssuerChain",
                "qeIdentityIssuerChain",
                "pckCrl",
                "pckCrlIssuerChain",
                "rootCaCrl",
                "pckCertChain");
    }

    byte[] evidence() {
        return evidence;
    }

    EndorsementPool pool() {
        return pool;
    }

    /** The anchor of the case alone, and nothing lifted but what the case is known to need. */
    VerifierOptions options() throws MalformedException {
        VerifierOptions options = strict();
        Optional<TcbStatus> status = expected.text("tcbStatus").flatMap(TcbStatus::of);
        if (status.isPresent() && status.get() != TcbStatus.REVOKED) {
            options = options.acceptTcb(status.get());
        }
        return migratable() ? options.allowMigration() : options;
    }

    private VerifierOptions strict() throws MalformedException {
        if (!each.has("trustAnchor")) {
            return VerifierOptions.of(MakerRoots.intelSgx());
        }
        X509Certificate root = new Crypto(Optional.empty(), 0).certificate("trust anchor", each.certificate("trustAnchor"));
        return VerifierOptions.of(MakerRoot.of(Maker.INTEL, root));
    }

    private boolean migratable() {
        return quote.body() instanceof TdReport domain && domain.has(TdReport.MIGRATABLE);
    }

    private void check() throws MalformedException {
        assertThat(Bytes.of(quote.toByteArray())).isEqualTo(Bytes.of(evidence));
        checkFields();
        Optional<PckExtension> pck = checkPck();
        checkTcb(pck);
        checkVerdicts();
        each.expected().known("sourceTest", "it is stated in words, and agrees with the fields");
    }

    private void checkFields() {
        expected.number("quoteVersion", quote.version());
        expected.text("teeType", quote.tdx() ? "0x00000081" : "0x00000000");
        expected.text("bodyType", bodyType());
        expected.number("quoteLength", evidence.length - quote.trailing().length());
        expected.number("trailingBytes", quote.trailing().length());
        expected.number("qeSvn", quote.qeSvn());
        expected.number("pceSvn", quote.pceSvn());
        expected.bytes("qeVendorId", quote.qeVendorId());
        expected.bytes("userData", quote.userData());
        expected.number("certificationDataType", quote.certification().type());
        expected.bytes("certificationData", quote.certification().data());
        expected.flag("debug", quote.body().debug());
        switch (quote.body()) {
            case SgxReport enclave -> {
                expected.bytes("mrEnclave", enclave.mrEnclave());
                expected.bytes("mrSigner", enclave.mrSigner());
                expected.number("isvProdId", enclave.isvProdId());
                expected.number("isvSvn", enclave.isvSvn());
                expected.bytes("cpuSvn", enclave.cpuSvn());
                expected.bytes("attributes", enclave.attributes());
                expected.text("miscSelect", hex(enclave.miscSelect()));
                expected.bytes("configId", enclave.configId());
                expected.number("configSvn", enclave.configSvn());
                expected.bytes("isvExtProdId", enclave.isvExtProdId());
                expected.bytes("isvFamilyId", enclave.isvFamilyId());
            }
            case TdReport domain -> {
                expected.bytes("teeTcbSvn", domain.teeTcbSvn());
                expected.bytes("mrSeam", domain.mrSeam());
                expected.bytes("mrSignerSeam", domain.mrSignerSeam());
                expected.bytes("seamAttributes", domain.seamAttributes());
                expected.bytes("tdAttributes", domain.tdAttributes());
                expected.bytes("xfam", domain.xfam());
                expected.bytes("mrTd", domain.mrTd());
                expected.bytes("mrConfigId", domain.mrConfigId());
                expected.bytes("mrOwner", domain.mrOwner());
                expected.bytes("mrOwnerConfig", domain.mrOwnerConfig());
                for (int i = 0; i < 4; i++) {
                    expected.bytes("rtMr" + i, domain.rtmrs().get(i));
                }
                expected.flag("septVeDisable", domain.has(TdReport.SEPT_VE_DISABLE));
                domain.current().ifPresent(current -> {
                    expected.bytes("teeTcbSvn2", current.teeTcbSvn2());
                    expected.bytes("mrServiceTd", current.mrServiceTd());
                });
            }
        }
        expected.bytes("reportData", quote.body().reportData());
        expected.object("qe").ifPresent(qe -> {
            qe.bytes("mrEnclave", quote.qeReport().mrEnclave());
            qe.bytes("mrSigner", quote.qeReport().mrSigner());
            qe.number("isvProdId", quote.qeReport().isvProdId());
            qe.number("isvSvn", quote.qeReport().isvSvn());
            qe.number("authDataLength", quote.qeAuthenticationData().length());
        });
    }

    /** Four bytes as they lie in memory. */
    private static String hex(long number) {
        return String.format(Locale.ROOT, "%08x", Integer.reverseBytes((int) number));
    }

    private String bodyType() {
        return switch (quote.body()) {
            case SgxReport enclave -> "sgx";
            case TdReport domain -> domain.extended().isPresent() ? "td15ex" : domain.current().isPresent() ? "td15" : "td10";
        };
    }

    private Optional<PckExtension> checkPck() throws MalformedException {
        Optional<Bytes> chain =
                quote.certification().type() == 5 ? Optional.of(quote.certification().data()) : each.find("pckCertChain");
        if (chain.isEmpty()) {
            assertThat(expected.object("pck")).isEmpty();
            return Optional.empty();
        }
        X509Certificate leaf = new Crypto(Optional.empty(), 0)
                .certificate("pck", Certificates.ofPem("pck", chain.get().toArray()).getFirst());
        PckExtension pck = PckExtension.of(leaf).orElseThrow();
        expected.object("pck").ifPresent(fields -> {
            fields.bytes("fmspc", pck.fmspc());
            fields.bytes("pceId", pck.pceId());
            fields.number("pceSvn", pck.pceSvn());
            fields.bytes("cpuSvn", pck.cpuSvn());
            fields.bytes("tcbComponents", pck.tcbComponents());
            fields.bytes("ppid", pck.ppid());
            fields.number("sgxType", pck.sgxType());
            fields.text("ca", leaf.getIssuerX500Principal().getName().contains("Platform") ? "platform" : "processor");
            fields.text("serial", leaf.getSerialNumber().toString(16));
            fields.time("notBefore", leaf.getNotBefore().toInstant());
            fields.time("notAfter", leaf.getNotAfter().toInstant());
            fields.text("platformInstanceId").ifPresent(
                    id -> assertThat(pck.platformInstanceId().map(Bytes::hex)).contains(id));
            fields.object("configuration").ifPresent(flags -> {
                PckExtension.Configuration configuration = pck.configuration().orElseThrow();
                configuration.dynamicPlatform().ifPresent(flag -> flags.flag("dynamicPlatform", flag));
                configuration.cachedKeys().ifPresent(flag -> flags.flag("cachedKeys", flag));
                configuration.smtEnabled().ifPresent(flag -> flags.flag("smtEnabled", flag));
            });
        });
        return Optional.of(pck);
    }

    private void checkTcb(Optional<PckExtension> pck) throws MalformedException {
        if (!each.has("tcbInfo") || pck.isEmpty()) {
            assertThat(expected.text("tcbStatus")).isEmpty();
            return;
        }
        TcbInfo info = TcbInfo.parse(each.file("tcbInfo").toArray());
        EnclaveIdentity identity = EnclaveIdentity.parse(each.file("qeIdentity").toArray());
        expected.number("tcbEvaluationDataNumber", info.evaluation());
        TcbOutcome outcome =
                TcbEvaluation.evaluate(pck.get(), quote.body(), quote.qeReport().isvSvn(), info, identity);
        switch (outcome) {
            case TcbOutcome.NotSupported none -> {
                assertThat(expected.text("tcbStatus")).isEmpty();
                List.of("tcbDate", "platformTcbStatus", "platformTcbDate", "qeTcbStatus", "tdxModuleTcbStatus", "currentTcbStatus",
                        "launchTcbStatus").forEach(name -> expected.known(name, "no level fits, so there is none"));
                expected.known("advisories", "no level fits, so there are none");
            }
            case TcbEvaluation found -> {
                expected.text("tcbStatus", found.status().toString());
                expected.time("tcbDate", found.date());
                assertThat(found.advisories()).containsExactlyInAnyOrderElementsOf(Set.copyOf(expected.texts("advisories")));
                expected.text("platformTcbStatus", found.platform().toString());
                expected.time("platformTcbDate", found.platformDate());
                expected.text("qeTcbStatus", found.qe().toString());
                optional("tdxModuleTcbStatus", found.module());
                optional("currentTcbStatus", found.current());
                optional("launchTcbStatus", found.launch());
            }
        }
    }

    private void optional(String name, Optional<TcbStatus> found) {
        expected.text(name).ifPresent(wanted -> assertThat(found.map(TcbStatus::toString)).as(name).contains(wanted));
    }

    private void checkVerdicts() throws MalformedException {
        List<String> failures = expected.texts("failures");
        boolean valid = expected.text("signature").filter("valid"::equals).isPresent();
        boolean invalid = expected.text("signature").filter("invalid"::equals).isPresent();
        boolean debug = quote.body().debug();
        boolean complete = each.has("tcbInfo") && each.has("qeIdentity") && each.has("pckCrl") && each.has("rootCaCrl");
        // What is revoked is never accepted, whatever is lifted.
        boolean revoked = expected.text("tcbStatus").equals(Optional.of(TcbStatus.REVOKED.toString()));
        boolean good = valid && failures.isEmpty() && complete && !revoked;

        Verdict verdict = verify(options());
        assertThat(verdict instanceof Verdict.Accepted).as(explain(verdict)).isEqualTo(good && !debug);
        if (debug) {
            assertThat(codes(verdict)).contains(Code.DEBUG_ENCLAVE);
        }
        Verdict lifted = verify(options().allowDebug());
        assertThat(lifted instanceof Verdict.Accepted).as(explain(lifted)).isEqualTo(good);
        if (valid) {
            assertThat(codes(lifted)).as(explain(lifted)).doesNotContainAnyElementsOf(ABOUT_SIGNATURES);
        }
        if (invalid) {
            assertThat(codes(lifted)).containsAnyElementsOf(ABOUT_SIGNATURES);
        }
        if (!complete) {
            assertThat(codes(lifted)).contains(Code.ENDORSEMENT_MISSING);
        }
        for (String failure : failures) {
            FITTING.forEach((text, fitting) -> {
                if (failure.contains(text)) {
                    assertThat(codes(lifted)).as(failure).containsAnyElementsOf(fitting);
                }
            });
        }
        if (lifted instanceof Verdict.Accepted accepted) {
            checkClaims(accepted.claims());
        }
        checkStrict(good && !debug);
        // What some cases say of single steps.
        expected.flag("attestationKeySignatureOverHeaderAndBody", paths(lifted).noneMatch("quote.signature"::equals));
        expected.flag("qeReportDataBinding", !codes(lifted).contains(Code.BINDING_MISMATCH));
        expected.flag("pckRevokedByIntermediateCrl", codes(lifted).contains(Code.CERTIFICATE_REVOKED));
    }

    /** With nothing lifted only what is up to date, and stays where it is, is accepted. */
    private void checkStrict(boolean good) throws MalformedException {
        boolean current = expected.text("tcbStatus").filter("UpToDate"::equals).isPresent();
        Verdict verdict = verify(strict());
        assertThat(verdict instanceof Verdict.Accepted).as(explain(verdict)).isEqualTo(good && current && !migratable());
        if (good && !current) {
            assertThat(codes(verdict)).contains(Code.TCB_STATUS_NOT_ACCEPTED);
            for (String advisory : expected.texts("advisories")) {
                assertThat(explain(verdict)).contains(advisory);
            }
        }
        if (good && migratable()) {
            assertThat(codes(verdict)).contains(Code.MIGRATION_ALLOWED);
        }
    }

    private void checkClaims(Claims claims) throws MalformedException {
        assertThat(claims.kind()).isEqualTo(quote.tdx() ? "tdx-quote" : "sgx-quote");
        assertThat(claims.debug()).isEqualTo(quote.body().debug());
        assertThat(claims.reportData()).isEqualTo(quote.body().reportData());
        assertThat(claims.anchor()).isEqualTo(strict().anchors().iterator().next().id());
        assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains(claims.debug() ? "host" : "nobody");
        assertThat(claims.text(Claims.TCB_STATUS)).isEqualTo(expected.text("tcbStatus"));
        expected.text("tcbDate").ifPresent(date -> assertThat(Instant.parse(claims.text("tcb-date").orElseThrow()))
                .isEqualTo(Instant.parse(date)));
        assertThat(claims.measurement().orElseThrow().digest().hex())
                .isEqualTo(expected.text(quote.tdx() ? "mrTd" : "mrEnclave").orElseThrow());
        assertThat(claims.text("fmspc")).isEqualTo(expected.object("pck").flatMap(pck -> pck.text("fmspc")));
    }

    private Verdict verify(VerifierOptions options) {
        return verifier.verify(evidence, pool, each.at(), options);
    }

    private static List<Reason> reasons(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> List.of();
            case Verdict.Refused refused -> refused.reasons();
            case Verdict.Undecided undecided -> undecided.reasons();
        };
    }

    private static Set<Code> codes(Verdict verdict) {
        return reasons(verdict).stream().map(Reason::code).collect(Collectors.toSet());
    }

    private static Stream<String> paths(Verdict verdict) {
        return reasons(verdict).stream().map(Reason::path);
    }

    private static String explain(Verdict verdict) {
        return reasons(verdict).stream().map(Reason::toString).collect(Collectors.joining("\n"));
    }
}
