package org.innerkeep.packing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.innerkeep.bundle.Manifest;

/**
 * How much memory the process of an enclave will take, for whoever sizes a machine, and what looks wrong about its settings.
 *
 * @param heapBytes for Java objects, as the manifest says
 * @param classBytes for classes and compiled code, estimated from the classes in the jars
 * @param threadBytes for the stacks of the runtime's own threads; calls run on virtual threads, whose stacks lie in the heap
 * @param jvmBytes what the JVM itself takes
 * @param advice sentences
 */
public record Sizing(long heapBytes, long classBytes, long threadBytes, long jvmBytes, List<String> advice) {
    private static final long MIB = 1 << 20;

    /** Measured: an enclave of the hello example takes about 40 MiB beside its touched heap, a third of it for the JDK's classes. */
    private static final long JVM_BYTES = 40 * MIB;

    private static final int PLATFORM_THREADS = 12;
    private static final long STACK_BYTES = MIB / 4;

    /** Loaded and compiled, a class takes some times the bytes of its file, and many are never loaded. */
    private static final int CLASS_FACTOR = 2;

    /** A call's arguments and result, decoded, with room for the garbage collector. */
    private static final long HEAP_PER_CALL = MIB;

    /** A quarter of the heap is for what clients may send at once, whatever the program does. */
    private static final long SMALL_HEAP = 32 * MIB;

    /** Copies the advice. */
    public Sizing {
        advice = List.copyOf(advice);
    }

    /**
     * Estimates.
     *
     * @param manifest what the enclave is
     * @param jars its jars
     * @return the estimate
     * @throws IOException if a jar cannot be read
     */
    public static Sizing of(Manifest manifest, List<Path> jars) throws IOException {
        long classes = 0;
        for (Path file : jars) {
            try (JarFile jar = new JarFile(file.toFile())) {
                classes += jar.stream()
                        .filter(entry -> entry.getName().endsWith(".class"))
                        .mapToLong(entry -> Math.max(0, entry.getSize()))
                        .sum();
            }
        }
        List<String> advice = new ArrayList<>();
        long heap = manifest.heapBytes();
        if (heap < SMALL_HEAP) {
            advice.add("heap: " + mebibytes(heap) + " is little; below " + mebibytes(SMALL_HEAP)
                    + " few sessions fit, each with small messages only");
        }
        if (heap / 2 < manifest.threads() * HEAP_PER_CALL) {
            advice.add("threads: " + manifest.threads() + " calls at once share half of a heap of " + mebibytes(heap)
                    + ", less than " + mebibytes(HEAP_PER_CALL) + " each; raise heap, or lower threads");
        }
        return new Sizing(heap, CLASS_FACTOR * classes, PLATFORM_THREADS * STACK_BYTES, JVM_BYTES, advice);
    }

    /** {@return all of it together} */
    public long totalBytes() {
        return heapBytes + classBytes + threadBytes + jvmBytes;
    }

    /** {@return one line with the parts of the sum} */
    public String explain() {
        return "about " + mebibytes(totalBytes()) + ": heap " + mebibytes(heapBytes) + ", classes and their code " + mebibytes(classBytes)
                + ", stacks " + mebibytes(threadBytes) + ", Java itself " + mebibytes(jvmBytes)
                + "; native libraries take what they take beside it";
    }

    private static String mebibytes(long bytes) {
        return (bytes + MIB - 1) / MIB + " MiB";
    }
}
