package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class HeaderFuzzTest {
    private static final int LONGEST_GREASE = 60;
    private static final Identity HYBRID = Samples.identity(1);
    private static final Identity CLASSIC = Samples.identity(KeyKind.CLASSIC, 3);

    private static List<byte[]> seeds() {
        try (FileKey key = FileKey.fromSecretBytes(new byte[FileKey.LENGTH])) {
            Stanza first = Samples.identity(1).recipient().wrap(key, Samples.random(1));
            Stanza second = Samples.identity(2).recipient().wrap(key, Samples.random(2));
            Stanza classic = Samples.identity(KeyKind.CLASSIC, 3).recipient().wrap(key, Samples.random(3));
            Stanza grease = new Stanza(List.of("grease", "0", "~!"), Bytes.of(new byte[LONGEST_GREASE]));
            Stanza scrypt = new Stanza(List.of("scrypt", "AAAAAAAAAAAAAAAAAAAAAA", "18"), Bytes.of(new byte[32]));
            return List.of(Header.of(List.of(first), key).write(), Header.of(List.of(first, grease, second), key).write(),
                Header.of(List.of(new Stanza(List.of("x"), Bytes.of(new byte[48])), first), key).write(),
                Header.of(List.of(scrypt), key).write(), Header.of(List.of(classic), key).write(),
                Header.of(List.of(classic, grease, first), key).write());
        }
    }

    private interface Accepted {
        void take(Header header);
    }

    private static void read(byte[] input, Accepted accepted) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(input);
        Header header;
        try {
            header = Header.read(in);
        } catch (SealedFileException e) {
            return;
        }
        assertThat(header.write()).isEqualTo(Arrays.copyOf(input, input.length - in.available()));
        accepted.take(header);
    }

    @Test
    void survivesHostileBytes() {
        int[] accepted = new int[1];
        assertThat(new Fuzzer(1, seeds()).run(50_000, input -> read(input, header -> accepted[0]++))).isEmpty();
        assertThat(accepted[0]).as("enough inputs got through to test what lies behind the parser").isGreaterThan(1000);
    }

    @Test
    void hostileStanzasOpenToNothing() {
        int[] tried = new int[1];
        assertThat(new Fuzzer(2, seeds())
            .run(2_000, input -> read(input, header -> unwrap(header, List.of(HYBRID, CLASSIC), tried)))).isEmpty();
        assertThat(tried[0]).as("enough stanzas were tried").isGreaterThan(100);
    }

    /** Whatever key comes out of a stanza is the one that went into the seeds: none can be made without it. */
    private static void unwrap(Header header, List<Identity> identities, int[] tried) {
        try (FileKey sealed = FileKey.fromSecretBytes(new byte[FileKey.LENGTH])) {
            for (Identity identity : identities) {
                try {
                    identity.unwrap(header.stanzas()).ifPresent(key -> assertThat(key.matches(sealed)).isTrue());
                    tried[0]++;
                } catch (SealedFileException e) {
                    assertThat(e.code()).isEqualTo(SealedFileException.Code.HEADER_MALFORMED);
                }
            }
        }
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(1, seeds()).run(50_000, input -> read(input, header -> {
            for (Stanza stanza : header.stanzas()) {
                if (stanza.body().length() > LONGEST_GREASE) {
                    throw new ArrayIndexOutOfBoundsException("planted");
                }
            }
        }))).hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws IOException {
        read(data, header -> unwrap(header, List.of(HYBRID, CLASSIC), new int[1]));
        byte[] behindVersion = Arrays.copyOf((Header.VERSION + "\n").getBytes(US_ASCII), Header.VERSION.length() + 1 + data.length);
        System.arraycopy(data, 0, behindVersion, Header.VERSION.length() + 1, data.length);
        read(behindVersion, header -> unwrap(header, List.of(HYBRID, CLASSIC), new int[1]));
    }
}
