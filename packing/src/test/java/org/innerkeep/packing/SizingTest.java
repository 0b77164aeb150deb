package org.innerkeep.packing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.Digest;
import org.innerkeep.bundle.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The advice that whoever packs gets about heap and threads. */
class SizingTest {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path folder;

    private List<String> notes(long heap, int threads, int jarBytes) throws IOException {
        Path jar = Files.write(folder.resolve("a.jar"), new byte[jarBytes]);
        Manifest manifest = new Manifest(
                "a", 1, 1, "a.B", heap, threads, false, true, List.of(), 25, List.of("java.base"), List.of(),
                List.of(new BundleFile("lib/a.jar", jarBytes, Digest.sha256(new byte[jarBytes]))));
        return Sizing.of(manifest, List.of(jar));
    }

    @Test
    void saysHowMuchMemoryTheEnclaveNeeds() throws IOException {
        assertThat(notes(256 * MIB, 16, 2 << 20))
                .containsExactly("memory about 326 MiB: heap 256 MiB, classes up to 6 MiB, the JVM itself 64 MiB");
    }

    @Test
    void advisesWhereCallsHaveTooLittleHeap() throws IOException {
        assertThat(notes(64 * MIB, 65535, 1024)).anySatisfy(note -> assertThat(note)
                .startsWith("advice heap 64 MiB leaves each of 65535 calls at once 0 KiB")
                .contains("lower 'threads', or raise 'heap' to 131070 MiB"));
        assertThat(notes(64 * MIB, 32, 1024)).hasSize(1);
    }

    @Test
    void advisesWhereLibrariesAreLargeForTheHeap() throws IOException {
        assertThat(notes(16 * MIB, 8, 6 << 20)).anyMatch(note -> note.startsWith("advice the program's libraries are large"));
    }
}
