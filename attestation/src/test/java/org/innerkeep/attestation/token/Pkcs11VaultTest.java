package org.innerkeep.attestation.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.innerkeep.attestation.jws.JwsAlgorithm;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Keys in a real PKCS #11 module, SoftHSM2. It reads where its tokens are from the environment, so what uses it is a process of its own.
 */
class Pkcs11VaultTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void aKeyOfATokenSignsAlsoAfterTheTokenWasOpenedAnew(TokenAlgorithm algorithm) throws Exception {
        Path library = Stream.of("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("no PKCS #11 module to test with: install the package softhsm2"));
        Path tokens = Files.createDirectory(folder.resolve("tokens"));
        Path configuration = folder.resolve("softhsm2.conf");
        Files.writeString(configuration, "directories.tokendir = " + tokens + "\nobjectstore.backend = file\n");
        String made = run(configuration, List.of(
                "softhsm2-util", "--init-token", "--free", "--label", "tokens", "--so-pin", "12345678", "--pin", "123456"));
        String slot = made.replaceAll("(?s).*slot (\\d+).*", "$1");

        long before = objects(tokens);

        assertThat(run(configuration, List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        library.toString(),
                        slot,
                        algorithm.name())))
                .contains("signed twice by one key that cannot leave");
        // What could not be certified, and what was forgotten, left nothing: a private key, a certificate and a public key are there.
        assertThat(objects(tokens) - before).isBetween(2L, 3L);
    }

    /** SoftHSM has a file for each object. */
    private static long objects(Path tokens) throws Exception {
        try (Stream<Path> files = Files.walk(tokens)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".object") && !file.endsWith("token.object")).count();
        }
    }

    private static String run(Path configuration, List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SOFTHSM2_CONF", configuration.toString());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(out).isZero();
        return out;
    }

    /** What runs in a process of its own. */
    static final class Child {
        private Child() {}

        /** Makes a key, then opens the token anew and signs with it. */
        public static void main(String[] arguments) throws Exception {
            String library = arguments[0];
            long slot = Long.parseLong(arguments[1]);
            TokenAlgorithm algorithm = TokenAlgorithm.of(arguments[2]);
            Instant now = Instant.now();
            KeyVault.Made made;
            try (Pkcs11Vault vault = Pkcs11Vault.open(library, slot, "123456".toCharArray())) {
                made = vault.make(algorithm, pair -> SelfSigned.ofTokens(
                        "https://attest.example", pair, vault.provider(), now, now.plus(Duration.ofDays(1)), Optional.empty(), new SecureRandom()));
                sign(vault, made, now);
                fails(vault, algorithm, new IOException("no evidence"));
                fails(vault, algorithm, new IllegalStateException("the key cannot certify itself"));
                vault.forget(vault.make(algorithm, pair -> SelfSigned.ofTokens(
                        "https://attest.example", pair, vault.provider(), now, now.plus(Duration.ofDays(1)), Optional.empty(), new SecureRandom()))
                        .material());
            }
            try (Pkcs11Vault vault = Pkcs11Vault.open(library, slot, "123456".toCharArray())) {
                sign(vault, made, now);
            }
            System.out.println("signed twice by one key that cannot leave");
        }

        private static void fails(Pkcs11Vault vault, TokenAlgorithm algorithm, Exception why) {
            try {
                vault.make(algorithm, pair -> {
                    if (why instanceof IOException e) {
                        throw e;
                    }
                    throw (RuntimeException) why;
                });
            } catch (IOException | RuntimeException e) {
                if (e.equals(why)) {
                    return;
                }
            }
            throw new IllegalStateException("expected to fail because of " + why);
        }

        private static void sign(Pkcs11Vault vault, KeyVault.Made made, Instant now) throws Exception {
            String id = TokenKey.idOf(made.certificate());
            PrivateKey key = vault.open(id, made.material(), made.certificate().getPublicKey());
            if (key.getEncoded() != null) {
                throw new IllegalStateException("the key can leave the token");
            }
            String token = new TokenSigner("https://attest.example", Duration.ofHours(1)).sign(
                    new TokenKey(id, key, vault.provider(), made.certificate(), now, now.plus(Duration.ofDays(1))),
                    Map.of("claim", 1),
                    now,
                    Bytes.of(new byte[32]));
            int dot = token.lastIndexOf('.');
            byte[] signed = token.substring(0, dot).getBytes(StandardCharsets.US_ASCII);
            byte[] signature = Base64.getUrlDecoder().decode(token.substring(dot + 1));
            JwsAlgorithm expected = JwsAlgorithm.of(TokenAlgorithm.of(made.certificate().getPublicKey()).orElseThrow().name())
                    .orElseThrow();
            if (!expected.verify(made.certificate().getPublicKey(), signed, signature)) {
                throw new IllegalStateException("the signature is wrong");
            }
        }
    }
}
