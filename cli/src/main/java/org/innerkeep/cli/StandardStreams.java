package org.innerkeep.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/** The process's own input and output as bytes, where a command line has a dash in place of a file. */
final class StandardStreams {
    private static final Path DASH = Path.of("-");

    private StandardStreams() {}

    static boolean named(Path file) {
        return file.equals(DASH);
    }

    /** {@return the standard input; to close it does nothing} */
    static InputStream in() {
        return new FilterInputStream(new FileInputStream(FileDescriptor.in)) {
            @Override
            public void close() {
                // Whoever started the process owns it.
            }
        };
    }

    /** {@return the standard output, unbuffered; to close it does nothing} */
    static OutputStream out() {
        return new FilterOutputStream(new FileOutputStream(FileDescriptor.out)) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() {
                // Whoever started the process owns it.
            }
        };
    }
}
