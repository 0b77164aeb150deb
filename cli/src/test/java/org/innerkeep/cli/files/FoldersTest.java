package org.innerkeep.cli.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FoldersTest {
    @TempDir
    private Path temp;

    @Test
    void aFolderGoesWithAllThatIsInItAndWhatItsLinksPointToStays() throws Exception {
        Path others = Files.createDirectory(temp.resolve("others"));
        Path elsewhere = Files.writeString(others.resolve("kept"), "kept");
        Path folder = temp.resolve("folder");
        Files.createDirectories(folder.resolve("in/side"));
        Files.writeString(folder.resolve("in/side/file"), "gone");
        Files.createSymbolicLink(folder.resolve("link"), others);

        Folders.delete(folder);

        assertThat(folder).doesNotExist();
        assertThat(elsewhere).hasContent("kept");
    }
}
