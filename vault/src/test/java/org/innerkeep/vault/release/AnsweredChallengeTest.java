package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.vault.release.TestVault.OWNER;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.channel.release.PendingRegister;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.RegisterCall;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.vault.key.KeyName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A challenge is answered once, even where whoever runs the database deletes that it was. */
class AnsweredChallengeTest {
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

    private void deleteMarks() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
                PreparedStatement delete = connection.prepareStatement("DELETE FROM spent")) {
            assertThat(delete.executeUpdate()).isPositive();
        }
    }

    @Test
    void theSameRequestForAFileKeyGetsNoSecondAnswer() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            ReleaseCall call = vault.call(pending, enclave);
            vault.send(call);
            deleteMarks();
            assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> vault.send(call))
                    .withMessageContaining("it was answered before");
        }
        assertThat(vault.release.records(FileKeyRelease.RELEASED, KEY, 10)).hasSize(1);
    }

    @Test
    void neitherDoesARequestToTheRegisterNorOneOfTheOtherKind() throws Exception {
        byte[] challenge = vault.release.challenge().toByteArray();
        PendingRegister pending =
                PendingRegister.begin(vault.anchor(), challenge, "patients", "cursor", Optional.empty(), new SecureRandom());
        RegisterCall call = RegisterCall.parse(pending.call(enclave.attest(pending.reportData(), vault.clock.instant()), List.of()));
        StateRegister register = vault.release.register();
        register.ask(KEY, call);
        deleteMarks();
        assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> register.ask(KEY, call))
                .withMessageContaining("it was answered before");
        try (PendingRelease other = PendingRelease.begin(
                vault.anchor(), challenge, "patients", TestVault.header(sealed), Optional.empty(), new SecureRandom())) {
            assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> vault.send(vault.call(other, enclave)))
                    .withMessageContaining("it was answered before");
        }
    }

    @Test
    void oneThatWasTakenIsRememberedUntilItsEndAndForgottenAfterwards() {
        Answered answered = new Answered();
        Instant now = TestVault.BEGIN;
        assertThat(answered.take(FakeEnclave.digest("a"), now.plusSeconds(60), now)).isTrue();
        assertThat(answered.take(FakeEnclave.digest("a"), now.plusSeconds(60), now.plusSeconds(59))).isFalse();
        Instant later = now.plus(Duration.ofMinutes(5));
        assertThat(answered.take(FakeEnclave.digest("b"), later.plusSeconds(60), later)).isTrue();
        assertThat(answered.size()).isEqualTo(1);
        answered.giveBack(FakeEnclave.digest("b"));
        assertThat(answered.take(FakeEnclave.digest("b"), later.plusSeconds(60), later)).isTrue();
    }
}
