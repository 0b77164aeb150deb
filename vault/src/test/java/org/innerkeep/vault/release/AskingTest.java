package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.vault.release.TestVault.OWNER;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.vault.key.KeyName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which enclaves asked: by what was proven of them, so that a new version is seen. */
class AskingTest {
    private static final LogKey LOG_KEY = LogKey.generate();
    private static final KeyName KEY = new KeyName("patients");

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private TestVault vault;
    private byte[] sealed;

    @BeforeEach
    void open() throws Exception {
        vault = TestVault.open(folder, LOG_KEY, enclave.anchor());
        sealed = TestVault.seal("the patients", vault.newKey("patients"));
        vault.keys.grant(KEY, FakeEnclave.grant(), OWNER);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private void refused(FakeEnclave asking) {
        assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> vault.read("patients", sealed, asking));
    }

    @Test
    void eachVersionIsCountedByItselfTheLastToAskFirst() throws Exception {
        vault.read("patients", sealed, enclave);
        vault.clock.turn(Duration.ofSeconds(1));
        refused(enclave.version(2));
        vault.clock.turn(Duration.ofSeconds(1));
        refused(enclave.version(2));
        vault.clock.turn(Duration.ofSeconds(1));
        vault.read("patients", sealed, enclave);
        vault.clock.turn(Duration.ofSeconds(1));
        refused(enclave.debug(true));

        List<Asking> asking = vault.release.asking(KEY);
        assertThat(asking).extracting(Asking::released).containsExactly(0L, 2L, 0L);
        assertThat(asking).extracting(Asking::refused).containsExactly(1L, 0L, 2L);
        ProvenEnclave debug = asking.get(0).enclave().orElseThrow();
        assertThat(debug.debug()).isTrue();
        ProvenEnclave old = asking.get(2).enclave().orElseThrow();
        assertThat(old.signer()).contains(enclave.signer());
        assertThat(old.productId()).isEqualTo(OptionalLong.of(7));
        assertThat(old.securityVersion()).isEqualTo(OptionalLong.of(2));
        assertThat(old.measurement()).contains(enclave.measurement());
        assertThat(old.memoryReadableBy()).contains("root");
        assertThat(asking.get(2).first()).isEqualTo(TestVault.BEGIN.plusSeconds(1));
        assertThat(asking.get(2).last()).isEqualTo(TestVault.BEGIN.plusSeconds(2));
        assertThat(asking.get(1).lastReleased()).contains(TestVault.BEGIN.plusSeconds(3));
    }

    @Test
    void aRefusalIsTheLastWordUntilSomethingIsReleased() throws Exception {
        assertThat(vault.release.lastRefused(KEY)).isEmpty();
        vault.read("patients", sealed, enclave);
        assertThat(vault.release.lastRefused(KEY)).isEmpty();
        vault.clock.turn(Duration.ofSeconds(1));
        refused(enclave.version(2));
        assertThat(vault.release.lastRefused(KEY)).hasValueSatisfying(each -> assertThat(each.enclave()).contains("version 2"));
        vault.clock.turn(Duration.ofSeconds(1));
        vault.read("patients", sealed, enclave);
        assertThat(vault.release.lastRefused(KEY)).isEmpty();
    }

    @Test
    void whoeverProvesNothingIsNotAmongThem() throws Exception {
        FakeEnclave stranger = FakeEnclave.good();
        refused(stranger);
        assertThat(vault.release.asking(KEY)).isEmpty();
    }
}
