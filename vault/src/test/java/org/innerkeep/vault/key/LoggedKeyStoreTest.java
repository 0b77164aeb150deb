package org.innerkeep.vault.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.vault.release.TestVault.OWNER;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.release.FakeEnclave;
import org.innerkeep.vault.release.TestVault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedKeyStoreTest {
    private static final LogKey LOG_KEY = LogKey.generate();
    private static final KeyName NAME = new KeyName("backup-key");

    @TempDir
    private Path folder;

    private TestVault vault;

    @BeforeEach
    void open() throws Exception {
        vault = TestVault.open(folder, LOG_KEY);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    /** A key that could be anybody's: RSA as clients of Azure Key Vault make them, without being one. */
    private static NewVersion version(String secret, KeySettings settings) {
        return new NewVersion(KeyType.RSA, "RSA-HSM", "3072", Bytes.of("public".getBytes(StandardCharsets.UTF_8)),
                KeySecret.owning(secret.getBytes(StandardCharsets.UTF_8)), settings);
    }

    private static NewVersion version(String secret) {
        return version(secret, KeySettings.PLAIN);
    }

    private String secret(KeyVersion version) throws RefusedException {
        try (KeySecret secret = vault.keys.open(NAME, version)) {
            return new String(secret.expose(), StandardCharsets.UTF_8);
        }
    }

    private static void assertRefused(Code code, ThrowingCallable call) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.problem().code()).isEqualTo(code));
    }

    @Test
    void aKeyIsKeptInVersionsAcrossAReopening() throws Exception {
        KeySettings settings = new KeySettings(true, Optional.of(TestVault.BEGIN), Optional.of(TestVault.BEGIN.plusSeconds(60)), true,
                Set.of("wrapKey", "unwrapKey"), Map.of("team", "blue", "é", "ü"),
                Optional.of(new ReleasePolicy("application/json", Bytes.of(new byte[] {1}), false)));
        vault.keys.create(NAME, version("one"), OWNER);
        vault.keys.create(NAME, version("two", settings), OWNER);
        vault.close();
        vault = TestVault.open(folder, LOG_KEY);

        VaultKey key = vault.keys.find(NAME).orElseThrow();
        assertThat(key.versions()).hasSize(2);
        assertThat(key.newest().settings()).isEqualTo(settings);
        assertThat(secret(key.versions().getFirst())).isEqualTo("one");
        assertThat(secret(key.newest())).isEqualTo("two");
        assertThat(key.newest().kty()).isEqualTo("RSA-HSM");
        assertThat(key.version(key.newest().id())).contains(key.newest());
        assertThat(new LogVerifier(LOG_KEY.anchor()).verify(vault.store().log()).intact()).isTrue();
    }

    @Test
    void namesDifferNotInCaseAndMayBeLong() throws Exception {
        KeyName longest = new KeyName("A".repeat(127));
        KeyName another = new KeyName("a".repeat(126) + "b");
        vault.keys.create(longest, version("long"), OWNER);
        assertThat(vault.keys.find(new KeyName("a".repeat(127)))).isPresent();
        assertThat(vault.keys.find(another)).isEmpty();
        assertThat(longest.place()).hasSizeLessThanOrEqualTo(100).isNotEqualTo(another.place());
        for (String bad : List.of("", "a_b", "a.b", "a/b", "ä", "a".repeat(128))) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new KeyName(bad));
        }
    }

    @Test
    void keysAreListedInPages() throws Exception {
        for (int i = 0; i < 7; i++) {
            vault.keys.create(new KeyName("key-" + i), version("secret"), OWNER);
        }
        vault.keys.delete(new KeyName("key-2"), OWNER);
        KeyStore.Page page = vault.keys.list(false, "", 4);
        List<VaultKey> first = page.keys();
        KeyStore.Page last = vault.keys.list(false, page.next().orElseThrow().place(), 4);
        List<VaultKey> rest = last.keys();
        assertThat(last.next()).isEmpty();
        List<String> names = new ArrayList<>();
        first.forEach(each -> names.add(each.name().text()));
        rest.forEach(each -> names.add(each.name().text()));
        assertThat(names).containsExactly("key-0", "key-1", "key-3", "key-4", "key-5", "key-6");
        assertThat(vault.keys.list(true, "", 4).keys()).extracting(each -> each.name().text()).containsExactly("key-2");
    }

    @Test
    void theLifeAfterAnAcceptedStateBeginsOnceForEachAcceptance() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        assertThat(vault.keys.accepted(Bytes.EMPTY, OWNER)).as("none ever was").isFalse();
        Bytes first = Bytes.of(new byte[16]);
        assertThat(vault.keys.accepted(first, OWNER)).isTrue();
        long epoch = vault.keys.epoch();
        assertThat(epoch).as("above what a state that was given up can have had").isGreaterThan(1_000_000);
        KeyVersion disabled = vault.keys.find(NAME).orElseThrow().newest();
        assertThat(disabled.settings().enabled()).isFalse();
        // The owner has looked at it.
        vault.keys.update(NAME, disabled.id(), settings -> settings.enabled(true), OWNER);
        vault.close();
        vault = TestVault.open(folder, LOG_KEY);
        assertThat(vault.keys.accepted(first, OWNER)).isFalse();
        assertThat(vault.keys.epoch()).isEqualTo(epoch);
        assertThat(vault.keys.find(NAME).orElseThrow().newest().settings().enabled()).isTrue();
        assertThat(vault.keys.accepted(Bytes.sha256(new byte[1]), OWNER)).isTrue();
        assertThat(vault.keys.epoch()).isGreaterThan(epoch);
        assertThat(vault.keys.find(NAME).orElseThrow().newest().settings().enabled()).isFalse();
    }

    @Test
    void settingsChangeButNotWhatForbidsIt() throws Exception {
        ReleasePolicy policy = new ReleasePolicy("application/json", Bytes.of(new byte[] {1}), true);
        KeyVersion made = vault.keys.create(
                        NAME, version("one", KeySettings.PLAIN.releasePolicy(Optional.of(policy))), OWNER)
                .key().newest();
        vault.clock.turn(Duration.ofSeconds(5));
        KeyVersion changed = vault.keys.update(NAME, made.id(), settings -> settings.enabled(false), OWNER).key().newest();
        assertThat(changed.settings().enabled()).isFalse();
        assertThat(changed.updated()).isEqualTo(TestVault.BEGIN.plusSeconds(5));
        assertThat(changed.unusable(TestVault.BEGIN)).contains("it is disabled");
        assertRefused(Code.FORBIDDEN, () -> vault.keys.update(NAME, made.id(), each -> each.releasePolicy(Optional.empty()), OWNER));
        assertRefused(Code.FORBIDDEN, () -> vault.keys.update(NAME, made.id(), each -> new KeySettings(true, Optional.empty(),
                Optional.empty(), true, Set.of(), Map.of(), each.releasePolicy()), OWNER));
        assertRefused(Code.NOT_FOUND, () -> vault.keys.update(NAME, "0".repeat(32), each -> each, OWNER));
        assertRefused(Code.NOT_FOUND, () -> vault.keys.update(new KeyName("no"), made.id(), each -> each, OWNER));
    }

    @Test
    void aDeletedKeyIsRecoveredOrPurgedForEver() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        assertRefused(Code.CONFLICT, () -> vault.keys.recover(NAME, OWNER));
        assertRefused(Code.CONFLICT, () -> vault.keys.purge(NAME, OWNER));
        vault.keys.delete(NAME, OWNER);
        assertRefused(Code.CONFLICT, () -> vault.keys.delete(NAME, OWNER));
        assertRefused(Code.CONFLICT, () -> vault.keys.create(NAME, version("two"), OWNER));
        assertRefused(Code.CONFLICT, () -> vault.keys.grant(NAME, FakeEnclave.grant(), OWNER));
        assertThat(secret(vault.keys.recover(NAME, OWNER).key().newest())).isEqualTo("one");
        vault.keys.delete(NAME, OWNER);
        KeyVersion purged = vault.keys.purge(NAME, OWNER).key().newest();
        assertThat(purged.wrapped()).isEqualTo(Bytes.EMPTY);
        assertRefused(Code.UNAVAILABLE, () -> vault.keys.open(NAME, purged));
        assertThat(vault.keys.find(NAME)).isEmpty();
        assertRefused(Code.NOT_FOUND, () -> vault.keys.recover(NAME, OWNER));
        assertThat(secret(vault.keys.create(NAME, version("three"), OWNER).key().newest())).isEqualTo("three");
    }

    @Test
    void aRotationStaysWithinItsKind() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        assertThat(vault.keys.rotate(NAME, version("two"), OWNER).key().versions()).hasSize(2);
        NewVersion other = new NewVersion(KeyType.OCT, "oct", "256", Bytes.EMPTY, KeySecret.owning(new byte[32]), KeySettings.PLAIN);
        assertRefused(Code.CONFLICT, () -> vault.keys.rotate(NAME, other, OWNER));
        assertRefused(Code.NOT_FOUND, () -> vault.keys.rotate(new KeyName("no"), version("two"), OWNER));
        for (int i = 2; i < VaultKey.MAX_VERSIONS; i++) {
            vault.keys.rotate(NAME, version("next"), OWNER);
        }
        assertRefused(Code.INVALID_PARAMETER, () -> vault.keys.rotate(NAME, version("one too many"), OWNER));
    }

    @Test
    void grantsAreGivenOnceAndRevokedOnce() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        Grant grant = FakeEnclave.grant();
        vault.keys.grant(NAME, grant, OWNER);
        assertRefused(Code.INVALID_PARAMETER, () -> vault.keys.grant(NAME, grant, OWNER));
        assertThat(vault.keys.revoke(NAME, grant.id(), "another").key().grants().getFirst().revoked().orElseThrow().by())
                .isEqualTo("another");
        assertRefused(Code.CONFLICT, () -> vault.keys.revoke(NAME, grant.id(), OWNER));
        assertRefused(Code.NOT_FOUND, () -> vault.keys.revoke(NAME, "0".repeat(32), OWNER));
    }

    @Test
    void aRestoredKeyIsDisabledInTheNextLifeWithItsNewestPolicyAndGrants() throws Exception {
        ReleasePolicy old = new ReleasePolicy("application/json", Bytes.of(new byte[] {1}), false);
        ReleasePolicy newer = new ReleasePolicy("application/json", Bytes.of(new byte[] {2}), false);
        String id = vault.keys.create(NAME, version("one", KeySettings.PLAIN.releasePolicy(Optional.of(old))), OWNER)
                .key().newest().id();
        Grant grant = FakeEnclave.grant();
        vault.keys.grant(NAME, grant, OWNER);
        Bytes backup = vault.keys.backup(NAME, OWNER);
        assertRefused(Code.CONFLICT, () -> vault.keys.restore(backup, OWNER));
        // After the backup a stricter policy was set and the grant revoked.
        vault.keys.update(NAME, id, settings -> settings.releasePolicy(Optional.of(newer)), OWNER);
        vault.keys.revoke(NAME, grant.id(), OWNER);
        vault.keys.delete(NAME, OWNER);
        assertRefused(Code.CONFLICT, () -> vault.keys.restore(backup, OWNER));
        vault.keys.purge(NAME, OWNER);
        assertThat(vault.keys.epoch()).isEqualTo(1);

        VaultKey restored = vault.keys.restore(backup, OWNER).key();

        assertThat(vault.keys.epoch()).isEqualTo(2);
        assertThat(restored.newest().epoch()).isEqualTo(2);
        assertThat(restored.newest().settings().enabled()).isFalse();
        assertThat(restored.newest().settings().releasePolicy()).contains(newer);
        assertThat(restored.grants().getFirst().revoked()).isPresent();
        assertThat(secret(restored.newest())).isEqualTo("one");
    }

    private void purge() throws Exception {
        vault.keys.delete(NAME, OWNER);
        vault.keys.purge(NAME, OWNER);
    }

    @Test
    void whatIsRememberedOfAKeyOutlivesAnotherOneOfItsName() throws Exception {
        ReleasePolicy lax = new ReleasePolicy("application/json", Bytes.of(new byte[] {1}), false);
        ReleasePolicy strict = new ReleasePolicy("application/json", Bytes.of(new byte[] {2}), true);
        String id = vault.keys.create(NAME, version("one", KeySettings.PLAIN.releasePolicy(Optional.of(lax))), OWNER)
                .key().newest().id();
        Grant revoked = FakeEnclave.grant();
        Grant kept = FakeEnclave.grant();
        vault.keys.grant(NAME, revoked, OWNER);
        vault.keys.grant(NAME, kept, OWNER);
        Bytes backup = vault.keys.backup(NAME, OWNER);
        vault.keys.update(NAME, id, settings -> settings.releasePolicy(Optional.of(strict)), OWNER);
        vault.keys.revoke(NAME, revoked.id(), OWNER);
        purge();
        // Another key of the name, with a grant of its own, comes and goes; twice.
        for (int i = 0; i < 2; i++) {
            vault.keys.create(NAME, version("another"), OWNER);
            vault.keys.grant(NAME, FakeEnclave.grant(), OWNER);
            purge();
        }

        VaultKey restored = vault.keys.restore(backup, OWNER).key();

        assertThat(secret(restored.newest())).isEqualTo("one");
        assertThat(restored.newest().settings().releasePolicy()).contains(strict);
        assertThat(restored.grants()).extracting(each -> each.grant().id()).containsExactly(kept.id());
        assertThat(restored.grants().getFirst().revoked()).isEmpty();
    }

    @Test
    void versionsThatABackupLacksAreStillRememberedWhenALaterOneBringsThem() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        Bytes early = vault.keys.backup(NAME, OWNER);
        vault.keys.rotate(NAME, version("two"), OWNER);
        Grant grant = FakeEnclave.grant();
        vault.keys.grant(NAME, grant, OWNER);
        Bytes late = vault.keys.backup(NAME, OWNER);
        vault.keys.revoke(NAME, grant.id(), OWNER);
        purge();
        assertThat(vault.keys.restore(early, OWNER).key().versions()).hasSize(1);
        purge();

        VaultKey restored = vault.keys.restore(late, OWNER).key();

        assertThat(restored.versions()).hasSize(2);
        assertThat(restored.grants()).allMatch(each -> each.revoked().isPresent());
        assertThat(secret(restored.newest())).isEqualTo("two");
    }

    @Test
    void aBackupOfAVersionThatTheVaultMustKnowAndDoesNotIsRefusedUnlessTheStoreWasRestored() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        vault.close();
        Path copy = Files.createDirectory(folder.resolve("copy"));
        for (String each : List.of("store.db", "vault.key")) {
            Files.copy(folder.resolve(each), copy.resolve(each), StandardCopyOption.COPY_ATTRIBUTES);
        }
        vault = TestVault.open(folder, LOG_KEY);
        vault.keys.rotate(NAME, version("two"), OWNER);
        Bytes backup = vault.keys.backup(NAME, OWNER);
        try (TestVault older = TestVault.open(copy, LOG_KEY)) {
            older.keys.delete(NAME, OWNER);
            older.keys.purge(NAME, OWNER);
            assertRefused(Code.CONFLICT, () -> older.keys.restore(backup, OWNER));
            // Whoever starts with an older copy says so, and then that is why it is not known.
            older.keys.restored(1, OWNER);
            assertThat(older.keys.restore(backup, OWNER).key().versions()).hasSize(2);
        }
    }

    @Test
    void aKeyThatIsFullCanBeRevokedFromDisabledDeletedAndPurged() throws Exception {
        KeySettings large = KeySettings.PLAIN.releasePolicy(
                Optional.of(new ReleasePolicy("application/json", Bytes.of(new byte[ReleasePolicy.MAX_BYTES]), false)));
        KeyVersion first = vault.keys.create(NAME, version("first", large), OWNER).key().newest();
        String everyCharacter = "\uD83D\uDD11".repeat(512);
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            grants.add(FakeEnclave.grant());
            vault.keys.grant(NAME, grants.getLast(), everyCharacter);
        }
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> {
                    for (int i = 0; i < VaultKey.MAX_VERSIONS; i++) {
                        vault.keys.create(NAME, version("next", large), OWNER);
                    }
                })
                .satisfies(e -> assertThat(e.problem().code()).isEqualTo(Code.INVALID_PARAMETER))
                .withMessageContaining("kept free");
        for (Grant each : grants) {
            vault.keys.revoke(NAME, each.id(), everyCharacter);
        }
        vault.keys.update(NAME, first.id(), settings -> settings.enabled(false), OWNER);
        vault.keys.delete(NAME, OWNER);
        vault.keys.recover(NAME, OWNER);
        purge();
        assertThat(vault.keys.find(NAME)).isEmpty();
    }

    @Test
    void ofManyThatMakeAKeyAtOnceOneDoesAndKindsAreNotMixed() throws Exception {
        NewVersion identity = new NewVersion(
                KeyType.IDENTITY, "age", "x25519", Bytes.EMPTY, KeySecret.owning(new byte[32]), KeySettings.PLAIN);
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                all.add(threads.submit(() -> vault.keys.createFirst(NAME, identity, OWNER)));
                all.add(threads.submit(() -> vault.keys.create(NAME, version("whole"), OWNER)));
            }
        }
        VaultKey made = vault.keys.find(NAME).orElseThrow();
        assertThat(made.versions().stream().map(KeyVersion::type).distinct()).hasSize(1);
        assertThat(all.stream().filter(each -> each.state() == Future.State.SUCCESS)).hasSize(made.versions().size());
        assertRefused(Code.CONFLICT, () -> vault.keys.createFirst(NAME, identity, OWNER));
    }

    @Test
    void aBackupIsOfThisVaultAloneAndCannotBeChanged() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        Bytes backup = vault.keys.backup(NAME, OWNER);
        vault.keys.delete(NAME, OWNER);
        vault.keys.purge(NAME, OWNER);
        for (int i = 0; i < backup.length(); i += 11) {
            byte[] changed = backup.toArray();
            changed[i] ^= 1;
            assertRefused(Code.INVALID_PARAMETER, () -> vault.keys.restore(Bytes.of(changed), OWNER));
        }
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        try (TestVault other = TestVault.open(elsewhere, LogKey.generate())) {
            assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(() -> other.keys.restore(backup, OWNER))
                    .withMessageContaining("it is a backup of the vault");
        }
        assertThat(new String(backup.toArray(), StandardCharsets.ISO_8859_1)).doesNotContain("one").doesNotContain("backup-key");
    }

    @Test
    void anotherMasterKeyOpensNothing() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        vault.close();
        Path key = folder.resolve("vault.key");
        byte[] kept = Files.readAllBytes(key);
        Files.write(key, new byte[32]);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TestVault.open(folder, LOG_KEY))
                .withMessageContaining("another master key");
        Files.write(key, kept);
        vault = TestVault.open(folder, LOG_KEY);
        assertThat(secret(vault.keys.find(NAME).orElseThrow().newest())).isEqualTo("one");
    }

    @Test
    void aSecretCannotBePassedOffAsThatOfAnotherKeyOrVersion() throws Exception {
        VaultKey key = vault.keys.create(NAME, version("one"), OWNER).key();
        KeyVersion made = key.newest();
        assertRefused(Code.UNAVAILABLE, () -> vault.keys.open(new KeyName("other"), made));
        for (KeyVersion changed : List.of(
                new KeyVersion("0".repeat(32), made.type(), made.kty(), made.parameter(), made.publicKey(), made.wrapped(), made.epoch(),
                        made.settings(), made.created(), made.updated()),
                new KeyVersion(made.id(), KeyType.EC, made.kty(), made.parameter(), made.publicKey(), made.wrapped(), made.epoch(),
                        made.settings(), made.created(), made.updated()),
                new KeyVersion(made.id(), made.type(), "RSA", made.parameter(), made.publicKey(), made.wrapped(), made.epoch(),
                        made.settings(), made.created(), made.updated()),
                new KeyVersion(made.id(), made.type(), made.kty(), made.parameter(), Bytes.EMPTY, made.wrapped(), made.epoch(),
                        made.settings(), made.created(), made.updated()),
                new KeyVersion(made.id(), made.type(), made.kty(), made.parameter(), made.publicKey(), made.wrapped(), 2,
                        made.settings(), made.created(), made.updated()))) {
            assertRefused(Code.UNAVAILABLE, () -> vault.keys.open(NAME, changed));
        }
    }

    @Test
    void aKeyThatSomebodyChangedInTheDatabaseIsNotUsed() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        Grant grant = FakeEnclave.grant();
        vault.keys.grant(NAME, grant, OWNER);
        byte[] granted = body();
        vault.keys.revoke(NAME, grant.id(), OWNER);
        // Whoever can write to the file puts the revoked grant back.
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
                PreparedStatement update = connection.prepareStatement("UPDATE document SET body = ? WHERE kind = 'vault-key'")) {
            update.setBytes(1, granted);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> vault.keys.find(NAME))
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreException.Code.DAMAGED));
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> vault.keys.delete(NAME, OWNER));
    }

    private byte[] body() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
                var statement = connection.createStatement();
                var found = statement.executeQuery("SELECT body FROM document WHERE kind = 'vault-key'")) {
            assertThat(found.next()).isTrue();
            return found.getBytes(1);
        }
    }

    @Test
    void changesThatComeAtOnceAreAllMade() throws Exception {
        vault.keys.create(NAME, version("one"), OWNER);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                all.add(threads.submit(() -> vault.keys.grant(NAME, FakeEnclave.grant(), OWNER)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        assertThat(vault.keys.find(NAME).orElseThrow().grants()).hasSize(40);
    }
}
