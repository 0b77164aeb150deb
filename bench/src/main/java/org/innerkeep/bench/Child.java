package org.innerkeep.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java process of this class path, which says on one line that it is ready and is ended with its owner. */
final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader reader;
    private final String answer;
    private final Thread onExit;

    private Child(Process process, BufferedReader reader, String answer) {
        this.process = process;
        this.reader = reader;
        this.answer = answer;
        this.onExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /** Starts a program and waits for the line that begins with {@code ready}. */
    static Child start(List<String> jvmArguments, String mainClass, String... arguments) throws IOException {
        return start(new ProcessBuilder(command(jvmArguments, mainClass, arguments)).redirectErrorStream(true), mainClass);
    }

    /** The same for a program that writes much to its standard error, which goes into a file. */
    static Child startWithErrors(Path errors, List<String> jvmArguments, String mainClass, String... arguments) throws IOException {
        return start(new ProcessBuilder(command(jvmArguments, mainClass, arguments)).redirectError(errors.toFile()), mainClass);
    }

    private static Child start(ProcessBuilder command, String mainClass) throws IOException {
        Process process = command.start();
        List<String> said = new ArrayList<>();
        // Not closed: that would close the process's output, and what it says later would end it.
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.equals("ready") || line.startsWith("ready ")) {
                return new Child(process, reader, line.substring("ready".length()).strip());
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

    /** Writes a line to the program, and returns what follows the word {@code answer} on the line that it writes then. */
    String ask(String order) throws IOException {
        OutputStream to = process.getOutputStream();
        to.write((order + "\n").getBytes(StandardCharsets.UTF_8));
        to.flush();
        List<String> said = new ArrayList<>();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith("answer ")) {
                return line.substring("answer ".length());
            }
            said.add(line);
        }
        throw new IOException("a program ended on '" + order + "'; it said:\n" + String.join("\n", said));
    }

    /** {@return the program's process} */
    ProcessHandle handle() {
        return process.toHandle();
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
