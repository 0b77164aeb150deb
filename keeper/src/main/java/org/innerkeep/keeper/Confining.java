package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.linux.EnclaveCalls;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;

/**
 * What keeps an enclave's process from the rest of the machine, found out once by trying it. Each {@code Optional} is why something is
 * not possible, in words for an administrator; empty if it is.
 *
 * @param kernel makes the calls
 * @param noLandlock why files stay as open as they are to the enclave's user
 * @param noCallList why all system calls stay open
 * @param noOwnSpaces why an enclave sees the machine's processes, and shares its network
 * @param noOwnRoot why an enclave sees the machine's files, though it cannot open them
 */
record Confining(
        Kernel kernel,
        Optional<String> noLandlock,
        Optional<String> noCallList,
        Optional<String> noOwnSpaces,
        Optional<String> noOwnRoot) {
    /** What prepares a process: limits, then the user. */
    static final List<Path> PROGRAMS = List.of(Path.of("/usr/bin/prlimit"), Path.of("/usr/bin/setpriv"));

    /** Gives up, for the thread and all that it starts, what an executed file could grant. */
    private record NoNewPrivileges(Kernel kernel) implements Spawning.Step {
        @Override
        public void apply() throws KernelException {
            KernelException.check(SystemCall.PRCTL, kernel.call(SystemCall.PRCTL, Kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        }
    }

    /** Several steps as one. */
    private record All(List<Spawning.Step> steps) implements Spawning.Step {
        @Override
        public void apply() throws IOException {
            for (Spawning.Step step : steps) {
                step.apply();
            }
        }

        @Override
        public void end() {
            steps.forEach(Spawning.Step::end);
        }
    }

    static Confining find(Kernel kernel) {
        return new Confining(kernel, noLandlock(kernel), noCallList(kernel), noOwnSpaces(kernel), noOwnRoot(kernel));
    }

    private static Optional<String> noLandlock(Kernel kernel) {
        if (Landlock.version(kernel) < 1) {
            return Optional.of("the kernel has no Landlock: Linux 5.13 or newer is needed, with landlock among the modules of the boot"
                    + " option lsm=, and a container that allows it");
        }
        try {
            return Trial.of(new All(List.of(new NoNewPrivileges(kernel), Landlock.of(kernel, List.of(), false))));
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> noCallList(Kernel kernel) {
        return Trial.of(new All(List.of(
                        new NoNewPrivileges(kernel), new CallList(kernel, EnclaveCalls.forLife(kernel.machine(), false)))))
                .map(why -> "the kernel takes no list of system calls (" + why + "): it must be built with CONFIG_SECCOMP_FILTER");
    }

    private static Optional<String> noOwnSpaces(Kernel kernel) {
        return Trial.of(new All(List.of(new OwnNetwork(kernel), new OwnSpaces(kernel))))
                .map(why -> "the keeper may not make namespaces (" + why + "): run it as root, or give it CAP_SYS_ADMIN");
    }

    private static Optional<String> noOwnRoot(Kernel kernel) {
        try {
            return Trial.of(new OwnRoot(kernel, EnclaveFiles.system(kernel.machine()), PROGRAMS.getFirst(), Path.of("/")))
                    .map(why -> why + ": run the keeper as root, or give it CAP_SYS_ADMIN; a system that runs from its initial memory"
                            + " disk cannot have this");
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Why enclaves lack some of what the claim {@code namespaces} says. */
    Optional<String> noNamespaces() {
        return noOwnSpaces.or(() -> noOwnRoot);
    }

    /** Whether enclaves have a network of their own, with nothing in it. */
    boolean ownNetworks() {
        return noOwnSpaces.isEmpty();
    }

    /**
     * The steps by which the thread that starts an enclave is confined; whatever else it does to itself comes before them.
     *
     * @param runtime the linked Java runtime, by its real path
     * @param folder the enclave's own, with its bundle's files, by its real path
     * @param calls the memory for calls, if there is any, by its real path
     * @throws IOException if one of the enclave's files cannot be opened
     */
    List<Spawning.Step> steps(Path runtime, Path folder, Optional<Path> calls) throws IOException {
        List<Landlock.Rule> files = EnclaveFiles.of(kernel.machine(), runtime, folder, folder.resolve("io"), calls, PROGRAMS);
        List<Spawning.Step> steps = new ArrayList<>();
        try {
            addSteps(steps, files, runtime, folder);
            return List.copyOf(steps);
        } catch (IOException | RuntimeException | Error e) {
            steps.forEach(Spawning.Step::end);
            throw e;
        }
    }

    private void addSteps(List<Spawning.Step> steps, List<Landlock.Rule> files, Path runtime, Path folder) throws IOException {
        if (noOwnSpaces.isEmpty()) {
            steps.add(new OwnNetwork(kernel));
            steps.add(new OwnSpaces(kernel));
        }
        if (noOwnRoot.isEmpty()) {
            steps.add(new OwnRoot(kernel, files, runtime.resolve("bin/java"), folder));
        }
        steps.add(new NoNewPrivileges(kernel));
        if (noLandlock.isEmpty()) {
            steps.add(Landlock.of(kernel, files, ownNetworks()));
        }
        // Last, for it refuses what the steps before it are made of.
        if (noCallList.isEmpty()) {
            steps.add(new CallList(kernel, EnclaveCalls.forLife(kernel.machine(), ownNetworks())));
        }
    }

    /**
     * Checks a process that says it is ready: the runtime inside has set its list, too.
     *
     * @param pid the process
     * @param others how many filters of system calls it was given beside the list
     * @throws IOException if the process has ended, or is not confined as it should be
     */
    void requireReady(long pid, int others) throws IOException {
        require(pid, others + 2);
    }

    private void require(long pid, int filters) throws IOException {
        InForce seen = InForce.of(pid);
        InForce own = InForce.of(ProcessHandle.current().pid());
        if (!seen.noNewPrivileges() || (noCallList.isEmpty() && !seen.hasFiltersBeyond(own, filters))) {
            throw new IOException("process " + pid + " is not confined as it was started: expected " + filters
                    + " filters beyond those of the keeper, " + own + ", found " + seen);
        }
    }

    /**
     * Adds what is in force for a process that was started with these steps, as the kernel says where it does say it: of files and
     * namespaces it told when they were set.
     *
     * @param others how many filters of system calls it was given beside the list
     * @throws IOException if the process has ended, or is not confined as it should be
     */
    Confinement addTo(Confinement confinement, long pid, int others) throws IOException {
        // The keeper's own filters, such as a container's, are the enclave's as well and prove nothing.
        require(pid, others + 1);
        Confinement all = confinement;
        if (noLandlock.isEmpty()) {
            all = all.with(Mechanism.LANDLOCK);
        }
        if (noCallList.isEmpty()) {
            all = all.with(Mechanism.SECCOMP);
        }
        if (noNamespaces().isEmpty()) {
            all = all.with(Mechanism.NAMESPACES);
        }
        return all;
    }
}
