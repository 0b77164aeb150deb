package org.innerkeep.cli.files;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Folders that a command makes for itself. */
public final class Folders {
    private Folders() {}

    /**
     * Removes a folder with all that is in it; links are removed, not followed. What somebody else removes meanwhile, a keeper that
     * ends for example, is removed all the same.
     *
     * @param folder the folder
     * @throws IOException if something in it cannot be removed
     */
    public static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                boolean _ = Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException failure) throws IOException {
                boolean _ = Files.deleteIfExists(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
