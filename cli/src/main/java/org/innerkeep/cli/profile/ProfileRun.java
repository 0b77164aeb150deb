package org.innerkeep.cli.profile;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.innerkeep.channel.profile.MethodFigures;
import org.innerkeep.cli.files.Folders;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * One run of a user's workload, with a keeper of its own in a folder that goes with the run. The host, {@code innerkeep run} or the workload
 * itself, measures calls; this looks at the memory of the enclave's process meanwhile. Used by one thread.
 */
final class ProfileRun implements AutoCloseable {
    private static final Duration STARTED_WITHIN = Duration.ofMinutes(2);
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(20);
    private static final Duration GLANCE = Duration.ofMillis(100);
    private static final int MAX_LOG_BYTES = 1 << 20;

    /** The most enclaves of one run whose figures are looked at. */
    private static final int MAX_ENCLAVES = 64;

    private final ProfileSetup setup;
    private final long heapBytes;
    private final Path folder;
    private final Path figures;
    private final Consumer<String> progress;
    /** Also read when this process is interrupted. */
    private final List<Process> processes = new CopyOnWriteArrayList<>();
    private final Thread interrupted = new Thread(() -> endAll(Duration.ZERO));
    private MemoryByKind memory = MemoryByKind.NONE;
    private ProcessLimits limits = ProcessLimits.NONE;
    private @Nullable Process keeper;
    private @Nullable Process host;

    private ProfileRun(ProfileSetup setup, long heapBytes, Path folder, Consumer<String> progress) throws IOException {
        this.setup = setup;
        this.heapBytes = heapBytes;
        this.folder = folder;
        this.figures = Files.createDirectory(folder.resolve("figures"));
        this.progress = progress;
    }

