package org.innerkeep.keeper;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.evidence.Bytes;

/**
 * Every argument of an enclave's JVM, in order. It depends on the manifest alone and names files relative to the working
 * directory, so it is the same on every machine and its digest can be computed by whoever holds the bundle. The
 * environment is empty, so no argument comes from anywhere else.
 *
 * @param arguments what follows the path of the {@code java} program
 */
public record LaunchConfiguration(List<String> arguments) {
    /** The class that every enclave's JVM starts. */
    private static final String MAIN_CLASS = "org.innerkeep.enclave.internal.EnclaveMain";

    /** Copies the arguments. */
    public LaunchConfiguration {
        arguments = List.copyOf(arguments);
    }

    /**
     * The arguments for a bundle.
     *
     * @param manifest the bundle's manifest
     * @return its launch configuration
     */
    public static LaunchConfiguration of(Manifest manifest) {
        List<String> arguments = new ArrayList<>(List.of(
                "-Xms" + manifest.heapBytes(),
                "-Xmx" + manifest.heapBytes(),
                "-XX:+UseSerialGC",
                "-Xshare:off",
                // Nothing that writes the heap to a file or lets another process look into it.
                "-XX:-HeapDumpOnOutOfMemoryError",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-Xrs",
                "-Djava.io.tmpdir=io",
                "-Djdk.tls.server.newSessionTicketCount=0",
                "--enable-native-access=ALL-UNNAMED"));
        if (manifest.secretHeap()) {
            // Nothing can be made there: the keeper answers with memory, secret where there is any, or there is no heap and no enclave.
            // The argument is the same everywhere; which memory it is, the report says.
            arguments.add("-XX:AllocateHeapAt=" + HeapMaker.FOLDER);
        }
        if (!manifest.debug()) {
            arguments.add("-XX:+DisableAttachMechanism");
            arguments.add("-XX:+SuppressFatalErrorMessage");
        }
        arguments.add("-cp");
        arguments.add(String.join(
                ":",
                manifest.files().stream()
                        .map(BundleFile::path)
                        .filter(path -> path.endsWith(".jar"))
                        .toList()));
        arguments.add(MAIN_CLASS);
        return new LaunchConfiguration(arguments);
    }

    /** {@return SHA-256 over the arguments, each ended by a zero byte} 32 bytes. */
    public Bytes digest() {
        return Bytes.sha256(String.join("\0", arguments).concat("\0").getBytes(StandardCharsets.UTF_8));
    }
}
