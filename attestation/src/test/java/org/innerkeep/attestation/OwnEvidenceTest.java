package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.DEROctetString;
import org.innerkeep.attestation.attester.Attester;
import org.innerkeep.attestation.attester.DeviceFiles;
import org.innerkeep.attestation.attester.Devices;
import org.innerkeep.attestation.attester.FakeGramine;
import org.innerkeep.attestation.attester.FakeTsm;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.attestation.token.TokenAlgorithm;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.RaTlsCertificate;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeArm;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The service says what it runs in, in the certificates of its keys, and relying parties need not take its word for it. */
class OwnEvidenceTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final FakeArm ARM = new FakeArm();
    private static final Map<String, String> TSM = Map.of("attester", "tsm");
    private static final Map<String, String> GRAMINE = Map.of("attester", "gramine");
    private static final Path NOWHERE = DeviceFiles.of(new FakeGramine(data -> data).absent());

    @TempDir
    private Path folder;

    private static Bytes sgx(Bytes reportData) {
        return Bytes.of(INTEL.sgxQuote(3, quote -> quote.body(FakeIntel.SGX_REPORTDATA, reportData)));
    }

    private static Bytes tdx(Bytes reportData) {
        return Bytes.of(INTEL.tdxQuote(4, quote -> quote.body(FakeIntel.TD_REPORTDATA, reportData)));
    }

    private static Bytes snp(Bytes reportData) {
        return Bytes.of(AMD.report(3, false, report -> report.put(0x50, reportData.toArray())));
    }

    private static Bytes cca(Bytes reportData) {
        return Bytes.of(ARM.cca(FakeArm.Edition.V1, wish -> wish.realm().claim(10, writer -> writer.bytes(reportData.toArray()))));
    }

    private static Devices gramine() {
        return new Devices(DeviceFiles.of(new FakeGramine(OwnEvidenceTest::sgx)), NOWHERE);
    }

    private static Devices tsm(FakeTsm device) {
        return new Devices(NOWHERE, DeviceFiles.of(device));
    }

    private RunningService start(Devices devices, Map<String, String> more) throws Exception {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "folder", folder.resolve("state").toString(),
                "listen", "127.0.0.1:0",
                "issuer", "https://attest.example"));
        all.putAll(more);
        return RunningService.start(
                ServiceConfiguration.of(all), new RunningService.Clocks(Clock.systemUTC(), InstantSource.system()), devices, List.of());
    }

    /** The certificate of the key that signs, as /certs has it. */
    private static X509Certificate certificate(RunningService running) throws Exception {
        return JWKSet.parse(Rig.json(running.service().keySet())).getKeys().getFirst().getParsedX509CertChain().getFirst();
    }

    private X509Certificate certificate(Devices devices, Map<String, String> more) throws Exception {
        try (RunningService running = start(devices, more)) {
            return certificate(running);
        }
    }

    private static Verdict verify(byte[] certificate, Anchor... anchors) throws Exception {
        List<Bytes> documents = new ArrayList<>(INTEL.collateral());
        documents.addAll(List.of(AMD.vcek(), AMD.ask().der(), AMD.ark().der(), AMD.revocationList()));
        return new Verifier()
                .verify(certificate, EndorsementPool.of(documents), Instant.now(), VerifierOptions.of(List.of(anchors)));
    }

    private static void assertBound(X509Certificate certificate, String kind, Anchor anchor) throws Exception {
        assertThat(verify(certificate.getEncoded(), anchor)).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            assertThat(accepted.claims().kind()).isEqualTo(kind);
            assertThat(accepted.claims().details().get("certificate-key"))
                    .isEqualTo(ClaimValue.of(Bytes.sha256(certificate.getPublicKey().getEncoded())));
            assertThat(accepted.claims().text("certificate-token-issuer")).contains("https://attest.example");
        });
        // The form in which innerkeep verify reads it from a file.
        assertThat(verify(Pem.block("CERTIFICATE", certificate.getEncoded()).getBytes(StandardCharsets.US_ASCII), anchor))
                .isInstanceOf(Verdict.Accepted.class);
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=https://attest.example");
        for (Anchor other : List.of(INTEL.anchor(), AMD.root(), ARM.platformKey())) {
            if (!other.equals(anchor)) {
                assertThat(verify(certificate.getEncoded(), other)).isNotInstanceOf(Verdict.Accepted.class);
            }
        }
    }

    /** Another key's certificate, with the evidence of this one. */
    private static byte[] copied(X509Certificate certificate) throws Exception {
        KeyPair stranger = Authority.rsaKeys(2048);
        byte[] evidence =
                DEROctetString.getInstance(certificate.getExtensionValue(RaTlsCertificate.TAGGED_EVIDENCE)).getOctets();
        return SelfSigned.ofTokens(
                        "https://attest.example", stranger, Optional.empty(), Instant.now(),
                        Instant.now().plus(Duration.ofDays(1)), Optional.of(Bytes.of(evidence)), new SecureRandom())
                .getEncoded();
    }

    private static void assertRefused(byte[] certificate, Code code, Anchor anchor) throws Exception {
        assertThat(verify(certificate, anchor))
                .isInstanceOfSatisfying(Verdict.Refused.class, refused -> assertThat(refused.has(code)).as(refused.explain()).isTrue());
    }

    @ParameterizedTest
    @EnumSource
    void anEnclaveUnderGramineQuotesItsKey(TokenAlgorithm algorithm) throws Exception {
        assertBound(
                certificate(gramine(), Map.of("attester", "gramine", "token-algorithm", algorithm.name())),
                "sgx-quote",
                INTEL.anchor());
    }

    @Test
    void aTrustDomainQuotesItsKey() throws Exception {
        assertBound(certificate(tsm(new FakeTsm("tdx_guest", OwnEvidenceTest::tdx)), TSM), "tdx-quote", INTEL.anchor());
    }

    @Test
    void aMachineOfSnpReportsItsKey() throws Exception {
        assertBound(certificate(tsm(new FakeTsm("sev_guest", OwnEvidenceTest::snp)), TSM), "snp-report", AMD.root());
    }

    @Test
    void aRealmOfArmReportsItsKey() throws Exception {
        assertBound(
                certificate(tsm(new FakeTsm("arm_cca_guest", OwnEvidenceTest::cca)), TSM), "cca-token", ARM.platformKey());
    }

    @Test
    void evidenceThatWasCopiedToAnotherKeysCertificateIsRefused() throws Exception {
        Map<FakeTsm, Anchor> machines = Map.of(
                new FakeTsm("tdx_guest", OwnEvidenceTest::tdx), INTEL.anchor(),
                new FakeTsm("sev_guest", OwnEvidenceTest::snp), AMD.root(),
                new FakeTsm("arm_cca_guest", OwnEvidenceTest::cca), ARM.platformKey());
        int number = 0;
        for (Map.Entry<FakeTsm, Anchor> each : machines.entrySet()) {
            X509Certificate certificate = certificate(
                    tsm(each.getKey()), Map.of("attester", "tsm", "folder", folder.resolve("state-" + number++).toString()));

            assertRefused(copied(certificate), Code.BINDING_MISMATCH, each.getValue());
        }
        assertRefused(copied(certificate(gramine(), GRAMINE)), Code.BINDING_MISMATCH, INTEL.anchor());
    }

    @Test
    void theIssuerInTheEvidenceCountsAndNotTheNameInTheCertificate() throws Exception {
        KeyPair keys = Authority.rsaKeys(2048);
        SecureRandom random = new SecureRandom();
        for (Attester device : List.of(
                gramine().attester(Devices.Kind.GRAMINE, random),
                tsm(new FakeTsm("sev_guest", OwnEvidenceTest::snp)).attester(Devices.Kind.TSM, random))) {
            KeyEvidence evidence = KeyEvidence.tryOut(device, "https://other.example", random);
            X509Certificate certificate = SelfSigned.ofTokens(
                    "https://attest.example", keys, Optional.empty(), Instant.now(), Instant.now().plus(Duration.ofDays(1)),
                    Optional.of(evidence.of(keys.getPublic())), new SecureRandom());

            assertThat(verify(certificate.getEncoded(), INTEL.anchor(), AMD.root())).isInstanceOfSatisfying(
                    Verdict.Accepted.class,
                    accepted -> assertThat(accepted.claims().text("certificate-token-issuer")).contains("https://other.example"));
        }
    }

    @Test
    void aCertificateThatWasChangedIsRefused() throws Exception {
        byte[] certificate = certificate(tsm(new FakeTsm("sev_guest", OwnEvidenceTest::snp)), TSM).getEncoded();
        certificate[certificate.length - 1] ^= 1;

        assertRefused(certificate, Code.SIGNATURE_INVALID, AMD.root());
    }

    @Test
    void noByteOfTheClaimsCanBeChanged() throws Exception {
        X509Certificate certificate = certificate(tsm(new FakeTsm("sev_guest", OwnEvidenceTest::snp)), TSM);
        byte[] encoded = certificate.getEncoded();
        String text = new String(encoded, StandardCharsets.ISO_8859_1);
        int begin = text.indexOf("pubkey-hash");
        int end = text.indexOf("https://attest.example", begin) + "https://attest.example".length();
        for (int i = begin; i < end; i++) {
            byte[] changed = encoded.clone();
            changed[i] ^= 1;
            assertThat(verify(changed, AMD.root())).as("byte " + i).isInstanceOf(Verdict.Refused.class);
        }
    }

    @Test
    void aServiceOfAnotherVersionMakesAKeyWithEvidenceOfItsOwn() throws Exception {
        X509Certificate before = certificate(gramine(), GRAMINE);
        assertThat(certificate(gramine(), GRAMINE)).isEqualTo(before);
        Bytes other = Bytes.of(new byte[32]);
        Devices newer = new Devices(
                DeviceFiles.of(new FakeGramine(data -> Bytes.of(INTEL.sgxQuote(
                        3, quote -> quote.body(FakeIntel.SGX_REPORTDATA, data).body(64, other))))),
                NOWHERE);
        try (RunningService running = start(newer, Map.of("attester", "gramine", "key-overlap", "PT0S"))) {
            assertThat(certificate(running)).isNotEqualTo(before);
            assertThat(running.service().keySet().toString()).contains(Base64.getEncoder().encodeToString(before.getEncoded()));
        }
    }

    @Test
    void aServiceOfAnotherVersionOrWithoutADeviceSignsAtOnceWithAKeyOfItsOwn() throws Exception {
        X509Certificate before = certificate(gramine(), GRAMINE);
        X509Certificate machine = certificate(tsm(new FakeTsm("sev_guest", OwnEvidenceTest::snp)), TSM);
        X509Certificate plain = certificate(gramine(), Map.of());

        assertThat(List.of(before, machine, plain)).doesNotHaveDuplicates();
        assertThat(plain.getExtensionValue(RaTlsCertificate.TAGGED_EVIDENCE)).isNull();
        assertThat(certificate(gramine(), GRAMINE)).isEqualTo(before);
    }

    @Test
    void aServiceThatRanWithoutADeviceMakesAKeyWithEvidence() throws Exception {
        assertThat(certificate(gramine(), Map.of()).getExtensionValue(RaTlsCertificate.TAGGED_EVIDENCE)).isNull();

        assertBound(
                certificate(gramine(), Map.of("attester", "gramine", "key-overlap", "PT0S")), "sgx-quote", INTEL.anchor());
    }

    @Test
    void withoutItsDeviceTheServiceDoesNotStartAndMakesNothing() {
        assertThatThrownBy(() -> start(new Devices(NOWHERE, NOWHERE), GRAMINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("attester gramine: there is no");
        assertThatThrownBy(() -> start(tsm(new FakeTsm("sev_guest", OwnEvidenceTest::snp).busy(1000)), TSM))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Device or resource busy");
        assertThat(folder.resolve("state/store.db")).doesNotExist();
    }

    @Test
    void anAttesterThatIsNotKnownIsRefused() {
        assertThatThrownBy(() -> start(gramine(), Map.of("attester", "sgx")))
                .hasMessage("attester: expected none, gramine or tsm, found 'sgx'");
    }

    @Test
    void noSettingSaysWhereADeviceIs() {
        assertThatThrownBy(() -> start(gramine(), Map.of("attester-folder", "/tmp"))).hasMessageContaining("no setting is called");
    }
}
