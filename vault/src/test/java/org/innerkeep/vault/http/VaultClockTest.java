package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.vault.release.FakeEnclave;
import org.innerkeep.vault.release.TestVault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clocks that are turned, the vault's and that of the enclave's host, over HTTPS. */
class VaultClockTest {
    private static final String KEY = "patients";

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private final TestVault.TurnedClock clock = new TestVault.TurnedClock(Instant.now());
    private HttpVault vault;
    private byte[] sealed;

    @BeforeEach
    void start() throws Exception {
        vault = HttpVault.start(folder, enclave, Map.of(), clock);
        vault.owner("PUT", "/vault/keys/" + KEY, "{\"kind\":\"classic\"}");
        sealed = vault.sealedTo(KEY);
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private static void refused(HttpResponse<byte[]> answer, int status, String reason) {
        assertThat(HttpVault.text(answer)).contains(reason);
        assertThat(answer.statusCode()).as(HttpVault.text(answer)).isEqualTo(status);
    }

    private int released() throws Exception {
        return vault.owner("GET", "/vault/keys/" + KEY + "/log", "").path("decisions").size();
    }

    @Test
    void aHostThatTurnsTheClockByWhichItsEnclavesAreVouchedForGetsNothing() throws Exception {
        vault.grant(KEY);
        for (Duration turned : new Duration[] {Duration.ofMinutes(6), Duration.ofDays(400), Duration.ofMinutes(-6), Duration.ofDays(-400)}) {
            try (PendingRelease pending = vault.begin(KEY, sealed)) {
                refused(vault.release(pending, KEY, enclave.age(turned)), 400,
                        turned.isNegative() ? "EVIDENCE_FROM_FUTURE" : "EVIDENCE_STALE");
            }
        }
        assertThat(released()).isZero();
    }

    @Test
    void aLeaseIsCountedFromTheVaultsTimeWhateverTheHostsClockSays() throws Exception {
        vault.grant(KEY);
        try (PendingRelease pending = vault.begin(KEY, sealed);
                ReleasedKey key = pending.accept(vault.release(pending, KEY, enclave.age(Duration.ofMinutes(4))).body(), 1)) {
            assertThat(key.lease()).contains(Duration.ofMinutes(15));
            assertThat(key.terms().time()).isEqualTo(clock.instant().truncatedTo(ChronoUnit.SECONDS));
        }
    }

    @Test
    void aGrantThatIsOverStaysOverWhenTheVaultsClockIsSetBack() throws Exception {
        Instant end = clock.instant().plusSeconds(600);
        vault.owner("POST", "/vault/keys/" + KEY + "/grants",
                HttpVault.grantJson().replace("\"leaseSeconds\":900", "\"notAfter\":\"" + end + "\""));
        assertThat(vault.reads(KEY, sealed, enclave)).isTrue();
        clock.turn(Duration.ofMinutes(11));
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            refused(vault.release(pending, KEY, enclave), 403, "EXPIRED time");
        }
        int before = released();
        clock.turn(Duration.ofMinutes(-5));
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            refused(vault.release(pending, KEY, enclave), 503, "clock: the vault's was at ");
        }
        assertThat(released()).isEqualTo(before);
        clock.turn(Duration.ofMinutes(5));
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            refused(vault.release(pending, KEY, enclave), 403, "EXPIRED time");
        }
    }

    @Test
    void aRequestThatWasAnsweredAndForgottenIsNotAnsweredOnceMoreWhenTheClockIsSetBack() throws Exception {
        vault.grant(KEY);
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            byte[] call = vault.call(pending, enclave);
            pending.accept(vault.post(KEY, call).body(), 1).close();
            // Long enough for what was spent to be forgotten, as it is when something else is spent.
            clock.turn(Duration.ofMinutes(30));
            refused(vault.post(KEY, call), 400, "challenge: it is older than 120 seconds");
            assertThat(vault.reads(KEY, sealed, enclave)).isTrue();
            int before = released();
            clock.turn(Duration.ofMinutes(-30));
            refused(vault.post(KEY, call), 503, "clock: the vault's was at ");
            assertThat(released()).isEqualTo(before);
        }
    }

    @Test
    void aClockThatIsSetBackWhileTheVaultIsStoppedReleasesNothing() throws Exception {
        vault.grant(KEY);
        assertThat(vault.reads(KEY, sealed, enclave)).isTrue();
        vault.close();
        clock.turn(Duration.ofMinutes(-5));
        vault = HttpVault.start(folder, enclave, Map.of(), clock);
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            refused(vault.release(pending, KEY, enclave), 503, "clock: the vault's was at ");
        }
        // It was wrong before, say: the owner changes something, which the log dates, and starts it again.
        vault.owner("PUT", "/vault/keys/another", "{\"kind\":\"classic\"}");
        vault.close();
        vault = HttpVault.start(folder, enclave, Map.of(), clock);
        assertThat(vault.reads(KEY, sealed, enclave)).isTrue();
    }

    @Test
    void aChallengeIsTakenNeitherAfterItsTimeNorBeforeIt() throws Exception {
        vault.grant(KEY);
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            clock.turn(Duration.ofMinutes(2));
            refused(vault.release(pending, KEY, enclave), 400, "challenge: it is older than 120 seconds");
            clock.turn(Duration.ofSeconds(-121));
            refused(vault.release(pending, KEY, enclave), 400, "challenge: it is older than 120 seconds");
        }
        assertThat(released()).isZero();
    }

    @Test
    void aClockThatIsCorrectedByLittleKeepsNobodyWaiting() throws Exception {
        vault.grant(KEY);
        assertThat(vault.reads(KEY, sealed, enclave)).isTrue();
        clock.turn(Duration.ofSeconds(-59));
        assertThat(vault.reads(KEY, sealed, enclave)).isTrue();
    }
}
