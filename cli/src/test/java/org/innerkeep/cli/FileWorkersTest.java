package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.conscrypt.Conscrypt;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.file.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose cipher it is makes no difference to what is sealed, opened and refused. */
final class FileWorkersTest {
    private final SecureRandom random = new SecureRandom();
    private final Identity owner = Identity.generate(random);

    @TempDir
    private Path folder;

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private byte[] seal(byte[] plain, Workers workers) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream(plain), sealed, List.of(owner.recipient()), random, workers);
        return sealed.toByteArray();
    }

    private byte[] unseal(byte[] sealed, Workers workers, int length) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try {
            SealedFile.unseal(new ByteArrayInputStream(sealed), plain, List.of(owner), workers);
        } catch (SealedFileException e) {
            // Nothing but proven plaintext came out.
            assertThat(plain.toByteArray()).isEqualTo(Arrays.copyOf(noise(length), plain.size()));
            throw e;
        }
        return plain.toByteArray();
    }

    @Test
    void whatOneCipherSealsTheOtherOpensAndBothRefuseWhatWasChanged() throws IOException {
        Provider conscrypt = Conscrypt.newProvider();
        Workers ours = Workers.of(2);
        Workers conscrypts = ours.with(conscrypt);
        for (int length : new int[] {0, 1, 65_536, 1_500_000}) {
            byte[] plain = noise(length);
            byte[] one = seal(plain, ours);
            byte[] other = seal(plain, conscrypts);
            assertThat(unseal(one, conscrypts, length)).isEqualTo(plain);
            assertThat(unseal(other, ours, length)).isEqualTo(plain);
            for (int back : new int[] {1, 16, Math.max(1, length / 2), Math.max(1, length)}) {
                byte[] changed = other.clone();
                changed[changed.length - back] ^= 4;
                for (Workers each : List.of(ours, conscrypts)) {
                    assertThatThrownBy(() -> unseal(changed, each, length)).isInstanceOfSatisfying(
                            SealedFileException.class,
                            refused -> assertThat(refused.code()).isEqualTo(SealedFileException.Code.PAYLOAD_MODIFIED));
                }
            }
        }
    }

    @Test
    void nativeCodeIsLoadedForLargeFilesAndPipesOnly() throws IOException {
        Path small = Files.write(folder.resolve("small"), new byte[100]);
        assertThat(FileWorkers.of(small)).isEqualTo(Workers.of(Runtime.getRuntime().availableProcessors()));
        assertThat(FileWorkers.of(Path.of("-")).provider()).hasValueSatisfying(
                provider -> assertThat(provider.getName()).isEqualTo("Conscrypt"));
    }
}
