package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.attestation.token.SigningProvider;
import org.innerkeep.channel.file.Workers;

/** Who seals and opens the files that the command line names: all processors; for large files by Conscrypt's cipher, if it is there. */
final class FileWorkers {
    /**
     * From here on it is worth loading native code: a process that has just started runs the JDK's cipher slowly for some hundred
     * mebibytes, and always where the JDK has no Poly1305 for its processor.
     */
    private static final long LARGE = 48L << 20;

    private FileWorkers() {}

    /** For a file, whose size tells whether it is large, or for a pipe, which may be. */
    static Workers of(Path file) throws IOException {
        Workers workers = Workers.of(Runtime.getRuntime().availableProcessors());
        boolean large = StandardStreams.named(file) || !Files.isRegularFile(file) || Files.size(file) >= LARGE;
        if (!large) {
            return workers;
        }
        try {
            return workers.with(SigningProvider.conscrypt(FileWorkers.class.getClassLoader()));
        } catch (IOException e) {
            // It is no part of this program: whoever adds its jar to the class path has it.
            return workers;
        }
    }
}
