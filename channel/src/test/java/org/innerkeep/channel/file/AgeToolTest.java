package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files and keys go both ways between this implementation and the age command line tool. Classic ones only: versions of the tool
 * before 1.3 know no hybrid keys.
 */
class AgeToolTest {
    @TempDir
    Path folder;

    @BeforeEach
    void requireAge() throws InterruptedException {
        try {
            run("age", "--version");
            run("age-keygen", "--version");
        } catch (IOException e) {
            Assumptions.abort("the age tool is missing (Debian package age): interoperation is not checked, " + e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 1 << 20})
    void ageOpensWhatWeSeal(int size) throws Exception {
        byte[] plaintext = Samples.plaintext(size);
        try (Identity identity = Samples.identity(KeyKind.CLASSIC, 1); Identity other = Samples.identity(KeyKind.CLASSIC, 2)) {
            Path keys = write(identity);
            Path sealed = Files.write(folder.resolve("sealed"), Samples.seal(plaintext, other, identity));
            assertThat(run("age", "-d", "-i", keys.toString(), sealed.toString())).isEqualTo(plaintext);

            ByteArrayOutputStream armored = new ByteArrayOutputStream();
            try (OutputStream out = SealedFile.seal(Armor.writer(armored), List.of(identity.recipient()), Samples.random(3))) {
                out.write(plaintext);
            }
            Files.write(sealed, armored.toByteArray());
            assertThat(run("age", "-d", "-i", keys.toString(), sealed.toString())).isEqualTo(plaintext);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 1 << 20})
    void weOpenWhatAgeSeals(int size) throws Exception {
        byte[] plaintext = Samples.plaintext(size);
        Path plain = Files.write(folder.resolve("plain"), plaintext);
        try (Identity identity = Samples.identity(KeyKind.CLASSIC, 1); Identity other = Samples.identity(KeyKind.CLASSIC, 2)) {
            String to = identity.recipient().toString();
            byte[] sealed = run("age", "-r", other.recipient().toString(), "-r", to, plain.toString());
            assertThat(Samples.unseal(sealed, identity)).isEqualTo(plaintext);
            try (FileKey key = Samples.unwrap(sealed, other)) {
                assertThat(Samples.open(sealed, key)).isEqualTo(plaintext);
            }
            byte[] armored = run("age", "-a", "-r", to, plain.toString());
            assertThat(Armor.detect(new ByteArrayInputStream(armored)).readAllBytes()).isEqualTo(
                Armor.reader(new ByteArrayInputStream(armored)).readAllBytes());
            assertThat(SealedFile.unseal(Armor.detect(new ByteArrayInputStream(armored)), List.of(identity)).readAllBytes())
                .isEqualTo(plaintext);
        }
    }

    @Test
    void weReadTheKeysOfAgeKeygen() throws Exception {
        Path keys = folder.resolve("keys");
        run("age-keygen", "-o", keys.toString());
        String recipient = new String(run("age-keygen", "-y", keys.toString()), US_ASCII).strip();
        List<Identity> identities = Identity.readFile(new ByteArrayInputStream(Files.readAllBytes(keys)));
        assertThat(identities).singleElement().satisfies(identity -> assertThat(identity.recipient()).hasToString(recipient));
        assertThat(Recipient.parse(recipient)).isEqualTo(identities.getFirst().recipient());
    }

    @Test
    void ageKeygenReadsOurKeys() throws Exception {
        try (Identity identity = Samples.identity(KeyKind.CLASSIC, 1)) {
            assertThat(new String(run("age-keygen", "-y", write(identity).toString()), US_ASCII).strip())
                .isEqualTo(identity.recipient().toString());
        }
    }

    private Path write(Identity identity) throws IOException {
        Path keys = folder.resolve("keys");
        try (OutputStream out = Files.newOutputStream(keys)) {
            identity.writeFile(out, Instant.parse("2026-01-02T03:04:05.678Z"));
        }
        return keys;
    }

    private byte[] run(String... command) throws IOException, InterruptedException {
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(() -> {
            try {
                return Files.readString(errors);
            } catch (IOException e) {
                return e.toString();
            }
        }).isZero();
        return output;
    }
}
