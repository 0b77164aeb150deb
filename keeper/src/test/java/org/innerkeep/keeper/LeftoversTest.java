package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a hostile program leaves behind when its enclave ends: processes and folders. */
final class LeftoversTest {
    private static final int UID = 0x7003_0000;

    @Test
    void endsWhatAnEnclavesProgramLeftRunning() throws Exception {
        Process left = leftRunningAs(UID);
        try {
            Users.endProcesses(UID);

            assertThat(left.waitFor(5, TimeUnit.SECONDS)).isTrue();
        } finally {
            left.destroyForcibly();
        }
    }

    @Test
    void endsItAlsoOnAThreadThatIsInterrupted() throws Exception {
        Process left = leftRunningAs(UID);
        try {
            Thread.currentThread().interrupt();
            Users.endProcesses(UID);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(left.waitFor(5, TimeUnit.SECONDS)).isTrue();
        } finally {
            left.destroyForcibly();
        }
    }

    @Test
    void endsNothingOfAnotherUser() throws Exception {
        Process other = leftRunningAs(UID + 1);
        try {
            Users.endProcesses(UID);

            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void givesNoEnclaveAUserIdThatAProcessHas(@TempDir Path folder) throws Exception {
        Process left = leftRunningAs(UID);
        try {
            assertThat(new Users(UserIds.open(folder.resolve("two"), UID, 2, 0)).take()).contains(UID + 1);
            Users none = new Users(UserIds.open(folder.resolve("one"), UID, 1, 0));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(none::take)
                    .withMessageContaining("were used");
        } finally {
            left.destroyForcibly();
        }
    }

    @Test
    void deletesAFolderThatItsUserLocked(@TempDir Path folder) throws Exception {
        Path locked = Files.createDirectories(folder.resolve("io/locked"));
        Files.createFile(Files.createDirectory(locked.resolve("inside")).resolve("file"));
        Files.createSymbolicLink(locked.resolve("link"), folder);
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
        if (!isRoot()) {
            assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> Trees.delete(folder.resolve("io")));
        }

        Trees.takeOver(folder.resolve("io"));
        Trees.delete(folder.resolve("io"));

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void followsNoLinkOutOfAFolderThatItTakesOver(@TempDir Path folder) throws Exception {
        Path outside = Files.createDirectory(
                folder.resolve("outside"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.createSymbolicLink(Files.createDirectory(folder.resolve("io")).resolve("link"), outside);

        Trees.takeOver(folder.resolve("io"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outside))).isEqualTo("rwxr-xr-x");
    }

    private static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    private static Process leftRunningAs(int uid) throws IOException {
        if (!isRoot()) {
            Assumptions.abort("only root can start processes of other users");
        }
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", "--", "sh", "-c", "echo; exec sleep 60")
                .start();
        // The line comes once the process has the other user's id.
        process.getInputStream().read();
        return process;
    }
}
