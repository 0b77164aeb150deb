package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.innerkeep.channel.release.PendingRegister;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.channel.release.ReleaseRefusedException;
import org.innerkeep.vault.release.FakeEnclave;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole folder of a service is put back as it was before a revocation, with everything in it by which the service itself would notice.
 * Only the master key, and what the vault keeps beside it, lie elsewhere.
 */
class VaultRestoreAttackTest {
    private static final String KEY = "patients";

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private HttpVault vault;
    private byte[] sealed;

    private Map<String, String> settings(String... more) throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Map<String, String> settings = new HashMap<>(Map.of("vault-master-key-file", elsewhere.resolve("vault.key").toString()));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    @BeforeEach
    void start() throws Exception {
        vault = HttpVault.start(folder, enclave, settings());
        vault.owner("PUT", "/vault/keys/" + KEY, "{\"kind\":\"classic\"}");
        sealed = vault.sealedTo(KEY);
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private void copy(String from, String to) throws IOException {
        Path target = folder.resolve(to);
        if (Files.exists(target)) {
            try (Stream<Path> files = Files.list(target)) {
                for (Path each : files.toList()) {
                    Files.delete(each);
                }
            }
        }
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(folder.resolve(from))) {
            for (Path each : files.toList()) {
                Files.copy(each, target.resolve(each.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private void refusedToStart() throws IOException {
        Map<String, String> settings = settings();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> HttpVault.start(folder, enclave, settings))
                .withMessageContaining("older than what was seen of it")
                .withMessageContaining("in which grants may hold that were revoked since");
    }

    private void enable() throws Exception {
        String version = vault.owner("GET", "/vault/keys/" + KEY, "").path("versions").get(0).path("id").stringValue();
        vault.owner("POST", "/vault/keys/" + KEY + "/versions/" + version + "/enable", "");
    }

    private long epochOfARelease() throws Exception {
        try (PendingRelease pending = vault.begin(KEY, sealed);
                var key = pending.accept(vault.release(pending, KEY, enclave).body(), 1)) {
            return key.terms().epoch();
        }
    }

    @Test
    void theRevokedGrantReleasesNothingThoughTheHeadOfTheLogWasPutBackToo() throws Exception {
        String grant = vault.grant(KEY);
        assertThat(vault.reads(KEY, sealed, enclave)).isTrue();
        stop();
        copy("state", "copy");
        vault = HttpVault.start(folder, enclave, settings());
        vault.owner("DELETE", "/vault/keys/" + KEY + "/grants/" + grant, "");
        stop();

        copy("copy", "state");
        assertThat(folder.resolve("state/log.key.head")).exists();
        refusedToStart();

        vault = HttpVault.start(folder, enclave, settings("vault-restored", "true"));
        assertThat(vault.reads(KEY, sealed, enclave)).as("every key is disabled").isFalse();
    }

    @Test
    void anOlderLifeThatIsPutBackIsFollowedByALifeThatNobodyHasSeen() throws Exception {
        vault.grant(KEY);
        stop();
        copy("state", "copy");
        for (int life = 2; life <= 3; life++) {
            vault = HttpVault.start(folder, enclave, settings("vault-restored", "true"));
            enable();
            assertThat(epochOfARelease()).isEqualTo(life);
            stop();
        }

        copy("copy", "state");
        refusedToStart();
        vault = HttpVault.start(folder, enclave, settings("vault-restored", "true"));
        enable();
        assertThat(epochOfARelease()).as("not 2, which enclaves have seen").isEqualTo(4);
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            byte[] response = vault.release(pending, KEY, enclave).body();
            assertThatExceptionOfType(ReleaseRefusedException.class)
                    .isThrownBy(() -> pending.accept(response, 5))
                    .withMessageContaining("an old copy of it was put back");
        }
    }

    /** The vault is killed right after the step, so that it writes nothing down as it ends. */
    @Test
    void aCopyFromBeforeAStepOfARegisterIsNotStartedWith() throws Exception {
        vault.grant(KEY);
        stop();
        copy("state", "copy");
        vault = HttpVault.start(folder, enclave, settings());
        PendingRegister pending = PendingRegister.begin(vault.anchor(), vault.challenge(), KEY, "model",
                Optional.of(new RegisterRequest.Step(0, 1, FakeEnclave.digest("one"))), new SecureRandom());
        byte[] call = pending.call(enclave.attest(pending.reportData(), Instant.now()), List.of());
        byte[] response = vault.send("POST", "/vault/keys/" + KEY + "/register", "application/cbor", call, false).body();
        assertThat(pending.accept(response, 1).version()).isEqualTo(1);
        Path witness = folder.resolve("elsewhere/vault.witness");
        byte[] whenItIsKilled = Files.readAllBytes(witness);
        stop();

        copy("copy", "state");
        Files.write(witness, whenItIsKilled);
        refusedToStart();
    }

    @Test
    void withoutTheMasterKeyTheFolderOpensNothing() throws Exception {
        vault.grant(KEY);
        stop();
        for (String each : List.of("vault.key", "vault.witness")) {
            Files.move(folder.resolve("elsewhere").resolve(each), folder.resolve(each));
        }
        Map<String, String> settings = settings();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> HttpVault.start(folder, enclave, settings))
                .withMessageContaining("its master key")
                .withMessageContaining("is missing; put it back");
    }
}
