package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.innerkeep.bundle.Bundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An enclave whose process cannot even be started. */
@Timeout(60)
class FailedStartTest {
    @RegisterExtension
    static final LinkedRuntimes RUNTIMES = new LinkedRuntimes();

    @TempDir
    private Path temp;

    /** Keeps what was drawn, and so the names of what was made. */
    private static final class Recorded extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient List<String> drawn = new ArrayList<>();

        @Override
        public void nextBytes(byte[] bytes) {
            super.nextBytes(bytes);
            drawn.add(HexFormat.of().formatHex(bytes));
        }
    }

    @Test
    void leavesNothingInTheMachinesSharedMemory() throws Exception {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        KeeperSettings settings = new KeeperSettings(temp, Set.of(), 0x7000_3000, 4, 1 << 30, Duration.ofSeconds(20), 1L << 40);
        Path folder = Files.createDirectory(temp.resolve("run"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        byte[] packed = Bundles.real(temp, Bundles.Idle.class.getName(), bundle -> bundle.debug(true));
        Bundle bundle = Bundle.unpack(new ByteArrayInputStream(packed), folder, 1 << 30);
        // Where a debug enclave's errors would go there is a folder.
        Files.createDirectory(temp.resolve("run.log"));
        Recorded random = new Recorded();

        assertThatIOException().isThrownBy(() -> EnclaveProcess.start(
                folder,
                bundle,
                new byte[16],
                new HostUser(Files.getOwner(folder), "host", false),
                Abilities.find(),
                new Runtimes(RUNTIMES.folder()),
                new Users(UserIds.open(temp.resolve("next-user-id"), settings.firstEnclaveUid(), new SecureRandom())),
                PlatformKeys.open(Files.createDirectory(temp.resolve("keys")), new SecureRandom()),
                Registers.open(temp.resolve("registers")),
                settings,
                random,
                Clock.systemUTC()));

        assertThat(random.drawn).isNotEmpty().allSatisfy(
                name -> assertThat(CallMemory.SHARED.resolve("innerkeep-calls-" + name)).doesNotExist());
        assertThat(folder.resolve("calls")).doesNotExist();
    }
}
