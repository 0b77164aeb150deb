package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.core.util.polling.SyncPoller;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.models.CreateEcKeyOptions;
import com.azure.security.keyvault.keys.models.CreateKeyOptions;
import com.azure.security.keyvault.keys.models.CreateOctKeyOptions;
import com.azure.security.keyvault.keys.models.CreateRsaKeyOptions;
import com.azure.security.keyvault.keys.models.DeletedKey;
import com.azure.security.keyvault.keys.models.ImportKeyOptions;
import com.azure.security.keyvault.keys.models.JsonWebKey;
import com.azure.security.keyvault.keys.models.KeyCurveName;
import com.azure.security.keyvault.keys.models.KeyOperation;
import com.azure.security.keyvault.keys.models.KeyProperties;
import com.azure.security.keyvault.keys.models.KeyReleasePolicy;
import com.azure.security.keyvault.keys.models.KeyRotationLifetimeAction;
import com.azure.security.keyvault.keys.models.KeyRotationPolicy;
import com.azure.security.keyvault.keys.models.KeyRotationPolicyAction;
import com.azure.security.keyvault.keys.models.KeyType;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import com.azure.security.keyvault.keys.models.ReleaseKeyOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Azure's own client for keys, of the version in the pom, unchanged, against a running vault over HTTPS. */
class AzureKeyVaultClientTest {
    private static final FakeTokenService SERVICE = new FakeTokenService("https://attest.example", Algorithm.RS256, VaultRig.NOW);
    private static final Environment ENVIRONMENT = new Environment();

    @TempDir
    private static Path folder;

    private static VaultRig rig;
    private static KeyClient owner;

    @BeforeAll
    static void startVault() throws IOException {
        rig = new VaultRig(
                folder,
                vault -> List.of(Authority.pinned("attest", SERVICE.keyAnchor(), true)),
                UnaryOperator.identity(),
                Map.of());
        owner = rig.owner();
    }

    @AfterAll
    static void endVault() {
        rig.close();
    }

    private static String token() {
        return ENVIRONMENT.token(SERVICE, Instant.now(), Optional.of(TestChallenges.fresh()));
    }

    private static ImportKeyOptions exportable(String name, JsonWebKey key) {
        ImportKeyOptions options = new ImportKeyOptions(name, key).setHardwareProtected(true);
        options.setExportable(true).setReleasePolicy(VaultRig.policy(SERVICE.issuer()));
        return options;
    }

    private static void status(int status, Throwable failure) {
        assertThat(failure).isInstanceOf(HttpResponseException.class);
        assertThat(((HttpResponseException) failure).getResponse().getStatusCode()).isEqualTo(status);
    }

    private static void refused(int status, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(HttpResponseException.class)
                .satisfies(failure -> status(status, failure))
                .hasMessageContaining(message);
    }

    @Test
    void rsaKeysAreMadeAndReadByNameAndByVersion() {
        KeyVaultKey made = owner.createRsaKey(new CreateRsaKeyOptions("rsa").setKeySize(3072).setHardwareProtected(true)
                .setTags(Map.of("of", "the owner")));

        assertThat(made.getKeyType()).isEqualTo(KeyType.RSA_HSM);
        assertThat(made.getKey().getN()).hasSize(384);
        assertThat(made.getId()).isEqualTo(rig.address() + "/keys/rsa/" + made.getProperties().getVersion());
        assertThat(made.getKeyOperations()).contains(KeyOperation.ENCRYPT, KeyOperation.SIGN);
        assertThat(owner.getKey("rsa").getId()).isEqualTo(made.getId());
        KeyVaultKey read = owner.getKey("rsa", made.getProperties().getVersion());
        assertThat(read.getKey().getN()).isEqualTo(made.getKey().getN());
        assertThat(read.getProperties().getTags()).containsEntry("of", "the owner");
        assertThat(read.getProperties().isEnabled()).isTrue();
        assertThat(read.getProperties().getCreatedOn()).isBetween(
                OffsetDateTime.now(ZoneOffset.UTC).minusMinutes(5), OffsetDateTime.now(ZoneOffset.UTC).plusSeconds(1));
        assertThat(read.getKey().hasPrivateKey()).isFalse();
        assertThat(owner.createKey("rsa-plain", KeyType.RSA).getKeyType()).isEqualTo(KeyType.RSA);
    }

