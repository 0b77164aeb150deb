package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.cli.workload.RunProcesses;
import org.jspecify.annotations.Nullable;

/**
 * One run of a user's workload with an enclave, and the search of everything that the machine's operator sees of it. Keeper and
 * host are processes of their own; between the workload and the host everything is recorded. Used by one thread.
 */
final class LeakRun implements AutoCloseable {
    private static final Duration GLANCE = Duration.ofMillis(50);

    private final LeakSetup setup;
    private final boolean ordinary;
    private final RunProcesses processes;
    private final Path folder;
    private @Nullable WireRecord wire;
    private long keeper;
    private long host;
    private long enclave;

    private LeakRun(LeakSetup setup, boolean ordinary) throws IOException {
        this.setup = setup;
        this.ordinary = ordinary;
        this.processes = RunProcesses.of(name());
        this.folder = processes.folder();
    }

    /**
     * Starts keeper, host and enclave.
     *
     * @param setup what to run
     * @param ordinary whether this is the control: the keeper may lock no memory, so that it gives the enclave an ordinary heap
     */
    static LeakRun start(LeakSetup setup, boolean ordinary) throws IOException {
        LeakRun run = new LeakRun(setup, ordinary);
        try {
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
        keeper = processes.start("keeper", command, Map.of()).pid();
        String _ = processes.await("keeper", "ready");
    }

    private void startHost() throws IOException {
        List<String> command = new ArrayList<>(innerkeep(
                "run", setup.bundle().toAbsolutePath().toString(),
                "--keeper", folder.resolve("keeper/keeper.sock").toString(),
                "--state", Files.createDirectory(folder.resolve("state")).toString()));
        command.addAll(setup.hostOptions());
        host = processes.start("host", command, Map.of()).pid();
        String listening = processes.await("host", "listening ");
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
        return RunProcesses.innerkeep(List.of("-XX:TieredStopAtLevel=1"), arguments);
    }

    /** {@return "control run" or "run"} */
    String name() {
        return ordinary ? "control run" : "run";
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
        InetSocketAddress address = java.util.Objects.requireNonNull(wire, "the host has started").address();
        Process workload = processes.startWorkload(
                setup.command(),
                Map.of(
                        "INNERKEEP_ADDRESS", address.getAddress().getHostAddress() + ":" + address.getPort(),
                        "INNERKEEP_ANCHOR", folder.resolve("keeper/keeper.anchor").toString()));
        Place memory = new Place.Memory("memory of the enclave while it worked", enclave);
        ScanReport most = scan.of(List.of(memory));
        while (!RunProcesses.ends(workload, GLANCE)) {
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

    /** Ends every process that it started, the last first, and removes the folder. */
    @Override
    public void close() throws IOException {
        try (processes) {
            if (wire != null) {
                wire.close();
            }
        }
    }
}
