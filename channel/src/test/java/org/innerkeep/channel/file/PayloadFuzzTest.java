package org.innerkeep.channel.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/**
 * Whole files, opened with the right key. Nobody without the key can make what is accepted, so that the rule is strong: only the
 * file that was sealed opens to its end, and whatever is released before a refusal is a beginning of its plaintext.
 */
class PayloadFuzzTest {
    private static final Identity OWNER = Samples.identity(1);

    private static void open(byte[] file, byte[] plaintext, byte[] input) throws IOException {
        Optional<SealedFileException> failure = Optional.empty();
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        try (FileKey key = Samples.unwrap(file, OWNER); InputStream in = SealedFile.open(new ByteArrayInputStream(input), key)) {
            in.transferTo(released);
        } catch (SealedFileException e) {
            failure = Optional.of(e);
        }
        byte[] bytes = released.toByteArray();
        assertThat(Arrays.equals(bytes, 0, bytes.length, plaintext, 0, Math.min(bytes.length, plaintext.length))).isTrue();
        assertThat(failure.isEmpty()).isEqualTo(Arrays.equals(input, file));
    }

    @Test
    void survivesHostileBytes() {
        byte[] plaintext = Samples.plaintext(100);
        byte[] file = Samples.seal(plaintext, OWNER);
        assertThat(new Fuzzer(2, List.of(file)).run(10_000, input -> open(file, plaintext, input))).isEmpty();
    }

    @Test
    void survivesHostilePayloadBehindTheGoodHeader() throws IOException {
        byte[] plaintext = Samples.plaintext(100);
        byte[] file = Samples.seal(plaintext, OWNER);
        int header = Samples.headerLength(file);
        byte[] payload = Arrays.copyOfRange(file, header, file.length);
        assertThat(new Fuzzer(3, List.of(payload)).run(20_000, input -> open(file, plaintext, join(file, header, input)))).isEmpty();
    }

    @Test
    void survivesHostilePayloadOfSeveralChunks() throws IOException {
        byte[] plaintext = Samples.plaintext(PayloadCipher.CHUNK + 10);
        byte[] file = Samples.seal(plaintext, OWNER);
        int header = Samples.headerLength(file);
        byte[] payload = Arrays.copyOfRange(file, header, file.length);
        assertThat(new Fuzzer(4, List.of(payload)).run(1000, input -> open(file, plaintext, join(file, header, input)))).isEmpty();
    }

    private static byte[] join(byte[] file, int header, byte[] payload) {
        byte[] joined = Arrays.copyOf(file, header + payload.length);
        System.arraycopy(payload, 0, joined, header, payload.length);
        return joined;
    }

    @Test
    void findsAPlantedBug() {
        byte[] plaintext = Samples.plaintext(100);
        byte[] file = Samples.seal(plaintext, OWNER);
        assertThat(new Fuzzer(2, List.of(file)).run(10_000, input -> {
            try (FileKey key = Samples.unwrap(file, OWNER)) {
                Samples.open(input, key);
            } catch (SealedFileException e) {
                // As if a file without a single whole chunk were taken for an empty one.
                if (e.code() == Code.PAYLOAD_TRUNCATED) {
                    throw new AssertionError("planted", e);
                }
            }
        })).hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) throws IOException {
        byte[] plaintext = Samples.plaintext(100);
        byte[] file = Samples.seal(plaintext, OWNER);
        open(file, plaintext, data);
        open(file, plaintext, join(file, Samples.headerLength(file), data));
    }
}
