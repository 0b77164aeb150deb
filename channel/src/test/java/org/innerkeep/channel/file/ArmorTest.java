package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.junit.jupiter.api.Test;

class ArmorTest {
    static byte[] write(byte[] bytes) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (OutputStream out = Armor.writer(text)) {
            for (int at = 0; at < bytes.length; at += 777) {
                out.write(bytes[at]);
                out.write(bytes, at + 1, Math.min(776, bytes.length - at - 1));
            }
        }
        return text.toByteArray();
    }

    private static byte[] read(String text) throws IOException {
        return Armor.reader(new ByteArrayInputStream(text.getBytes(US_ASCII))).readAllBytes();
    }

    @Test
    void roundTripHoldsForAnySize() throws IOException {
        for (int size = 0; size < 200; size++) {
            byte[] bytes = Samples.plaintext(size);
            assertThat(Armor.reader(new ByteArrayInputStream(write(bytes))).readAllBytes()).isEqualTo(bytes);
        }
        byte[] bytes = Samples.plaintext(100_001);
        byte[] text = write(bytes);
        assertThat(Armor.reader(new ByteArrayInputStream(text)).readAllBytes()).isEqualTo(bytes);
        assertThat(new String(text, US_ASCII).lines()).allMatch(line -> line.length() <= 64);
    }

    @Test
    void anyChangeOfACharacterChangesTheBytesOrIsRefused() throws IOException {
        byte[] bytes = Samples.plaintext(100);
        byte[] text = write(bytes);
        for (int at = 0; at < text.length - 1; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] changed = text.clone();
                changed[at] = (byte) value;
                byte[] read;
                try {
                    read = Armor.reader(new ByteArrayInputStream(changed)).readAllBytes();
                } catch (SealedFileException e) {
                    if (e.code() != Code.ARMOR_MALFORMED) {
                        throw e;
                    }
                    continue;
                }
                if (Arrays.equals(read, bytes) != (value == text[at])) {
                    fail("character " + at + " as " + value + " is taken for the same");
                }
            }
        }
    }

    @Test
    void anyCutIsRefused() throws IOException {
        byte[] text = write(Samples.plaintext(100));
        // The very last line feed may be missing, as editors and web forms lose it.
        for (int length = 0; length < text.length - 1; length++) {
            InputStream in = Armor.reader(new ByteArrayInputStream(text, 0, length));
            assertThatThrownBy(in::readAllBytes).as("cut to %d", length).isInstanceOf(SealedFileException.class);
            assertThatThrownBy(in::read).as("again").isInstanceOf(SealedFileException.class);
        }
    }

    @Test
    void whiteSpaceAroundIsBounded() throws IOException {
        String text = new String(write(new byte[10]), US_ASCII);
        assertThat(read(" \n".repeat(512) + text + "\n".repeat(1000))).hasSize(10);
        assertThatThrownBy(() -> read("\n".repeat(1025) + text)).isInstanceOf(SealedFileException.class);
        assertThatThrownBy(() -> read(text + "\n".repeat(1025))).isInstanceOf(SealedFileException.class);
        assertThatThrownBy(() -> read(" ".repeat(1_000_000) + text)).isInstanceOf(SealedFileException.class);
    }

    @Test
    void detectsArmorAndLeavesOtherFilesAlone() throws IOException {
        byte[] bytes = Samples.seal(Samples.plaintext(1000), Samples.identity(1));
        assertThat(Armor.detect(new ByteArrayInputStream(bytes)).readAllBytes()).isEqualTo(bytes);
        assertThat(Armor.detect(new ByteArrayInputStream(write(bytes))).readAllBytes()).isEqualTo(bytes);
        assertThat(Armor.detect(new ByteArrayInputStream(("\r\n" + new String(write(bytes), US_ASCII)).getBytes(US_ASCII))).readAllBytes())
            .isEqualTo(bytes);
        assertThat(Armor.detect(InputStream.nullInputStream()).readAllBytes()).isEmpty();
    }

    @Test
    void closedStreamsAreUseless() throws IOException {
        OutputStream out = Armor.writer(new ByteArrayOutputStream());
        out.close();
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
        InputStream in = Armor.reader(new ByteArrayInputStream(write(new byte[100])));
        assertThat(in.read()).isZero();
        in.close();
        assertThatThrownBy(in::read).isInstanceOf(IOException.class);
    }
}
