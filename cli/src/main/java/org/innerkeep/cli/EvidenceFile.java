package org.innerkeep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.evidence.Verifier;

/** Reads a file that should be evidence. */
final class EvidenceFile {
    private EvidenceFile() {}

    /** Its bytes; one byte more than is accepted where there is more, so that the verifier refuses it by its size. */
    static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Verifier.MAX_EVIDENCE_BYTES + 1);
            return isText(bytes) ? new String(bytes, StandardCharsets.US_ASCII).strip().getBytes(StandardCharsets.US_ASCII) : bytes;
        }
    }

    /** Tokens and PEM: editors and shells leave line ends after them. */
    private static boolean isText(byte[] bytes) {
        for (byte each : bytes) {
            if (each < ' ' && each != '\n' && each != '\r' && each != '\t') {
                return false;
            }
        }
        return true;
    }
}
