package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.vault.release.TestVault.OWNER;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.Granted;
import org.innerkeep.vault.grant.GrantedCode;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.VaultKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A grant that others take the place of: in one step, and never for more uses than were left. */
class ReplacedGrantTest {
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
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private static Grant forVersion(long least, OptionalLong uses) {
        Grant any = FakeEnclave.grant(uses, Optional.of(Duration.ofMinutes(1)));
        GrantedCode.Signed code = (GrantedCode.Signed) any.code();
        return new Grant(any.id(), new GrantedCode.Signed(code.signer(), code.productId(), least), any.platforms(), any.readers(),
                any.anchors(), any.job(), any.notBefore(), any.notAfter(), any.uses(), any.lease(), any.debug(), any.policy());
    }

    private Grant given(Grant grant) throws Exception {
        vault.keys.grant(KEY, grant, OWNER);
        return grant;
    }

    private String releasedBy(FakeEnclave asking) throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed);
                ReleasedKey key = pending.accept(vault.send(vault.call(pending, asking)).toByteArray(), 1)) {
            return key.terms().grant();
        }
    }

    private Code refused(Grant old, Grant... others) {
        try {
            vault.keys.replace(KEY, old.id(), List.of(others), OWNER);
        } catch (RefusedException e) {
            return e.problem().code();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("it was replaced");
    }

    @Test
    void theOldVersionGetsNothingAndTheNewOneGoesOn() throws Exception {
        Grant old = given(forVersion(3, OptionalLong.empty()));
        assertThat(releasedBy(enclave)).isEqualTo(old.id());
        Grant next = forVersion(4, OptionalLong.empty());
        KeyStore.Changed changed = vault.keys.replace(KEY, old.id(), List.of(next), OWNER);
        VaultKey key = changed.key();

        assertThat(releasedBy(enclave.version(4))).isEqualTo(next.id());
        assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> releasedBy(enclave))
                .satisfies(e -> assertThat(e.problem().details().toString()).contains("REVOKED").contains("VERSION"));
        Granted before = key.grants().getFirst();
        assertThat(before.revoked().orElseThrow().at()).as("one moment").isEqualTo(key.grants().getLast().at());
        assertThat(before.revoked().orElseThrow().by()).isEqualTo(OWNER);
        assertThat(changed.receipt().entry().kind()).isEqualTo("key-grant-replaced");
    }

    @Test
    void thereIsNoMomentAtWhichNeitherHolds() throws Exception {
        Grant now = given(forVersion(3, OptionalLong.empty()));
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Callable<Boolean>> readers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                readers.add(() -> !releasedBy(enclave.version(9)).isEmpty());
            }
            List<Future<Boolean>> reading = new ArrayList<>();
            readers.forEach(each -> reading.add(threads.submit(each)));
            for (long least = 4; least < 9; least++) {
                Grant next = forVersion(least, OptionalLong.empty());
                vault.keys.replace(KEY, now.id(), List.of(next), OWNER);
                now = next;
            }
            for (Future<Boolean> each : reading) {
                assertThat(each.get()).isTrue();
            }
        }
    }

    @Test
    void noMoreUsesAreGivenThanAreLeft() throws Exception {
        Grant old = given(forVersion(3, OptionalLong.of(3)));
        releasedBy(enclave);
        assertThat(refused(old, forVersion(4, OptionalLong.empty()))).isEqualTo(Code.CONFLICT);
        assertThat(refused(old, forVersion(4, OptionalLong.of(3)))).isEqualTo(Code.CONFLICT);
        assertThat(refused(old, forVersion(4, OptionalLong.of(1)), forVersion(3, OptionalLong.of(2)))).isEqualTo(Code.CONFLICT);
        assertThat(refused(old, forVersion(4, OptionalLong.of(Long.MAX_VALUE)), forVersion(3, OptionalLong.of(Long.MAX_VALUE))))
                .isEqualTo(Code.CONFLICT);
        assertThat(releasedBy(enclave)).as("what could not be replaced still holds").isEqualTo(old.id());
        vault.keys.replace(KEY, old.id(), List.of(forVersion(4, OptionalLong.of(1))), OWNER);
        releasedBy(enclave.version(4));
        assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> releasedBy(enclave.version(4)))
                .satisfies(e -> assertThat(e.problem().details().toString()).contains("USED_UP"));
    }

    @Test
    void whatIsNotThereOrWasRevokedIsNotReplacedAndNothingIsGiven() throws Exception {
        Grant old = given(forVersion(3, OptionalLong.empty()));
        Grant next = forVersion(4, OptionalLong.empty());
        assertThat(refused(forVersion(3, OptionalLong.empty()), next)).isEqualTo(Code.NOT_FOUND);
        assertThat(refused(old, next, next)).as("one id twice").isEqualTo(Code.INVALID_PARAMETER);
        assertThat(releasedBy(enclave)).isEqualTo(old.id());
        vault.keys.revoke(KEY, old.id(), OWNER);
        assertThat(refused(old, next)).isEqualTo(Code.CONFLICT);
        assertThat(vault.key("patients").grants()).hasSize(1);
        vault.keys.delete(KEY, OWNER);
        assertThat(refused(old, next)).isEqualTo(Code.CONFLICT);
    }
}
