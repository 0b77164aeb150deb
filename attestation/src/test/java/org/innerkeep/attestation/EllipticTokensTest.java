package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.security.attestation.AttestationClient;
import com.azure.security.attestation.AttestationClientBuilder;
import com.azure.security.attestation.models.AttestationOptions;
import com.azure.core.util.BinaryData;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.innerkeep.attestation.store.Replay;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that are signed by ES256, which a setting chooses. */
class EllipticTokensTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final Map<String, String> ES256 = Map.of("token-algorithm", "ES256");

    @TempDir
    private Path folder;

    private static byte[] quote() {
        return INTEL.sgxQuote(3, quote -> {});
    }

    private static String token(Rig rig) {
        return rig.attest("SgxEnclave", Map.of("quote", Rig.base64(quote()))).token();
    }

    private static JWTClaimsSet verified(String token, String keySet, JWSAlgorithm algorithm) throws Exception {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithm, new ImmutableJWKSet<>(JWKSet.parse(keySet))));
        return processor.process(token, null);
    }

    @Test
    void anotherLibraryVerifiesThemByThePublishedKeys() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, ES256)) {
            String keys = rig.get("/certs").body().toString();
            String token = token(rig);

            assertThat(verified(token, keys, JWSAlgorithm.ES256).getIssuer()).isEqualTo(rig.issuer());
            assertThatThrownBy(() -> verified(token, keys, JWSAlgorithm.RS256)).isInstanceOf(Exception.class);
            assertThat(rig.get("/.well-known/openid-configuration").body().path("id_token_signing_alg_values_supported").toString())
                    .isEqualTo("[\"ES256\"]");
        }
    }

    @Test
    void ourVerifierAcceptsThemAndNoChangedOnes() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, ES256)) {
            VerifierOptions pinned =
                    VerifierOptions.of(TokenIssuer.of(rig.issuer(), rig.get("/certs").body().toString().getBytes(StandardCharsets.UTF_8)));
            String token = token(rig);

            assertThat(new Verifier().verify(token.getBytes(StandardCharsets.US_ASCII), Endorsements.none(), Instant.now(), pinned))
                    .isInstanceOf(Verdict.Accepted.class);
            int at = token.lastIndexOf('.') + 10;
            String changed = token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);
            assertThat(new Verifier().verify(changed.getBytes(StandardCharsets.US_ASCII), Endorsements.none(), Instant.now(), pinned))
                    .isInstanceOf(Verdict.Refused.class);
        }
    }

    @Test
    void azuresClientTakesThem() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, ES256)) {
            AttestationClient client = new AttestationClientBuilder()
                    .endpoint(rig.issuer())
                    .httpClient(new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(rig.trust())).build())
                    .buildClient();

            assertThat(client.attestSgxEnclave(new AttestationOptions(BinaryData.fromBytes(quote()))).getIssuer())
                    .isEqualTo(rig.issuer());
        }
    }

    @Test
    void aServiceThatChangesItsAlgorithmPublishesBothAndOldTokensStayGood() throws Exception {
        Map<String, String> quick = Map.of("key-rotation", "PT10M", "token-lifetime", "PT5M", "key-overlap", "PT0S");
        Map<String, String> changed =
                Map.of("key-rotation", "PT10M", "token-lifetime", "PT5M", "key-overlap", "PT0S", "token-algorithm", "ES256");
        String old;
        try (Rig rig = Rig.of(folder, INTEL, AMD, quick)) {
            old = token(rig);
        }
        try (Rig rig = Rig.of(folder.resolve("."), INTEL, AMD, changed)) {
            String keys = rig.get("/certs").body().toString();

            assertThat(verified(token(rig), keys, JWSAlgorithm.ES256).getIssuer()).isEqualTo(rig.issuer());
            assertThat(verified(old, keys, JWSAlgorithm.RS256).getClaim("x-ms-attestation-type")).isEqualTo("sgx");
            assertThat(rig.get("/.well-known/openid-configuration").body().path("id_token_signing_alg_values_supported").toString())
                    .isEqualTo("[\"ES256\",\"RS256\"]");
        }
    }

    @Test
    void aDecisionIsMadeAgainWithItsClaimsAndTheTokenIsSaidNotToBeCompared() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, ES256)) {
            token(rig);
            long sequence = rig.running().service().log().head().orElseThrow().head().size() - 1;

            assertThat(rig.running().service().replay(sequence).orElseThrow())
                    .isInstanceOfSatisfying(Replay.Result.Same.class, same ->
                            assertThat(same.notCompared()).containsExactly("token"));
        }
    }

    @Test
    void aSettingThatIsNoAlgorithmStartsNothing() {
        assertThatThrownBy(() -> Rig.of(folder, INTEL, AMD, Map.of("token-algorithm", "HS256")))
                .hasMessage("token-algorithm: expected one of [RS256, ES256], found 'HS256'");
        assertThat(folder.resolve("state/store.db")).doesNotExist();
    }
}
