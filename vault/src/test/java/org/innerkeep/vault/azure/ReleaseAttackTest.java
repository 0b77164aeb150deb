package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.innerkeep.makers.FakeTokenService.quoted;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.util.BinaryData;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.models.CreateOctKeyOptions;
import com.azure.security.keyvault.keys.models.KeyReleasePolicy;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.innerkeep.vault.key.KeyName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever has a bearer token and wants a key that is not for it: through sockets, against a running vault. No key comes out, and each
 * refusal says why.
 */
class ReleaseAttackTest {
    private static final String KEY = "wanted";
    private static final FakeTokenService SERVICE = new FakeTokenService("https://attest.example", Algorithm.RS256, VaultRig.NOW);
    private static final FakeTokenService LENIENT = new FakeTokenService("https://lenient.example", Algorithm.ES256, VaultRig.NOW);
    private static final FakeTokenService OPERATOR = new FakeTokenService("https://attest.operator.example", Algorithm.RS256, VaultRig.NOW);
    private static final Environment ENVIRONMENT = new Environment();
    private static final Wrapping WRAPPING = Wrapping.RSA_AES_KEY_WRAP_256;

    @TempDir
    private static Path folder;

    private static VaultRig rig;
    private static KeyClient owner;

    @BeforeAll
    static void startVault() throws IOException {
        rig = new VaultRig(
                folder,
                vault -> List.of(
                        Authority.pinned("attest", SERVICE.keyAnchor(), true), Authority.pinned("lenient", LENIENT.keyAnchor(), false)),
                UnaryOperator.identity(),
                Map.of());
        owner = rig.owner();
        exportable(KEY, VaultRig.policy(SERVICE.issuer()));
    }

    @AfterAll
    static void endVault() {
        rig.close();
    }

    private static KeyVaultKey exportable(String name, KeyReleasePolicy policy) {
        return owner.createOctKey(
                new CreateOctKeyOptions(name).setHardwareProtected(true).setExportable(true).setReleasePolicy(policy));
    }

    private static String token(FakeTokenService service, Consumer<Map<String, String>> change) {
        Map<String, String> claims = ENVIRONMENT.claims(service, Instant.now(), Optional.of(TestChallenges.fresh()));
        change.accept(claims);
        return Environment.text(service.sign(service.header(), claims));
    }

    private static String honest() {
        return token(SERVICE, claims -> {});
    }

    private static void refused(String key, String token, String reason) {
        assertThatThrownBy(() -> rig.release(key, "", token, WRAPPING))
                .isInstanceOfSatisfying(HttpResponseException.class, failure -> {
                    assertThat(failure.getResponse().getStatusCode()).isEqualTo(403);
                    assertThat(failure.getMessage()).contains("\"Forbidden\"").contains(reason);
                });
    }

    @Test
    void theHonestEnvironmentGetsItsKey() throws Exception {
        assertThat(ENVIRONMENT.open(rig.release(KEY, "", honest(), WRAPPING), WRAPPING)).hasSize(32);
    }

    @Test
    void tokensOfAnotherTimeAreRefused() {
        long now = Instant.now().getEpochSecond();
        refused(KEY, token(SERVICE, claims -> claims.put("exp", Long.toString(now - 60))), "token.exp");
        refused(KEY, token(SERVICE, claims -> claims.put("nbf", Long.toString(now + 60))), "token.nbf");
        refused(KEY, token(SERVICE, claims -> claims.put("iat", Long.toString(now + 60))), "token.iat");
        refused(KEY, token(SERVICE, claims -> {
            claims.put("iat", Long.toString(now - 331));
            claims.put("nbf", Long.toString(now - 331));
        }), "at most 300 seconds before");
    }

