package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Searches a file, or a folder and everything below it. Used once, by one thread. */
final class TreeScan extends SimpleFileVisitor<Path> {
    private final Place.Tree tree;
    private final Limits limits;
    private final Matcher.Search search;
    private final Names names;
    private final Findings findings;
    private final Set<Path> except;
    private long entries;
    private long links;
    private long others;

    TreeScan(Place.Tree tree, Limits limits, Matcher.Search search, Names names, Findings findings) {
        this.tree = tree;
        this.limits = limits;
        this.search = search;
        this.names = names;
        this.findings = findings;
        this.except = tree.except().stream().map(TreeScan::real).collect(Collectors.toSet());
    }

    void run() {
        try {
            Path root = tree.path().toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(root, BasicFileAttributes.class);
            if (attributes.isOther()) {
                findings.unread(shown(root), "neither a file nor a folder");
                return;
            }
            Files.walkFileTree(root, EnumSet.noneOf(FileVisitOption.class), limits.depth(), this);
        } catch (IOException e) {
            findings.unread(shown(tree.path()), FileScan.why(e));
        }
        note(links, "symbolic links not followed");
        note(others, "pipes, sockets and devices not read");
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
        if (excepted(folder)) {
            return FileVisitResult.SKIP_SUBTREE;
        }
        return entry(folder) ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (excepted(file)) {
            return FileVisitResult.CONTINUE;
        }
        if (!entry(file)) {
            return FileVisitResult.TERMINATE;
        }
        if (attributes.isSymbolicLink()) {
            links++;
        } else if (attributes.isOther()) {
            others++;
        } else if (attributes.isDirectory()) {
            findings.unread(shown(file), "more than " + limits.depth() + " levels below " + shown(tree.path()));
        } else {
            long left = limits.bytesPerPlace() - findings.bytesRead();
            new FileScan(search, findings)
                    .run(file, shown(file), Math.min(limits.bytesPerFile(), left), LinkOption.NOFOLLOW_LINKS);
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
        if (!excepted(file)) {
            findings.unread(shown(file), FileScan.why(e));
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
        if (e != null) {
            findings.unread(shown(folder), "list of entries cut short: " + FileScan.why(e));
        }
        return FileVisitResult.CONTINUE;
    }

    /** Counts an entry and searches its name; false if there are too many. */
    private boolean entry(Path path) {
        if (++entries > limits.entriesPerPlace()) {
            findings.unread(shown(path), "this and all further entries: more than " + limits.entriesPerPlace());
            return false;
        }
        Path name = path.getFileName();
        if (name != null) {
            search.run(Matcher.of(name.toString().getBytes(StandardCharsets.UTF_8)),
                    (needle, offset) -> findings.found(needle, () -> "the name of " + shown(path), offset));
        }
        return true;
    }

    private boolean excepted(Path path) {
        if (!except.contains(path)) {
            return false;
        }
        findings.note("left out as asked: " + shown(path));
        return true;
    }

    private String shown(Path path) {
        return names.shown(path.toString());
    }

    private void note(long count, String what) {
        if (count > 0) {
            findings.note(count + " " + what);
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException _) {
            return path.toAbsolutePath().normalize();
        }
    }
}
