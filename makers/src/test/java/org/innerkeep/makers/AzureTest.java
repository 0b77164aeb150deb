package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.azure.AzureEvidence;
import org.innerkeep.evidence.azure.AzureVerifier;
import org.innerkeep.evidence.azure.HclReport;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.HardwareCheck;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.tpm.TpmSignature;
import org.junit.jupiter.api.Test;

/** Confidential virtual machines of Azure, over hardware whose evidence is taken as it is: what holds the parts together. */
class AzureTest {
    private static final int REPORT_DATA = 0x50;
    private static final Bytes NONCE = TpmTest.NONCE;
    private static final FakeTpm TPM = TpmTest.TPM;
    private static final Bytes USER_DATA = Bytes.of(new byte[64]);
    private static final VerifierOptions NOTHING_PINNED = VerifierOptions.of();

    /** The report data where SEV-SNP has it, and nothing else. */
    private static Bytes snpReport(Bytes reportData) {
        byte[] report = new byte[HclReport.HARDWARE_BYTES];
        System.arraycopy(reportData.toArray(), 0, report, REPORT_DATA, reportData.length());
        return Bytes.of(report);
    }

    private static EvidenceParts snp(String runtimeData, TpmHash hash, UnaryOperator<Bytes> hardware) {
        return TPM.azure(FakeTpm.hclReport(HclReport.Tee.SNP, hash, runtimeData, hardware), NONCE, Optional.empty(), Optional.empty());
    }

    private static EvidenceParts snp() {
        return snp(TPM.runtimeData(USER_DATA), TpmHash.SHA256, AzureTest::snpReport);
    }

    private static EvidenceParts tdx(UnaryOperator<Bytes> quote, UnaryOperator<Bytes> tdReport) {
        HclReport report = FakeTpm.hclReport(HclReport.Tee.TDX, TpmHash.SHA384, TPM.runtimeData(USER_DATA), tdReport);
        return TPM.azure(report, NONCE, Optional.of(quote.apply(report.expectedReportData())), Optional.empty());
    }

