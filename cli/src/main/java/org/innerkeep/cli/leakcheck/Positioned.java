package org.innerkeep.cli.leakcheck;

import java.io.IOException;

/** Bytes that are read by their position: a file, a device, or the memory of a process. */
@FunctionalInterface
interface Positioned {
    /**
     * Reads between one and {@code length} bytes, or fewer where there are no more.
     *
     * @return how many, or -1 at the end
     * @throws IOException if what is at this position cannot be read; other positions may be readable
     */
    int read(byte[] into, int offset, int length, long at) throws IOException;
}
