package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether anything in this process runs or could run. A thread that waits for a processor counts as running, so that a slow or
 * busy machine never looks still. Seen on Linux only.
 */
final class Stillness {
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final Path OWN = Path.of("/proc/thread-self");
    private static final char WAITS = 'S';

    private Stillness() {}

    /** {@return whether every thread of the system but the caller's waits for something; false where that cannot be seen} */
    static boolean now() {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            Path own = Files.readSymbolicLink(OWN).getFileName();
            for (Path thread : threads) {
                if (!thread.getFileName().equals(own) && state(thread) != WAITS) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            // No such files here, or a thread has just ended, which is no stillness.
            return false;
        }
    }

    /** The letter after the name, which stands in parentheses and may have some of its own; proc(5), /proc/pid/stat. */
    private static char state(Path thread) throws IOException {
        String line = new String(Files.readAllBytes(thread.resolve("stat")), StandardCharsets.ISO_8859_1);
        int name = line.lastIndexOf(')');
        return name < 0 || name + 2 >= line.length() ? '?' : line.charAt(name + 2);
    }
}