    @Test
    void keysOfCurvesAndSymmetricKeysAndX25519KeysAreMade() {
        for (KeyCurveName curve : List.of(KeyCurveName.P_256, KeyCurveName.P_384, KeyCurveName.P_521)) {
            KeyVaultKey ec = owner.createEcKey(
                    new CreateEcKeyOptions("ec-" + curve.toString().toLowerCase(Locale.ROOT)).setCurveName(curve));
            assertThat(ec.getKeyType()).isEqualTo(KeyType.EC);
            assertThat(ec.getKey().getCurveName()).isEqualTo(curve);
            assertThat(ec.getKey().toEc(false).getPublic()).isNotNull();
        }
        KeyVaultKey oct = owner.createOctKey(new CreateOctKeyOptions("oct").setKeySize(192).setHardwareProtected(true));
        assertThat(oct.getKeyType()).isEqualTo(KeyType.OCT_HSM);
        assertThat(oct.getKey().getK()).isNull();
        KeyVaultKey x25519 = owner.createKey(new CreateKeyOptions("x25519", KeyType.fromString("OKP-HSM")));
        assertThat(x25519.getKey().getX()).hasSize(32);
    }

    @Test
    void sizesCurvesAndTypesThatThereAreNotAreRefused() {
        refused(400, "BadParameter", () -> owner.createRsaKey(new CreateRsaKeyOptions("no").setKeySize(1024)));
        refused(400, "key_size", () -> owner.createOctKey(new CreateOctKeyOptions("no").setKeySize(100)));
        refused(400, "crv", () -> owner.createEcKey(new CreateEcKeyOptions("no").setCurveName(KeyCurveName.P_256K)));
        refused(400, "kty", () -> owner.createKey("no", KeyType.fromString("DSA")));
        refused(400, "public_exponent", () -> owner.createRsaKey(new CreateRsaKeyOptions("no").setPublicExponent(3)));
        assertThatThrownBy(() -> owner.getKey("no")).isInstanceOf(ResourceNotFoundException.class).hasMessageContaining("KeyNotFound");
    }

    @Test
    void importedKeysComeBackAsTheyWere() throws Exception {
        KeyPair rsa = org.innerkeep.makers.Authority.rsaKeys(2048);
        KeyVaultKey key = owner.importKey(exportable("imported", JsonWebKey.fromRsa(rsa)));
        assertThat(key.getKeyType()).isEqualTo(KeyType.RSA_HSM);
        assertThat(key.getKey().toRsa(false).getPublic()).isEqualTo(rsa.getPublic());
        byte[] back = ENVIRONMENT.open(
                rig.release("imported", "", token(), Wrapping.RSA_AES_KEY_WRAP_256), Wrapping.RSA_AES_KEY_WRAP_256);
        assertThat(back).isEqualTo(rsa.getPrivate().getEncoded());

        KeyPair ec = org.innerkeep.makers.Authority.ecKeys("secp384r1");
        KeyVaultKey curve = owner.importKey("imported-ec", JsonWebKey.fromEc(ec, Security.getProvider("SunEC")));
        assertThat(curve.getKey().toEc(false).getPublic()).isEqualTo(ec.getPublic());

        byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        owner.importKey(exportable("imported-oct", JsonWebKey.fromAes(new SecretKeySpec(secret, "AES"))));
        assertThat(ENVIRONMENT.open(
                rig.release("imported-oct", "", token(), Wrapping.CKM_RSA_AES_KEY_WRAP), Wrapping.CKM_RSA_AES_KEY_WRAP)).isEqualTo(secret);

        JsonWebKey mixed = JsonWebKey.fromRsa(rsa).setP(JsonWebKey.fromRsa(org.innerkeep.makers.Authority.rsaKeys(2048)).getP());
        refused(400, "one RSA key", () -> owner.importKey("mixed", mixed));
    }

