package org.innerkeep.maven;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.toolchain.Toolchain;
import org.apache.maven.toolchain.ToolchainManager;
import org.jspecify.annotations.Nullable;

/** Finds the JDK 25 that packs; Maven itself may run on an older one. */
final class Jdk {
    private static final int RELEASE = 25;

    private Jdk() {}

    /** The {@code java} program of: the given folder, the build's toolchain, Maven's own Java, JAVA_HOME, what is installed. */
    static Path java(@Nullable Path given, ToolchainManager toolchains, MavenSession session, Map<String, String> environment)
            throws MojoExecutionException {
        if (given != null) {
            return release(given)
                    .orElseThrow(() -> new MojoExecutionException("innerkeep.jdk: " + given + " is no JDK " + RELEASE));
        }
        List<Path> homes = new ArrayList<>();
        Toolchain toolchain = toolchains.getToolchainFromBuildContext("jdk", session);
        String java = toolchain == null ? null : toolchain.findTool("java");
        if (java != null) {
            homes.add(Path.of(java).toAbsolutePath().resolve("../..").normalize());
        }
        homes.add(Path.of(System.getProperty("java.home")));
        String home = environment.get("JAVA_HOME");
        if (home != null) {
            homes.add(Path.of(home));
        }
        try (Stream<Path> installed = Files.list(Path.of("/usr/lib/jvm"))) {
            installed.sorted().forEach(homes::add);
        } catch (IOException e) {
            // Another operating system keeps its Java elsewhere; the ways above remain.
        }
        return homes.stream().map(each -> release(each)).flatMap(Optional::stream).findFirst().orElseThrow(() -> new MojoExecutionException(
                "no JDK " + RELEASE + " found, which packs the enclave: select one with maven-toolchains-plugin, set JAVA_HOME,"
                        + " or name its folder with -Dinnerkeep.jdk=…"));
    }

    /** The program, if the folder holds a full JDK of the release. */
    private static Optional<Path> release(Path home) {
        try {
            boolean right = Files.readAllLines(home.resolve("release")).stream()
                    .anyMatch(line -> line.startsWith("JAVA_VERSION=\"" + RELEASE));
            Path java = home.resolve("bin/java");
            boolean full = Files.isExecutable(home.resolve("bin/javac")) && Files.isExecutable(java);
            return right && full ? Optional.of(java) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
