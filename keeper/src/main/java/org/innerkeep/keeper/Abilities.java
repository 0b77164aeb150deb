package org.innerkeep.keeper;

import java.io.IOException;
import java.util.Optional;
import org.innerkeep.channel.linux.Kernel;

/**
 * What this machine lets the keeper do for enclaves, found out once by trying it. Each {@code Optional} is why something is not possible,
 * in words for an administrator; empty if it is.
 *
 * @param kernel the kernel, where its calls are known
 * @param spawning starts confined processes, where the kernel's calls are known
 * @param confining what keeps enclaves from the rest of the machine, where the kernel's calls are known
 * @param noHeapFilter why the keeper cannot give enclaves their heaps
 * @param noSecretMemory why there is no secret memory
 * @param noSight why the keeper cannot see where its enclaves' memory lies
 * @param noOwnNetwork why enclaves have no networks of their own
 * @param locked how much memory enclaves may lock
 */
record Abilities(
        Optional<Kernel> kernel,
        Optional<Spawning> spawning,
        Optional<Confining> confining,
        Optional<String> noHeapFilter,
        Optional<String> noSecretMemory,
        Optional<String> noSight,
        Optional<String> noOwnNetwork,
        LockedMemory locked) {
    private static final String OTHER_MACHINE = "system calls are known on Linux for 64-bit Intel, AMD and Arm only";

    static Abilities find() throws IOException {
        LockedMemory locked = LockedMemory.own();
        Optional<Kernel> found = org.innerkeep.channel.linux.Machine.current().map(Kernel::new);
        if (found.isEmpty()) {
            return none(OTHER_MACHINE, locked);
        }
        Kernel kernel = found.get();
        Spawning spawning;
        try {
            spawning = new Spawning(kernel);
        } catch (IOException e) {
            return none(String.valueOf(e.getMessage()), locked);
        }
        Confining confining = Confining.find(kernel);
        return new Abilities(
                found,
                Optional.of(spawning),
                Optional.of(confining),
                Trial.of(new HeapMaker(kernel, HeapMemory.ORDINARY, 0))
                        .or(() -> Trial.of(kernel, HeapMemory.ORDINARY))
                        .map(why -> "the kernel does not let the keeper answer an enclave's system calls (" + why
                                + "): Linux 5.14 or newer is needed, and a container that leaves seccomp to its processes"),
                Trial.of(kernel, HeapMemory.SECRET)
                        .map(why -> "the kernel gives no secret memory (" + why + "): Linux 5.14 or newer is needed, before 6.5 with"
                                + " secretmem.enable=1 at boot, and a container that allows memfd_secret"),
                Users.canSwitch(locked.capabilities()) && !locked.capabilities().has(Capabilities.SYS_PTRACE)
                        ? Optional.of("the keeper may not see where the memory of its enclaves lies, which have other users: give it"
                                + " CAP_SYS_PTRACE")
                        : Optional.empty(),
                confining.noOwnSpaces(),
                locked);
    }

    private static Abilities none(String why, LockedMemory locked) {
        Optional<String> none = Optional.of(why);
        return new Abilities(Optional.empty(), Optional.empty(), Optional.empty(), none, none, none, none, locked);
    }

    /** Why an enclave with such a heap does not get it in secret memory; empty if it does. */
    Optional<String> noSecretHeap(long heapBytes) {
        return noHeapFilter.or(() -> noSecretMemory).or(() -> noSight).or(() -> locked.forHeap(heapBytes).isPresent()
                ? Optional.empty()
                : Optional.of("an enclave's process may lock " + locked.hardLimitBytes() + " bytes of memory, and a heap of " + heapBytes
                        + " bytes needs " + LockedMemory.needed(heapBytes) + ": raise the limit of locked memory for the keeper"
                        + " (LimitMEMLOCK= in its systemd unit, memlock in /etc/security/limits.conf), or give the keeper"
                        + " CAP_SYS_RESOURCE"));
    }

    /** The heap of an enclave, secret where that is possible. */
    HeapPlan heapFor(long heapBytes) {
        return noSecretHeap(heapBytes).isEmpty()
                ? new HeapPlan(HeapMemory.SECRET, locked.forHeap(heapBytes).orElseThrow())
                : new HeapPlan(HeapMemory.ORDINARY, LockedMemory.Way.LIMIT);
    }
}
