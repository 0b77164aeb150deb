package org.innerkeep.evidence.keeper;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the operating system keeps of one enclave's process, as its keeper arranged it and saw it in place before the enclave got its
 * first secret. Each mechanism is a claim of its own name. Immutable, safe for use by several threads.
 *
 * <p>Two confinements are comparable and not ordered in a line: one {@linkplain #includes includes} another if it has every mechanism
 * of it.
 *
 * @param mechanisms those that are in place; none if the process is confined by its user alone
 */
public record Confinement(Set<Mechanism> mechanisms) {
    /** Nothing beyond the user that the process runs as. */
    public static final Confinement NONE = new Confinement(Set.of());

    /** One mechanism. The order is that of the bits in {@link #bits}, which are part of sealed values: new ones come last. */
    public enum Mechanism {
        /**
         * The whole Java heap lies in memory that the kernel has taken out of its own view (memfd_secret(2)): no dump, no swap, no
         * read of another process's memory has it, root's neither. Root can still have code run inside the enclave's process.
         */
        SECRET_HEAP("secret-heap"),
        /**
         * A Landlock ruleset (landlock(7)) lets the process open, make and execute no file but those that it needs. Newer kernels keep
         * it from more, which is not claimed.
         */
        LANDLOCK("landlock"),
        /** A seccomp filter (seccomp(2)) refuses every system call that is not on the list for enclaves. */
        SECCOMP("seccomp"),
        /** Its own network, processes, mounts and interprocess communication (namespaces(7)). */
        NAMESPACES("namespaces"),
        /** A control group (cgroups(7)) bounds its memory, processes and processor time. */
        CGROUP("cgroup");

        private final String text;

        Mechanism(String text) {
            this.text = text;
        }

        /**
         * Reads a name.
         *
         * @param name such as {@code secret-heap}
         * @return the mechanism
         * @throws IllegalArgumentException if none has that name
         */
        public static Mechanism parse(String name) {
            return Stream.of(values())
                    .filter(each -> each.text.equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("expected one of " + List.of(values())));
        }

        /** {@return the name of its claim} */
        @Override
        public String toString() {
            return text;
        }
    }

    /** Copies the set. */
    public Confinement {
        mechanisms = Set.copyOf(mechanisms);
    }

    /**
     * A confinement by these mechanisms.
     *
     * @param mechanisms those in place
     * @return the confinement
     */
    public static Confinement of(Mechanism... mechanisms) {
        return new Confinement(Set.of(mechanisms));
    }

    /**
     * This confinement and one mechanism more.
     *
     * @param mechanism which one
     * @return a changed copy
     */
    public Confinement with(Mechanism mechanism) {
        EnumSet<Mechanism> more = EnumSet.of(mechanism);
        more.addAll(mechanisms);
        return new Confinement(more);
    }

    /**
     * Tells whether a mechanism is in place.
     *
     * @param mechanism which one
     * @return whether it is
     */
    public boolean has(Mechanism mechanism) {
        return mechanisms.contains(mechanism);
    }

    /**
     * Tells whether this confinement is at least as strong as another in every respect.
     *
     * @param other the other one
     * @return whether every mechanism of the other is one of this
     */
    public boolean includes(Confinement other) {
        return mechanisms.containsAll(other.mechanisms);
    }

    /** {@return one bit for each mechanism that is in place, the first mechanism's the lowest} */
    public int bits() {
        return mechanisms.stream().mapToInt(each -> 1 << each.ordinal()).sum();
    }

    /**
     * Reads {@link #bits}.
     *
     * @param bits the bits
     * @return the confinement
     * @throws IllegalArgumentException if a bit stands for no mechanism
     */
    public static Confinement ofBits(long bits) {
        if (bits < 0 || bits >= 1L << Mechanism.values().length) {
            throw new IllegalArgumentException("confinement: expected bits of known mechanisms, found others");
        }
        return new Confinement(Stream.of(Mechanism.values())
                .filter(each -> (bits >> each.ordinal() & 1) != 0)
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** {@return the names, in the order of the mechanisms, with commas; or {@code none}} */
    @Override
    public String toString() {
        return mechanisms.isEmpty()
                ? "none"
                : mechanisms.stream().sorted().map(Mechanism::toString).collect(Collectors.joining(", "));
    }
}
