package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Searches the files behind a process's mappings, reopened through {@code /proc/PID/map_files}, which reaches files that have no
 * name
 * any more. Used once, by one thread.
 */
final class MappedFilesScan {
    private final Limits limits;
    private final Matcher.Search search;
    private final Names names;
    private final Findings findings;
    private final Set<Object> seen = new HashSet<>();

    MappedFilesScan(Limits limits, Matcher.Search search, Names names, Findings findings) {
        this.limits = limits;
        this.search = search;
        this.names = names;
        this.findings = findings;
    }

    void run(Path process) {
        Path folder = process.resolve("map_files");
        try (DirectoryStream<Path> mappings = Files.newDirectoryStream(folder)) {
            for (Path each : mappings) {
                file(folder, each);
            }
        } catch (IOException e) {
            findings.unread(folder.toString(), FileScan.why(e) + "; wanted: a running process, and root");
        }
    }

    private void file(Path folder, Path mapping) {
        String target;
        try {
            target = Files.readSymbolicLink(mapping).toString();
            if (!seen.add(Files.getAttribute(mapping, "unix:dev") + " " + Files.getAttribute(mapping, "unix:ino"))) {
                return;
            }
        } catch (IOException e) {
            if (Files.exists(mapping, LinkOption.NOFOLLOW_LINKS)) {
                findings.unread(mapping.toString(), FileScan.why(e));
            }
            return;
        }
        if (ProcFiles.isSecret(target) && !opens(mapping)) {
            String[] ends = folder.relativize(mapping).toString().split("-", 2);
            findings.closed(Long.parseUnsignedLong(ends[1], 16) - Long.parseUnsignedLong(ends[0], 16));
            return;
        }
        long left = limits.bytesPerPlace() - findings.bytesRead();
        new FileScan(search, findings).run(mapping, names.shown(target), Math.min(limits.bytesPerFile(), left));
    }

    private static boolean opens(Path mapping) {
        try (var _ = Files.newByteChannel(mapping)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
