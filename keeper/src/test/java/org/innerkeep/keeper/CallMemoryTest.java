package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
    private static final int KEEPER = 0x7004_0003;

    @TempDir
    private Path folder;

    @AfterEach
    void remove() throws IOException {
        CallMemory.remove(CallMemory.SHARED, folder);
    }

    private Optional<Path> made(int host, Optional<Integer> enclave) throws IOException {
        return CallMemory.make(
                CallMemory.SHARED, folder, new HostUser(Users.principal(host), "host", enclave.isPresent()), enclave, new SecureRandom());
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
        CallMemory.remove(CallMemory.SHARED, folder);
        assertThat(file.getParent()).doesNotExist();
        assertThat(folder).isEmptyDirectory();
    }

    /** As the installed keeper is: not root, and without the right to remove from such a folder what belongs to others. */
    @Test
    void aKeeperThatIsNotRootMakesItForAnotherUserAndRemovesIt() throws Exception {
        assumeTrue(Users.canSwitch(Capabilities.own()), "this test changes users, for which it must be root");
        // All classes are loaded by then, which the other user might not be allowed to read.
        isGoneForTwoUsers();
        Files.setOwner(folder, Users.principal(KEEPER));
        OtherUser.run(KEEPER, Capabilities.CHOWN, this::isGoneForTwoUsers);
    }

    private void isGoneForTwoUsers() throws IOException {
        Path file = made(HOST, Optional.of(ENCLAVE)).orElseThrow();
        assertThat(Files.getOwner(file)).isEqualTo(Users.principal(HOST));
        CallMemory.remove(CallMemory.SHARED, folder);
        assertThat(file.getParent()).doesNotExist();
    }

    @Test
    void itsHostCannotPutAnythingElseInItsPlace() throws Exception {
        assumeTrue(Users.canSwitch(Capabilities.own()), "this test changes users, for which it must be root");
        Path file = made(HOST, Optional.of(ENCLAVE)).orElseThrow();
        Object before = Files.getAttribute(file, "unix:ino");
        String said = said(
                HOST, HOST,
                "rm -f " + file + "; mv " + file + " " + file + "2; ln -sfn /etc " + file + "; mv " + file.getParent()
                        + " /dev/shm/elsewhere; touch " + file + "3");
        assertThat(said.lines()).hasSizeGreaterThanOrEqualTo(5).allSatisfy(
                line -> assertThat(line).containsAnyOf("not permitted", "ermission denied"));
        assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(before);
    }

    @Test
    void whatIsToBeSharedMustBeAFileAndNoLinkToAnything(@TempDir Path other) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), other);
        Path toFile = Files.createSymbolicLink(folder.resolve("to-file"), Files.createFile(other.resolve("file")));
        for (Path each : List.of(link, toFile, other)) {
            List<Rule> rules = List.of(new Rule(each, Access.SHARE));
            assertThatIOException()
                    .isThrownBy(() -> new OwnRoot(Shell.KERNEL, rules, Path.of("/bin/bash"), Path.of("/")).end())
                    .withMessageContaining("no file of its own");
            if (Landlock.version(Shell.KERNEL) > 0) {
                assertThatIOException()
                        .isThrownBy(() -> Landlock.of(Shell.KERNEL, rules, false).end())
                        .withMessageContaining("no file of its own");
            }
        }
    }

    @Test
    void aMachineWithoutMemoryForItHasNoneAndNothingStays(@TempDir Path small) throws Exception {
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=1m", "none", small.toString()).start();
        assumeTrue(mount.waitFor() == 0, "this test mounts a folder in memory, for which it must be root");
        try {
            assertThat(CallMemory.make(
                            small, folder, new HostUser(Files.getOwner(folder), "host", false), Optional.empty(), new SecureRandom()))
                    .isEmpty();
            assertThat(small).isEmptyDirectory();
            assertThat(folder).isEmptyDirectory();
        } finally {
            assertThat(new ProcessBuilder("umount", small.toString()).start().waitFor()).isZero();
        }
    }

    @Test
    void allOfItsMemoryIsTakenWhenItIsMade() throws Exception {
        Path file = made(own(), Optional.empty()).orElseThrow();
        Process stat = new ProcessBuilder("stat", "--format=%b", file.toString()).start();
        long blocks = Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
        assertThat(blocks * 512).isGreaterThanOrEqualTo(Ring.BYTES);
    }

    @Test
    void aLinkToSomethingElseIsNotFollowedWhenTheFolderIsRemoved(@TempDir Path other) throws Exception {
        Path kept = Files.createFile(Files.createDirectory(other.resolve("innerkeep-calls-0")).resolve("calls"));
        Files.createSymbolicLink(folder.resolve(Boundary.CALLS_MEMORY), kept);
        CallMemory.remove(CallMemory.SHARED, folder);
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
