package org.innerkeep.cli.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A Maven project in a folder of its own, built by the machine's Maven with the artifacts of this build.
 *
 * <p>These artifacts are not installed anywhere. They come from {@code cli/target/repository}, and everything else from the user's local
 * repository or, where that has it not, from where the machine's settings say. Maven writes to a local repository of the tests' own,
 * {@code cli/target/test-repository}: to it the user's is linked, file by file, and never written.
 */
public final class MavenProject {
    private static final int MAX_MINUTES = 10;

    private final Path folder;

    /**
     * What came out of a build.
     *
     * @param exitCode of Maven
     * @param output standard output and standard error
     */
    public record Outcome(int exitCode, String output) {}

    private MavenProject(Path folder) {
        this.folder = folder;
    }

    /**
     * Takes a folder for a project; the test is skipped if there is no Maven.
     *
     * @param folder made if it does not exist; files that it has already are the project's
     * @return the project
     * @throws IOException if the folder cannot be made
     */
    public static MavenProject in(Path folder) throws IOException {
        if (maven().isEmpty()) {
            Assumptions.abort("mvn is not on the PATH: apt-get install maven");
        }
        return new MavenProject(Files.createDirectories(folder));
    }

    /** {@return where it lies} */
    public Path folder() {
        return folder;
    }

    /**
     * Writes a file of the project.
     *
     * @param path relative to the project, with slashes
     * @param content replaces what was there
     * @return this
     * @throws IOException if it cannot be written
     */
    public MavenProject write(String path, String content) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, content, StandardCharsets.UTF_8);
        return this;
    }

    /**
     * Runs Maven in the project's folder, with the machine's settings.
     *
     * @param arguments goals and options
     * @return what came out
     * @throws IOException if Maven cannot be started or does not end in time
     * @throws InterruptedException if interrupted
     */
    public Outcome mvn(String... arguments) throws IOException, InterruptedException {
        return mvn(Map.of(), arguments);
    }

    /**
     * Runs Maven as {@link #mvn(String...)}, with another environment.
     *
     * @param environment added to this process's
     * @param arguments goals and options
     * @return what came out
     * @throws IOException if Maven cannot be started or does not end in time
     * @throws InterruptedException if interrupted
     */
    public Outcome mvn(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        return mvn("022", environment, arguments);
    }

    /**
     * Runs Maven as {@link #mvn(Map, String...)}, with another mask for the modes of new files.
     *
     * @param umask in octal
     * @param environment added to this process's
     * @param arguments goals and options
     * @return what came out
     * @throws IOException if Maven cannot be started or does not end in time
     * @throws InterruptedException if interrupted
     */
    public Outcome mvn(String umask, Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "sh", "-c", "umask " + umask + " && exec \"$0\" \"$@\"", maven().orElseThrow().toString(), "-B", "-ntp", "-Dstyle.color=never", "-Dmaven.repo.local=" + localRepository()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("innerkeep-mvn", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            // The Java and the options of the Maven that runs this test are not those of the machine's.
            builder.environment().keySet().removeAll(List.of("JAVA_HOME", "MAVEN_OPTS", "MAVEN_ARGS", "MAVEN_HOME"));
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new IOException("no end within " + MAX_MINUTES + " minutes: " + Files.readString(output));
            }
            return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    private static Optional<Path> maven() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .filter(part -> !part.isEmpty())
                .map(part -> Path.of(part).resolve("mvn"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * {@return the local repository that Maven is to use} For a command under test that runs Maven itself: in {@code MAVEN_OPTS}, as
     * {@code -Dmaven.repo.local=…}.
     *
     * @throws IOException if it cannot be made
     */
    public static Path localRepository() throws IOException {
        Path built = Path.of(System.getProperty("innerkeep.repository"));
        Path own = built.resolveSibling("test-repository");
        // Tests run one after the other in this build, so nobody else fills it now.
        Path users = Path.of(System.getProperty("innerkeep.local.repository"));
        if (!Files.isDirectory(own) && Files.isDirectory(users)) {
            Path part = built.resolveSibling("test-repository.part-" + ProcessHandle.current().pid());
            link(users, part);
            Files.move(part, own);
        }
        copy(built, own);
        return own;
    }

    /** Links what Maven never changes. Its notes on where an artifact came from are left out: they are rewritten in place. */
    private static void link(Path from, Path to) throws IOException {
        Path innerkeep = from.resolve("org/innerkeep");
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (folder.equals(innerkeep)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(to.resolve(from.relativize(folder).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String name = file.getFileName().toString();
                if (name.endsWith(".jar") || name.endsWith(".pom")) {
                    Files.createSymbolicLink(to.resolve(from.relativize(file).toString()), file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (!Files.exists(copy) || Files.mismatch(file, copy) >= 0) {
                    Files.createDirectories(copy.toAbsolutePath().getParent());
                    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}
