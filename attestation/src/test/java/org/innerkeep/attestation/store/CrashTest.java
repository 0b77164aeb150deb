package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL in the middle of writes, again and again on one store. After each, everything that was acknowledged is there, nothing is torn,
 * and the log contains what every receipt says. The system property {@code innerkeep.crash.points} says how often, 20 by default.
 */
class CrashTest {
    private static final int POINTS = Integer.getInteger("innerkeep.crash.points", 20);
    private static final int MOST_ACKNOWLEDGED = 60;

    @TempDir
    private Path folder;

    private final List<Receipt> all = new ArrayList<>();
    private long policyVersion;

    @Test
    void nothingAcknowledgedIsLostByKilling() throws Exception {
        long seed = Long.getLong("innerkeep.crash.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Path store = folder.resolve("store.db");
        Path keyFile = folder.resolve("log.pem");
        LogKey key = LogKey.generate();
        key.write(keyFile);
        for (int point = 0; point < POINTS; point++) {
            List<String> acknowledged = runAndKill(store, keyFile, point, random);
            try {
                check(store, key, acknowledged);
            } catch (AssertionError | IOException e) {
                throw new AssertionError("at point " + point + " of seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(all).as("receipts of all points").hasSizeGreaterThan(POINTS);
        try (AttestationStore opened = AttestationStore.open(StoreOptions.of(new StoreLocation.Sqlite(store), key))) {
            assertThat(new LogVerifier(key.anchor()).verify(all, opened.log()).intact()).isTrue();
        }
        System.out.println("CrashTest: killed " + POINTS + " times, " + all.size() + " changes acknowledged, none lost; seed " + seed);
    }

    /** One in five is killed while it starts, and so while it recovers from the last time. */
    private List<String> runAndKill(Path store, Path keyFile, int point, SplittableRandom random) throws Exception {
        Path errors = folder.resolve("errors");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashWriter.class.getName(),
                        store.toString(),
                        keyFile.toString(),
                        "point" + point)
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
            List<String> acknowledged = new ArrayList<>();
            if (random.nextInt(5) == 0) {
                Thread.sleep(random.nextInt(700));
            } else {
                for (int wanted = 1 + random.nextInt(MOST_ACKNOWLEDGED); wanted > 0; wanted--) {
                    String line = lines.readLine();
                    if (line == null) {
                        fail("the child ended by itself: " + Files.readString(errors));
                    }
                    acknowledged.add(String.valueOf(line));
                }
                Thread.sleep(0, random.nextInt(999_999));
            }
            // SIGKILL; by the handle, as the process itself would close the pipe with what is still in it.
            assertThat(child.toHandle().destroyForcibly()).isTrue();
            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                acknowledged.add(line);
            }
            return acknowledged;
        } finally {
            child.destroyForcibly();
        }
    }

    private void check(Path file, LogKey key, List<String> acknowledged) throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        List<Long> decisions = new ArrayList<>();
        for (String line : acknowledged) {
            String[] words = line.split(" ", -1);
            // The last line may have been cut off by the kill: it was not received, so it was not acknowledged to anybody.
            Optional<Receipt> receipt = words.length == 3 ? receipt(words[2]) : Optional.empty();
            if (receipt.isEmpty()) {
                assertThat(line.equals("ready") || line.equals(acknowledged.getLast())).as(line).isTrue();
                continue;
            }
            receipts.add(receipt.get());
            if (words[0].equals("decision")) {
                decisions.add(Long.parseLong(words[1]));
            } else {
                policyVersion = Math.max(policyVersion, Long.parseLong(words[1]));
            }
        }
        all.addAll(receipts);
        try (AttestationStore store = AttestationStore.open(StoreOptions.of(new StoreLocation.Sqlite(file), key))) {
            assertThat(new LogVerifier(key.anchor()).verify(receipts, store.log()).intact()).isTrue();
            Versioned<Optional<String>> policy = store.policy(Samples.TYPE);
            assertThat(policy.version()).isBetween(policyVersion, policyVersion + 4);
            assertThat(policy.value())
                    .isEqualTo(policy.version() == 0 ? Optional.empty() : Optional.of(CrashWriter.policy(policy.version())));
            policyVersion = policy.version();
            for (long sequence : decisions) {
                assertThat(store.decision(sequence).orElseThrow().missingInputs()).isEmpty();
            }
            checkNothingTorn(file, store);
        }
    }

    private static Optional<Receipt> receipt(String base64) {
        try {
            return Optional.of(Receipt.parse(Base64.getDecoder().decode(base64)));
        } catch (IllegalArgumentException | MalformedException e) {
            return Optional.empty();
        }
    }

    /** Each decision has its leaf and each such leaf its decision, acknowledged or not; and the file is sound. */
    private static void checkNothingTorn(Path file, AttestationStore store) throws Exception {
        List<Long> leaves = new ArrayList<>();
        long place = 0;
        for (List<Bytes> some = store.log().leaves(0, 1000); !some.isEmpty(); some = store.log().leaves(place, 1000)) {
            for (Bytes leaf : some) {
                if (LogEntry.parse(leaf.toArray()).kind().equals(LogEntry.DECISION)) {
                    leaves.add(place);
                }
                place++;
            }
        }
        List<Long> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            try (ResultSet found = statement.executeQuery("SELECT sequence FROM decision ORDER BY sequence")) {
                while (found.next()) {
                    rows.add(found.getLong(1));
                }
            }
            try (ResultSet found = statement.executeQuery("PRAGMA integrity_check")) {
                assertThat(found.next()).isTrue();
                assertThat(found.getString(1)).isEqualTo("ok");
            }
        }
        assertThat(rows).isEqualTo(leaves);
        if (!rows.isEmpty()) {
            assertThat(store.decision(rows.getLast()).orElseThrow().missingInputs()).isEmpty();
        }
    }
}
