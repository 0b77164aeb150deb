package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.security.attestation.AttestationAdministrationClient;
import com.azure.security.attestation.AttestationAdministrationClientBuilder;
import com.azure.security.attestation.AttestationClient;
import com.azure.security.attestation.AttestationClientBuilder;
import com.azure.security.attestation.models.AttestationData;
import com.azure.security.attestation.models.AttestationDataInterpretation;
import com.azure.security.attestation.models.AttestationOpenIdMetadata;
import com.azure.security.attestation.models.AttestationOptions;
import com.azure.security.attestation.models.AttestationPolicySetOptions;
import com.azure.security.attestation.models.AttestationResponse;
import com.azure.security.attestation.models.AttestationResult;
import com.azure.security.attestation.models.AttestationSigningKey;
import com.azure.security.attestation.models.AttestationTokenValidationOptions;
import com.azure.security.attestation.models.AttestationType;
import com.azure.security.attestation.models.CertificateModification;
import com.azure.security.attestation.models.PolicyCertificatesModificationResult;
import com.azure.security.attestation.models.PolicyManagementCertificateOptions;
import com.azure.security.attestation.models.PolicyModification;
import com.azure.security.attestation.models.PolicyResult;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/**
 * Azure's own clients for attestation, of the version in the pom, unchanged, against a running service over HTTPS: all that they are told
 * is the address, whom to trust for TLS, and a credential.
 */
class AzureClientTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final String KEYS = "{\"keys\":[{\"kid\":\"enclave\",\"kty\":\"oct\"}]}";
    private static final String PERMIT_RELEASE = """
            version= 1.0;
            authorizationrules { c:[type=="x-ms-sgx-is-debuggable", value==false] => permit(); };
            issuancerules { c:[type=="x-ms-sgx-mrsigner"] => issue(type="our-signer", value=c.value); };
            """;

    @TempDir
    private static Path folder;

    private static Rig rig;
    private static Rig isolated;
    private static KeyPair signerKeys;
    private static X509Certificate signer;

    @BeforeAll
    static void startServices() throws IOException {
        FakeAmd amd = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
        signerKeys = Authority.rsaKeys(2048);
        signer = certificate("CN=policy signer", signerKeys);
        rig = Rig.of(folder.resolve("authorized"), INTEL, amd, Map.of());
        Path other = Files.createDirectories(folder.resolve("isolated"));
        isolated = Rig.of(other, INTEL, amd, Map.of(
                "mode", "isolated", "policy-signers", Rig.pem(other.resolve("signer.pem"), signer)));
    }

    @AfterAll
    static void endServices() {
        rig.close();
        isolated.close();
    }

    /** Of a key for signatures: Azure's client signs with no other. */
    private static X509Certificate certificate(String name, KeyPair keys) {
        return Authority.root(name, keys, "SHA256withRSA", Rig.NOW, wish -> wish.usage(KeyUsage.digitalSignature)).certificate();
    }

    private static com.azure.core.http.HttpClient transport(Rig of) {
        return new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(of.trust())).build();
    }

    private static TokenCredential credential(Rig of) {
        return request -> Mono.just(new AccessToken(of.adminKey(), OffsetDateTime.now(ZoneOffset.UTC).plusHours(1)));
    }

    private static AttestationClient client() {
        return new AttestationClientBuilder()
                .endpoint(rig.issuer())
                .httpClient(transport(rig))
                .credential(credential(rig))
                .tokenValidationOptions(new AttestationTokenValidationOptions().setExpectedIssuer(rig.issuer()))
                .buildClient();
    }

    private static AttestationAdministrationClient administration(Rig of) {
        return new AttestationAdministrationClientBuilder()
                .endpoint(of.issuer())
                .httpClient(transport(of))
                .credential(credential(of))
                .buildClient();
    }

    private static byte[] quoteOver(String data) {
        Bytes digest = Bytes.sha256(data.getBytes(StandardCharsets.UTF_8));
        return INTEL.sgxQuote(3, quote -> quote.body(FakeIntel.SGX_REPORTDATA, digest));
    }

    /** A second opinion on a token: another library, which must find key, algorithm, issuer and times right. */
    private static JwtClaims verified(String token) throws Exception {
        JsonWebKeySet keys = new JsonWebKeySet(new String(rig.get("/certs").response().body(), StandardCharsets.UTF_8));
        return new JwtConsumerBuilder()
                .setVerificationKeyResolver(new JwksVerificationKeyResolver(keys.getJsonWebKeys()))
                .setExpectedIssuer(rig.issuer())
                .setRequireExpirationTime()
                .setRequireIssuedAt()
                .setRequireNotBefore()
                .setRequireJwtId()
                .setExpectedType(true, "JWT")
                .build()
                .processToClaims(token);
    }

    @Test
    void attestsAnSgxEnclaveWithTheDataThatItsQuoteIsOver() throws Exception {
        AttestationOptions options = new AttestationOptions(BinaryData.fromBytes(quoteOver(KEYS)))
                .setRunTimeData(new AttestationData(BinaryData.fromString(KEYS), AttestationDataInterpretation.JSON));

        AttestationResponse<AttestationResult> response = client().attestSgxEnclaveWithResponse(options, Context.NONE);

        AttestationResult result = response.getValue();
        assertThat(result.getIssuer()).isEqualTo(rig.issuer());
        assertThat(result.isDebuggable()).isFalse();
        assertThat(result.getMrEnclave()).hasSize(64);
        assertThat(result.getMrSigner()).hasSize(64);
        assertThat(result.getRuntimeClaims()).asString().contains("enclave");
        assertThat(result.getVersion()).isEqualTo("1.0");
        assertThat(result.getSgxCollateral()).asString().contains("quotehash").contains("tcbinfohash").contains("qeidhash");
        assertThat(result.getPolicyHash().toBytes()).hasSize(32);
        JwtClaims claims = verified(response.getToken().serialize());
        assertThat(claims.getStringClaimValue("x-ms-attestation-type")).isEqualTo("sgx");
        assertThat(claims.getStringClaimValue("x-ms-sgx-mrenclave")).isEqualTo(result.getMrEnclave());
        assertThat(claims.getJwtId()).matches("[0-9a-f]{64}");
    }

    @Test
    void attestsAnOpenEnclaveReportWithBytesHeld() throws Exception {
        AttestationOptions options = new AttestationOptions(
                        BinaryData.fromBytes(FakeIntel.openEnclaveReport(quoteOver("held by the enclave"))))
                .setRunTimeData(new AttestationData(
                        BinaryData.fromString("held by the enclave"), AttestationDataInterpretation.BINARY));

        AttestationResponse<AttestationResult> response = client().attestOpenEnclaveWithResponse(options, Context.NONE);

        assertThat(response.getValue().getEnclaveHeldData().toString()).isEqualTo("held by the enclave");
        JwtClaims claims = verified(response.getToken().serialize());
        assertThat(claims.getStringClaimValue("aas-ehd")).isEqualTo(Rig.base64("held by the enclave".getBytes(StandardCharsets.UTF_8)));
        assertThat(claims.getStringClaimValue("maa-ehd")).isEqualTo(claims.getStringClaimValue("x-ms-sgx-ehd"));
    }

    @Test
    void dataThatTheQuoteIsNotOverIsRefusedWithTheDocumentedCode() {
        AttestationOptions options = new AttestationOptions(BinaryData.fromBytes(quoteOver(KEYS)))
                .setRunTimeData(new AttestationData(BinaryData.fromString(KEYS + " "), AttestationDataInterpretation.JSON));

        assertThatThrownBy(() -> client().attestSgxEnclave(options))
                .isInstanceOfSatisfying(HttpResponseException.class, refused -> {
                    assertThat(refused.getResponse().getStatusCode()).isEqualTo(400);
                    assertThat(refused.getMessage()).contains("InvalidParameter").contains("runtimeData");
                });
    }

    @Test
    void aDraftOfAPolicyDecidesForWhoMaySetPolicies() {
        AttestationOptions options = new AttestationOptions(BinaryData.fromBytes(quoteOver(KEYS)))
                .setDraftPolicyForAttestation(PERMIT_RELEASE)
                .setValidationOptions(new AttestationTokenValidationOptions().setValidateToken(false));

        AttestationResult result = client().attestSgxEnclave(options);

        assertThat(result.getPolicyClaims()).asString().contains("our-signer");
    }

    @Test
    void openIdMetadataAndSignersAreThoseOfTheService() {
        AttestationOpenIdMetadata metadata = client().getOpenIdMetadata();
        assertThat(metadata.getIssuer()).isEqualTo(rig.issuer());
        assertThat(metadata.getJsonWebKeySetUrl()).isEqualTo(rig.issuer() + "/certs");
        assertThat(metadata.getTokenSigningAlgorithmsSupported()).containsExactly("RS256");

        var signers = client().listAttestationSigners().getAttestationSigners();
        assertThat(signers).hasSize(1);
        assertThat(signers.getFirst().getCertificates().getFirst().getSubjectX500Principal().getName())
                .contains(rig.issuer());
    }

    @Test
    void policiesAreReadSetAndTakenBackUnsigned() {
        AttestationAdministrationClient administration = administration(rig);
        assertThat(administration.getAttestationPolicy(AttestationType.fromString("TdxVm"))).contains("=> permit();");

        PolicyResult set = administration.setAttestationPolicy(AttestationType.fromString("TdxVm"), PERMIT_RELEASE);
        assertThat(set.getPolicyResolution()).isEqualTo(PolicyModification.UPDATED);
        assertThat(set.getPolicyTokenHash().toBytes())
                .isEqualTo(administration.calculatePolicyTokenHash(PERMIT_RELEASE, null).toBytes());
        assertThat(administration.getAttestationPolicy(AttestationType.fromString("TdxVm"))).isEqualTo(PERMIT_RELEASE);

        PolicyResult reset = administration.resetAttestationPolicy(AttestationType.fromString("TdxVm"));
        assertThat(reset.getPolicyResolution()).isEqualTo(PolicyModification.REMOVED);
        assertThat(administration.getAttestationPolicy(AttestationType.fromString("TdxVm"))).contains("=> permit();");
    }

    @Test
    void aSignedPolicyNamesItsSignerInEveryToken() {
        AttestationAdministrationClient administration = administration(rig);
        AttestationSigningKey key = new AttestationSigningKey(signer, signerKeys.getPrivate());

        PolicyResult set = administration.setAttestationPolicy(
                AttestationType.OPEN_ENCLAVE,
                new AttestationPolicySetOptions().setAttestationPolicy(PERMIT_RELEASE).setAttestationSigner(key));

        assertThat(set.getPolicySigner().getCertificates()).containsExactly(signer);
        AttestationResult result =
                client().attestOpenEnclave(BinaryData.fromBytes(FakeIntel.openEnclaveReport(quoteOver("anything"))));
        assertThat(result.getPolicySigner().getCertificates()).containsExactly(signer);
        assertThat(result.getPolicyClaims()).asString().contains("our-signer");
        administration.resetAttestationPolicy(
                AttestationType.OPEN_ENCLAVE, new AttestationPolicySetOptions().setAttestationSigner(key));
    }

    @Test
    void aWrongPolicyIsRefusedAndSaysWhere() {
        assertThatThrownBy(() -> administration(rig)
                        .setAttestationPolicy(AttestationType.SGX_ENCLAVE, "version= 1.0;\nauthorizationrules { => permit(; };"))
                .isInstanceOfSatisfying(HttpResponseException.class, refused -> {
                    assertThat(refused.getResponse().getStatusCode()).isEqualTo(400);
                    assertThat(refused.getMessage()).contains("PolicyParsingError").contains("line 2");
                });
    }

    @Test
    void isolatedModeTakesPoliciesOfItsSignersOnly() {
        AttestationAdministrationClient administration = administration(isolated);
        AttestationSigningKey key = new AttestationSigningKey(signer, signerKeys.getPrivate());
        KeyPair strangerKeys = Authority.rsaKeys(2048);
        X509Certificate stranger = certificate("CN=policy signer", strangerKeys);

        assertThatThrownBy(() -> administration.setAttestationPolicy(AttestationType.SGX_ENCLAVE, PERMIT_RELEASE))
                .hasMessageContaining("InvalidOperation");
        assertThatThrownBy(() -> administration.setAttestationPolicy(
                        AttestationType.SGX_ENCLAVE,
                        new AttestationPolicySetOptions()
                                .setAttestationPolicy(PERMIT_RELEASE)
                                .setAttestationSigner(new AttestationSigningKey(stranger, strangerKeys.getPrivate()))))
                .hasMessageContaining("InvalidOperation");
        PolicyResult set = administration.setAttestationPolicy(
                AttestationType.SGX_ENCLAVE,
                new AttestationPolicySetOptions().setAttestationPolicy(PERMIT_RELEASE).setAttestationSigner(key));
        assertThat(set.getPolicyResolution()).isEqualTo(PolicyModification.UPDATED);
    }

    @Test
    void policyCertificatesAreListedAddedAndRemoved() {
        AttestationAdministrationClient administration = administration(isolated);
        AttestationSigningKey key = new AttestationSigningKey(signer, signerKeys.getPrivate());
        X509Certificate second = certificate("CN=second signer", Authority.rsaKeys(2048));
        assertThat(administration.listPolicyManagementCertificates().getAttestationSigners()).hasSize(1);

        PolicyCertificatesModificationResult added =
                administration.addPolicyManagementCertificate(new PolicyManagementCertificateOptions(second, key));
        assertThat(added.getCertificateResolution()).isEqualTo(CertificateModification.IS_PRESENT);
        assertThat(administration.listPolicyManagementCertificates().getAttestationSigners())
                .extracting(each -> each.getCertificates().getFirst())
                .isEqualTo(List.of(signer, second));

        PolicyCertificatesModificationResult removed =
                administration.deletePolicyManagementCertificate(new PolicyManagementCertificateOptions(second, key));
        assertThat(removed.getCertificateResolution()).isEqualTo(CertificateModification.IS_ABSENT);
        assertThat(removed.getCertificateThumbprint()).isEqualTo(added.getCertificateThumbprint()).matches("[0-9A-F]{40}");
        assertThatThrownBy(() ->
                        administration.deletePolicyManagementCertificate(new PolicyManagementCertificateOptions(signer, key)))
                .hasMessageContaining("the last one cannot be removed");
    }

    @Test
    void withoutACredentialNobodyReadsOrSetsPolicies() {
        AttestationAdministrationClient stranger = new AttestationAdministrationClientBuilder()
                .endpoint(rig.issuer())
                .httpClient(transport(rig))
                .credential(request -> Mono.just(new AccessToken("guessed", OffsetDateTime.now(ZoneOffset.UTC).plusHours(1))))
                .buildClient();

        assertThatThrownBy(() -> stranger.getAttestationPolicy(AttestationType.SGX_ENCLAVE))
                .isInstanceOfSatisfying(HttpResponseException.class,
                        refused -> assertThat(refused.getResponse().getStatusCode()).isEqualTo(401));
        assertThatThrownBy(() -> stranger.setAttestationPolicy(AttestationType.SGX_ENCLAVE, PERMIT_RELEASE))
                .isInstanceOfSatisfying(HttpResponseException.class,
                        refused -> assertThat(refused.getResponse().getStatusCode()).isEqualTo(401));
    }

    @Test
    void whatIsNotOfferedSaysSo() {
        assertThatThrownBy(() -> client().attestTpm("{\"payload\":{\"type\":\"aikcert\"}}"))
                .isInstanceOfSatisfying(HttpResponseException.class, refused -> {
                    assertThat(refused.getResponse().getStatusCode()).isEqualTo(501);
                    assertThat(refused.getMessage()).contains("NotOffered");
                });
    }
}
