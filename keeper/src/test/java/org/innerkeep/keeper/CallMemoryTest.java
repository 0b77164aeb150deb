package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.linux.SystemCall;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.keeper.Landlock.Access;
import org.innerkeep.keeper.Landlock.Rule;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallMemoryTest {
    private static final int HOST = 0x7004_0000;
    private static final int ENCLAVE = 0x7004_0001;
    private static final int STRANGER = 0x7004_0002;

    @TempDir
    private Path folder;

    @AfterEach
    void remove() throws IOException {
        CallMemory.remove(folder);
    }

    private Optional<Path> made(int host, Optional<Integer> enclave) throws IOException {
        return CallMemory.make(
                folder, new HostUser(Users.principal(host), "host", enclave.isPresent()), enclave, new SecureRandom());
    }

    /** What a program says that another user runs. */
    private static String said(int uid, int gid, String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "/bin/bash", "-c", script)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private static String open(Path file) {
        return "exec 3<>" + file + " && echo opened";
    }

    @Test
    void twoUsersCanOpenItAndNobodyElse() throws Exception {
        assumeTrue(Users.canSwitch(Capabilities.own()), "this test changes users, for which it must be root");
        Path file = made(HOST, Optional.of(ENCLAVE)).orElseThrow();

        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        assertThat(PosixFilePermissions.toString(attributes.permissions())).isEqualTo("rw-rw----");
        assertThat(attributes.size()).isEqualTo(Ring.BYTES);
        assertThat(said(HOST, HOST, open(file))).isEqualTo("opened");
        assertThat(said(ENCLAVE, ENCLAVE, open(file))).isEqualTo("opened");
        assertThat(said(STRANGER, STRANGER, open(file))).contains("Permission denied");
        assertThat(said(ENCLAVE, ENCLAVE, "chmod 666 " + file)).as("the host's alone to decide").contains("not permitted");
    }

    @Test
    void liesInMemoryAndIsReachedByItsPlaceInTheEnclavesFolder() throws Exception {
        Path file = made(own(), Optional.empty()).orElseThrow();

        assertThat(Files.getFileStore(file).type()).isEqualTo("tmpfs");
        assertThat(folder.resolve(Boundary.CALLS_MEMORY).toRealPath()).isEqualTo(file.toRealPath());
        assertThat((Number) Files.getAttribute(file, "unix:nlink")).isEqualTo(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    }

    @Test
    void isNotThereWhereItCannotBeSharedWithTheHostAlone() throws Exception {
        assertThat(made(HOST, Optional.empty())).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void isGoneWithTheFolder() throws Exception {
        Path file = made(own(), Optional.empty()).orElseThrow();
        CallMemory.remove(folder);
        Trees.delete(folder.resolve(Boundary.CALLS_MEMORY));
        assertThat(file).doesNotExist();
    }

    @Test
    void aLinkToSomethingElseIsNotFollowedWhenTheFolderIsRemoved(@TempDir Path other) throws Exception {
        Path kept = Files.createFile(other.resolve("innerkeep-calls-0"));
        Files.createSymbolicLink(folder.resolve(Boundary.CALLS_MEMORY), kept);
        CallMemory.remove(folder);
        assertThat(kept).exists();
    }

    @Test
    void anEnclaveCanWriteItAndCanNeitherCutItShortNorRemoveIt() throws Exception {
        assumeTrue(Landlock.version(Shell.KERNEL) >= 3, "truncation is controlled from the third version of Landlock on");
        Path file = made(own(), Optional.empty()).orElseThrow();
        List<Rule> rules = new ArrayList<>(EnclaveFiles.system(Shell.KERNEL.machine()));
        for (String program : List.of("/bin/bash", "/usr/bin/truncate", "/bin/rm", "/bin/cat")) {
            rules.add(new Rule(Path.of(program), Access.EXECUTE));
        }
        rules.add(new Rule(file, Access.SHARE));
        String script = "exec 3<>" + file + " && echo written >&3; truncate -s 0 " + file + "; rm " + file + "; : > " + file;
        String said = new Shell()
                .said(
                        List.<Spawning.Step>of(
                                () -> Shell.KERNEL.call(SystemCall.PRCTL, 38, 1, 0, 0, 0),
                                Landlock.of(Shell.KERNEL, rules, false)),
                        script);
        assertThat(said.lines()).hasSize(3).allSatisfy(line -> assertThat(line).contains("ermission denied"));
        assertThat(file).hasSize(Ring.BYTES);
        try (var content = Files.newInputStream(file)) {
            assertThat(new String(content.readNBytes(7), StandardCharsets.US_ASCII)).isEqualTo("written");
        }
    }

    private int own() throws IOException {
        return (Integer) Files.getAttribute(folder, "unix:uid");
    }
}
