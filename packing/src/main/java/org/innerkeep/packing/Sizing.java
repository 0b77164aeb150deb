package org.innerkeep.packing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.bundle.Manifest;

/** What a manifest's heap and threads mean for the machine that it runs on, and where they do not fit each other. */
final class Sizing {
    private static final long MEBIBYTE = 1 << 20;

    /** What a JVM takes beside heap and classes: its own code, compiled code, stacks of its threads. */
    private static final long JVM_BYTES = 64 * MEBIBYTE;

    /** Classes in memory against their compressed size in a jar. */
    private static final int CLASS_FACTOR = 3;

    /** Less heap than this for each call at once is rarely meant. */
    private static final long LEAST_PER_CALL = MEBIBYTE;

    private Sizing() {}

    /** {@return the memory that the enclave needs, and advice where its settings ask for it, a line each} */
    static List<String> of(Manifest manifest, List<Path> jars) throws IOException {
        long classes = 0;
        for (Path jar : jars) {
            classes += CLASS_FACTOR * Files.size(jar);
        }
        List<String> notes = new ArrayList<>();
        notes.add("memory about " + mebibytes(manifest.heapBytes() + classes + JVM_BYTES) + ": heap "
                + mebibytes(manifest.heapBytes()) + ", classes up to " + mebibytes(classes) + ", the JVM itself " + mebibytes(JVM_BYTES));
        // Sessions and their messages may take half of the heap.
        long perCall = manifest.heapBytes() / 2 / manifest.threads();
        if (perCall < LEAST_PER_CALL) {
            notes.add("advice heap " + mebibytes(manifest.heapBytes()) + " leaves each of " + manifest.threads() + " calls at once "
                    + perCall / 1024 + " KiB: lower 'threads', or raise 'heap' to "
                    + mebibytes(Math.ceilDiv(2 * LEAST_PER_CALL * manifest.threads(), MEBIBYTE) * MEBIBYTE));
        }
        if (classes > manifest.heapBytes()) {
            notes.add("advice the program's libraries are large for a heap of " + mebibytes(manifest.heapBytes())
                    + ": try it under load before it is published, since 'heap' is measured");
        }
        return notes;
    }

    private static String mebibytes(long bytes) {
        return Math.ceilDiv(bytes, MEBIBYTE) + " MiB";
    }
}
