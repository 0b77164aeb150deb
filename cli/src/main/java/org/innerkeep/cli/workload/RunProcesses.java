package org.innerkeep.cli.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.innerkeep.cli.files.Folders;

/**
 * The processes of one run of a user's workload, and the folder with what they write; both go with the run, also when this process is
 * interrupted. Used by one thread.
 */
public final class RunProcesses implements AutoCloseable {
    private static final Duration STARTED_WITHIN = Duration.ofMinutes(2);
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(20);
    private static final Duration GLANCE = Duration.ofMillis(50);
    private static final int MAX_LOG_BYTES = 1 << 20;

    private final String run;
    private final Path folder;
    /** Also read when this process is interrupted. */
    private final List<Process> processes = new CopyOnWriteArrayList<>();
    private final Thread interrupted = new Thread(() -> processes.reversed().forEach(Process::destroy));

    private RunProcesses(String run, Path folder) {
        this.run = run;
        this.folder = folder;
    }

    /**
     * Makes the folder.
     *
     * @param run what the run is called in messages
     * @return no processes yet
     * @throws IOException if there is no place for the folder
     */
    public static RunProcesses of(String run) throws IOException {
        RunProcesses processes = new RunProcesses(run, Files.createTempDirectory("ik"));
        // An enclave's user must reach the runtime that the keeper links.
        Files.setPosixFilePermissions(processes.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        // Otherwise an interrupted run would leave a keeper behind, and the keeper its enclave.
        Runtime.getRuntime().addShutdownHook(processes.interrupted);
        return processes;
    }

    /** {@return the folder of the run} */
    public Path folder() {
        return folder;
    }

    /**
     * A command of Innerkeep's, of this version.
     *
     * @param options further options of its JVM
     * @param arguments the command and its arguments
     * @return the command line
     */
    public static List<String> innerkeep(List<String> options, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.innerkeep.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Starts a process whose output goes to a log of its own in the folder.
     *
     * @param name what it is, which names its log
     * @param command the command line
     * @param environment what is added to its environment
     * @return the process
     * @throws IOException if it cannot be started
     */
    public Process start(String name, List<String> command, Map<String, String> environment) throws IOException {
        return begin(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(name).toFile()), environment);
    }

    /**
     * Starts the user's workload. What it says on standard error is passed on.
     *
     * @param command the command line
     * @param environment what is added to its environment
     * @return the process
     * @throws IOException if it cannot be started
     */
    public Process startWorkload(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        return begin(builder, environment);
    }

    private Process begin(ProcessBuilder builder, Map<String, String> environment) throws IOException {
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        process.getOutputStream().close();
        return process;
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    /**
     * Waits until the process that was started last says that it is ready.
     *
     * @param name what it is
     * @param begin how the line of its log begins that says so
     * @return the rest of that line
     * @throws IOException if it ends before, or does not say so for long
     */
    public String await(String name, String begin) throws IOException {
        Process process = processes.getLast();
        Path log = log(name);
        long deadline = System.nanoTime() + STARTED_WITHIN.toNanos();
        boolean ended = false;
        while (true) {
            String said = Files.size(log) > MAX_LOG_BYTES ? "" : Files.readString(log);
            Optional<String> line = said.lines().filter(each -> each.startsWith(begin)).findFirst();
            if (line.isPresent() && said.indexOf('\n', said.indexOf(line.get())) >= 0) {
                return line.get().substring(begin.length()).strip();
            }
            if (ended || System.nanoTime() - deadline > 0) {
                throw new IOException("the " + name + " of the " + run + " did not start: " + said.strip());
            }
            // Once more after its end: what it said last may not have been there before.
            ended = ends(process, GLANCE);
        }
    }

    /**
     * Waits for a process.
     *
     * @param process the process
     * @param within how long
     * @return whether it has ended
     * @throws IOException if this thread is interrupted
     */
    public static boolean ends(Process process, Duration within) throws IOException {
        try {
            return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Ends every process that was started, the last first, and removes the folder. */
    @Override
    public void close() throws IOException {
        processes.reversed().forEach(RunProcesses::end);
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(interrupted);
        } catch (IllegalStateException e) {
            // It runs.
        }
        Folders.delete(folder);
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(ENDED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
