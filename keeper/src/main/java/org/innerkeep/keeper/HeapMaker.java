package org.innerkeep.keeper;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;
import org.jspecify.annotations.Nullable;

/**
 * Gives one JVM the memory for its heap. The JVM is told to make its heap in a folder that exists nowhere. The two system calls by
 * which it tries come here ({@link HeapFilter}), and are answered with a descriptor of memory. Without these answers there is no heap
 * and no JVM, so whatever goes wrong here, no enclave runs in memory that it should not have.
 *
 * <ol>
 *   <li>the file is opened: a descriptor is made and given;
 *   <li>the file gets its size: set here, for such memory takes a size once only, and our descriptor is closed; a JVM with a large
 *       heap asks again, and is told that this is done;
 *   <li>the kernel shows that the whole heap is mapped and that the JVM has closed its descriptor: the filter's end is closed, and only
 *       then is a secret heap made. Of ordinary memory nothing is claimed, so nothing is looked at, and answers end after a while.
 * </ol>
 */
final class HeapMaker implements Spawning.Step {
    /** What the folder of the heap is called. Below a device nothing can be made, so without an answer the JVM finds nothing there. */
    static final String FOLDER = "/dev/null/heap";

    private static final Duration GLANCE = Duration.ofMillis(2);
    /** How long a JVM with an ordinary heap may ask again. */
    private static final Duration ORDINARY = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofMillis(50);

    private static final long NONE = -1;

    /** Makes a descriptor of memory of no size yet. */
    @FunctionalInterface
    interface Source {
        long create(Kernel kernel) throws IOException;
    }

    private final Kernel kernel;
    private final HeapMemory memory;
    private final Source source;
    private final long heapBytes;
    private final CompletableFuture<Long> made = new CompletableFuture<>();
    private @Nullable SeccompListener listener;
    private long ours = NONE;
    private int theirs;
    private long size;

    HeapMaker(Kernel kernel, HeapMemory memory, long heapBytes) {
        this(kernel, memory, memory::create, heapBytes);
    }

    HeapMaker(Kernel kernel, HeapMemory memory, Source source, long heapBytes) {
        this.kernel = kernel;
        this.memory = memory;
        this.source = source;
        this.heapBytes = heapBytes;
    }

    @Override
    public void apply() throws IOException {
        SeccompListener calls = new SeccompListener(kernel, HeapFilter.install(kernel));
        listener = calls;
        calls.requireAnswersWithDescriptors();
    }

    @Override
    public void attend(Process process) {
        try {
            serve(process);
        } catch (IOException e) {
            made.completeExceptionally(e);
        }
    }

    @Override
    public void end() {
        letGo();
        if (listener != null) {
            listener.close();
        }
        made.completeExceptionally(new IOException("whoever gives it its heap has failed; the keeper's log says why"));
    }

    /**
     * Waits until the JVM has its heap.
     *
     * @return a thread of the process that has it
     * @throws IOException if it ended or did as no JVM does, or the kernel refused something
     * @throws TimeoutException if it has none by then
     * @throws InterruptedException if the calling thread is interrupted
     */
    long await(Duration most) throws IOException, TimeoutException, InterruptedException {
        try {
            return made.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause() == null ? "" : e.getCause().getMessage(), e.getCause());
        }
    }

    private void serve(Process process) throws IOException {
        SeccompListener calls = Objects.requireNonNull(listener, "apply comes first");
        long thread = NONE;
        long asked = 0;
        while (true) {
            var call = calls.receive(size != 0 && memory == HeapMemory.SECRET ? GLANCE : PATIENCE);
            if (call.isPresent()) {
                thread = call.get().thread();
                asked = System.nanoTime();
                answer(calls, call.get());
            } else if (!process.isAlive()) {
                throw new IOException("its process ended with exit code " + process.exitValue() + " before it had a heap");
            }
            if (size == 0) {
                continue;
            }
            if (memory == HeapMemory.ORDINARY) {
                made.complete(thread);
                if (System.nanoTime() - asked > ORDINARY.toNanos()) {
                    return;
                }
            } else if (isWhole(process, thread)) {
                calls.close();
                made.complete(thread);
                return;
            }
        }
    }

    private boolean isWhole(Process process, long thread) throws IOException {
        try {
            return memory.isWholeHeapOf(thread, size);
        } catch (IOException e) {
            // What ends while it is looked at is not wrong, but ended.
            if (endsSoon(process)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean endsSoon(Process process) {
        try {
            return process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void answer(SeccompListener calls, SeccompListener.Waiting call) throws IOException {
        try {
            if (call.number() == SystemCall.OPENAT.number(kernel.machine()) && size == 0 && ours == NONE) {
                ours = source.create(kernel);
                theirs = calls.answerWithDescriptor(call, ours);
            } else if (call.number() == SystemCall.FALLOCATE.number(kernel.machine()) && isForHeap(call)) {
                if (size == 0) {
                    KernelException.check(SystemCall.FTRUNCATE, kernel.call(SystemCall.FTRUNCATE, ours, call.arguments().get(3)));
                    letGo();
                    size = call.arguments().get(3);
                }
                calls.answerWithSuccess(call);
            } else {
                calls.refuse(call);
            }
        } catch (KernelException e) {
            // Whoever waited has ended; what became of its process is looked at next.
            if (e.errno() != KernelException.ENOENT) {
                throw e;
            }
        }
    }

    /** fallocate(descriptor, mode, offset, length): the whole file at once, with the size that the manifest names. */
    private boolean isForHeap(SeccompListener.Waiting call) {
        List<Long> arguments = call.arguments();
        long length = arguments.get(3);
        boolean wanted = size == 0 ? ours != NONE && length >= heapBytes && length < heapBytes + LockedMemory.roundingBytes() : length == size;
        return arguments.get(0).intValue() == theirs && arguments.get(1) == 0 && arguments.get(2) == 0 && wanted;
    }

    private void letGo() {
        if (ours != NONE) {
            kernel.call(SystemCall.CLOSE, ours);
            ours = NONE;
        }
    }
}
