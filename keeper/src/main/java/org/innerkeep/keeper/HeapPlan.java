package org.innerkeep.keeper;

/**
 * How one enclave gets its heap.
 *
 * @param memory what it is made of
 * @param lock how the process may lock as much, where the memory is locked; without meaning where it is not
 */
record HeapPlan(HeapMemory memory, LockedMemory.Way lock) {
    boolean secret() {
        return memory == HeapMemory.SECRET;
    }
}
