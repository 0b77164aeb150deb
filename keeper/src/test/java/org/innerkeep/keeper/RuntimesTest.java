package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimesTest {
    @RegisterExtension
    static final LinkedRuntimes RUNTIMES = new LinkedRuntimes();

    @TempDir
    private Path temp;

    private Path image;

    /** A small folder in an image's place, for what measuring does whatever the files are. */
    @BeforeEach
    void makeImage() throws IOException {
        image = Files.createDirectories(temp.resolve("image"));
        Files.createDirectories(image.resolve("bin"));
        Files.writeString(image.resolve("bin/java"), "machine code");
        Files.writeString(image.resolve("lib"), "classes");
        Files.writeString(image.resolve("release"), "");
    }

    @Test
    void theSameModulesGiveTheSameDigestInAnotherFolder() throws IOException {
        Path other = new Runtimes(temp.resolve("elsewhere")).obtain(LinkedRuntimes.MODULES);

        assertThat(other).isNotEqualTo(RUNTIMES.image());
        assertThat(Runtimes.measure(other)).isEqualTo(Runtimes.measure(RUNTIMES.image()));
    }

    @Test
    void linksNoMoreThanItHasRoomForAndStillGivesWhatItHas() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("full"));
        for (int i = 0; i < 31; i++) {
            Files.createDirectory(folder.resolve("image" + i));
        }
        Path kept = folder.resolve(RUNTIMES.image().getFileName());
        Files.createDirectory(kept);
        Runtimes full = new Runtimes(folder);

        assertThat(full.obtain(LinkedRuntimes.MODULES)).isEqualTo(kept);
        assertThatIOException()
                .isThrownBy(() -> full.obtain(List.of("java.base", "java.sql")))
                .withMessageContaining("32 runtimes already");
    }

    @Test
    void aLinkThatDoesNotEndIsEndedSoThatOthersNeedNotWait() throws IOException {
        Path stuck = Files.writeString(temp.resolve("jlink"), "#!/bin/sh\nexec /bin/sleep 600\n");
        Files.setPosixFilePermissions(stuck, PosixFilePermissions.fromString("rwx------"));
        Runtimes runtimes = new Runtimes(temp.resolve("stuck"), stuck, Duration.ofMillis(200));

        assertThatIOException()
                .isThrownBy(() -> runtimes.obtain(LinkedRuntimes.MODULES))
                .withMessageContaining("did not end within");
    }

    @Test
    void otherModulesGiveAnotherImageAndDigest() throws IOException {
        Path other = new Runtimes(temp.resolve("elsewhere")).obtain(List.of("java.base", "java.logging"));

        assertThat(other.getFileName()).isNotEqualTo(RUNTIMES.image().getFileName());
        assertThat(Runtimes.measure(other)).isNotEqualTo(Runtimes.measure(RUNTIMES.image()));
    }

    @Test
    void anImageIsLinkedOnceAndKept() throws IOException {
        assertThat(new Runtimes(RUNTIMES.folder()).obtain(LinkedRuntimes.MODULES)).isEqualTo(RUNTIMES.image());
        try (var all = Files.list(RUNTIMES.folder())) {
            assertThat(all).containsExactly(RUNTIMES.image());
        }
    }

    @Test
    void anImageHoldsNoToolButJavaAndNothingThatDiffersFromMachineToMachine() throws IOException {
        try (var tools = Files.list(RUNTIMES.image().resolve("bin"))) {
            assertThat(tools.map(tool -> tool.getFileName().toString())).containsExactly("java");
        }
        for (String absent : List.of("legal", "lib/security/cacerts", "lib/jspawnhelper", "lib/classlist")) {
            assertThat(RUNTIMES.image().resolve(absent)).doesNotExist();
        }
    }

    @Test
    void nobodyCanWriteToAnImagesFiles() throws IOException {
        try (var all = Files.walk(RUNTIMES.image())) {
            assertThat(all.filter(Files::isRegularFile)).isNotEmpty().allSatisfy(file -> assertThat(
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .matches("r-[x-]r-[x-]r-[x-]"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.acme.nowhere", "", "java.base,java.sql", "--add-modules", "ALL-SYSTEM"})
    void refusesModulesThatTheJdkDoesNotHave(String module) throws IOException {
        Path folder = temp.resolve("elsewhere");

        assertThatIOException()
                .isThrownBy(() -> new Runtimes(folder).obtain(List.of("java.base", module)))
                .withMessageContaining("has no module " + module)
                .withMessageContaining(Runtime.version().toString());
        try (var all = Files.list(folder)) {
            assertThat(all).isEmpty();
        }
    }

    @Test
    void anyChangedByteGivesAnotherDigest() throws IOException {
        Bytes good = Runtimes.measure(image);
        byte[] content = Files.readAllBytes(image.resolve("bin/java"));
        for (int i = 0; i < content.length; i++) {
            byte[] patched = content.clone();
            patched[i] ^= 1;
            Files.write(image.resolve("bin/java"), patched);

            assertThat(Runtimes.measure(image)).as("byte %d", i).isNotEqualTo(good);
        }
        Files.write(image.resolve("bin/java"), content);
        assertThat(Runtimes.measure(image)).isEqualTo(good);
    }

    @Test
    void moreFilesFewerFilesAndMovedFilesGiveOtherDigests() throws IOException {
        Bytes good = Runtimes.measure(image);

        Files.writeString(image.resolve("more"), "");
        assertThat(Runtimes.measure(image)).as("one file more").isNotEqualTo(good);
        Files.move(image.resolve("more"), image.resolve("bin/more"));
        Files.delete(image.resolve("release"));
        Bytes moved = Runtimes.measure(image);
        Files.move(image.resolve("bin/more"), image.resolve("release"));
        assertThat(moved).as("the empty file elsewhere").isNotEqualTo(good);
        assertThat(Runtimes.measure(image)).isEqualTo(good);
    }

    @Test
    void refusesLinksInAnImage() throws IOException {
        Files.createSymbolicLink(image.resolve("bin/other"), image.resolve("bin/java"));

        assertThatIOException().isThrownBy(() -> Runtimes.measure(image)).withMessageContaining("bin/other is not a regular file");
    }

    @Test
    void refusesLinkedFoldersInAnImage() throws IOException {
        Files.createSymbolicLink(image.resolve("more"), temp);

        assertThatIOException().isThrownBy(() -> Runtimes.measure(image)).withMessageContaining("more is not a regular file");
    }
}
