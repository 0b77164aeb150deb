package org.innerkeep.attestation.attester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeArm;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;

/** The drivers of devices, against files that behave as the devices' do. */
class AttesterTest {
    private static final Instant AT = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeIntel INTEL = FakeIntel.at(AT);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, AT);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Bytes REPORT_DATA = Bytes.of(filled(64, 0x5a));
    private static final Bytes VCEK_GUID = Bytes.fromHex("63da758de6644564adc5f4b93be8accd");

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** Signatures are random: what was made once is made no second time. */
    private final Map<Bytes, Bytes> made = new HashMap<>();

    private Bytes quote(Bytes reportData) {
        return made.computeIfAbsent(
                reportData, data -> Bytes.of(INTEL.sgxQuote(3, quote -> quote.body(FakeIntel.SGX_REPORTDATA, data))));
    }

    private Bytes report(Bytes reportData) {
        return made.computeIfAbsent(
                reportData, data -> Bytes.of(AMD.report(3, false, report -> report.put(0x50, data.toArray()))));
    }

    private static Attester gramine(FakeGramine device) {
        return new GramineAttester(DeviceFiles.of(device));
    }

    private static Attester tsm(FakeTsm device) {
        return new TsmAttester(DeviceFiles.of(device), RANDOM);
    }

    @Test
    void gramineQuotesWhatWasWritten() throws Exception {
        assertThat(gramine(new FakeGramine(this::quote)).evidence(REPORT_DATA)).isEqualTo(quote(REPORT_DATA));
    }

    @Test
    void outsideAnEnclaveTheMessageSaysWhere() {
        assertThatThrownBy(() -> gramine(new FakeGramine(this::quote).absent()).evidence(REPORT_DATA))
                .hasMessageContaining("there is no /attestation_type").hasMessageContaining("gramine-sgx");
    }

    @Test
    void anEnclaveWithoutRemoteAttestationIsToldWhatToSet() {
        assertThatThrownBy(() -> gramine(new FakeGramine(this::quote).type("none")).evidence(REPORT_DATA))
                .hasMessageContaining("found 'none'").hasMessageContaining("sgx.remote_attestation");
    }

    @Test
    void linuxIsAskedInAFolderThatIsTakenAwayAgain() throws Exception {
        FakeTsm device = new FakeTsm("tdx_guest", this::quote);

        assertThat(tsm(device).evidence(REPORT_DATA)).isEqualTo(quote(REPORT_DATA));
        assertThat(device.seen()).hasSize(1);
        assertThat(device.left()).isZero();
    }

    @Test
    void certificatesOfTheHostComeWithAReportOfSnp() throws Exception {
        SnpCertificateTable table = SnpCertificateTable.of(List.of(new SnpCertificateTable.Entry(VCEK_GUID, AMD.vcek())));

        Bytes evidence = tsm(new FakeTsm("sev_guest", this::report).aux(table.bytes())).evidence(REPORT_DATA);

        SnpEvidence parsed = SnpEvidence.parse(evidence.toArray());
        assertThat(parsed.certificates()).containsExactly(AMD.vcek());
        assertThat(parsed.report().reportData()).isEqualTo(REPORT_DATA);
    }

    @Test
    void aHostWithoutCertificatesGivesAReportAlone() throws Exception {
        assertThat(tsm(new FakeTsm("sev_guest", this::report)).evidence(REPORT_DATA)).isEqualTo(report(REPORT_DATA));
        assertThat(tsm(new FakeTsm("sev_guest", this::report).aux(Bytes.of(new byte[24]))).evidence(REPORT_DATA))
                .isEqualTo(report(REPORT_DATA));
    }

    @Test
    void certificatesThatAreMalformedOrTooLargeAreLeftOut() throws Exception {
        SnpCertificateTable large = SnpCertificateTable.of(List.of(new SnpCertificateTable.Entry(VCEK_GUID, Bytes.of(new byte[15_000]))));
        for (Bytes aux : List.of(
                Bytes.of(filled(100, 0xff)), Bytes.of(new byte[7]), large.bytes(), Bytes.of(filled((64 << 10) + 1, 1)))) {
            KeyEvidence.tryOut(tsm(new FakeTsm("sev_guest", this::report).aux(aux)), "https://attest.example", RANDOM);
            assertThat(tsm(new FakeTsm("sev_guest", this::report).aux(aux)).evidence(REPORT_DATA)).isEqualTo(report(REPORT_DATA));
        }
    }

    private static X509Certificate certificate(KeyEvidence evidence) throws Exception {
        KeyPair keys = Authority.ecKeys("secp256r1");
        return SelfSigned.ofTokens("https://attest.example", keys, Optional.empty(), AT, AT.plusSeconds(60),
                Optional.of(evidence.of(keys.getPublic())), RANDOM);
    }

    private static KeyEvidence triedOut(Attester attester) throws Exception {
        return KeyEvidence.tryOut(attester, "https://attest.example", RANDOM);
    }

    @Test
    void ofATrustDomainTheRegistersOfItsRunTimeCountAsItsCode() throws Exception {
        KeyEvidence one = triedOut(reportData -> Bytes.of(INTEL.tdxQuote(4, quote -> quote.body(FakeIntel.TD_REPORTDATA, reportData))));
        X509Certificate certificate = certificate(one);

        assertThat(one.isOfThisCode(certificate)).isTrue();
        for (int register = 0; register < 4; register++) {
            int offset = 328 + 48 * register;
            KeyEvidence other = triedOut(reportData -> Bytes.of(INTEL.tdxQuote(4, quote ->
                    quote.body(FakeIntel.TD_REPORTDATA, reportData).body(offset, Bytes.of(filled(48, 0x77))))));
            assertThat(other.isOfThisCode(certificate)).as("RTMR%d", register).isFalse();
        }
    }

    @Test
    void ofARealmTheExtensibleMeasurementsCountAsItsCode() throws Exception {
        FakeArm arm = new FakeArm();
        KeyEvidence one = triedOut(reportData -> Bytes.of(arm.cca(FakeArm.Edition.V1,
                wish -> wish.realm().claim(10, writer -> writer.bytes(reportData.toArray())))));
        KeyEvidence other = triedOut(reportData -> Bytes.of(arm.cca(FakeArm.Edition.V1, wish -> wish.realm()
                .claim(10, writer -> writer.bytes(reportData.toArray()))
                .claim(44239, writer -> {
                    writer.array(4);
                    for (int i = 0; i < 4; i++) {
                        writer.bytes(filled(32, 0x77));
                    }
                }))));
        X509Certificate certificate = certificate(one);

        assertThat(one.isOfThisCode(certificate)).isTrue();
        assertThat(other.isOfThisCode(certificate)).isFalse();
    }

    @Test
    void aBusyDeviceIsAskedAgain() throws Exception {
        FakeTsm device = new FakeTsm("tdx_guest", this::quote).busy(2);

        assertThat(tsm(device).evidence(REPORT_DATA)).isEqualTo(quote(REPORT_DATA));
        assertThat(device.seen()).hasSize(3);
        assertThat(device.left()).isZero();
    }

    @Test
    void whatWasReadWhileSomebodyElseWroteIsThrownAway() throws Exception {
        FakeTsm device = new FakeTsm("tdx_guest", this::quote).races(1);

        assertThat(tsm(device).evidence(REPORT_DATA)).isEqualTo(quote(REPORT_DATA));
        assertThat(device.seen()).hasSize(2);
    }

    @Test
    void aDeviceThatStaysBusyEndsWithItsReasonAndWithoutFolders() {
        FakeTsm device = new FakeTsm("tdx_guest", this::quote).busy(100);

        assertThatThrownBy(() -> tsm(device).evidence(REPORT_DATA))
                .hasMessageContaining("no report after 5 attempts").hasMessageContaining("Device or resource busy");
        assertThat(device.left()).isZero();
    }

    @Test
    void raceAfterRaceEndsWithItsReason() {
        assertThatThrownBy(() -> tsm(new FakeTsm("tdx_guest", this::quote).races(100)).evidence(REPORT_DATA))
                .hasMessageContaining("somebody else wrote").hasMessageContaining("expected generation 1, found 2");
    }

    @Test
    void aMachineWithoutTheInterfaceIsToldWhatIsMissing() {
        assertThatThrownBy(() -> tsm(new FakeTsm("tdx_guest", this::quote).absent()).evidence(REPORT_DATA))
                .hasMessageContaining("Linux 6.7");
        assertThatThrownBy(() -> tsm(new FakeTsm("", this::quote)).evidence(REPORT_DATA))
                .hasMessageContaining("No such device or address").hasMessageContaining("guest driver");
    }

    @Test
    void aProviderThatIsNotKnownIsRefused() {
        assertThatThrownBy(() -> tsm(new FakeTsm("other_guest\u0007", this::quote)).evidence(REPORT_DATA))
                .hasMessageContaining("found 'other_guest?'");
    }

    @Test
    void evidenceOverSomethingElseIsNotTaken() {
        Attester stale = reportData -> quote(REPORT_DATA);

        assertThatThrownBy(() -> KeyEvidence.tryOut(stale, "https://attest.example", RANDOM))
                .hasMessageContaining("other report data");
    }

    @Test
    void whatIsNoEvidenceIsNotTaken() {
        assertThatThrownBy(() -> KeyEvidence.tryOut(reportData -> Bytes.of(new byte[100]), "https://attest.example", RANDOM))
                .hasMessageContaining("another kind");
        assertThatThrownBy(() -> KeyEvidence.tryOut(
                        reportData -> Bytes.of(Arrays.copyOf(report(reportData).toArray(), 1184 - 1)), "https://attest.example", RANDOM))
                .hasMessageContaining("attester:");
    }

    @Test
    void evidenceThatNoCertificateHoldsIsNotTaken() {
        assertThatThrownBy(() -> KeyEvidence.tryOut(
                        reportData -> Bytes.of(Arrays.copyOf(quote(reportData).toArray(), 15_000)), "https://attest.example", RANDOM))
                .hasMessageContaining("at most 14336 bytes");
    }

    @Test
    void theDevicesOfLinuxAreWhereGramineAndLinuxHaveThem() {
        assertThat(Devices.ofLinux())
                .isEqualTo(new Devices(Path.of("/dev/attestation"), Path.of("/sys/kernel/config/tsm/report")));
    }

    @Test
    void aDeviceIsAskedOncePerKey() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        KeyEvidence evidence = KeyEvidence.tryOut(
                reportData -> {
                    asked.incrementAndGet();
                    return quote(reportData);
                },
                "https://attest.example",
                RANDOM);

        evidence.of(AMD.ark().certificate().getPublicKey());
        assertThat(asked).hasValue(2);
    }
}
