package org.innerkeep.maven;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** The packing tool, in a Java process of its own. */
final class PackProcess {
    private static final String MAIN = "org.innerkeep.packing.Pack";
    private static final int MAX_MINUTES = 10;

    private final Path jdk;
    private final List<Path> classPath;

    PackProcess(Path jdk, List<Path> classPath) {
        this.jdk = jdk;
        this.classPath = List.copyOf(classPath);
    }

    /**
     * Runs it to its end.
     *
     * @return the lines that it printed, at least one
     * @throws MojoFailureException with the tool's message if it refuses
     * @throws MojoExecutionException if it cannot be run
     */
    List<String> run(List<String> arguments) throws MojoExecutionException, MojoFailureException {
        List<String> command = new ArrayList<>(List.of(
                jdk.resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dstdout.encoding=UTF-8",
                "-Dstderr.encoding=UTF-8",
                "-cp",
                classPath.stream().map(Path::toString).collect(Collectors.joining(java.io.File.pathSeparator)),
                MAIN));
        command.addAll(arguments);
        try {
            Path out = Files.createTempFile("innerkeep-pack", ".out");
            Path err = Files.createTempFile("innerkeep-pack", ".err");
            try {
                return run(command, out, err);
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new MojoExecutionException("the packing tool cannot be run: " + e.getMessage(), e);
        }
    }

    private static List<String> run(List<String> command, Path out, Path err)
            throws IOException, MojoExecutionException, MojoFailureException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        // They would have the JVM read options of somebody else, and say so on standard error.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.start();
        try {
            if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                throw new MojoExecutionException("the packing tool did not end within " + MAX_MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MojoExecutionException("interrupted while packing", e);
        } finally {
            process.destroyForcibly();
        }
        List<String> said = Files.readAllLines(out, StandardCharsets.UTF_8);
        if (process.exitValue() != 0 || said.isEmpty()) {
            String message = Files.readString(err, StandardCharsets.UTF_8).strip();
            throw new MojoFailureException(message.isEmpty() ? "the packing tool ended with " + process.exitValue() : message);
        }
        return said;
    }
}
