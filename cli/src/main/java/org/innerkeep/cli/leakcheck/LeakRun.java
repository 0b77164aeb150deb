package org.innerkeep.cli.leakcheck;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of a user's workload with an enclave, and the search of everything that the machine's operator sees of it. Keeper and
 * host are
 * processes of their own, in a folder of their own that goes with the run; between the workload and the host everything is
 * recorded. Used
 * by one thread.
 */
final class LeakRun implements AutoCloseable {
    private static final Duration STARTED_WITHIN = Duration.ofMinutes(2);
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(10);
    private static final Duration GLANCE = Duration.ofMillis(50);
    private static final int MAX_LOG_BYTES = 1 << 20;

    private final LeakSetup setup;
    private final boolean ordinary;
    private final Path folder;
    /** Also read when this process is interrupted. */
    private final List<Process> processes = new CopyOnWriteArrayList<>();
    private final Thread interrupted = new Thread(() -> endAll(Duration.ZERO));
    private @Nullable WireRecord wire;
    private long keeper;
    private long host;
    private long enclave;

    private LeakRun(LeakSetup setup, boolean ordinary, Path folder) {
        this.setup = setup;
        this.ordinary = ordinary;
        this.folder = folder;
    }

    /**
     * Starts keeper, host and enclave.
     *
     * @param setup what to run
     * @param ordinary whether this is the control: the keeper may lock no memory, so that it gives the enclave an ordinary heap
     */
    static LeakRun start(LeakSetup setup, boolean ordinary) throws IOException {
        LeakRun run = new LeakRun(setup, ordinary, Files.createTempDirectory("ik"));
        // Otherwise an interrupted check would leave a keeper behind, and the keeper its enclave.
        Runtime.getRuntime().addShutdownHook(run.interrupted);
        try {
            // An enclave's user must reach the runtime that the keeper links.
            Files.setPosixFilePermissions(run.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            run.startKeeper();
            run.startHost();
            return run;
        } catch (IOException | RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private void startKeeper() throws IOException {
        List<String> command = new ArrayList<>();
        if (ordinary) {
            // Whatever could lock more memory than a few pages is given up, and everything else stays as in the other run.
            command.addAll(List.of("prlimit", "--memlock=65536:65536", "setpriv"));
            if (setup.root()) {
                String less = "-ipc_lock,-sys_resource";
                command.addAll(List.of("--inh-caps=" + less, "--ambient-caps=" + less, "--bounding-set=" + less));
            }
            command.add("--");
        }
        command.addAll(innerkeep("keeper", "run", "--folder", folder.resolve("keeper").toString()));
        keeper = start("keeper", command).pid();
        await("keeper", "ready");
    }

    private void startHost() throws IOException {
        List<String> command = new ArrayList<>(innerkeep(
                "run", setup.bundle().toAbsolutePath().toString(),
                "--keeper", folder.resolve("keeper/keeper.sock").toString(),
                "--state", Files.createDirectory(folder.resolve("state")).toString()));
        command.addAll(setup.hostOptions());
        host = start("host", command).pid();
        String listening = await("host", "listening ");
        int colon = listening.lastIndexOf(':');
        wire = WireRecord.before(
                new InetSocketAddress(listening.substring(0, colon), Integer.parseInt(listening.substring(colon + 1))),
                folder.resolve("wire"));
        enclave = ProcessHandle.of(keeper).stream()
                .flatMap(ProcessHandle::descendants)
                .filter(process -> process.info().command().filter(path -> path.endsWith("/bin/java")).isPresent())
                .findFirst()
                .orElseThrow(() -> new IOException("the enclave's process is not to be seen"))
                .pid();
    }

    private static List<String> innerkeep(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.innerkeep.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    private Process start(String name, List<String> command) throws IOException {
        File log = folder.resolve(name + ".log").toFile();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
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
                throw new IOException("the " + name + " of the " + name() + " did not start: " + said.strip());
            }
            // Once more after its end: what it said last may not have been there before.
            ended = ends(process, GLANCE);
        }
    }

    /** {@return "control run" or "run"} */
    String name() {
        return ordinary ? "control run" : "run";
    }

    private static boolean ends(Process process, Duration within) throws IOException {
        try {
            return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Whether the kernel shows secret memory in the enclave's process. */
    boolean hasSecretHeap() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + enclave + "/maps"), StandardCharsets.UTF_8)) {
            return lines.anyMatch(line -> line.endsWith(" /secretmem") || line.contains(" /secretmem (deleted)"));
        }
    }

    /**
     * Runs the workload. While it runs, the enclave's memory is searched again and again; when it has ended, everything.
     *
     * @return the search while it ran in which most was found, then the one of everything
     */
    List<ScanReport> work(Needles needles) throws IOException {
        Scan scan = new Scan(needles);
        ProcessBuilder builder = new ProcessBuilder(setup.command())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        InetSocketAddress address = java.util.Objects.requireNonNull(wire, "the host has started").address();
        builder.environment().put("INNERKEEP_ADDRESS", address.getAddress().getHostAddress() + ":" + address.getPort());
        builder.environment().put("INNERKEEP_ANCHOR", folder.resolve("keeper/keeper.anchor").toString());
        Process workload = builder.start();
        processes.add(workload);
        Place memory = new Place.Memory("memory of the enclave while it worked", enclave);
        ScanReport most = scan.of(List.of(memory));
        while (!ends(workload, GLANCE)) {
            ScanReport next = scan.of(List.of(memory));
            most = next.totalFound() > most.totalFound() ? next : most;
        }
        if (workload.exitValue() != 0) {
            throw new IOException("the workload of the " + name() + " ended with exit code " + workload.exitValue()
                    + ", so nothing is known: correct it first");
        }
        ScanReport after = scan.of(places());
        if (!ProcessHandle.of(enclave).map(ProcessHandle::isAlive).orElse(false)) {
            throw new IOException("the enclave of the " + name() + " ended before its memory was searched");
        }
        return List.of(most, after);
    }

    private List<Place> places() {
        List<Place> places = new ArrayList<>(Place.process("the enclave", enclave));
        places.add(new Place.Memory("memory of the keeper", keeper));
        places.add(new Place.Descriptors("descriptors of the keeper", keeper));
        places.add(new Place.Memory("memory of the host", host));
        places.add(new Place.Tree("what went over the network", folder.resolve("wire")));
        places.add(new Place.Tree(
                "folders and logs of keeper, host and enclave", folder, Set.of(folder.resolve("wire"), folder.resolve("keeper/runtimes"))));
        places.add(new Place.Swap());
        if (setup.temporaryFolders()) {
            Set<Path> except = new HashSet<>(setup.canaryFiles());
            except.add(folder);
            places.addAll(Place.temporaryFolders(except));
        }
        return places;
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
            Runtime.getRuntime().removeShutdownHook(interrupted);
        } catch (IllegalStateException e) {
            // It runs.
        }
        if (wire != null) {
            wire.close();
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                // The keeper clears its enclaves away at the same time.
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException failure) throws IOException {
                Files.deleteIfExists(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
