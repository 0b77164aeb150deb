package org.innerkeep.keeper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/**
 * The keeper's end of a filter that hands system calls over (seccomp_unotify(2)): receives calls, answers them in the kernel's place.
 * For one thread.
 *
 * <p>Safety of the calls: every structure has the size that its request number carries, and lives until the call returns.
 */
final class SeccompListener implements AutoCloseable {
    private static final long RECEIVE = 0xC0502100L;
    private static final long SEND = 0xC0182101L;
    private static final long ADD_DESCRIPTOR = 0x40182103L;
    private static final int ADD_AND_SEND = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;

    // struct seccomp_notif of linux/seccomp.h: id, thread, flags, then struct seccomp_data.
    private static final int CALL_BYTES = 80;
    private static final int CALL_ID = 0;
    private static final int CALL_THREAD = 8;
    private static final int CALL_NUMBER = 16;
    private static final int CALL_ARGUMENTS = 32;

    // struct seccomp_notif_resp and struct seccomp_notif_addfd, of the same size.
    private static final int ANSWER_BYTES = 24;
    private static final int ANSWER_ERROR = 16;
    private static final int ADD_FLAGS = 8;
    private static final int ADD_SOURCE = 12;
    private static final int ADD_NEW_FLAGS = 20;

    /**
     * A call that waits.
     *
     * @param id the kernel's name for it
     * @param thread who made it, a thread id
     * @param number of the system call
     * @param arguments its six arguments, as given by whoever made it
     */
    record Waiting(long id, int thread, int number, List<Long> arguments) {}

    private final Kernel kernel;
    private final long descriptor;
    private boolean closed;

    SeccompListener(Kernel kernel, long descriptor) {
        this.kernel = kernel;
        this.descriptor = descriptor;
    }

    /**
     * Checks that calls can be answered with descriptors at all, by an answer to a call that nobody made.
     *
     * @throws KernelException if the kernel does not know such answers
     */
    void requireAnswersWithDescriptors() throws KernelException {
        try {
            answerWithDescriptor(new Waiting(0, 0, 0, List.of()), descriptor);
        } catch (KernelException e) {
            if (e.errno() != KernelException.ENOENT) {
                throw e;
            }
        }
    }

    /** Waits for a call; empty if none came within that time. */
    Optional<Waiting> receive(Duration most) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(8, 8);
            poll.set(ValueLayout.JAVA_INT, 0, (int) descriptor);
            poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 0, most.toSeconds());
            time.set(ValueLayout.JAVA_LONG, 8, most.toNanosPart());
            long ready = kernel.call(SystemCall.PPOLL, poll.address(), 1, time.address());
            if (ready == -KernelException.EINTR) {
                return Optional.empty();
            }
            KernelException.check(SystemCall.PPOLL, ready);
            if ((poll.get(ValueLayout.JAVA_SHORT, 6) & POLLIN) == 0) {
                return Optional.empty();
            }
            // The kernel demands zeros; an arena gives them.
            MemorySegment call = arena.allocate(CALL_BYTES, 8);
            long received = kernel.call(SystemCall.IOCTL, descriptor, RECEIVE, call.address());
            if (received == -KernelException.ENOENT || received == -KernelException.EINTR) {
                return Optional.empty();
            }
            KernelException.check(SystemCall.IOCTL, received);
            List<Long> arguments = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                arguments.add(call.get(ValueLayout.JAVA_LONG, CALL_ARGUMENTS + 8L * i));
            }
            return Optional.of(new Waiting(
                    call.get(ValueLayout.JAVA_LONG, CALL_ID),
                    call.get(ValueLayout.JAVA_INT, CALL_THREAD),
                    call.get(ValueLayout.JAVA_INT, CALL_NUMBER),
                    arguments));
        }
    }

    /**
     * Answers a call with a copy of a descriptor of ours, which the process does not hand on to what it executes.
     *
     * @return the copy's number in the process
     */
    int answerWithDescriptor(Waiting call, long ours) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment add = arena.allocate(ANSWER_BYTES, 8);
            add.set(ValueLayout.JAVA_LONG, 0, call.id());
            add.set(ValueLayout.JAVA_INT, ADD_FLAGS, ADD_AND_SEND);
            add.set(ValueLayout.JAVA_INT, ADD_SOURCE, (int) ours);
            add.set(ValueLayout.JAVA_INT, ADD_NEW_FLAGS, O_CLOEXEC);
            return (int) ioctl(ADD_DESCRIPTOR, add);
        }
    }

    /** Answers a call with zero, that is with success. */
    void answerWithSuccess(Waiting call) throws KernelException {
        answer(call, 0);
    }

    /** Answers that there is no such system call. */
    void refuse(Waiting call) throws KernelException {
        answer(call, -KernelException.ENOSYS);
    }

    private void answer(Waiting call, int error) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ANSWER_BYTES, 8);
            answer.set(ValueLayout.JAVA_LONG, 0, call.id());
            answer.set(ValueLayout.JAVA_INT, ANSWER_ERROR, error);
            ioctl(SEND, answer);
        }
    }

    private long ioctl(long request, MemorySegment structure) throws KernelException {
        return KernelException.check(
                SystemCall.IOCTL, kernel.call(SystemCall.IOCTL, descriptor, request, structure.address()));
    }

    /** Ends answering: whoever waits, and whoever calls later, is told that there is no such call. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            kernel.call(SystemCall.CLOSE, descriptor);
        }
    }
}
