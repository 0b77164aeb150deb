package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Recipients, identities, identity files and the Bech32 below them. */
class KeyTextFuzzTest {
    private static final List<String> PREFIXES = List.of("age", "AGE-SECRET-KEY-", "age1pq", "AGE-SECRET-KEY-PQ-", "a");

    private static String file(Identity identity) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            identity.writeFile(out, Instant.EPOCH);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toString(ISO_8859_1);
    }

    private static String text(Identity identity) {
        return file(identity).lines().skip(2).findFirst().orElseThrow();
    }

    private static List<byte[]> keys() {
        Identity hybrid = Samples.identity(KeyKind.HYBRID, 1);
        Identity classic = Samples.identity(KeyKind.CLASSIC, 1);
        return List.of(hybrid.recipient().toString().getBytes(ISO_8859_1), text(hybrid).getBytes(ISO_8859_1),
            classic.recipient().toString().getBytes(ISO_8859_1), text(classic).getBytes(ISO_8859_1),
            Samples.identity(KeyKind.CLASSIC, 2).recipient().toString().getBytes(ISO_8859_1));
    }

    private static void parseKeys(byte[] input) throws IOException {
        String text = new String(input, ISO_8859_1);
        try {
            assertThat(Recipient.parse(text)).hasToString(text);
        } catch (SealedFileException e) {
            assertThat(e.code()).isIn(SealedFileException.Code.RECIPIENT_MALFORMED, SealedFileException.Code.UNSUPPORTED);
        }
        try (Identity identity = Identity.parse(text)) {
            assertThat(text(identity)).isEqualTo(text);
        } catch (SealedFileException e) {
            assertThat(e.code()).isIn(SealedFileException.Code.IDENTITY_MALFORMED, SealedFileException.Code.UNSUPPORTED);
        }
    }

    private static void decode(byte[] input, boolean planted) {
        for (String prefix : PREFIXES) {
            try {
                byte[] data = Bech32.decode(prefix, input);
                assertThat(Bech32.encode(prefix, data)).isEqualTo(input);
            } catch (MalformedException e) {
                // As if the characters were taken for good once so many had been.
                if (planted && e.offset() > 60) {
                    throw new AssertionError("planted", e);
                }
            }
        }
    }

    private static void readFile(byte[] input) throws IOException {
        List<Identity> identities;
        try {
            identities = Identity.readFile(new ByteArrayInputStream(input));
        } catch (SealedFileException e) {
            return;
        }
        List<String> secrets = Arrays.stream(new String(input, ISO_8859_1).split("\n"))
            .map(line -> line.endsWith("\r") ? line.substring(0, line.length() - 1) : line)
            .filter(line -> line.startsWith("AGE-")).toList();
        assertThat(identities.stream().map(KeyTextFuzzTest::text).toList()).isEqualTo(secrets);
        identities.forEach(Identity::close);
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, keys()).run(20_000, KeyTextFuzzTest::parseKeys)).isEmpty();
        assertThat(new Fuzzer(2, keys()).run(50_000, input -> decode(input, false))).isEmpty();
    }

    @Test
    void survivesHostileIdentityFiles() {
        byte[] file = (file(Samples.identity(1)) + "\r\n#\n" + text(Samples.identity(KeyKind.CLASSIC, 2))).getBytes(ISO_8859_1);
        assertThat(new Fuzzer(3, List.of(file)).run(2_000, KeyTextFuzzTest::readFile)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(2, keys()).run(50_000, input -> decode(input, true)))
            .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws IOException {
        parseKeys(data);
        decode(data, false);
        readFile(data);
    }
}
