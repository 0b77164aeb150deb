package org.innerkeep.attestation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogKeyTest {
    @TempDir
    private Path folder;

    @Test
    void keyIsReadAsItWasWritten() throws IOException {
        LogKey key = LogKey.generate();
        Path file = folder.resolve("log.pem");
        key.write(file);

        assertThat(LogKey.read(file).anchor()).isEqualTo(key.anchor());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> key.write(file));
    }

    @Test
    void keyThatOthersCanReadIsRefused() throws IOException {
        Path file = folder.resolve("log.pem");
        LogKey.generate().write(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> LogKey.read(file))
                .withMessageContaining("rw-r-----")
                .withMessageContaining("chmod 600");
    }

    @Test
    void otherKeysAndOtherFilesAreRefusedWithoutShowingThem() throws Exception {
        Path file = folder.resolve("log.pem");
        for (String pkcs8 : new String[] {encoded("EC", "secp384r1"), encoded("Ed25519", ""), "AAAA", "no base64"}) {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, "-----BEGIN PRIVATE KEY-----\n" + pkcs8 + "\n-----END PRIVATE KEY-----\n");

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> LogKey.read(file))
                    .withMessageContaining("P-256")
                    .matches(e -> !String.valueOf(e.getMessage()).contains(pkcs8) && e.getCause() == null);
        }
        Files.writeString(file, "something else");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> LogKey.read(file)).withMessageContaining("PEM");
    }

    private static String encoded(String algorithm, String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (!curve.isEmpty()) {
            generator.initialize(new ECGenParameterSpec(curve));
        }
        return Base64.getEncoder().encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
    }

    @Test
    void halvesOfTwoKeysAreRefused() {
        KeyPair one = LogKeyFile.newPair();
        KeyPair other = LogKeyFile.newPair();

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> LogKey.of(one.getPrivate(), other.getPublic()))
                .withMessageContaining("belong together");
    }

    @Test
    void anchorHasOneText() {
        LogAnchor anchor = LogKey.generate().anchor();
        String text = anchor.toString();

        assertThat(LogAnchor.parse(text)).isEqualTo(anchor);
        for (String bad : new String[] {"", "log-key:", "keeper-key:" + text.substring(8), text + "=", text + "A", " " + text}) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> LogAnchor.parse(bad));
        }
    }
}
