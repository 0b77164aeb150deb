package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class ArmorFuzzTest {
    private static List<byte[]> seeds() throws IOException {
        byte[] one = ArmorTest.write(Samples.plaintext(100));
        byte[] full = ArmorTest.write(Samples.plaintext(96));
        byte[] windows = (" \n" + new String(full, ISO_8859_1) + "\t\n").replace("\n", "\r\n").getBytes(ISO_8859_1);
        return List.of(one, full, windows, ArmorTest.write(new byte[0]), ArmorTest.write(new byte[1]));
    }

    private interface Accepted {
        void take(byte[] bytes);
    }

    private static void read(byte[] input, Accepted accepted) throws IOException {
        byte[] bytes;
        try {
            bytes = Armor.reader(new ByteArrayInputStream(input)).readAllBytes();
        } catch (SealedFileException e) {
            return;
        }
        // Armor may have white space around it and line ends of either kind; but for these, there is one form.
        String inner = new String(input, ISO_8859_1).replace("\r\n", "\n").strip();
        assertThat(inner).isEqualTo(new String(ArmorTest.write(bytes), ISO_8859_1).strip());
        accepted.take(bytes);
    }

    @Test
    void survivesHostileBytes() throws IOException {
        int[] accepted = new int[1];
        assertThat(new Fuzzer(1, seeds()).run(50_000, input -> read(input, bytes -> accepted[0]++))).isEmpty();
        assertThat(accepted[0]).as("enough inputs got through to test what lies behind the parser").isGreaterThan(1000);
    }

    @Test
    void findsAPlantedBug() throws IOException {
        byte usual = Samples.plaintext(100)[60];
        assertThat(new Fuzzer(1, seeds()).run(50_000, input -> read(input, bytes -> {
            if (bytes.length == 100 && bytes[60] != usual) {
                throw new ArrayIndexOutOfBoundsException("planted");
            }
        }))).hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) throws IOException {
        read(data, bytes -> {});
        read((Armor.BEGIN + "\n" + new String(data, ISO_8859_1)).getBytes(ISO_8859_1), bytes -> {});
    }
}
