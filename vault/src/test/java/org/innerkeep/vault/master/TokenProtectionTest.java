package org.innerkeep.vault.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A master key under a key in a real PKCS #11 module, SoftHSM2. It reads where its tokens are from the environment, so what uses it is a
 * process of its own.
 */
class TokenProtectionTest {
    @TempDir
    private Path folder;

    @Test
    void aKeyThatNeverLeavesItsTokenOpensTheMasterKeyAndAnotherTokenDoesNot() throws Exception {
        Path library = Stream.of("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("no PKCS #11 module to test with: install the package softhsm2"));
        Path tokens = Files.createDirectory(folder.resolve("tokens"));
        Path configuration = folder.resolve("softhsm2.conf");
        Files.writeString(configuration, "directories.tokendir = " + tokens + "\nobjectstore.backend = file\n");
        String first = token(configuration, "first");
        String second = token(configuration, "second");

        assertThat(run(configuration, List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        library.toString(),
                        first,
                        second,
                        folder.toString())))
                .contains("made", "opened again", "another token: refused", "wrong pin: refused", "changed to a file", "and back", "recovered");
    }

    private static String token(Path configuration, String label) throws Exception {
        return run(configuration, List.of(
                        "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", "123456"))
                .replaceAll("(?s).*slot (\\d+).*", "$1");
    }

    private static String run(Path configuration, List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SOFTHSM2_CONF", configuration.toString());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(out).isZero();
        return out;
    }

    /** What runs in a process of its own. */
    static final class Child {
        private static final SecureRandom RANDOM = new SecureRandom();

        private final String library;
        private final Path folder;
        private final AttestationStore store;
        private Optional<Bytes> canary = Optional.empty();

        private Child(String library, Path folder, AttestationStore store) {
            this.library = library;
            this.folder = folder;
            this.store = store;
        }

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[3]);
            secret(folder.resolve("pin"), "123456\n");
            secret(folder.resolve("wrong"), "654321\n");
            try (AttestationStore store = AttestationStore.open(
                    StoreOptions.of(new StoreLocation.Sqlite(folder.resolve("store.db")), LogKey.generate()))) {
                Child child = new Child(arguments[0], folder, store);
                // First, as a process is logged in to a token until it ends.
                child.refused("wrong pin", arguments[1], "wrong", "cannot be opened: CKR_PIN_INCORRECT");
                Path shares = Files.createDirectory(folder.resolve("shares"));
                child.open(arguments[1], "pin", "pkcs11", "vault-recovery", "2/2", "vault-recovery-folder", shares.toString());
                System.out.println("made");
                child.open(arguments[1], "pin", "pkcs11");
                System.out.println("opened again");
                child.refused("another token", arguments[2], "pin", "expected an AES key labelled 'innerkeep-vault'");
                child.open(arguments[1], "pin", "file", "vault-master-key-change", "true");
                child.open(arguments[1], "pin", "file");
                System.out.println("changed to a file");
                child.open(arguments[2], "pin", "pkcs11", "vault-master-key-change", "true");
                child.open(arguments[2], "pin", "pkcs11");
                child.refused("the token of before", arguments[1], "pin", "was not wrapped under the key");
                System.out.println("and back");
                child.open(arguments[1], "pin", "pkcs11", "vault-recover", "true", "vault-recovery-shares", all(shares));
                child.open(arguments[1], "pin", "pkcs11");
                System.out.println("recovered");
            }
        }

        private static String all(Path folder) throws IOException {
            try (Stream<Path> files = Files.list(folder)) {
                return String.join(",", files.map(Path::toString).toList());
            }
        }

        private static void secret(Path file, String text) throws IOException {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, text);
        }

        private void open(String slot, String pin, String way, String... more) throws Exception {
            Map<String, String> settings = new TreeMap<>(Map.of(
                    "folder", folder.toString(), "vault-master-key", way, "vault-pkcs11-library", library, "vault-pkcs11-slot", slot,
                    "vault-pkcs11-pin-file", folder.resolve(pin).toString()));
            for (int i = 0; i < more.length; i += 2) {
                settings.put(more[i], more[i + 1]);
            }
            MasterKey master = MasterKey.open(
                    ServiceConfiguration.of(settings), Optional.empty(), store.further(), false, RANDOM);
            try (WrappingKey key = master.key()) {
                byte[] text = {1, 2, 3};
                if (canary.isEmpty()) {
                    canary = Optional.of(key.wrap("canary", text));
                }
                if (!Arrays.equals(text, key.unwrap("canary", canary.get()))) {
                    throw new IllegalStateException("another master key");
                }
                master.settle();
            }
        }

        @SuppressWarnings("SystemOut")
        private void refused(String what, String slot, String pin, String why) throws Exception {
            try {
                open(slot, pin, "pkcs11");
            } catch (IOException e) {
                if (String.valueOf(e.getMessage()).contains(why)) {
                    System.out.println(what + ": refused");
                    return;
                }
                throw e;
            }
            throw new IllegalStateException(what + ": expected to be refused");
        }
    }
}
