package org.innerkeep.cli.files;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files count as a project's sources; that the right ones are built, {@code MeasureFromSourceIT} shows. */
class SourceBuildTest {
    @TempDir
    private Path folder;

    @Test
    void aRepositoryThatGitDoesNotReadIsRefusedAndNotTakenWhole() throws IOException {
        Assumptions.assumeTrue(SourceBuild.program("git").isPresent(), "git is missing: apt-get install git");
        Files.createDirectory(folder.resolve(".git"));
        Path project = Files.createDirectory(folder.resolve("project"));
        Files.writeString(project.resolve("pom.xml"), "<project/>");

        assertThatThrownBy(() -> SourceBuild.copy(project))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("git does not say which files it tracks");
    }
}
