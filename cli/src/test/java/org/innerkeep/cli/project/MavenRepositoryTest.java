package org.innerkeep.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MavenRepositoryTest {
    private static final String JAR = "org/innerkeep/innerkeep-host/0.1.0/innerkeep-host-0.1.0.jar";
    private static final String POM = "org/innerkeep/innerkeep-host/0.1.0/innerkeep-host-0.1.0.pom";

    @TempDir
    private Path folder;

    private Path put(String repository, String path, String content) throws IOException {
        Path file = folder.resolve(repository).resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private int take() throws IOException {
        return new MavenRepository(folder.resolve("users")).takeFrom(folder.resolve("built"));
    }

    @Test
    void copiesWhatIsAbsentOrDifferentAndTouchesNothingElse() throws IOException {
        put("built", JAR, "jar");
        put("built", POM, "pom");
        put("built", "org/innerkeep/innerkeep-host/maven-metadata-local.xml", "notes");
        put("built", "org/innerkeep/innerkeep-host/0.1.0/_remote.repositories", "notes");
        assertThat(take()).isEqualTo(2);
        assertThat(take()).isZero();

        put("built", JAR, "another jar");
        Path other = put("users", "org/other/1/other-1.jar", "theirs");
        Path pom = folder.resolve("users").resolve(POM);
        Files.setLastModifiedTime(pom, FileTime.fromMillis(1000));

        assertThat(take()).isEqualTo(1);
        assertThat(folder.resolve("users").resolve(JAR)).hasContent("another jar");
        assertThat(other).hasContent("theirs");
        assertThat(Files.getLastModifiedTime(pom)).isEqualTo(FileTime.fromMillis(1000));
    }

    @Test
    void replacesALinkAndNotWhatItPointsTo() throws IOException {
        put("built", JAR, "jar");
        Path elsewhere = put("elsewhere", "shared.jar", "shared");
        Path link = folder.resolve("users").resolve(JAR);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, elsewhere);

        assertThat(take()).isEqualTo(1);
        assertThat(link).hasContent("jar");
        assertThat(elsewhere).hasContent("shared");
    }

    @Test
    void leavesNoPartBehind() throws IOException {
        put("built", JAR, "jar");
        take();
        try (Stream<Path> files = Files.walk(folder.resolve("users"))) {
            assertThat(files.filter(Files::isRegularFile)).containsExactly(folder.resolve("users").resolve(JAR));
        }
    }
}
