package org.innerkeep.testing.hostile;

import java.io.Closeable;
import java.io.IOException;

/** Closing what is of no more use. */
final class Quietly {
    private Quietly() {}

    static void close(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It is of no more use either way.
        }
    }
}
