package org.innerkeep.cli.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.innerkeep.cli.files.Folders;

/**
 * The home folder and the checkout of somebody who has just built this. What differs from a real one:
 *
 * <ul>
 *   <li>The checkout has {@code ./innerkeep} and what it runs, linked, and no sources, so that it never begins to build.
 *   <li>Java and Maven take this folder for the user's home because {@code JDK_JAVA_OPTIONS} says so; the shell, because {@code HOME}
 *       does.
 *   <li>The local Maven repository is in this home; of what others published it has links. Of Innerkeep it has nothing yet.
 * </ul>
 */
final class ScratchHome implements AutoCloseable {
    private final Path home;
    private final Map<Integer, Terminal> terminals = new TreeMap<>();

    private ScratchHome(Path home) {
        this.home = home;
    }

    static ScratchHome make() throws IOException {
        Path home = Files.createTempDirectory("ik");
        // Enclaves that a keeper of root starts have users of their own, who pass through and read nothing.
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
        Path target = Files.createDirectories(home.resolve("innerkeep/cli/target"));
        Path root = Path.of(System.getProperty("innerkeep.root"));
        Files.copy(root.resolve("innerkeep"), home.resolve("innerkeep/innerkeep"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String built : List.of("lib", "repository")) {
            Files.createSymbolicLink(target.resolve(built), root.resolve("cli/target").resolve(built));
        }
        Files.createFile(target.resolve("built"));
        Path published = MavenProject.localRepository();
        Path local = Files.createDirectories(home.resolve(".m2/repository"));
        link(published, local, "org");
        link(published.resolve("org"), Files.createDirectories(local.resolve("org")), "innerkeep");
        return new ScratchHome(home);
    }

    private static void link(Path from, Path to, String not) throws IOException {
        try (Stream<Path> children = Files.list(from)) {
            for (Path child : children.filter(each -> !each.endsWith(not)).toList()) {
                Files.createSymbolicLink(to.resolve(child.getFileName()), child);
            }
        }
    }

    Path folder() {
        return home;
    }

    Path localRepository() {
        return home.resolve(".m2/repository");
    }

    /** A terminal by its number, in the checkout if it is opened now. */
    Terminal terminal(int number) throws IOException {
        Terminal terminal = terminals.get(number);
        if (terminal == null) {
            terminal = new Terminal("terminal " + number, home.resolve("innerkeep"), environment());
            terminals.put(number, terminal);
        }
        return terminal;
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        // Those of the Maven that runs this test.
        environment.keySet().removeIf(name -> name.startsWith("MAVEN_") || name.equals("JAVA_HOME"));
        String java = System.getProperty("java.home");
        if (!java.startsWith("/usr/lib/jvm/")) {
            environment.put("JAVA_HOME", java);
        }
        environment.put("HOME", home.toString());
        environment.put("JDK_JAVA_OPTIONS", "-Duser.home=" + home);
        return environment;
    }

    @Override
    public void close() throws IOException {
        // The operator's before the keeper's, as a person would.
        for (Terminal terminal : new ArrayList<>(terminals.values()).reversed()) {
            terminal.close();
        }
        Folders.delete(home);
    }
}
