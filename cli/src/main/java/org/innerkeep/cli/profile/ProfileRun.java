package org.innerkeep.cli.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.innerkeep.channel.profile.MethodFigures;
import org.innerkeep.cli.workload.RunProcesses;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * One run of a user's workload, with a keeper of its own in a folder that goes with the run. The host, {@code innerkeep run} or the workload
 * itself, measures calls; this looks at the memory of the enclave's process meanwhile. Used by one thread.
 */
final class ProfileRun implements AutoCloseable {
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(20);
    private static final Duration GLANCE = Duration.ofMillis(100);

    /** The most enclaves of one run whose figures are looked at. */
    private static final int MAX_ENCLAVES = 64;

    private final ProfileSetup setup;
    private final long heapBytes;
    private final RunProcesses processes;
    private final Path figures;
    private final Consumer<String> progress;
    private MemoryByKind memory = MemoryByKind.NONE;
    private ProcessLimits limits = ProcessLimits.NONE;
    private @Nullable Process keeper;
    private @Nullable Process host;

    private ProfileRun(ProfileSetup setup, long heapBytes, RunProcesses processes, Consumer<String> progress) {
        this.setup = setup;
        this.heapBytes = heapBytes;
        this.processes = processes;
        this.figures = processes.folder().resolve("figures");
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
        ProfileRun run = new ProfileRun(setup, heapBytes, RunProcesses.of("run"), progress);
        try {
            Files.createDirectory(run.figures);
            progress.accept("starting a keeper");
            run.keeper = run.processes.start(
                    "keeper",
                    RunProcesses.innerkeep(
                            List.of("-XX:TieredStopAtLevel=1"), "keeper", "run", "--folder", run.keeperFolder().toString()),
                    Map.of());
            String _ = run.processes.await("keeper", "ready");
            return run;
        } catch (IOException | RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private Path keeperFolder() {
        return setup.keeperFolder().orElseGet(() -> processes.folder().resolve("keeper"));
    }

    private Path socket() {
        return keeperFolder().resolve("keeper.sock");
    }

    /** Runs the workload to its end, and the host to its end after it. */
    EnclaveFigures work() throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("INNERKEEP_ANCHOR", keeperFolder().resolve("keeper.anchor").toString());
        if (setup.ownHost()) {
            environment.put("INNERKEEP_BUNDLE", setup.bundle().toAbsolutePath().toString());
            environment.put("INNERKEEP_KEEPER", socket().toString());
            environment.put(EnclaveFigures.FOLDER_VARIABLE, figures.toString());
        } else {
            environment.put("INNERKEEP_ADDRESS", startHost());
        }
        progress.accept("running the workload");
        Process workload = processes.startWorkload(setup.command(), environment);
        do {
            lookAtMemory();
        } while (!RunProcesses.ends(workload, GLANCE));
        if (workload.exitValue() != 0) {
            throw new IOException("the workload ended with exit code " + workload.exitValue()
                    + ": what it did before its end says little, so correct it first");
        }
        if (host != null) {
            // It writes its last figures when it is asked to end.
            host.destroy();
            if (!RunProcesses.ends(host, ENDED_WITHIN)) {
                throw new IOException("the host did not end when it was asked to");
            }
        }
        return busiest();
    }

    private String startHost() throws IOException {
        progress.accept("starting the enclave");
        // With both compilers of the JVM, as a host has them: its part of a crossing's cost is measured.
        List<String> command = new ArrayList<>(RunProcesses.innerkeep(
                List.of(), "run", setup.bundle().toAbsolutePath().toString(),
                "--keeper", socket().toString(),
                "--state", Files.createDirectory(processes.folder().resolve("state")).toString()));
        command.addAll(setup.hostOptions());
        host = processes.start("host", command, Map.of(EnclaveFigures.FOLDER_VARIABLE, figures.toString()));
        return processes.await("host", "listening ");
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

    /** Ends every process that it started, the last first, and removes the folder. */
    @Override
    public void close() throws IOException {
        processes.close();
    }
}
