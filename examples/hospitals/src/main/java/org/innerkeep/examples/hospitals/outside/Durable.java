package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Files that survive the end of the process that writes them. */
final class Durable {
    private Durable() {}

    /** Writes beside, forces to the disk, renames: afterwards the old file is there or the new one, whole. */
    static void replace(Path file, byte[] content) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        write(beside, content);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Replaces several files that belong together in one step. The name is a link to a folder of all of them; a new folder is
     * written whole before the link is exchanged, so that a reader who follows the link once sees the old files or the new
     * ones and never some of each.
     *
     * @param link the name under which the files are found
     * @param files contents by file name
     */
    static void replaceAll(Path link, Map<String, byte[]> files) throws IOException {
        Path parent = link.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(link + ": expected a name in a folder");
        }
        String prefix = "." + link.getFileName() + "-";
        Path folder = Files.createTempDirectory(parent, prefix);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            write(folder.resolve(file.getKey()), file.getValue());
        }
        force(folder);
        Path beside = link.resolveSibling(link.getFileName() + ".new");
        Files.deleteIfExists(beside);
        Files.createSymbolicLink(beside, folder.getFileName());
        Files.move(beside, link, StandardCopyOption.ATOMIC_MOVE);
        force(parent);
        // What is no longer linked to: the files before these, and what processes left that ended half-way.
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, each -> isVersion(each, prefix))) {
            for (Path old : all) {
                if (!old.getFileName().equals(folder.getFileName())) {
                    delete(old);
                }
            }
        }
    }

    /** The names of temporary folders end in digits, so that "a" and "a-b" do not get into each other's way. */
    private static boolean isVersion(Path path, String prefix) {
        String name = String.valueOf(path.getFileName());
        return name.startsWith(prefix)
                && name.substring(prefix.length()).chars().allMatch(c -> c >= '0' && c <= '9')
                && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static void delete(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