    private static Verdict verify(EvidenceParts parts, VerifierOptions options, Map<String, ClaimValue> details, boolean debug) {
        try {
            Endorsements middle = EndorsementPool.of(List.of(TpmTest.MIDDLE.der()));
            return AzureVerifier.verify(
                    AzureEvidence.parse(EvidenceParts.parse(parts.toByteArray())),
                    new Verification(middle, TpmTest.NOW, options, new Crypto(Optional.empty(), 100)),
                    (report, run) -> claims(Arrays.copyOfRange(report.toArray(), REPORT_DATA, REPORT_DATA + 64), details, debug),
                    (quote, run) -> claims(quote.toArray(), details, debug));
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static Optional<Claims> claims(byte[] reportData, Map<String, ClaimValue> details, boolean debug) {
        return Optional.of(new Claims("hardware", "hardware", Optional.of(Measurement.sha384(Bytes.of(new byte[48]))), Optional.empty(),
                OptionalLong.empty(), OptionalLong.of(3), debug, Bytes.of(reportData), Optional.empty(), Bytes.fromHex("0a0b"), details));
    }

    private static Verdict verify(EvidenceParts parts) {
        return verify(parts, NOTHING_PINNED, Map.of(), false);
    }

    private static Set<Code> codes(EvidenceParts parts) {
        return TpmTest.codes(verify(parts));
    }

    private static EvidenceParts with(EvidenceParts parts, String label, Bytes part) {
        Map<String, Bytes> changed = new TreeMap<>(parts.parts());
        changed.put(label, part);
        return new EvidenceParts(parts.type(), changed);
    }

    @Test
    void acceptsAGoodMachineAndClaimsWhatItProves() {
        Claims claims = ((Verdict.Accepted) verify(snp(), NOTHING_PINNED.nonce(NONCE), Map.of("x-ms-sevsnpvm-vmpl", ClaimValue.of(0)), false))
                .claims();
        assertThat(claims.kind()).isEqualTo("azure-snp");
        assertThat(claims.platform()).isEqualTo("snp");
        assertThat(claims.reportData()).isEqualTo(NONCE);
        assertThat(claims.anchor()).isEqualTo(Bytes.fromHex("0a0b"));
        assertThat(claims.securityVersion()).hasValue(3);
        assertThat(claims.measurement()).as("of what the hardware measured").contains(Measurement.sha384(Bytes.of(new byte[48])));
        Bytes values = Bytes.sha256(TPM.pcrs(FakeTpm.all(), TpmHash.SHA256).toByteArray());
        assertThat(claims.details())
                .containsEntry("guest-measurement", ClaimValue.of(Measurement.sha256(values).toString()))
                .containsEntry("x-ms-azurevm-vmid", ClaimValue.of("00000000-0000-0000-0000-00000000FA4E"))
                .containsEntry("user-data", ClaimValue.of(USER_DATA))
                .containsEntry("x-ms-sevsnpvm-vmpl", ClaimValue.of(0))
                .containsKeys("x-ms-runtime", "vm-configuration", "x-ms-azurevm-attested-pcrs", "pcrs");
        Claims tdx = ((Verdict.Accepted) verify(tdx(data -> data, FakeTpm::tdReport))).claims();
        assertThat(tdx.kind()).isEqualTo("azure-tdx");
        assertThat(tdx.platform()).isEqualTo("tdx");
    }

    @Test
    void acceptsEachHashOfTheRuntimeData() {
        for (TpmHash hash : List.of(TpmHash.SHA256, TpmHash.SHA384, TpmHash.SHA512)) {
            assertThat(codes(snp(TPM.runtimeData(USER_DATA), hash, AzureTest::snpReport))).isEmpty();
        }
    }

    @Test
    void theVerifierDecidesNothingOnHardwareItDoesNotKnow() throws MalformedException {
        Verdict verdict = AzureVerifier.verify(AzureEvidence.parse(snp()),
                new Verification(Endorsements.none(), TpmTest.NOW, NOTHING_PINNED, new Crypto(Optional.empty(), 0)),
                HardwareCheck.none(), HardwareCheck.none());
        assertThat(TpmTest.codes(verdict)).containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void theRuntimeDataMustBeWhatTheHardwareSigned() {
        EvidenceParts good = snp();
        byte[] report = good.find("hcl-report").orElseThrow().toArray();
        String json = TPM.runtimeData(USER_DATA);
        report[1236 + json.indexOf("user-data") + 12] = '1';
        assertThat(codes(with(good, "hcl-report", Bytes.of(report)))).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void theKeyMustBeTheOneThatTheHardwareVouchesFor() {
        KeyPair forger = Authority.rsaKeys(2048);
        FakeTpm forged = FakeTpm.of(forger, TpmSignature.Scheme.RSASSA, TpmHash.SHA256);
        HclReport stolen = FakeTpm.hclReport(HclReport.Tee.SNP, TpmHash.SHA256, TPM.runtimeData(USER_DATA), AzureTest::snpReport);
        assertThat(codes(forged.azure(stolen, NONCE, Optional.empty(), Optional.empty()))).containsExactly(Code.SIGNATURE_INVALID);
        // And with a key of its own in the runtime data, that of the hardware is another.
        EvidenceParts own = forged.azure(
                FakeTpm.hclReport(HclReport.Tee.SNP, TpmHash.SHA256, forged.runtimeData(USER_DATA), data -> stolen.hardware()),
                NONCE, Optional.empty(), Optional.empty());
        assertThat(codes(own)).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void theUnusedTailOfTheReportDataIsZero() {
        EvidenceParts tail = snp(TPM.runtimeData(USER_DATA), TpmHash.SHA256, data -> {
            byte[] changed = data.toArray();
            changed[63] = 1;
            return snpReport(Bytes.of(changed));
        });
        assertThat(codes(tail)).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void theTdQuoteAndTheTdReportHaveOneReportData() {
        Bytes zeros = Bytes.of(new byte[64]);
        assertThat(codes(tdx(data -> data, FakeTpm::tdReport))).isEmpty();
        assertThat(codes(tdx(data -> data, data -> FakeTpm.tdReport(zeros)))).containsExactly(Code.BINDING_MISMATCH);
        assertThat(codes(tdx(data -> zeros, FakeTpm::tdReport))).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void aReportThatTheGuestAskedForIsNotTheParavisors() {
        assertThat(TpmTest.codes(verify(snp(), NOTHING_PINNED, Map.of("x-ms-sevsnpvm-vmpl", ClaimValue.of(1)), false)))
                .containsExactly(Code.PLATFORM_NOT_ACCEPTED);
    }

    @Test
    void debugOfTheHardwareIsRefused() {
        assertThat(TpmTest.codes(verify(snp(), NOTHING_PINNED, Map.of(), true))).containsExactly(Code.DEBUG_ENCLAVE);
        assertThat(TpmTest.codes(verify(snp(), NOTHING_PINNED.allowDebug(), Map.of(), true))).isEmpty();
    }

    /** Whoever runs an SGX enclave chooses its report data, and could name a key of its own as the virtual TPM's. */
    @Test
    void aQuoteOfAnSgxEnclaveIsNoQuoteOfATrustDomain() {
        FakeIntel intel = FakeIntel.at(TpmTest.NOW);
        EvidenceParts parts = tdx(
                data -> Bytes.of(intel.sgxQuote(3, wish -> wish.body(FakeIntel.SGX_REPORTDATA, data))), FakeTpm::tdReport);

        Verdict verdict = new Verifier().verify(
                parts.toByteArray(), intel.endorsements(), TpmTest.NOW, VerifierOptions.of(intel.anchor()).nonce(NONCE));

        assertThat(TpmTest.codes(verdict)).containsExactly(Code.PLATFORM_NOT_ACCEPTED);
    }

    @Test
    void theSameWithAQuoteOfATrustDomainIsAccepted() {
        FakeIntel intel = FakeIntel.at(TpmTest.NOW);
        EvidenceParts parts = tdx(
                data -> Bytes.of(intel.tdxQuote(4, wish -> wish.body(FakeIntel.TD_REPORTDATA, data))), FakeTpm::tdReport);

        Verdict verdict = new Verifier().verify(
                parts.toByteArray(), intel.endorsements(), TpmTest.NOW, VerifierOptions.of(intel.anchor()).nonce(NONCE));

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> assertThat(accepted.checks())
                .as("that the paravisor is not known is said")
                .anyMatch(check -> !check.done() && check.name().equals("paravisor")));
    }

    @Test
    void theQuoteIsVerifiedAsAnyOther() {
        assertThat(TpmTest.codes(verify(snp(), NOTHING_PINNED.nonce(Bytes.fromHex("00")), Map.of(), false)))
                .containsExactly(Code.NONCE_MISMATCH);
        assertThat(codes(with(snp(), "pcrs", Bytes.of(TPM.pcrs(List.of(0), TpmHash.SHA256).toByteArray()))))
                .containsExactly(Code.REGISTERS_MISMATCH);
        assertThat(codes(with(snp(), "event-log", TPM.eventLog()))).isEmpty();
        FakeEventLog other = FakeEventLog.booted(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256).forget(2);
        assertThat(codes(with(snp(), "event-log", other.toBytes()))).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void aCertificateOfTheKeyIsNotNeededButMustBeRight() {
        VerifierOptions pinned = TpmTest.PINNED;
        List<String> done = new ArrayList<>();
        for (VerifierOptions options : List.of(pinned, NOTHING_PINNED)) {
            Verdict.Accepted accepted =
                    (Verdict.Accepted) verify(with(snp(), "ak-certificate", TpmTest.CERTIFICATE), options, Map.of(), false);
            accepted.checks().stream().filter(check -> check.name().startsWith("attestation")).forEach(check -> done.add("" + check.done()));
        }
        assertThat(done).containsExactly("true", "false");
        Bytes ofAnother = Authority.der(
                TpmTest.MIDDLE.certify("CN=x", Authority.ecKeys("secp256r1").getPublic(), TpmTest.NOW, wish -> {}));
        assertThat(TpmTest.codes(verify(with(snp(), "ak-certificate", ofAnother), pinned, Map.of(), false)))
                .containsExactly(Code.BINDING_MISMATCH);
        Bytes expired = TPM.certificate(TpmTest.MIDDLE, TpmTest.NOW, wish -> wish.valid(TpmTest.NOW.minusSeconds(9), TpmTest.NOW.minusSeconds(1)));
        assertThat(TpmTest.codes(verify(with(snp(), "ak-certificate", expired), pinned, Map.of(), false)))
                .containsExactly(Code.CERTIFICATE_EXPIRED);
        Authority other = Authority.root("CN=Other", Authority.ecKeys("secp256r1"), "SHA256withECDSA", TpmTest.NOW);
        Bytes untrusted = TPM.certificate(other, TpmTest.NOW, wish -> {});
        Verdict noted = verify(with(snp(), "ak-certificate", untrusted), pinned, Map.of(), false);
        assertThat(((Verdict.Accepted) noted).checks()).anyMatch(check -> check.name().startsWith("attestation") && !check.done());
        assertThat(TpmTest.codes(verify(with(snp(), "ak-certificate", Bytes.fromHex("3000")),
                VerifierOptions.of(new MakerRoot(Maker.TPM, other.publicKey())), Map.of(), false))).containsExactly(Code.MALFORMED);
    }

    @Test
    void runtimeDataOfAnotherFormIsRefused() {
        String good = TPM.runtimeData(USER_DATA);
        String key = good.substring(good.indexOf('[') + 1, good.indexOf(']', good.indexOf("vm-conf") - 4));
        for (String bad : List.of(
                good.replace("HCLAkPub", "HCLEkPub"),
                good.replace("\"kty\":\"RSA\"", "\"kty\":\"EC\""),
                good.replace("[{", "[" + key + ",{"),
                good.replace("\"e\":\"AQAB\"", "\"e\":\"A*AB\""),
                good.replace("user-data\":\"00", "user-data\":\"xx"),
                "{}",
                "[]")) {
            assertThat(codes(snp(bad, TpmHash.SHA256, AzureTest::snpReport))).as(bad).containsExactly(Code.MALFORMED);
        }
    }

    @Test
    void everyFieldOfTheReportIsStrict() {
        EvidenceParts good = snp();
        byte[] report = good.find("hcl-report").orElseThrow().toArray();
        // magic, version, size, request type, status, reserved; data size, version, tee, hash, length; padding
        for (int at : List.of(0, 4, 8, 12, 16, 20, 31, 1216, 1220, 1224, 1228, 1232, report.length - 1)) {
            byte[] changed = report.clone();
            changed[at] ^= 0x40;
            refused(with(good, "hcl-report", Bytes.of(changed)), "byte " + at);
        }
        byte[] huge = report.clone();
        Arrays.fill(huge, 1232, 1236, (byte) 0xff);
        refused(with(good, "hcl-report", Bytes.of(huge)), "length");
        refused(new EvidenceParts(AzureEvidence.TDX_TYPE, with(good, "td-quote", Bytes.EMPTY).parts()), "type");
        refused(with(good, "td-quote", Bytes.EMPTY), "parts");
        assertThatNoException().isThrownBy(() -> AzureEvidence.parse(good));
    }

    private static void refused(EvidenceParts parts, String why) {
        assertThatExceptionOfType(MalformedException.class).as(why).isThrownBy(() -> AzureEvidence.parse(parts));
    }
}
