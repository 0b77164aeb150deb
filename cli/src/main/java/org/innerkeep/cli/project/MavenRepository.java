package org.innerkeep.cli.project;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A local Maven repository. What is put there by copying, without Maven's own notes on where a file came from, counts for Maven as
 * installed: it asks no server for it, whatever repositories a project names.
 *
 * @param folder its root
 */
public record MavenRepository(Path folder) {
    /**
     * Copies every jar and pom that is absent here or has another content.
     *
     * @param from a folder in the layout of a Maven repository
     * @return how many files were copied
     * @throws IOException if one cannot be read or written
     */
    public int takeFrom(Path from) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(from)) {
            files = all.filter(MavenRepository::isArtifact).sorted().toList();
        }
        int copied = 0;
        for (Path file : files) {
            Path target = folder.resolve(from.relativize(file).toString());
            if (!Files.isRegularFile(target) || Files.mismatch(file, target) >= 0) {
                copy(file, target);
                copied++;
            }
        }
        return copied;
    }

    private static boolean isArtifact(Path file) {
        String name = file.getFileName().toString();
        return Files.isRegularFile(file) && (name.endsWith(".jar") || name.endsWith(".pom"));
    }

    /** A build that runs meanwhile sees the old file or the new one, never a part. */
    private static void copy(Path file, Path target) throws IOException {
        Files.createDirectories(target.toAbsolutePath().getParent());
        Path beside = target.resolveSibling("." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING);
            Files.move(beside, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
