package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.innerkeep.channel.file.Identity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dash in place of a file: seal and unseal as a part of a pipeline, in processes of their own. */
final class PipedFilesTest {
    @TempDir
    private Path folder;

    private String recipient;

    @BeforeEach
    void keys() throws IOException {
        try (Identity identity = Identity.generate(new SecureRandom());
                OutputStream file = Files.newOutputStream(folder.resolve("own.age"))) {
            identity.writeFile(file, Instant.now());
            recipient = identity.recipient().toString();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Outcome(int exitCode, byte[] out, String err) {}

    private Outcome run(byte[] in, String... arguments) throws Exception {
        Path err = folder.resolve("err");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        Path input = Files.write(folder.resolve("in"), in);
        Process process = new ProcessBuilder(command).redirectInput(input.toFile()).redirectError(err.toFile()).start();
        byte[] out = process.getInputStream().readAllBytes();
        return new Outcome(process.waitFor(), out, Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void whatIsSealedThroughAPipeUnsealsThroughOne() throws Exception {
        byte[] plain = new byte[3_000_000];
        new Random(5).nextBytes(plain);
        Outcome sealed = run(plain, "seal", "-r", recipient, "-", "-o", "-");
        assertThat(sealed.err()).isEmpty();
        assertThat(sealed.exitCode()).isZero();

        Outcome opened = run(sealed.out(), "unseal", "-i", folder.resolve("own.age").toString(), "-", "-o", "-");
        assertThat(opened.err()).isEmpty();
        assertThat(opened.exitCode()).isZero();
        assertThat(opened.out()).isEqualTo(plain);

        // What arrives cut is given as far as it is proven, and the exit code says that it is not all.
        Outcome cut = run(Arrays.copyOf(sealed.out(), 2_000_000), "unseal", "-i", folder.resolve("own.age").toString(), "-", "-o", "-");
        assertThat(cut.exitCode()).isEqualTo(Main.FAILED);
        assertThat(cut.err()).contains("the file was cut");
        assertThat(cut.out()).isEqualTo(Arrays.copyOf(plain, cut.out().length)).hasSizeLessThan(2_000_000);
    }
}
