package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.ServicePart;
import org.innerkeep.attestation.attester.Attester;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.innerkeep.vault.VaultPart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A vault says what it runs in, over the key that enclaves pin, and owners need not take its word for it. */
class VaultEvidenceTest {
    @SuppressWarnings("TimeInStaticInitializer")
    private static final Instant NOW = Instant.now();
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, NOW);
    private static final FakeIntel INTEL = FakeIntel.at(NOW);
    private static final String ISSUER = "https://vault.example";

    @TempDir
    private Path folder;

    private static Bytes snp(Bytes reportData) {
        return Bytes.of(AMD.report(3, false, report -> report.put(0x50, reportData.toArray())));
    }

    private static Bytes tdx(Bytes reportData) {
        return Bytes.of(INTEL.tdxQuote(4, quote -> quote.body(FakeIntel.TD_REPORTDATA, reportData)));
    }

    /** The vault, on a machine with such a device. */
    private static ServicePart vaultWith(Attester device) {
        VaultPart vault = new VaultPart();
        return given -> vault.open(new ServicePart.Surroundings(
                given.configuration(), given.folder(), given.store(), given.log(), given.verifier(), given.anchors(),
                given.endorsements(), given.fetched(), given.clock(), given.notBefore(), given.appraisal(), given.random(),
                Optional.of(KeyEvidence.tryOut(device, ISSUER, given.random())), given.enclosure()));
    }

    private JsonNode asked(ServicePart vault, String name) throws Exception {
        Map<String, String> settings = Map.of(
                "folder", folder.resolve(name).toString(), "listen", "127.0.0.1:0", "issuer", ISSUER, "plain-http", "true",
                // Nothing here asks for tokens, and the other kind of key takes seconds to make.
                "token-algorithm", "ES256");
        try (RunningService running = RunningService.start(
                        ServiceConfiguration.of(settings), RunningService.Clocks.ofSystem(), List.of(vault));
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + running.port() + "/vault")).build();
            return StrictJson.upTo(1 << 16).read(
                    "vault", client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
        }
    }

    private static Verdict verify(byte[] certificate, Anchor anchor) throws Exception {
        List<Bytes> documents = new ArrayList<>(INTEL.collateral());
        documents.addAll(List.of(AMD.vcek(), AMD.ask().der(), AMD.ark().der(), AMD.revocationList()));
        return new Verifier()
                .verify(certificate, EndorsementPool.of(documents), Instant.now(), VerifierOptions.of(List.of(anchor)));
    }

    private static byte[] certificate(JsonNode vault) {
        return Base64.getDecoder().decode(vault.path("certificate").stringValue());
    }

    private static void assertProven(JsonNode vault, String kind, Anchor anchor) throws Exception {
        VaultAnchor pinned = VaultAnchor.parse(vault.path("vault").stringValue());
        assertThat(verify(certificate(vault), anchor)).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            assertThat(accepted.claims().kind()).isEqualTo(kind);
            // What is proven is over the very key that enclaves pin, and that the vault's id is of.
            assertThat(accepted.claims().details()).containsEntry("certificate-key", ClaimValue.of(pinned.id()));
            assertThat(accepted.claims().text("certificate-vault")).contains(ISSUER);
            assertThat(accepted.claims().details()).doesNotContainKey("certificate-token-issuer");
        });
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate(vault)));
        assertThat(Bytes.of(certificate.getPublicKey().getEncoded())).isEqualTo(pinned.publicKey());
    }

    @Test
    void evidenceIsOverTheKeyThatEnclavesPin() throws Exception {
        JsonNode machine = asked(vaultWith(VaultEvidenceTest::snp), "snp");
        assertProven(machine, "snp-report", AMD.root());
        assertThat(verify(certificate(machine), INTEL.anchor())).isNotInstanceOf(Verdict.Accepted.class);
        assertProven(asked(vaultWith(VaultEvidenceTest::tdx), "tdx"), "tdx-quote", INTEL.anchor());
    }

    @Test
    void aCertificateThatWasChangedIsRefused() throws Exception {
        byte[] certificate = certificate(asked(vaultWith(VaultEvidenceTest::snp), "snp"));
        certificate[certificate.length - 1] ^= 1;
        assertThat(verify(certificate, AMD.root())).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void withoutADeviceThereIsNoCertificate() throws Exception {
        assertThat(asked(new VaultPart(), "plain").path("certificate").isMissingNode()).isTrue();
    }

    @Test
    void aVaultWhoseDeviceFailsDoesNotStart() {
        int[] asked = {0};
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> asked(
                        vaultWith(reportData -> {
                            if (asked[0]++ > 0) {
                                throw new IOException("the device is gone");
                            }
                            return snp(reportData);
                        }),
                        "gone"))
                .withMessageContaining("the device is gone");
    }
}
