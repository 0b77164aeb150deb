package org.innerkeep.cli.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.cli.vault.Reader.Got;
import org.innerkeep.host.StateFolder;
import org.innerkeep.host.VaultAccess;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.MockIdentity;
import org.innerkeep.testing.MockPlatform;
import org.innerkeep.testing.RunningEnclave;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of a stored value: enclave, boundary, the host's folder, HTTPS, and the register of a vault that an owner serves. */
@Timeout(120)
class StoredStateTest {
    @TempDir
    private Path folder;

    private final MockPlatform platform = new MockPlatform();
    private Path state;
    private ServedVault vault;

    @BeforeEach
    void serve() throws IOException {
        vault = ServedVault.start(folder.resolve("owner"), platform.anchor());
        state = folder.resolve("state");
        vault.keys("create", "state");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private String grant() {
        return vault.grant("state", "--signer", MockIdentity.DEFAULT.signerId().hex(), "--product", "1", "--least-version", "1", "--platform",
                "mock", "--memory", "everyone");
    }

    private RunningEnclave start() throws IOException {
        return MockEnclaves.of(NotebookEnclave.class)
                .on(platform)
                .offering(StateStore.class, StateFolder.open(state))
                .carrying(VaultAccess.none().to(vault.address(), vault.certificate()))
                .start();
    }

    private static Notebook notebook(RunningEnclave enclave) {
        return enclave.host().bind(Notebook.class, Duration.ofMinutes(2));
    }

    /** In an enclave that has just begun, and remembers nothing. */
    private Got read(String from) throws IOException {
        try (RunningEnclave enclave = start()) {
            return notebook(enclave).read(from);
        }
    }

    private Got write(String to, String value) throws IOException {
        try (RunningEnclave enclave = start()) {
            return notebook(enclave).write(to, value);
        }
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(state)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    @Test
    void aValueOutlivesTheEnclaveAndIsProvenToBeTheNewest() throws Exception {
        grant();
        assertThat(read(vault.location())).isEqualTo(new Got("", "none"));
        assertThat(write(vault.location(), "one")).isEqualTo(new Got("", "1"));
        byte[] one = Files.readAllBytes(onlyFile());
        assertThat(write(vault.location(), "two")).isEqualTo(new Got("", "2"));
        assertThat(read(vault.location())).isEqualTo(new Got("", "PROVEN two"));

        // The operator puts the older file in the place of the newer one, or takes everything away.
        Path newest = onlyFile();
        byte[] two = Files.readAllBytes(newest);
        Files.write(newest, one);
        assertThat(read(vault.location()).code()).isEqualTo("ROLLED_BACK");
        Files.delete(newest);
        assertThat(read(vault.location()).code()).isEqualTo("NOT_KEPT");
        Files.write(newest, two);
        assertThat(read(vault.location())).isEqualTo(new Got("", "PROVEN two"));
    }

    @Test
    void withoutARegisterItIsSaidThatNobodyKnows() throws Exception {
        assertThat(write("", "one")).isEqualTo(new Got("", "1"));
        Path old = onlyFile();
        byte[] one = Files.readAllBytes(old);
        assertThat(write("", "two")).isEqualTo(new Got("", "2"));
        assertThat(read("")).isEqualTo(new Got("", "UNKNOWN two"));
        Files.delete(onlyFile());
        Files.write(old, one);
        assertThat(read("")).isEqualTo(new Got("", "UNKNOWN one"));
    }

    @Test
    void withoutItsOwnersGrantAnEnclaveReadsAndStoresNothing() throws Exception {
        String grant = grant();
        assertThat(write(vault.location(), "one").code()).isEmpty();
        vault.keys("revoke", "state", grant);
        assertThat(read(vault.location())).matches(got -> got.code().equals("REFUSED") && got.text().contains("REVOKED"));
        assertThat(write(vault.location(), "two").code()).isEqualTo("REFUSED");
    }
}