    @Test
    void everyTypeOfKeyIsReleasedUnderEveryWrapping() throws Exception {
        owner.createRsaKey(new CreateRsaKeyOptions("release-rsa").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));
        owner.createEcKey(new CreateEcKeyOptions("release-ec").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer() + "/")));
        owner.createOctKey(new CreateOctKeyOptions("release-oct").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy("attest.example")));
        owner.createKey(new CreateKeyOptions("release-okp", KeyType.fromString("OKP-HSM")).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));
        for (Wrapping wrapping : Wrapping.values()) {
            for (String type : List.of("rsa", "ec", "oct", "okp")) {
                KeyVaultKey key = owner.getKey("release-" + type);
                String answer = rig.release(key.getName(), key.getProperties().getVersion(), token(), wrapping);
                byte[] plain = ENVIRONMENT.open(answer, wrapping);
                switch (type) {
                    case "rsa" -> assertThat(((RSAPrivateCrtKey) KeyFactory.getInstance("RSA")
                            .generatePrivate(new PKCS8EncodedKeySpec(plain))).getModulus().toByteArray()).endsWith(key.getKey().getN());
                    case "ec" -> assertThat(KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(plain))).isNotNull();
                    case "okp" -> assertThat(KeyFactory.getInstance("X25519").generatePrivate(new PKCS8EncodedKeySpec(plain))).isNotNull();
                    default -> assertThat(plain).hasSize(32);
                }
            }
        }
    }

    @Test
    void withoutOptionsTheNewestVersionIsReleasedTheDefaultWay() throws Exception {
        owner.createOctKey(new CreateOctKeyOptions("default").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));
        KeyVaultKey second = owner.rotateKey("default");

        String answer = rig.user().releaseKey("default", token()).getValue();

        ObjectNode payload = Environment.payload(answer);
        assertThat(payload.path("request").path("enc").stringValue()).isEqualTo("CKM_RSA_AES_KEY_WRAP");
        assertThat(payload.path("request").path("kid").stringValue()).isEqualTo(second.getId());
        assertThat(payload.path("request").path("api-version").stringValue()).isEqualTo("2025-07-01");
        assertThat(payload.path("request").has("nonce")).isFalse();
        assertThat(ENVIRONMENT.open(answer, Wrapping.CKM_RSA_AES_KEY_WRAP)).hasSize(32);
    }

    @Test
    void theAnswerToAReleaseIsSignedByTheVaultAndRepeatsTheNonce() throws Exception {
        owner.createOctKey(new CreateOctKeyOptions("signed").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));

        String answer = rig.user()
                .releaseKeyWithResponse("signed", "", token(), new ReleaseKeyOptions().setNonce("n-1"), Context.NONE)
                .getValue().getValue();

        String[] parts = answer.split("\\.", -1);
        String header = new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8);
        assertThat(header).contains("\"alg\":\"RS256\"").contains("\"kid\"").contains("\"x5t#S256\"")
                .contains(Base64.getEncoder().encodeToString(rig.releaseCertificate().getEncoded()));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(rig.releaseCertificate());
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
        ObjectNode payload = Environment.payload(answer);
        assertThat(payload.path("request").path("nonce").stringValue()).isEqualTo("n-1");
        assertThat(payload.path("response").path("key").path("release_policy").path("data").isString()).isTrue();
        assertThat(payload.path("response").path("key").path("attributes").path("exportable").booleanValue()).isTrue();
        assertThat(payload.path("response").path("key").path("key").path("k").isMissingNode()).isTrue();
    }

    @Test
    void versionsAreListedInPagesAndKeysToo() {
        for (int i = 0; i < 28; i++) {
            owner.createOctKey(new CreateOctKeyOptions("many"));
        }
        List<KeyProperties> versions = new ArrayList<>();
        owner.listPropertiesOfKeyVersions("many").forEach(versions::add);
        assertThat(versions).extracting(KeyProperties::getVersion).doesNotHaveDuplicates().hasSize(28);
        for (int i = 0; i < 27; i++) {
            owner.createOctKey(new CreateOctKeyOptions("listed-" + i));
        }
        List<String> names = new ArrayList<>();
        owner.listPropertiesOfKeys().forEach(key -> names.add(key.getName()));
        assertThat(names).doesNotHaveDuplicates().contains("many");
        assertThat(names.stream().filter(name -> name.startsWith("listed-"))).hasSize(27);
    }

    @Test
    void settingsAreChangedAndADisabledKeyIsNotReleased() throws Exception {
        KeyVaultKey key = owner.createOctKey(new CreateOctKeyOptions("changed").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));
        OffsetDateTime until = OffsetDateTime.now(ZoneOffset.UTC).plusDays(9).truncatedTo(ChronoUnit.SECONDS);

        KeyVaultKey changed = owner.updateKeyProperties(
                key.getProperties().setEnabled(false).setExpiresOn(until).setTags(Map.of("a", "b")), KeyOperation.ENCRYPT);

        assertThat(changed.getProperties().isEnabled()).isFalse();
        assertThat(changed.getProperties().getExpiresOn()).isEqualTo(until);
        assertThat(changed.getProperties().getTags()).containsExactly(Map.entry("a", "b"));
        assertThat(changed.getKeyOperations()).containsExactly(KeyOperation.ENCRYPT);
        refused(403, "it is disabled", () -> rig.release("changed", "", token(), Wrapping.RSA_AES_KEY_WRAP_256));
        owner.updateKeyProperties(changed.getProperties().setEnabled(true));
        assertThat(ENVIRONMENT.open(rig.release("changed", "", token(), Wrapping.RSA_AES_KEY_WRAP_256), Wrapping.RSA_AES_KEY_WRAP_256))
                .hasSize(32);
    }

    @Test
    void keysOutsideTheirTimeAreNotReleased() {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        owner.createOctKey(new CreateOctKeyOptions("later").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())).setNotBefore(now.plusHours(1)));
        owner.createOctKey(new CreateOctKeyOptions("over").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())).setExpiresOn(now.minusHours(1)));
        refused(403, "may be used from", () -> rig.release("later", "", token(), Wrapping.RSA_AES_KEY_WRAP_256));
        refused(403, "it expired", () -> rig.release("over", "", token(), Wrapping.RSA_AES_KEY_WRAP_256));
    }

    @Test
    void deletedKeysAreRecoveredOrDestroyed() {
        owner.createOctKey(new CreateOctKeyOptions("gone").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));
        SyncPoller<DeletedKey, Void> deletion = owner.beginDeleteKey("gone");
        DeletedKey deleted = deletion.poll().getValue();
        deletion.waitForCompletion();
        assertThat(deleted.getName()).isEqualTo("gone");
        assertThat(deleted.getRecoveryId()).isEqualTo(rig.address() + "/deletedkeys/gone");
        assertThat(deleted.getScheduledPurgeDate()).isAfter(deleted.getDeletedOn());
        assertThat(owner.getDeletedKey("gone").getId()).isEqualTo(deleted.getId());
        assertThatThrownBy(() -> owner.getKey("gone")).isInstanceOf(ResourceNotFoundException.class);
        refused(404, "KeyNotFound", () -> rig.release("gone", "", token(), Wrapping.RSA_AES_KEY_WRAP_256));
        refused(409, "deleted but recoverable", () -> owner.createOctKey(new CreateOctKeyOptions("gone")));
        List<String> names = new ArrayList<>();
        owner.listDeletedKeys().forEach(key -> names.add(key.getName()));
        assertThat(names).contains("gone");

        owner.beginRecoverDeletedKey("gone").waitForCompletion();
        assertThat(owner.getKey("gone").getProperties().isEnabled()).isTrue();

        owner.beginDeleteKey("gone").waitForCompletion();
        owner.purgeDeletedKey("gone");
        assertThatThrownBy(() -> owner.getDeletedKey("gone")).isInstanceOf(ResourceNotFoundException.class);
        assertThat(owner.createOctKey(new CreateOctKeyOptions("gone")).getName()).isEqualTo("gone");
    }

    @Test
    void aRestoredKeyComesBackDisabled() throws Exception {
        owner.createOctKey(new CreateOctKeyOptions("saved").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));
        byte[] before = ENVIRONMENT.open(rig.release("saved", "", token(), Wrapping.RSA_AES_KEY_WRAP_384), Wrapping.RSA_AES_KEY_WRAP_384);
        byte[] backup = owner.backupKey("saved");
        refused(409, "Conflict", () -> owner.restoreKeyBackup(backup));
        owner.beginDeleteKey("saved").waitForCompletion();
        owner.purgeDeletedKey("saved");

        KeyVaultKey restored = owner.restoreKeyBackup(backup);

        assertThat(restored.getProperties().isEnabled()).isFalse();
        refused(403, "it is disabled", () -> rig.release("saved", "", token(), Wrapping.RSA_AES_KEY_WRAP_384));
        owner.updateKeyProperties(restored.getProperties().setEnabled(true));
        assertThat(ENVIRONMENT.open(rig.release("saved", "", token(), Wrapping.RSA_AES_KEY_WRAP_384), Wrapping.RSA_AES_KEY_WRAP_384))
                .isEqualTo(before);
        byte[] changed = backup.clone();
        changed[changed.length / 2] ^= 1;
        refused(400, "BadParameter", () -> owner.restoreKeyBackup(changed));
    }

    @Test
    void rotationMakesANewVersionByThePolicyAndTheOldOneStays() {
        KeyVaultKey first = owner.createRsaKey(new CreateRsaKeyOptions("rotated"));
        KeyRotationPolicy policy = owner.updateKeyRotationPolicy("rotated", new KeyRotationPolicy()
                .setExpiresIn("P90D")
                .setLifetimeActions(List.of(
                        new KeyRotationLifetimeAction(KeyRotationPolicyAction.ROTATE).setTimeAfterCreate("P60D"),
                        new KeyRotationLifetimeAction(KeyRotationPolicyAction.NOTIFY).setTimeBeforeExpiry("P30D"))));
        assertThat(policy.getExpiresIn()).isEqualTo("P90D");
        assertThat(owner.getKeyRotationPolicy("rotated").getLifetimeActions()).hasSize(2);

        KeyVaultKey second = owner.rotateKey("rotated");

        assertThat(second.getProperties().getVersion()).isNotEqualTo(first.getProperties().getVersion());
        assertThat(second.getKey().getN()).isNotEqualTo(first.getKey().getN());
        assertThat(second.getProperties().getExpiresOn()).isBetween(
                OffsetDateTime.now(ZoneOffset.UTC).plusDays(89), OffsetDateTime.now(ZoneOffset.UTC).plusDays(91));
        assertThat(owner.getKey("rotated").getId()).isEqualTo(second.getId());
        assertThat(owner.getKey("rotated", first.getProperties().getVersion()).getKey().getN()).isEqualTo(first.getKey().getN());
        assertThat(rig.vault().rotateDue()).isZero();
        refused(400, "at least 7 days", () -> owner.updateKeyRotationPolicy("rotated", new KeyRotationPolicy().setExpiresIn("P1D")));
    }

    @Test
    void aKeyIsRotatedByItselfWhenItsPolicySaysSo() throws IOException {
        VaultRig later = new VaultRig(
                Files.createDirectories(folder.resolve("later")),
                vault -> List.of(),
                UnaryOperator.identity(),
                () -> Instant.now().plus(61, ChronoUnit.DAYS),
                Map.of());
        try {
            KeyClient client = later.owner();
            for (String name : List.of("due", "not-due", "no-policy", "disabled")) {
                client.createOctKey(new CreateOctKeyOptions(name));
            }
            for (String name : List.of("due", "not-due", "disabled")) {
                client.updateKeyRotationPolicy(name, new KeyRotationPolicy().setLifetimeActions(List.of(
                        new KeyRotationLifetimeAction(KeyRotationPolicyAction.ROTATE)
                                .setTimeAfterCreate(name.equals("not-due") ? "P62D" : "P60D"))));
            }
            client.updateKeyProperties(client.getKey("disabled").getProperties().setEnabled(false));

            assertThat(later.vault().rotateDue()).isEqualTo(1);

            assertThat(client.listPropertiesOfKeyVersions("due").stream()).hasSize(2);
            assertThat(client.listPropertiesOfKeyVersions("not-due").stream()).hasSize(1);
            assertThat(client.listPropertiesOfKeyVersions("no-policy").stream()).hasSize(1);
            assertThat(client.listPropertiesOfKeyVersions("disabled").stream()).hasSize(1);
        } finally {
            later.close();
        }
    }

    @Test
    void aKeyWithoutARotationPolicyHasAnEmptyOne() {
        owner.createOctKey(new CreateOctKeyOptions("unrotated"));
        assertThat(owner.getKeyRotationPolicy("unrotated").getExpiresIn()).isNull();
    }

    @Test
    void randomBytesAreRandomAndOfTheSizeAskedFor() {
        assertThat(owner.getRandomBytes(32)).hasSize(32).isNotEqualTo(owner.getRandomBytes(32));
        refused(400, "1 to 128", () -> owner.getRandomBytes(129));
    }

    @Test
    void whatCanBeReleasedHasAPolicyAndOnlyThat() {
        refused(400, "AKV.SKR.1004", () -> owner.createRsaKey(new CreateRsaKeyOptions("no").setExportable(true)));
        refused(400, "AKV.SKR.1005", () -> owner.createRsaKey(
                new CreateRsaKeyOptions("no").setReleasePolicy(VaultRig.policy(SERVICE.issuer()))));
        owner.createOctKey(new CreateOctKeyOptions("kept"));
        refused(403, "not made to be released", () -> rig.release("kept", "", token(), Wrapping.RSA_AES_KEY_WRAP_256));
        KeyVaultKey kept = owner.getKey("kept");
        refused(400, "AKV.SKR.1003", () -> owner.updateKeyProperties(kept.getProperties().setExportable(true)));
        refused(400, "release policy at /anyOf", () -> owner.createOctKey(new CreateOctKeyOptions("no").setExportable(true)
                .setReleasePolicy(new KeyReleasePolicy(
                        BinaryData.fromString("{\"version\":\"1.0.0\",\"anyOf\":[]}")))));
    }

    @Test
    void theFirstRequestIsChallengedAndTheClientThatVerifiesTheResourceGoesOn() {
        VaultRig named = named();
        try {
            com.azure.core.http.HttpClient real = named.transport();
            KeyClient client = new KeyClientBuilder()
                    .vaultUrl("https://v1.vault.example")
                    .httpClient(request -> real.send(
                            request.copy().setUrl(request.getUrl().toString().replace("https://v1.vault.example", named.address()))))
                    .credential(request -> {
                        assertThat(request.getScopes()).containsExactly("https://vault.example/.default");
                        assertThat(request.getTenantId()).isEqualTo("vault");
                        return VaultRig.credential(named.adminKey()).getToken(request);
                    })
                    .buildClient();
            assertThat(client.createKey("challenged", KeyType.EC).getId()).startsWith("https://v1.vault.example/keys/challenged/");
        } finally {
            named.close();
        }
    }

    private static VaultRig named() {
        try {
            return new VaultRig(
                    Files.createDirectories(folder.resolve("named")),
                    vault -> List.of(),
                    settings -> AzureVault.Settings.of("https://v1.vault.example"),
                    Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void callersWithoutTheRightKeyGetNothing() {
        assertThatThrownBy(() -> rig.client("guessed, and wrong").getKey("rsa")).isInstanceOf(ClientAuthenticationException.class);
        refused(403, "owner of the vault", () -> rig.user().createKey("no", KeyType.RSA));
        refused(403, "owner of the vault", () -> rig.user().beginDeleteKey("many"));
        refused(403, "owner of the vault", () -> rig.user().backupKey("many"));
    }
}
