package org.innerkeep.cli.profile;

import java.util.EnumMap;
import java.util.Map;

/**
 * What a process's memory is used for: the most that was seen of each kind, in bytes that are in the machine's memory.
 *
 * @param bytes by kind; a kind that was not seen is 0
 * @param threads the most threads
 */
record MemoryByKind(Map<Kind, Long> bytes, int threads) {
    /** What memory is used for. */
    enum Kind {
        /** Pages of the Java heap that were ever written. */
        HEAP("Java heap, touched"),
        /** Code that the JVM makes: executable memory of no file. */
        CODE("code cache"),
        /** Classes: the JVM's reservations for class space and metaspace. */
        CLASSES("metaspace"),
        STACKS("stacks"),
        /** Everything else of no file: malloc, the collector's tables, direct buffers, arenas. */
        NATIVE("other native"),
        /** Shared libraries, the runtime's modules, jars. */
        FILES("mapped files");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    static final MemoryByKind NONE = new MemoryByKind(Map.of(), 0);

    MemoryByKind {
        Map<Kind, Long> all = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            all.put(kind, bytes.getOrDefault(kind, 0L));
        }
        bytes = Map.copyOf(all);
    }

    long of(Kind kind) {
        return bytes.getOrDefault(kind, 0L);
    }

    long total() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@return the larger of each} */
    MemoryByKind most(MemoryByKind other) {
        Map<Kind, Long> most = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            most.put(kind, Math.max(of(kind), other.of(kind)));
        }
        return new MemoryByKind(most, Math.max(threads, other.threads));
    }
}
