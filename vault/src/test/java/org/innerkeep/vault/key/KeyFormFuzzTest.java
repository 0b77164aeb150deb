package org.innerkeep.vault.key;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.innerkeep.vault.grant.Granted;
import org.innerkeep.vault.release.FakeEnclave;
import org.junit.jupiter.api.Test;

/** What stands in a database, or in a backup, may have been written by anybody. */
class KeyFormFuzzTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00.123Z");

    private static Bytes bytes(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static KeyVersion version(String id, KeySettings settings) {
        return new KeyVersion(id, KeyType.EC, "EC-HSM", "P-256", bytes("public"), bytes("wrapped"), 2, settings, NOW, NOW.plusMillis(5));
    }

    private static VaultKey key(KeyState state) {
        KeySettings settings = new KeySettings(false, Optional.of(NOW), Optional.empty(), true, Set.of("sign", "verify"),
                Map.of("a", "1", "b", "2"), Optional.of(new ReleasePolicy("application/json", bytes("{}"), true)));
        return new VaultKey(new KeyName("name"), state,
                List.of(version("0".repeat(32), KeySettings.PLAIN), version("1".repeat(32), settings)),
                List.of(new Granted(FakeEnclave.grant(), NOW, "owner", Optional.of(new Granted.Revoked(NOW, "another")))),
                bytes("rotation"));
    }

    private static final List<byte[]> KEYS = List.of(
            KeyForm.write(key(new KeyState.Active())),
            KeyForm.write(key(new KeyState.Deleted(NOW, NOW.plusSeconds(60)))),
            KeyForm.write(key(new KeyState.Purged(NOW))));

    private static final List<byte[]> STATES = List.of(new VaultState(3, 2, Bytes.of(new byte[91]), bytes("key"), bytes("secret")).toByteArray());

    private static final List<byte[]> USES = List.of(
            KeyUses.NONE.oneMore("0".repeat(32)).oneMore("0".repeat(32)).oneMore("1".repeat(32)).toByteArray());

    private static final List<byte[]> PASTS = List.of(KeyPast.NONE.and(key(new KeyState.Purged(NOW))).toByteArray());

    @Test
    void keysComeBackAsTheyWere() throws MalformedException {
        for (KeyState state : List.of(new KeyState.Active(), new KeyState.Deleted(NOW, NOW.plusSeconds(60)), new KeyState.Purged(NOW))) {
            VaultKey key = key(state);
            VaultKey again = KeyForm.read(KeyForm.write(key));
            // A time of settings has whole seconds.
            assertThat(KeyForm.write(again)).isEqualTo(KeyForm.write(key));
            assertThat(again.state()).isEqualTo(state);
            assertThat(again.newest().settings().tags()).isEqualTo(Map.of("a", "1", "b", "2"));
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(51, KEYS).run(30_000, input -> key(input, found -> {}))).isEmpty();
        assertThat(new Fuzzer(52, STATES).run(10_000, KeyFormFuzzTest::state)).isEmpty();
        assertThat(new Fuzzer(53, USES).run(10_000, KeyFormFuzzTest::uses)).isEmpty();
        assertThat(new Fuzzer(54, PASTS).run(10_000, KeyFormFuzzTest::past)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(51, KEYS).run(30_000, input -> key(input, found -> {
                    if (found.newest().epoch() != 2) {
                        throw new ArithmeticException("planted");
                    }
                })))
                .isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        key(data, found -> {});
        state(data);
        uses(data);
        past(data);
    }

    private static void key(byte[] input, Consumer<VaultKey> behind) {
        VaultKey key;
        try {
            key = KeyForm.read(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(KeyForm.write(key)).isEqualTo(input);
        behind.accept(key);
    }

    private static void uses(byte[] input) {
        try {
            assertThat(KeyUses.parse(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    private static void past(byte[] input) {
        try {
            assertThat(KeyPast.parse(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    private static void state(byte[] input) {
        try {
            assertThat(VaultState.parse(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }
}
