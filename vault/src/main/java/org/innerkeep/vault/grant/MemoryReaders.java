package org.innerkeep.vault.grant;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who may read an enclave's memory at most, from the fewest on: each includes those before it. The words are those of the claim {@code
 * memory-readable-by}. The order is a choice: whoever is root of the machine that a virtual machine runs on reads it through the hypervisor,
 * and where the host can read an enclave, so can root.
 */
public enum MemoryReaders {
    /** Nobody outside the processor. */
    NOBODY,
    /** The hypervisor, and who administers it. */
    HYPERVISOR,
    /** The administrator of the machine. */
    ROOT,
    /** Whoever runs the host program: the enclave can be debugged, or shares the host's user. */
    HOST,
    /** Everyone: the mock platform of tests. */
    EVERYONE;

    /**
     * Finds one by its word.
     *
     * @param word such as {@code nobody}
     * @return it
     */
    public static Optional<MemoryReaders> of(String word) {
        return Arrays.stream(values()).filter(each -> each.toString().equals(word)).findFirst();
    }

    /** {@return all words, for messages} */
    public static String words() {
        return Arrays.stream(values()).map(MemoryReaders::toString).collect(Collectors.joining(", "));
    }

    /** {@return the word} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