    @Test
    void tokensOfAServiceThatTheOperatorRunsAreRefused() {
        refused(KEY, token(OPERATOR, claims -> {}), "token.iss");
        refused(KEY, token(OPERATOR, claims -> claims.put("iss", quoted(SERVICE.issuer()))), "token.kid");
        Map<String, String> claims = ENVIRONMENT.claims(SERVICE, Instant.now(), Optional.of(TestChallenges.fresh()));
        refused(KEY, Environment.text(OPERATOR.sign(SERVICE.header(), claims)), "token.signature");
        refused(KEY, Environment.text(OPERATOR.sign(OPERATOR.headerWithChain(), claims)), "token.kid");
        Map<String, String> header = new LinkedHashMap<>(OPERATOR.header());
        header.put("jku", quoted(rig.address() + "/certs"));
        header.put("jwk", new String(OPERATOR.keySet(), StandardCharsets.US_ASCII).replaceAll("^.*\\[|\\]\\}$", ""));
        refused(KEY, Environment.text(OPERATOR.sign(header, claims)), "token.kid");
    }

    @Test
    void tokensThatNobodySignedAreRefused() {
        String[] parts = honest().split("\\.", -1);
        for (String algorithm : List.of("none", "NONE", "HS256")) {
            String header = Base64Text.url(("{\"alg\":\"" + algorithm + "\",\"kid\":\"" + SERVICE.keyId() + "\"}")
                    .getBytes(StandardCharsets.US_ASCII));
            refused(KEY, header + "." + parts[1] + ".", "ALGORITHM_WEAK");
            refused(KEY, header + "." + parts[1] + "." + parts[2], "ALGORITHM_WEAK");
        }
    }

    @Test
    void tokensForAnotherAudienceAreRefused() throws Exception {
        refused(KEY, token(SERVICE, claims -> claims.put("aud", quoted("https://other.example"))), "token.aud");
        String ours = token(SERVICE, claims -> claims.put("aud", quoted(rig.address())));
        assertThat(ENVIRONMENT.open(rig.release(KEY, "", ours, WRAPPING), WRAPPING)).hasSize(32);
    }

    @Test
    void aTokenWorksOnceAsItsChallengeDoes() {
        String token = honest();
        rig.release(KEY, "", token, WRAPPING);
        refused(KEY, token, "this challenge was used before");
        String challenge = TestChallenges.fresh();
        Consumer<Map<String, String>> same = claims -> claims.put("x-ms-runtime", ENVIRONMENT.runtime(Optional.of(challenge)));
        rig.release(KEY, "", token(SERVICE, same), WRAPPING);
        refused(KEY, token(SERVICE, same), "this challenge was used before");
    }

    @Test
    void aChallengeOfSomebodyElseOrOfAnotherTimeIsRefused() {
        for (Optional<String> challenge : List.of(
                Optional.<String>empty(),
                Optional.of("made up"),
                Optional.of(TestChallenges.issue(Instant.now().minusSeconds(121))),
                Optional.of(TestChallenges.issue(Instant.now().plusSeconds(60))),
                Optional.of(TestChallenges.fresh() + "A"))) {
            refused(KEY, token(SERVICE, claims -> claims.put("x-ms-runtime", ENVIRONMENT.runtime(challenge))), "x-ms-runtime.nonce");
        }
    }

