package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.vault.release.FakeEnclave;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Enclaves that ask and an owner who revokes at the same time, over HTTPS, again and again. The system property {@code
 * innerkeep.race.rounds} says how often, 60 by default.
 */
class VaultRaceTest {
    private static final int ROUNDS = Integer.getInteger("innerkeep.race.rounds", 60);
    private static final int ROUNDS_OF_A_KEY = 100;
    private static final int ENCLAVES = 3;
    private static final int MOST_ASKED = 50;

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private HttpVault vault;
    private byte[] sealed = {};
    private String key = "";

    /** When an enclave sent what got it a key, on the clock by which the owner was told of the revocation; and the leaf of the log. */
    private record Got(long sent, long leaf) {}

    @BeforeEach
    void start() throws Exception {
        vault = HttpVault.start(folder, enclave, Map.of());
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void onceRevokingHasReturnedNothingIsReleasedByThatGrant() throws Exception {
        long seed = Long.getLong("innerkeep.race.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        long released = 0;
        int mixed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            if (round % ROUNDS_OF_A_KEY == 0) {
                key = "key-" + round / ROUNDS_OF_A_KEY;
                vault.owner("PUT", "/vault/keys/" + key, "{\"kind\":\"classic\"}");
                sealed = vault.sealedTo(key);
            }
            int got = round(random.nextInt(12_000_000)).size();
            released += got;
            mixed += got > 0 ? 1 : 0;
        }
        // Otherwise nothing raced.
        assertThat(mixed).as("rounds with releases, seed " + seed).isGreaterThan(ROUNDS / 4);
        System.out.println("VaultRaceTest: " + ROUNDS + " revocations, " + released + " releases before them in " + mixed
                + " rounds, none after; seed " + seed);
    }

    private List<Got> round(int nanos) throws Exception {
        String grant = vault.grant(key);
        AtomicLong acknowledged = new AtomicLong(Long.MAX_VALUE);
        CountDownLatch begun = new CountDownLatch(ENCLAVES);
        List<Got> got = new ArrayList<>();
        long revocation;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Got>>> enclaves = new ArrayList<>();
            for (int i = 0; i < ENCLAVES; i++) {
                enclaves.add(threads.submit(() -> askUntilRevoked(grant, begun)));
            }
            begun.await();
            Thread.sleep(Duration.ofNanos(nanos));
            HttpResponse<byte[]> revoked = vault.send("DELETE", "/vault/keys/" + key + "/grants/" + grant, "", new byte[0], true);
            acknowledged.set(System.nanoTime());
            assertThat(revoked.statusCode()).isEqualTo(200);
            revocation = Receipt.parse(Base64Text.url("receipt", revoked.headers().firstValue("x-innerkeep-receipt").orElseThrow()))
                    .entry().sequence();
            for (Future<List<Got>> each : enclaves) {
                got.addAll(each.get());
            }
        }
        assertThat(got).allSatisfy(each -> {
            assertThat(each.sent() - acknowledged.get()).as("sent before revoking returned").isNegative();
            assertThat(each.leaf()).as("in the log before the revocation").isLessThan(revocation);
        });
        for (var each : vault.owner("GET", "/vault/keys/" + key, "").path("grants").values()) {
            if (each.path("id").stringValue().equals(grant)) {
                assertThat(each.path("used").intValue()).as("every release is counted").isEqualTo(got.size());
            }
        }
        return got;
    }

    private List<Got> askUntilRevoked(String grant, CountDownLatch begun) throws Exception {
        List<Got> got = new ArrayList<>();
        for (int i = 0; i < MOST_ASKED; i++) {
            try (PendingRelease pending = vault.begin(key, sealed)) {
                byte[] call = vault.call(pending, enclave);
                begun.countDown();
                long sent = System.nanoTime();
                HttpResponse<byte[]> answer = vault.post(key, call);
                if (answer.statusCode() != 200) {
                    assertThat(answer.statusCode()).as(HttpVault.text(answer)).isEqualTo(403);
                    assertThat(HttpVault.text(answer)).contains("REVOKED grant");
                    return got;
                }
                try (ReleasedKey released = pending.accept(answer.body(), 1)) {
                    assertThat(released.terms().grant()).isEqualTo(grant);
                    got.add(new Got(sent, Receipt.parse(released.receipt().toArray()).entry().sequence()));
                }
            }
        }
        throw new AssertionError("released " + MOST_ASKED + " times, and not revoked yet");
    }
}
