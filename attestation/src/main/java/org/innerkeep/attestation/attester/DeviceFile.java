package org.innerkeep.attestation.attester;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.innerkeep.evidence.Bytes;

/** Reads and writes files of devices, whose sizes mean nothing and whose contents are made when they are opened. */
final class DeviceFile {
    private static final int MAX_TEXT = 64;

    private DeviceFile() {}

    static Bytes read(Path file, int most) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(file + ": expected at most " + most + " bytes");
            }
            return Bytes.of(bytes);
        }
    }

    static String text(Path file) throws IOException {
        return new String(read(file, MAX_TEXT).toArray(), StandardCharsets.US_ASCII).strip();
    }

    /** In one write, as devices want it, and without cutting the file first. */
    static void write(Path file, Bytes content) throws IOException {
        try (SeekableByteChannel out = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            int written = out.write(ByteBuffer.wrap(content.toArray()));
            if (written != content.length()) {
                throw new IOException(file + ": took " + written + " of " + content.length() + " bytes");
            }
        }
    }
}