    @Test
    void ofManyAtOnceWithOneTokenOnlyOneGetsTheKey() throws Exception {
        String token = honest();
        List<Callable<Boolean>> tries = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tries.add(() -> {
                try {
                    rig.release(KEY, "", token, WRAPPING);
                    return true;
                } catch (HttpResponseException e) {
                    return false;
                }
            });
        }
        int released = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Boolean> each : threads.invokeAll(tries)) {
                released += each.get() ? 1 : 0;
            }
        }
        assertThat(released).isEqualTo(1);
    }

    @Test
    void environmentsThatThePolicyDoesNotNameAreToldWhatWasFoundAndWanted() {
        refused(KEY, token(SERVICE, claims -> claims.put("x-ms-sgx-mrsigner", quoted("66".repeat(32)))),
                "/anyOf/0/allOf/2: claim 'x-ms-sgx-mrsigner' must be '" + Environment.SIGNER + "', found '" + "66".repeat(32));
        refused(KEY, token(SERVICE, claims -> claims.remove("x-ms-sgx-mrsigner")), "found no such claim");
        refused(KEY, token(SERVICE, claims -> claims.put("x-ms-sgx-is-debuggable", "true")), "DEBUG_ENCLAVE");
        refused(KEY, token(SERVICE, claims -> claims.put("x-ms-attestation-type", quoted("tpm"))), "");
    }

    @Test
    void aPinnedAuthorityThatThePolicyDoesNotNameIsNoUse() {
        refused(KEY, token(LENIENT, claims -> {}), "is not the issuer 'https://lenient.example'");
        exportable("unpinned", VaultRig.policy(OPERATOR.issuer()));
        refused("unpinned", token(OPERATOR, claims -> {}), "token.iss");
    }

    @Test
    void anImmutablePolicyStaysAndAnotherOneCannotBeSlippedIn() {
        KeyReleasePolicy lax = new KeyReleasePolicy(BinaryData.fromString(
                "{\"version\":\"1.0.0\",\"anyOf\":[{\"authority\":\"" + LENIENT.issuer() + "\",\"anyOf\":[{\"claim\":\"iss\",\"equals\":\""
                        + LENIENT.issuer() + "\"}]}]}"));
        KeyVaultKey key = exportable("immutable", VaultRig.policy(SERVICE.issuer()).setImmutable(true));

        assertThatThrownBy(() -> owner.updateKeyProperties(key.getProperties().setReleasePolicy(lax)))
                .hasMessageContaining("AKV.SKR.1020");

        refused("immutable", token(LENIENT, claims -> {}), "is not the issuer");
        String mutable = exportable("mutable", VaultRig.policy(SERVICE.issuer())).getProperties().getVersion();
        owner.updateKeyProperties(owner.getKey("mutable").getProperties().setReleasePolicy(lax));
        assertThat(rig.release("mutable", mutable, token(LENIENT, claims -> {}), WRAPPING)).isNotEmpty();
        refused("mutable", honest(), "is not the issuer 'https://attest.example'");
    }

    @Test
    void aBackupWithAnOlderPolicyDoesNotBringItBack() {
        KeyReleasePolicy lax = VaultRig.policy(SERVICE.issuer(), Environment.SIGNER);
        KeyVaultKey key = exportable("downgraded", lax);
        byte[] backup = owner.backupKey("downgraded");
        owner.updateKeyProperties(key.getProperties().setReleasePolicy(VaultRig.policy(SERVICE.issuer(), "77".repeat(32))));
        owner.beginDeleteKey("downgraded").waitForCompletion();
        owner.purgeDeletedKey("downgraded");
        KeyVaultKey restored = owner.restoreKeyBackup(backup);
        owner.updateKeyProperties(restored.getProperties().setEnabled(true));

        refused("downgraded", honest(), "must be '" + "77".repeat(32));
    }

    @Test
    void releaseAndDisablingAreDecidedByTheirOrder() throws Exception {
        for (int i = 0; i < 5; i++) {
            String name = "race-" + i;
            KeyVaultKey key = exportable(name, VaultRig.policy(SERVICE.issuer()));
            String token = honest();
            boolean released;
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                Future<Boolean> release = threads.submit(() -> {
                    try {
                        rig.release(name, "", token, WRAPPING);
                        return true;
                    } catch (HttpResponseException e) {
                        return false;
                    }
                });
                Future<?> disable = threads.submit(() -> owner.updateKeyProperties(key.getProperties().setEnabled(false)));
                disable.get();
                released = release.get();
            }
            refused(name, honest(), "it is disabled");
            long before = rig.store().events(KeyRelease.RELEASED, new KeyName(name), Long.MAX_VALUE, 10).size();
            assertThat(before).isEqualTo(released ? 1 : 0);
        }
    }

    @Test
    void everyDecisionIsInTheLogWithoutTheKey() throws Exception {
        exportable("logged", VaultRig.policy(SERVICE.issuer()));
        byte[] secret = ENVIRONMENT.open(rig.release("logged", "", honest(), WRAPPING), WRAPPING);
        refused("logged", token(SERVICE, claims -> claims.put("x-ms-sgx-mrsigner", quoted("66".repeat(32)))), "mrsigner");

        String released = new String(rig.store().events(KeyRelease.RELEASED, new KeyName("logged"), Long.MAX_VALUE, 10)
                .getFirst().record().toArray(), StandardCharsets.UTF_8);
        String refused = new String(rig.store().events(KeyRelease.REFUSED, new KeyName("logged"), Long.MAX_VALUE, 10)
                .getFirst().record().toArray(), StandardCharsets.UTF_8);
        assertThat(released).contains("\"by\":\"user-key\"").contains("\"authority\":\"attest\"").doesNotContain("reasons")
                .doesNotContain(Base64Text.url(secret));
        assertThat(refused).contains("\"reasons\":").contains("x-ms-sgx-mrsigner");
    }

    @Test
    void requestsThatAreNoReleasesAreRefusedBeforeAnythingElse() {
        String path = "/keys/" + KEY + "//release?api-version=2025-07-01";
        String[] headers = {"Authorization", "Bearer " + VaultRig.userKey(), "Content-Type", "application/json"};
        Map<String, Integer> bodies = new LinkedHashMap<>();
        bodies.put("", 400);
        bodies.put("{}", 400);
        bodies.put("{\"target\":1}", 400);
        bodies.put("{\"target\":\"x\",\"enc\":\"RSA1_5\"}", 400);
        bodies.put("{\"target\":\"x\",\"policy\":\"{}\"}", 400);
        bodies.put("{\"target\":\"x\"}", 403);
        bodies.forEach((body, status) ->
                assertThat(rig.send("POST", path, Optional.of(body), headers).statusCode()).as(body).isEqualTo(status));
    }

    @Test
    void pathsThatOnlyLookLikeOperationsAreNone() {
        String[] headers = {"Authorization", "Bearer " + rig.adminKey(), "Content-Type", "application/json"};
        for (String path : List.of("/keys/" + KEY + "///release", "/keys//release", "/keys/" + KEY + "/../x/release", "/keys/a%2Fb//release",
                "/keys/" + KEY + "//release/", "//keys/" + KEY + "//release", "/keys/" + KEY + ";x//release", "/keys/a_b//release")) {
            HttpResponse<String> answer = rig.send("POST", path + "?api-version=2025-07-01", Optional.of("{}"), headers);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
        }
        assertThat(rig.send("GET", "/keys/" + KEY + "/?api-version=1.0", Optional.empty(), headers).statusCode()).isEqualTo(400);
        assertThat(rig.send("GET", "/keys/" + KEY + "/", Optional.empty(), headers).statusCode()).isEqualTo(400);
        assertThat(rig.send("GET", "/keys/" + KEY + "?api-version=7.4", Optional.empty(), headers).statusCode()).isEqualTo(200);
        assertThat(rig.send("GET", "/keys/" + KEY.toUpperCase(Locale.ROOT) + "/?api-version=7.4", Optional.empty(), headers)
                .statusCode()).isEqualTo(200);
    }

    @Test
    void theChallengeComesBeforeTheBodyIsLookedAt() {
        HttpResponse<String> answer =
                rig.send("POST", "/keys/" + KEY + "//release?api-version=2025-07-01", Optional.empty(), "Content-Type", "application/json");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                .isEqualTo("Bearer authorization=\"" + rig.address() + "/vault\", resource=\"" + rig.address() + "\"");
        assertThat(answer.body()).startsWith("{\"error\":{\"code\":\"Unauthorized\"");
    }

    @Test
    void aTokenWithoutAChallengeWorksOnlyForAnAuthorityThatNeedsNoneAndOnlyWhileItIsYoung() throws Exception {
        exportable("lenient", VaultRig.policy(LENIENT.issuer()));
        String young = token(LENIENT, claims -> claims.put("x-ms-runtime", ENVIRONMENT.runtime(Optional.empty())));
        assertThat(ENVIRONMENT.open(rig.release("lenient", "", young, WRAPPING), WRAPPING)).hasSize(32);
        long old = Instant.now().minus(Duration.ofMinutes(6)).getEpochSecond();
        refused("lenient", token(LENIENT, claims -> {
            claims.put("x-ms-runtime", ENVIRONMENT.runtime(Optional.empty()));
            claims.put("iat", Long.toString(old));
            claims.put("nbf", Long.toString(old));
        }), "at most 300 seconds before");
    }
}
