package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.vault.grant.Granted;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeySecret;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.VaultKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL in the middle of everything, again and again on one store: no key that was acknowledged is lost, nothing that was revoked or
 * deleted is there again, every release is counted, and the log is intact. The system property {@code innerkeep.crash.points} says how
 * often, 6 by default.
 */
class VaultCrashTest {
    private static final int POINTS = Integer.getInteger("innerkeep.crash.points", 6);
    private static final int MOST_ACKNOWLEDGED = 60;
    private static final Pattern ACKNOWLEDGED = Pattern.compile("(created|granted|released|revoked|deleted) [a-z0-9-]+ [0-9a-f]{32}");

    @TempDir
    private Path folder;

    private final List<String> all = new ArrayList<>();

    @Test
    void nothingAcknowledgedIsLostOrUndoneByKilling() throws Exception {
        long seed = Long.getLong("innerkeep.crash.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Path keyFile = folder.resolve("log.pem");
        LogKey key = LogKey.generate();
        key.write(keyFile);
        for (int point = 0; point < POINTS; point++) {
            all.addAll(runAndKill(keyFile, point, random));
            try {
                check(key);
            } catch (AssertionError | IOException e) {
                throw new AssertionError("at point " + point + " of seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(all).as("what was acknowledged").hasSizeGreaterThan(POINTS);
        System.out.println("VaultCrashTest: killed " + POINTS + " times, " + all.size() + " changes and releases acknowledged, none lost"
                + " or undone; seed " + seed);
    }

    private List<String> runAndKill(Path keyFile, int point, SplittableRandom random) throws Exception {
        Path errors = folder.resolve("errors");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingVault.class.getName(),
                        folder.toString(),
                        keyFile.toString(),
                        "point" + point)
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
            List<String> acknowledged = new ArrayList<>();
            for (int wanted = 1 + random.nextInt(MOST_ACKNOWLEDGED); wanted > 0; wanted--) {
                String line = lines.readLine();
                if (line == null) {
                    fail("the child ended by itself: " + Files.readString(errors));
                }
                acknowledged.add(String.valueOf(line));
            }
            Thread.sleep(0, random.nextInt(999_999));
            // SIGKILL; by the handle, as the process itself would close the pipe with what is still in it.
            assertThat(child.toHandle().destroyForcibly()).isTrue();
            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                acknowledged.add(line);
            }
            // The last line may have been cut off by the kill: it was not received, so it was not acknowledged to anybody.
            acknowledged.removeIf(line -> !ACKNOWLEDGED.matcher(line).matches());
            return acknowledged;
        } finally {
            child.destroyForcibly();
        }
    }

    private void check(LogKey key) throws Exception {
        try (TestVault vault = TestVault.open(folder, key)) {
            Map<String, Long> released = new HashMap<>();
            for (String line : all) {
                String[] words = line.split(" ", -1);
                VaultKey found = vault.keys.find(new KeyName(words[1])).orElseThrow(() -> new AssertionError("lost: " + line));
                switch (words[0]) {
                    case "created" -> {
                        KeyVersion version = found.version(words[2]).orElseThrow(() -> new AssertionError("lost: " + line));
                        try (KeySecret secret = vault.keys.open(found.name(), version)) {
                            assertThat(secret.expose()).isNotEmpty();
                        }
                    }
                    case "granted" -> assertThat(grant(found, words[2])).as(line).isNotNull();
                    case "revoked" -> assertThat(grant(found, words[2]).revoked()).as(line).isPresent();
                    case "deleted" -> assertThat(found.active()).as(line).isFalse();
                    default -> released.merge(line, 1L, Long::sum);
                }
            }
            for (Map.Entry<String, Long> each : released.entrySet()) {
                String[] words = each.getKey().split(" ", -1);
                KeyName name = new KeyName(words[1]);
                long counted = vault.keys.uses(vault.key(words[1])).getOrDefault(words[2], 0L);
                assertThat(counted).as(each.getKey()).isBetween(each.getValue(), 2L);
                assertThat(vault.release.records(FileKeyRelease.RELEASED, name, 10)).as(each.getKey()).hasSize((int) counted);
            }
            assertThat(new LogVerifier(key.anchor()).verify(vault.store().log()).intact()).isTrue();
        }
    }

    private static Granted grant(VaultKey key, String id) {
        return key.grants().stream()
                .filter(each -> each.grant().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("lost: grant " + id));
    }
}
