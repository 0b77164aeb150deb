package org.innerkeep.maven;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoFailureException;
import org.jspecify.annotations.Nullable;

/** Finds the JDK that packs: bundles are for one feature release of Java, and their interfaces are read by it. */
final class JavaHome {
    static final int RELEASE = 25;

    private static final Path USUAL_FOLDER = Path.of("/usr/lib/jvm");

    private JavaHome() {}

    /**
     * Finds it.
     *
     * @param toolchain the {@code java} program of the session's toolchain, if one was selected
     * @param configured what the plugin's configuration names
     * @return the folder of a JDK {@value #RELEASE}
     * @throws MojoFailureException if there is none, or if the one that was configured is another release
     */
    static Path find(@Nullable String toolchain, @Nullable Path configured) throws MojoFailureException {
        if (configured != null) {
            if (!isWanted(configured)) {
                throw new MojoFailureException("jdkHome: expected a JDK " + RELEASE + ", found something else in " + configured);
            }
            return configured;
        }
        List<Path> candidates = new ArrayList<>();
        if (toolchain != null) {
            Path bin = Path.of(toolchain).toAbsolutePath().getParent();
            if (bin != null && bin.getParent() != null) {
                candidates.add(bin.getParent());
            }
        }
        candidates.add(Path.of(System.getProperty("java.home")));
        String environment = System.getenv("JAVA_HOME");
        if (environment != null && !environment.isBlank()) {
            candidates.add(Path.of(environment));
        }
        candidates.addAll(usual());
        return candidates.stream()
                .filter(JavaHome::isWanted)
                .findFirst()
                .orElseThrow(() -> new MojoFailureException("JDK " + RELEASE + " was not found as the build's toolchain, as the Java of"
                        + " Maven, in JAVA_HOME or under " + USUAL_FOLDER + ": install it (Temurin's package is temurin-25-jdk), or"
                        + " name its folder with -Dinnerkeep.jdkHome=DIR"));
    }

    /** A full JDK: packing needs its {@code jdeps}. */
    private static boolean isWanted(Path home) {
        if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isExecutable(home.resolve("bin/jdeps"))) {
            return false;
        }
        Properties release = new Properties();
        try (Reader in = Files.newBufferedReader(home.resolve("release"), StandardCharsets.UTF_8)) {
            release.load(in);
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
        String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
        return version.equals(Integer.toString(RELEASE)) || version.startsWith(RELEASE + ".");
    }

    private static List<Path> usual() {
        try (Stream<Path> homes = Files.list(USUAL_FOLDER)) {
            return homes.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