    /**
     * Starts a keeper, and a host unless the workload is one.
     *
     * @param setup what to run
     * @param heapBytes the enclave's Java heap
     * @param progress is told what happens, one line each
     */
    static ProfileRun start(ProfileSetup setup, long heapBytes, Consumer<String> progress) throws IOException {
        ProfileRun run = new ProfileRun(setup, heapBytes, Files.createTempDirectory("ik"), progress);
        // Otherwise an interrupted run would leave a keeper behind, and the keeper its enclave.
        Runtime.getRuntime().addShutdownHook(run.interrupted);
        try {
            // An enclave's user must reach the runtime that the keeper links.
            Files.setPosixFilePermissions(run.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            progress.accept("starting a keeper");
            run.keeper = run.start(
                    "keeper",
                    innerkeep(List.of("-XX:TieredStopAtLevel=1"), "keeper", "run", "--folder", run.keeperFolder().toString()),
                    false);
            run.await("keeper", "ready");
            return run;
        } catch (IOException | RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private Path keeperFolder() {
        return setup.keeperFolder().orElseGet(() -> folder.resolve("keeper"));
    }

    private Path socket() {
        return keeperFolder().resolve("keeper.sock");
    }

    private static List<String> innerkeep(List<String> options, String... arguments) {
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

    private Process start(String name, List<String> command, boolean measuring) throws IOException {
        File log = folder.resolve(name + ".log").toFile();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
        if (measuring) {
            builder.environment().put(EnclaveFigures.FOLDER_VARIABLE, figures.toString());
        }
        Process process = builder.start();
        processes.add(process);
        process.getOutputStream().close();
        return process;
    }

    /** Waits for a line of a process's log that begins so, and gives the rest of it. */
    private String await(String name, String begin) throws IOException {
        Process process = processes.getLast();
        Path log = folder.resolve(name + ".log");
        long deadline = System.nanoTime() + STARTED_WITHIN.toNanos();
        boolean ended = false;
        while (true) {
            String said = Files.size(log) > MAX_LOG_BYTES ? "" : Files.readString(log);
            Optional<String> line = said.lines().filter(each -> each.startsWith(begin)).findFirst();
            if (line.isPresent() && said.indexOf('\n', said.indexOf(line.get())) >= 0) {
                return line.get().substring(begin.length()).strip();
            }
            if (ended || System.nanoTime() > deadline) {
                throw new IOException("the " + name + " did not start: " + said.strip());
            }
            // Once more after its end: what it said last may not have been there before.
            ended = ends(process, GLANCE);
        }
    }

    private static boolean ends(Process process, Duration within) throws IOException {
        try {
            return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Runs the workload to its end, and the host to its end after it. */
    EnclaveFigures work() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(setup.command())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("INNERKEEP_ANCHOR", keeperFolder().resolve("keeper.anchor").toString());
        if (setup.ownHost()) {
            builder.environment().put("INNERKEEP_BUNDLE", setup.bundle().toAbsolutePath().toString());
            builder.environment().put("INNERKEEP_KEEPER", socket().toString());
            builder.environment().put(EnclaveFigures.FOLDER_VARIABLE, figures.toString());
        } else {
            builder.environment().put("INNERKEEP_ADDRESS", startHost());
        }
        progress.accept("running the workload");
        Process workload = builder.start();
        processes.add(workload);
        workload.getOutputStream().close();
        do {
            lookAtMemory();
        } while (!ends(workload, GLANCE));
        if (workload.exitValue() != 0) {
            throw new IOException("the workload ended with exit code " + workload.exitValue()
                    + ": what it did before its end says little, so correct it first");
        }
        if (host != null) {
            // It writes its last figures when it is asked to end.
            host.destroy();
            if (!ends(host, ENDED_WITHIN)) {
                throw new IOException("the host did not end when it was asked to");
            }
        }
        return busiest();
    }

    private String startHost() throws IOException {
        progress.accept("starting the enclave");
        // With both compilers of the JVM, as a host has them: its part of a crossing's cost is measured.
        List<String> command = new ArrayList<>(innerkeep(
                List.of(), "run", setup.bundle().toAbsolutePath().toString(),
                "--keeper", socket().toString(),
                "--state", Files.createDirectory(folder.resolve("state")).toString()));
        command.addAll(setup.hostOptions());
        host = start("host", command, true);
        return await("host", "listening ");
    }

    /** What an enclave's process has now; nothing if there is none yet, or none any more. */
    private void lookAtMemory() {
        Process running = keeper;
        if (running == null) {
            return;
        }
        Optional<ProcessHandle> enclave = running.descendants()
                // The keeper also links runtimes, in processes of another program.
                .filter(each -> each.info().command().filter(path -> path.endsWith("/bin/java")).isPresent())
                .findFirst();
        if (enclave.isEmpty()) {
            return;
        }
        long pid = enclave.get().pid();
        try {
            List<String> smaps = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"));
            try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
                memory = memory.most(new MemoryByKind(Mappings.byKind(smaps, heapBytes), (int) tasks.count()));
            }
            limits = ProcessLimits.of(pid, smaps).most(limits);
        } catch (IOException e) {
            // It has ended meanwhile, or belongs to somebody else; then there is nothing to report of it.
        }
    }

    private EnclaveFigures busiest() throws IOException {
        List<EnclaveFigures> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(figures)) {
            for (Path file : files.filter(each -> each.toString().endsWith(EnclaveFigures.FILE_ENDING)).limit(MAX_ENCLAVES).toList()) {
                all.add(read(file));
            }
        }
        if (all.size() > 1) {
            progress.accept(all.size() + " enclaves were started; the figures are those of the one with the most calls and bytes");
        }
        return all.stream()
                .max(Comparator.comparingLong(each ->
                        each.calls().stream().mapToLong(MethodFigures::calls).sum() + each.relayed().inBytes()))
                .orElseThrow(() -> new IOException(setup.ownHost()
                        ? "the workload started no enclave with " + EnclaveFigures.FOLDER_VARIABLE + " in its environment: it starts"
                                + " $INNERKEEP_BUNDLE at the keeper $INNERKEEP_KEEPER, by the host library"
                        : "the host wrote no figures"));
    }

    private static EnclaveFigures read(Path file) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(EnclaveFigures.MAX_FILE_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": the host has removed it", e);
        }
        if (bytes.length > EnclaveFigures.MAX_FILE_BYTES) {
            throw new IOException(file + ": more than " + EnclaveFigures.MAX_FILE_BYTES + " bytes of figures");
        }
        try {
            return Codec.of(EnclaveFigures.class).decode(bytes);
        } catch (MalformedException e) {
            throw new IOException(
                    file + ": no figures that this version reads: " + e.getMessage() + "; the host needs the library of this version", e);
        }
    }

    MemoryByKind memory() {
        return memory;
    }

    ProcessLimits limits() {
        return limits;
    }

    private void endAll(Duration within) {
        for (Process process : processes.reversed()) {
            process.destroy();
            try {
                if (!within.isZero() && !process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            }
        }
    }

    /** Ends every process that it started, the last first, and removes the folder. */
    @Override
    public void close() throws IOException {
        endAll(ENDED_WITHIN);
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(interrupted);
        } catch (IllegalStateException e) {
            // It runs.
        }
        Folders.delete(folder);
    }
}
