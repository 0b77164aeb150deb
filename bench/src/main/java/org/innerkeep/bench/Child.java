package org.innerkeep.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java process of this class path, which says on one line that it is ready and is ended with its owner. */
final class Child implements AutoCloseable {
    private final Process process;
    private final String answer;
    private final Thread onExit;

    private Child(Process process, String answer) {
        this.process = process;
        this.answer = answer;
        this.onExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /** Starts a program and waits for the line that begins with {@code ready}. */
    static Child start(List<String> jvmArguments, String mainClass, String... arguments) throws IOException {
        Process process = new ProcessBuilder(command(jvmArguments, mainClass, arguments))
                .redirectErrorStream(true)
                .start();
        List<String> said = new ArrayList<>();
        // Not closed: that would close the process's output, and what it says later would end it.
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.equals("ready") || line.startsWith("ready ")) {
                return new Child(process, line.substring("ready".length()).strip());
            }
            said.add(line);
        }
        process.destroyForcibly();
        throw new IOException(mainClass + " ended before it was ready; it said:\n" + String.join("\n", said));
    }

    /** The command line of a Java program on this class path, with the collector that enclaves have too. */
    static List<String> command(List<String> jvmArguments, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC"));
        command.addAll(jvmArguments);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    /** {@return what followed the word ready} */
    String answer() {
        return answer;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // This process is ending, and the hook may run: it does no harm.
        }
    }
}
