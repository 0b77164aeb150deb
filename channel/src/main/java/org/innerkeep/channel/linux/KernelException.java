package org.innerkeep.channel.linux;

import java.io.IOException;
import java.io.Serial;
import java.util.Locale;

/** A system call failed. */
public final class KernelException extends IOException {
    /** "Operation not permitted". */
    public static final int EPERM = 1;

    /** "No such file"; of a notification: whoever waited for the answer is gone. */
    public static final int ENOENT = 2;

    /** "Interrupted by a signal": nothing was done. */
    public static final int EINTR = 4;

    /** "Device or resource busy". */
    public static final int EBUSY = 16;

    /** "Invalid argument". */
    public static final int EINVAL = 22;

    /** "No such system call". */
    public static final int ENOSYS = 38;

    @Serial
    private static final long serialVersionUID = 1L;

    private final int errno;

    private KernelException(SystemCall call, int errno) {
        super(call.name().toLowerCase(Locale.ROOT) + " failed: " + text(errno));
        this.errno = errno;
    }

    /**
     * Turns a failure into an exception.
     *
     * @param call the call that was made
     * @param result what {@link Kernel#call} returned
     * @return the result, not negative
     * @throws KernelException if the call failed
     */
    public static long check(SystemCall call, long result) throws KernelException {
        if (result < 0) {
            throw new KernelException(call, (int) -result);
        }
        return result;
    }

    /** {@return the error's number, as in errno(3)} */
    public int errno() {
        return errno;
    }

    private static String text(int errno) {
        return switch (errno) {
            case EPERM -> "operation not permitted";
            case ENOENT -> "no such file or process";
            case EINTR -> "interrupted";
            case EBUSY -> "busy";
            case EINVAL -> "invalid argument";
            case ENOSYS -> "the kernel has no such call, or a filter hides it";
            default -> "error " + errno;
        };
    }
}
