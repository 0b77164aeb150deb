package org.innerkeep.cli.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A project built again from a copy of its sources, in a scratch folder that is removed on closing. Building runs whatever the project's
 * build says, with the rights of whoever calls this.
 */
final class SourceBuild implements AutoCloseable {
    private static final int MAX_MINUTES = 30;
    private static final int LAST_LINES = 30;
    private static final String BUNDLE_ENDING = ".enclave";

    private final Path scratch;

    private SourceBuild(Path scratch) {
        this.scratch = scratch;
    }

    /**
     * Finds a program.
     *
     * @param name its name
     * @return the first of this name on the {@code PATH}
     */
    static Optional<Path> program(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .filter(part -> !part.isEmpty())
                .map(part -> Path.of(part).resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Copies the sources: what git tracks, as it is in the folder now; without git everything but build folders. */
    static SourceBuild copy(Path project) throws IOException {
        if (!Files.isRegularFile(project.resolve("pom.xml"))) {
            throw new IOException(project + ": expected a Maven project, found no pom.xml");
        }
        SourceBuild build = new SourceBuild(Files.createTempDirectory("innerkeep-source"));
        try {
            Optional<List<String>> tracked = tracked(project);
            if (tracked.isPresent()) {
                for (String file : tracked.get()) {
                    build.take(project, project.resolve(file));
                }
            } else {
                build.takeAll(project);
            }
            return build;
        } catch (IOException | RuntimeException e) {
            build.close();
            throw e;
        }
    }

    private static Optional<List<String>> tracked(Path project) throws IOException {
        Optional<Path> git = program("git");
        if (git.isEmpty()) {
            return Optional.empty();
        }
        Path said = Files.createTempFile("innerkeep-git", ".txt");
        try {
            Process process = new ProcessBuilder(git.get().toString(), "-C", project.toString(), "ls-files", "-z")
                    .redirectError(said.toFile())
                    .start();
            String files = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (waitFor(process, 1) && process.exitValue() == 0) {
                return files.isEmpty() ? Optional.empty() : Optional.of(List.of(files.split("\0")));
            }
            // In a repository that git does not read, untracked files would be built and compared unnoticed.
            if (isInRepository(project)) {
                throw new IOException(project + ": git does not say which files it tracks: " + Files.readString(said).strip());
            }
            return Optional.empty();
        } finally {
            Files.delete(said);
        }
    }

    private static boolean isInRepository(Path project) throws IOException {
        for (Path folder = project.toRealPath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve(".git"))) {
                return true;
            }
        }
        return false;
    }

    private void take(Path project, Path file) throws IOException {
        // Tracked but deleted, or a submodule: what is not a file here is not part of what would be built here.
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.isSymbolicLink(file)) {
            Path copy = scratch.resolve(project.relativize(file).toString());
            Files.createDirectories(copy.toAbsolutePath().getParent());
            Files.copy(file, copy, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private void takeAll(Path project) throws IOException {
        Files.walkFileTree(project, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = String.valueOf(folder.getFileName());
                boolean skipped = !folder.equals(project) && (name.equals("target") || name.equals(".git"));
                return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                take(project, file);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Builds, without tests and without a signing key, and finds the bundles that came out.
     *
     * @param maven the program
     * @param progress gets a line for each module
     * @return the bundles' files, sorted
     * @throws IOException if the build fails or takes too long, with the end of what it said
     */
    List<Path> build(Path maven, Consumer<String> progress) throws IOException {
        // A bundle among the sources did not come out of this build.
        List<Path> before = bundles();
        Process process = new ProcessBuilder(
                        maven.toString(), "-B", "-ntp", "-Dstyle.color=never", "-DskipTests", "-Dinnerkeep.unsigned=true", "package")
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        Deque<String> last = new ArrayDeque<>();
        Thread watchdog = Thread.ofVirtual().start(() -> endLate(process));
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String shown = line.replaceAll("\\p{Cntrl}", "?");
                if (shown.startsWith("[INFO] Building ") && !shown.contains(".jar")) {
                    progress.accept(shown.substring("[INFO] ".length()));
                }
                last.addLast(shown);
                if (last.size() > LAST_LINES) {
                    last.removeFirst();
                }
            }
            if (!waitFor(process, 1) || process.exitValue() != 0) {
                List<String> errors = last.stream().filter(line -> line.startsWith("[ERROR]")).toList();
                throw new IOException("the project's build failed or did not end within " + MAX_MINUTES + " minutes:\n"
                        + String.join("\n", errors.isEmpty() ? last : errors));
            }
        } finally {
            end(process);
            watchdog.interrupt();
        }
        return bundles().stream().filter(bundle -> !before.contains(bundle)).toList();
    }

    private List<Path> bundles() throws IOException {
        try (Stream<Path> files = Files.walk(scratch)) {
            return files.filter(file -> file.toString().endsWith(BUNDLE_ENDING) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }

    /** {@return a bundle's path as in the project} */
    Path inProject(Path bundle) {
        return scratch.relativize(bundle);
    }

    private static void endLate(Process process) {
        if (!waitFor(process, MAX_MINUTES)) {
            end(process);
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static boolean waitFor(Process process, int minutes) {
        try {
            return process.waitFor(minutes, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    @Override
    public void close() throws IOException {
        Folders.delete(scratch);
    }

    /** {@return the bundles below a module's folder, all if none is named} */
    List<Path> of(List<Path> bundles, Optional<Path> module) {
        List<Path> found = new ArrayList<>(bundles);
        module.ifPresent(folder -> found.removeIf(bundle -> !inProject(bundle).startsWith(folder.normalize())));
        return found;
    }
}
