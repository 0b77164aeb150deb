package org.innerkeep.cli.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the built command in a process of its own. */
final class Command {
    /**
     * What came out.
     *
     * @param exitCode of the process
     * @param output standard output and standard error
     */
    record Outcome(int exitCode, String output) {}

    private Command() {}

    /** The class path of the built command. */
    static String classPath() {
        return Path.of(System.getProperty("innerkeep.lib")) + "/*";
    }

    static List<String> java(String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dinnerkeep.home=" + System.getProperty("innerkeep.root"),
                "-cp",
                classPath(),
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    static Outcome run(String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), java("org.innerkeep.cli.Main", arguments));
    }

    /** Runs any command, with this added to its environment. */
    static Outcome run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("innerkeep", ".out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(10, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException("no end within ten minutes: " + Files.readString(output));
            }
            return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
