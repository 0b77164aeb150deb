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
        Path elsewhere = Files.writeString(Files.createDirectory(temp.resolve("elsewhere")).resolve("kept"), "kept");
        Path folder = Files.createDirectories(temp.resolve("folder/in/side")).getParent().getParent();
        Files.writeString(folder.resolve("in/side/file"), "gone");
        Files.createSymbolicLink(folder.resolve("link"), elsewhere.getParent());

        Folders.delete(folder);

        assertThat(folder).doesNotExist();
        assertThat(elsewhere).hasContent("kept");
    }
}
