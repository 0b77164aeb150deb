package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Arrays;
import org.innerkeep.evidence.KeeperAnchor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformKeysTest {
    @TempDir
    private Path folder;

    private PlatformKeys open() throws IOException {
        return PlatformKeys.open(folder, new SecureRandom());
    }

    private void refuses(String... words) {
        assertThatExceptionOfType(IOException.class).isThrownBy(this::open).satisfies(e -> assertThat(e).message().contains(words));
    }

    @Test
    void firstStartMakesBothSecretsForTheKeeperAlone() throws IOException {
        open();

        for (String name : new String[] {"platform.key", "sealing.root"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
        try (var all = Files.list(folder)) {
            assertThat(all.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("platform.key", "sealing.root", "keeper.anchor");
        }
    }

    @Test
    void reopeningGivesTheSameSecrets() throws IOException {
        PlatformKeys first = open();
        PlatformKeys again = open();

        assertThat(again.publicKey()).isEqualTo(first.publicKey());
        assertThat(again.privateKey()).isEqualTo(first.privateKey());
        assertThat(again.sealingRoot()).hasSize(32).isEqualTo(first.sealingRoot());
    }

    @Test
    void theAnchorFileIsWhatRelyingPartiesPin() throws Exception {
        PlatformKeys keys = open();
        String text = Files.readString(folder.resolve("keeper.anchor")).strip();

        assertThat(KeeperAnchor.parse(text)).isEqualTo(keys.anchor());
        assertThat(text).hasSizeLessThan(200);
    }

    @Test
    void twoKeepersHaveNothingInCommon(@TempDir Path other) throws IOException {
        PlatformKeys first = open();
        PlatformKeys second = PlatformKeys.open(other, new SecureRandom());

        assertThat(second.publicKey()).isNotEqualTo(first.publicKey());
        assertThat(second.sealingRoot()).isNotEqualTo(first.sealingRoot());
    }

    @Test
    void refusesAKeyWithoutItsRootAndMakesNoNewOne() throws IOException {
        open();
        Files.delete(folder.resolve("sealing.root"));

        refuses("sealing.root", "restore", "backup");
        assertThat(folder.resolve("sealing.root")).doesNotExist();
    }

    /** What a crash between the two files of the first start leaves. */
    @Test
    void finishesAFirstStartThatEndedBetweenTheTwoFiles() throws IOException {
        byte[] root = open().sealingRoot().clone();
        Files.delete(folder.resolve("platform.key"));
        Files.writeString(folder.resolve("platform.key.new"), "half a key");

        PlatformKeys keys = open();

        assertThat(keys.sealingRoot()).isEqualTo(root);
        assertThat(Files.readString(folder.resolve("keeper.anchor")).strip()).isEqualTo(keys.anchor().toString());
        assertThat(open().publicKey()).isEqualTo(keys.publicKey());
        assertThat(folder.resolve("platform.key.new")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 33})
    void refusesARootOfAnotherLength(int length) throws IOException {
        open();
        Files.write(folder.resolve("sealing.root"), new byte[length]);

        refuses("sealing.root", "32 bytes", "found " + length);
    }

    @Test
    void refusesAKeyThatIsCutShort() throws IOException {
        open();
        byte[] whole = Files.readAllBytes(folder.resolve("platform.key"));
        for (int length = 0; length < whole.length; length++) {
            Files.write(folder.resolve("platform.key"), Arrays.copyOf(whole, length));

            refuses("platform.key", "restore", "backup");
        }
    }

    /** A changed byte may lie where it changes nothing; a key that opens must still be the one that was pinned. */
    @Test
    void refusesAChangedKeyOrSignsAsBefore() throws Exception {
        PlatformKeys good = open();
        byte[] whole = Files.readAllBytes(folder.resolve("platform.key"));
        int refused = 0;
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            Files.write(folder.resolve("platform.key"), changed);
            try {
                PlatformKeys opened = open();
                assertThat(opened.publicKey()).as("byte %d", i).isEqualTo(good.publicKey());
                assertThat(signs(opened, good)).as("byte %d", i).isTrue();
            } catch (IOException e) {
                assertThat(e).message().contains("platform.key", "restore");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(whole.length / 2);
    }

    private static boolean signs(PlatformKeys signer, PlatformKeys verifier) throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer.privateKey());
        byte[] signed = signature.sign();
        signature.initVerify(verifier.publicKey());
        return signature.verify(signed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"platform.key", "sealing.root"})
    void refusesSecretsThatOthersMayHaveRead(String name) throws IOException {
        open();
        for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rw-rw-rw-"}) {
            Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString(mode));

            refuses(name, mode, "chmod 600");
        }
        Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("r--------"));
        open();
    }
}
