package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL of the whole service while clients attest and set policies over HTTPS, again and again on one folder. What a client was told is
 * there after each; nothing else but what was under way is. The system property {@code innerkeep.service.crash.points} says how often, 6
 * by default.
 */
class ServiceCrashTest {
    private static final int POINTS = Integer.getInteger("innerkeep.service.crash.points", 6);
    private static final int MOST_ANSWERS = 40;
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final String QUOTE = Rig.base64(INTEL.sgxQuote(3, quote -> {}));

    /** One client for each, which sets its policy again and again. */
    private static final List<String> TYPES = List.of("SgxEnclave", "OpenEnclave", "SevSnpVm");

    @TempDir
    private Path folder;

    private final List<Receipt> all = new ArrayList<>();

    /** By type, the number of the policy that was acknowledged last. */
    private final Map<String, Integer> acknowledged = new HashMap<>();

    private static String policy(String type, int number) {
        return PolicyJws.unsigned("version=1.0;\nauthorizationrules { => permit(); };\nissuancerules { => issue(type=\"mark\", value=\""
                + type + ' ' + number + "\"); };").jws().text();
    }

    @Test
    void nothingThatAClientWasToldIsLostByKillingTheService() throws Exception {
        long seed = Long.getLong("innerkeep.crash.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, String> values = Rig.makers(folder, INTEL, AMD);
        for (int point = 0; point < POINTS; point++) {
            try {
                if (random.nextInt(5) == 0) {
                    ServiceProcess.startAndKill(folder, values, Duration.ofMillis(random.nextInt(1500)));
                } else {
                    serveAndKill(values, random);
                }
                check();
            } catch (AssertionError | IOException e) {
                throw new AssertionError("at point " + point + " of seed " + seed + ": " + e.getMessage(), e);
            }
        }
        try (ServiceProcess process = ServiceProcess.start(folder, values);
                Rig rig = Rig.of(process)) {
            for (String type : TYPES) {
                assertThat(stored(rig, type)).as(type).isEqualTo(last(type));
            }
            assertThat(rig.attest("SgxEnclave", Map.of("quote", QUOTE)).claims().path("mark").stringValue(""))
                    .isEqualTo(last("SgxEnclave") == 0 ? "" : "SgxEnclave " + last("SgxEnclave"));
        }
        System.out.println("ServiceCrashTest: killed " + POINTS + " times, " + all.size() + " answers acknowledged, none lost; seed " + seed);
    }

    private int last(String type) {
        return acknowledged.getOrDefault(type, 0);
    }

    /** The number of the policy that the service says holds; 0 for its default. */
    private static int stored(Rig rig, String type) {
        String envelope = rig.get("/policies/" + type + "?api-version=2020-10-01", rig.asAdmin())
                .claims()
                .path("x-ms-policy")
                .stringValue("");
        String text = Rig.payload(envelope).path("AttestationPolicy").stringValue("");
        String decoded = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        int mark = decoded.indexOf('"' + type + ' ');
        return mark < 0 ? 0 : Integer.parseInt(decoded.substring(mark + type.length() + 2, decoded.indexOf('"', mark + 1)));
    }

    /** Kills it once clients have so many answers, and a moment later. */
    private void serveAndKill(Map<String, String> values, SplittableRandom random) throws Exception {
        ConcurrentLinkedQueue<Receipt> receipts = new ConcurrentLinkedQueue<>();
        CountDownLatch enough = new CountDownLatch(1 + random.nextInt(MOST_ANSWERS));
        ServiceProcess process = ServiceProcess.start(folder, values);
        try (Rig rig = Rig.of(process);
                ExecutorService threads = Executors.newFixedThreadPool(TYPES.size())) {
            List<Future<Integer>> working = new ArrayList<>();
            for (String type : TYPES) {
                int last = last(type);
                working.add(threads.submit(() -> untilItEnds(rig, type, last, receipts, enough)));
            }
            enough.await();
            Thread.sleep(0, random.nextInt(999_999));
            process.kill();
            for (int i = 0; i < TYPES.size(); i++) {
                acknowledged.put(TYPES.get(i), working.get(i).get());
            }
        }
        all.addAll(receipts);
    }

    private static int untilItEnds(
            Rig rig, String type, int last, ConcurrentLinkedQueue<Receipt> receipts, CountDownLatch answers) throws Exception {
        int number = last;
        try {
            while (true) {
                Rig.Answer set = rig.put(
                        "/policies/" + type + "?api-version=2020-10-01", "text/plain", policy(type, number + 1), rig.asAdmin());
                assertThat(set.status()).as(set.message()).isEqualTo(200);
                number++;
                receipts.add(AttestTest.receipt(set));
                answers.countDown();
                Rig.Answer answer = rig.attest("SgxEnclave", Map.of("quote", QUOTE));
                assertThat(answer.status()).as(answer.message()).isEqualTo(200);
                receipts.add(AttestTest.receipt(answer));
                answers.countDown();
            }
        } catch (UncheckedIOException e) {
            return number;
        }
    }

    /** What was under way may have happened: it is taken as acknowledged from here on. */
    private void check() throws Exception {
        Path keyFile = folder.resolve("state/log.key");
        if (!Files.exists(folder.resolve("state/store.db")) || !Files.exists(keyFile)) {
            assertThat(all).isEmpty();
            return;
        }
        LogKey key = LogKey.read(keyFile);
        StoreLocation location = new StoreLocation.Sqlite(folder.resolve("state/store.db"));
        try (AttestationStore store = AttestationStore.open(StoreOptions.of(location, key))) {
            assertThat(new LogVerifier(key.anchor()).verify(all, store.log()).intact()).isTrue();
            for (Receipt each : all) {
                if (each.entry().kind().equals(LogEntry.DECISION)) {
                    assertThat(store.decision(each.entry().sequence()).orElseThrow().missingInputs()).isEmpty();
                }
            }
            for (String type : TYPES) {
                int number = last(type);
                Optional<String> found = store.policy(type).value();
                if (found.equals(Optional.of(policy(type, number + 1)))) {
                    acknowledged.put(type, number + 1);
                } else {
                    assertThat(found).as(type).isEqualTo(number == 0 ? Optional.empty() : Optional.of(policy(type, number)));
                }
            }
        }
    }
}
