package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.vault.grant.Granted;
import org.innerkeep.vault.key.IdentityKeys;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeySecret;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.VaultKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL in the middle of everything, again and again on one store: no key that was acknowledged is lost, nothing that was revoked,
 * deleted or purged is there again, every release is counted, and the log is intact. The system property {@code
 * innerkeep.crash.points} says how often, 6 by default.
 */
class VaultCrashTest {
    private static final int POINTS = Integer.getInteger("innerkeep.crash.points", 6);
    private static final int MOST_ACKNOWLEDGED = 60;
    private static final Pattern ACKNOWLEDGED =
            Pattern.compile("(created|granted|released|revoked|deleted|purged) [a-z0-9-]+ [0-9a-f]{32}");

    @TempDir
    private Path folder;

    private final List<String> all = new ArrayList<>();
    private final FakeEnclave enclave = FakeEnclave.good();
    private int refusals;

    @Test
    void nothingAcknowledgedIsLostOrUndoneByKilling() throws Exception {
        long seed = Long.getLong("innerkeep.crash.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Path keyFile = folder.resolve("log.pem");
        LogKey key = LogKey.generate();
        key.write(keyFile);
        for (int point = 0; point < POINTS; point++) {
            List<String> acknowledged = runAndKill(keyFile, point, random);
            all.addAll(acknowledged);
            try {
                check(key, acknowledged);
            } catch (AssertionError | IOException e) {
                throw new AssertionError("at point " + point + " of seed " + seed + ": " + e.getMessage(), e);
            }
        }
        // And all of it once more, after everything that came later.
        check(key, all);
        assertThat(all).as("what was acknowledged").hasSizeGreaterThan(POINTS);
        System.out.println("VaultCrashTest: killed " + POINTS + " times, acknowledged: " + counts(all) + "; none lost or undone, "
                + refusals + " releases by revoked grants refused; seed " + seed);
    }

    private static Map<String, Long> counts(List<String> lines) {
        Map<String, Long> counts = new TreeMap<>();
        lines.forEach(line -> counts.merge(line.substring(0, line.indexOf(' ')), 1L, Long::sum));
        return counts;
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

    private void check(LogKey key, List<String> lines) throws Exception {
        try (TestVault vault = TestVault.open(folder, key, enclave.anchor())) {
            Map<String, List<String[]>> ofKeys = new LinkedHashMap<>();
            for (String line : lines) {
                String[] words = line.split(" ", -1);
                ofKeys.computeIfAbsent(words[1], name -> new ArrayList<>()).add(words);
            }
            for (Map.Entry<String, List<String[]>> each : ofKeys.entrySet()) {
                check(vault, each.getKey(), each.getValue());
            }
            assertThat(new LogVerifier(key.anchor()).verify(vault.store().log()).intact()).isTrue();
        }
    }

    private void check(TestVault vault, String name, List<String[]> done) throws Exception {
        Optional<VaultKey> there = vault.keys.find(new KeyName(name));
        if (done.stream().anyMatch(words -> words[0].equals("purged"))) {
            assertThat(there).as("purged: " + name).isEmpty();
            return;
        }
        if (there.isEmpty()) {
            // Purging comes right after deleting, and may have been done without being said.
            assertThat(done).as("lost: " + name).anyMatch(words -> words[0].equals("deleted"));
            return;
        }
        VaultKey found = there.get();
        Map<String, Long> released = new HashMap<>();
        for (String[] words : done) {
            String line = String.join(" ", words);
            switch (words[0]) {
                case "created" -> opens(vault, found, found.version(words[2]).orElseThrow(() -> new AssertionError("lost: " + line)));
                case "granted" -> assertThat(grant(found, words[2])).as(line).isNotNull();
                case "revoked" -> {
                    assertThat(grant(found, words[2]).revoked()).as(line).isPresent();
                    releasesNothing(vault, found);
                }
                case "deleted" -> assertThat(found.active()).as(line).isFalse();
                default -> released.merge(words[2], 1L, Long::sum);
            }
        }
        for (Map.Entry<String, Long> each : released.entrySet()) {
            long counted = vault.keys.uses(found).getOrDefault(each.getKey(), 0L);
            assertThat(counted).as("uses of " + name).isBetween(each.getValue(), 2L);
            assertThat(vault.release.records(FileKeyRelease.RELEASED, found.name(), 10)).as("log of " + name).hasSize((int) counted);
        }
    }

    /** Its secret is there, and the one that belongs to its public key. */
    private static void opens(TestVault vault, VaultKey key, KeyVersion version) throws Exception {
        try (KeySecret secret = vault.keys.open(key.name(), version);
                Identity identity = Identity.parse(new String(secret.expose(), StandardCharsets.US_ASCII));
                IdentityKeys made = IdentityKeys.of(identity)) {
            assertThat(made.version().publicKey()).as(key.name() + " " + version.id()).isEqualTo(version.publicKey());
        }
    }

    private void releasesNothing(TestVault vault, VaultKey key) throws Exception {
        byte[] sealed;
        try (KeySecret secret = vault.keys.open(key.name(), key.newest());
                Identity identity = Identity.parse(new String(secret.expose(), StandardCharsets.US_ASCII))) {
            sealed = TestVault.seal("text", identity.recipient());
        }
        assertThatExceptionOfType(RefusedException.class)
                .as(key.name().text())
                .isThrownBy(() -> vault.read(key.name().text(), sealed, enclave))
                .satisfies(e -> assertThat(e.problem().details())
                        .anyMatch(each -> each.contains("REVOKED grant") || each.equals("the key is deleted")));
        refusals++;
    }

    private static Granted grant(VaultKey key, String id) {
        return key.grants().stream()
                .filter(each -> each.grant().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("lost: grant " + id));
    }
}
