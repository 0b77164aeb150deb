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
    /** A plaintext, the file it was sealed into, and that file's key. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Sealed(byte[] plaintext, byte[] file, int header, FileKey key) {
        static Sealed of(int length) throws IOException {
            Identity owner = Samples.identity(1);
            byte[] plaintext = Samples.plaintext(length);
            byte[] file = Samples.seal(plaintext, owner);
            return new Sealed(plaintext, file, Samples.headerLength(file), Samples.unwrap(file, owner));
        }

        byte[] payload() {
            return Arrays.copyOfRange(file, header, file.length);
        }

        /** The good header and another payload. */
        byte[] with(byte[] payload) {
            byte[] joined = Arrays.copyOf(file, header + payload.length);
            System.arraycopy(payload, 0, joined, header, payload.length);
            return joined;
        }
    }

    private static void open(Sealed sealed, byte[] input) throws IOException {
        Optional<SealedFileException> failure = Optional.empty();
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        try (InputStream in = SealedFile.open(new ByteArrayInputStream(input), sealed.key())) {
            in.transferTo(released);
        } catch (SealedFileException e) {
            failure = Optional.of(e);
        }
        byte[] bytes = released.toByteArray();
        byte[] plaintext = sealed.plaintext();
        assertThat(Arrays.equals(bytes, 0, bytes.length, plaintext, 0, Math.min(bytes.length, plaintext.length))).isTrue();
        assertThat(failure.isEmpty()).isEqualTo(Arrays.equals(input, sealed.file()));
    }

    @Test
    void survivesHostileBytes() throws IOException {
        Sealed sealed = Sealed.of(100);
        assertThat(new Fuzzer(2, List.of(sealed.file())).run(20_000, input -> open(sealed, input))).isEmpty();
    }

    @Test
    void survivesHostilePayloadBehindTheGoodHeader() throws IOException {
        Sealed sealed = Sealed.of(100);
        assertThat(new Fuzzer(3, List.of(sealed.payload())).run(15_000, input -> open(sealed, sealed.with(input)))).isEmpty();
    }

    @Test
    void survivesHostilePayloadOfSeveralChunks() throws IOException {
        Sealed sealed = Sealed.of(PayloadCipher.CHUNK + 10);
        assertThat(new Fuzzer(4, List.of(sealed.payload())).run(500, input -> open(sealed, sealed.with(input)))).isEmpty();
    }

    @Test
    void findsAPlantedBug() throws IOException {
        Sealed sealed = Sealed.of(100);
        assertThat(new Fuzzer(2, List.of(sealed.file())).run(20_000, input -> {
            try {
                Samples.open(input, sealed.key());
            } catch (SealedFileException e) {
                // As if a file without a single whole chunk were taken for an empty one.
                if (e.code() == Code.PAYLOAD_TRUNCATED) {
                    throw new AssertionError("planted", e);
                }
            }
        })).hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws IOException {
        Sealed sealed = Sealed.of(100);
        open(sealed, data);
        open(sealed, sealed.with(data));
    }
}
