package org.innerkeep.cli.profile;

import org.innerkeep.cli.profile.MemoryByKind.Kind;

/**
 * What a program would need on platforms that give memory in other ways, computed from what it needed here. Rules of thumb with their
 * sources:
 *
 * <ul>
 *   <li>SGX, by Gramine: the size of an enclave is a power of two and committed at its start ({@code sgx.enclave_size}, Gramine's manifest
 *       syntax, without {@code sgx.edmm_enable}); a JVM needs at least 64 threads ({@code sgx.max_threads} in Gramine's example for
 *       OpenJDK), and Gramine itself up to 4. What Gramine itself takes of the memory is not known here and not counted.
 *   <li>Protected memory of machines (EPC): Intel support articles 000059614 (256 MB before the third generation of Xeon Scalable, up to
 *       512 GB for each socket since) and Intel's developer forum (128 MB on processors for desktops).
 *   <li>Guests of virtual machines: the guest of the feasibility study, a signed UKI with an initial file system of 75 MB, used 180 MiB of
 *       which a JVM that did nothing had 45.
 * </ul>
 */
record Needs(long enclaveBytes, long enclaveSize, int threads, long guestBytes) {
    private static final int LEAST_SGX_THREADS = 64;
    private static final int GRAMINE_THREADS = 4;
    private static final long GUEST_BYTES = (180L - 45) << 20;
    private static final long GUEST_STEP = 64L << 20;

    /** Classes and code grow when other paths run than those that were measured. */
    private static final int ROOM_FOR_CODE = 2;

    /**
     * Adds up.
     *
     * @param heapBytes the Java heap, which is taken whole at the start
     * @param memory what the rest took here
     */
    static Needs of(long heapBytes, MemoryByKind memory) {
        long own = heapBytes
                + ROOM_FOR_CODE * (memory.of(Kind.CODE) + memory.of(Kind.CLASSES))
                + memory.of(Kind.STACKS)
                + memory.of(Kind.NATIVE);
        // Nothing is shared with the page cache outside.
        long enclave = own + memory.of(Kind.FILES);
        // In a guest, files are in its initial file system, which is counted already.
        long guest = (own + GUEST_BYTES + GUEST_STEP - 1) / GUEST_STEP * GUEST_STEP;
        return new Needs(enclave, powerOfTwo(enclave), Math.max(LEAST_SGX_THREADS, memory.threads() + GRAMINE_THREADS), guest);
    }

    /** {@return the least power of two that is not smaller} */
    static long powerOfTwo(long bytes) {
        return bytes <= 1 ? 1 : Long.highestOneBit(bytes - 1) << 1;
    }

    /** {@return on which machines an enclave of this size stays in protected memory} */
    String fits() {
        if (enclaveSize <= 64L << 20) {
            return "fits into the 128 MB of protected memory (EPC) of desktop processors, which is not all usable";
        }
        if (enclaveSize <= 128L << 20) {
            return "more than desktop processors' 128 MB of protected memory (EPC) leaves usable; fits Xeon processors";
        }
        return enclaveSize < 256L << 20
                ? "fits into the protected memory (EPC) of Xeon processors; not of desktop processors (128 MB)"
                : "needs a Xeon Scalable processor of the third generation or later (EPC up to 512 GB for each socket); before it 256 MB"
                        + " at most, and paging";
    }
}
