package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.cli.files.Folders;

/**
 * Where the demonstration plays: a folder with one sub-folder for each party, and processes that run as that party. Where it
 * is started by root every party is a user of its own; otherwise all share one.
 */
final class Stage implements AutoCloseable {
    /** High numbers that no account has; the keeper's range for enclaves lies below. */
    private static final int FIRST_UID = 0x7e00_0000;

    private static final String KEEPER_CAPABILITIES = "+setuid,+setgid,+kill,+chown";

    private final Path root;
    private final Path jars;
    private final boolean separate;
    private final List<Party> parties = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();

    private Stage(Path root, boolean separate, String classPath) throws IOException {
        this.root = root;
        this.separate = separate;
        this.jars = Files.createDirectory(root.resolve("lib"));
        open(jars);
        for (String entry : classPath.split(":", -1)) {
            copyToClassPath(Path.of(entry));
        }
    }

    static Stage build(Path parent) throws IOException {
        return build(parent, System.getProperty("java.class.path"));
    }

    /** The same for processes with another class path than this one's. */
    static Stage build(Path parent, String classPath) throws IOException {
        Path root = Files.createTempDirectory(parent, "ik");
        open(root);
        boolean isRoot = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        return new Stage(root, isRoot, classPath);
    }

    /** Other users may not reach where the class path lies, so it is copied to where they can. */
    private void copyToClassPath(Path entry) throws IOException {
        if (Files.isRegularFile(entry)) {
            Path copy = jars.resolve(entry.getFileName());
            Files.copy(entry, copy, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    private static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    boolean separate() {
        return separate;
    }

    Path root() {
        return root;
    }

    Path jars() {
        return jars;
    }

    /** A new party with a folder that nobody else may open. */
    Party party(String name, boolean keeper) throws IOException {
        Party party = new Party(name, separate ? Optional.of(FIRST_UID + parties.size()) : Optional.empty(), keeper);
        parties.add(party);
        Path folder = Files.createDirectory(folder(party));
        // A keeper's folder holds sockets that its hosts must reach.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(keeper ? "rwx--x--x" : "rwx------"));
        give(party, folder);
        return party;
    }

    Path folder(Party party) {
        return root.resolve(party.name());
    }

    /** Makes a file or folder, with all that is in it, a party's own. */
    void give(Party party, Path path) throws IOException {
        if (party.uid().isEmpty()) {
            return;
        }
        var owner = path.getFileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(Integer.toString(party.uid().get()));
        try (var all = Files.walk(path)) {
            for (Path each : all.toList()) {
                Files.setOwner(each, owner);
            }
        }
    }

    /** Writes a file into a party's folder, as the party would itself. */
    Path put(Party party, String name, byte[] content) throws IOException {
        Path file = folder(party).resolve(name);
        Files.write(file, content);
        give(party, file);
        return file;
    }

    /** Starts a Java program as a party, in its folder. */
    Child java(Party party, String mainClass, List<String> arguments) throws IOException {
        return java(party, Map.of(), mainClass, arguments);
    }

    /** The same with more in the environment. */
    Child java(Party party, Map<String, String> environment, String mainClass, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        party.uid().ifPresent(uid -> {
            String capabilities = "-all" + (party.keeper() ? "," + KEEPER_CAPABILITIES : "");
            command.addAll(List.of(
                    "setpriv",
                    "--reuid=" + uid,
                    "--regid=" + uid,
                    "--clear-groups",
                    "--inh-caps=" + capabilities,
                    "--ambient-caps=" + capabilities,
                    "--"));
        });
        Path temp = Files.createDirectories(folder(party).resolve("tmp"));
        give(party, temp);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Djava.io.tmpdir=" + temp,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                jars + "/*",
                mainClass));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder(party).toFile())
                .redirectErrorStream(true);
        Map<String, String> inherited = new HashMap<>(builder.environment());
        builder.environment().clear();
        for (String kept : List.of("PATH", "LANG")) {
            if (inherited.containsKey(kept)) {
                builder.environment().put(kept, inherited.get(kept));
            }
        }
        builder.environment().putAll(environment);
        Child child = new Child(party.name() + " " + mainClass.substring(mainClass.lastIndexOf('.') + 1), builder.start());
        children.add(child);
        return child;
    }

    /** Ends every process that it started and removes its folder. */
    @Override
    public void close() throws IOException {
        children.reversed().forEach(Child::close);
        Folders.delete(root);
    }
}
