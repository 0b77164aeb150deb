package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Folders with all that is in them. Links are never followed. */
final class Trees {
    @FunctionalInterface
    interface FileAction {
        void apply(Path file) throws IOException;
    }

    private Trees() {}

    static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Makes all folders of a tree the keeper's own and open to it, so that what another user left in them can be deleted. From
     * the top down: in a folder that is taken over nobody can put a link in a folder's place any more.
     *
     * @param root lies in a folder where only the keeper can write
     */
    static void takeOver(Path root) throws IOException {
        UserPrincipal self = Files.getOwner(Path.of("/proc/self"));
        Deque<Path> folders = new ArrayDeque<>();
        if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            folders.add(root);
        }
        while (!folders.isEmpty()) {
            Path folder = folders.remove();
            Files.setOwner(folder, self);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                for (Path entry : entries) {
                    if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                        folders.add(entry);
                    }
                }
            }
        }
    }

    static void forEachFolder(Path root, FileAction action) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                action.apply(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    static void forEachFile(Path root, FileAction action) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                action.apply(file);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
