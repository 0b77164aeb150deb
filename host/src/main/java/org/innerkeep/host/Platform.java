package org.innerkeep.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A way to run enclaves. Named by the caller, never chosen silently. */
public sealed interface Platform {
    /** A process of its own, kept by the keeper at {@link Process#defaultSocket}. */
    Platform PROCESS = new Process(Process.defaultSocket());

    /**
     * A process of its own, kept by this machine's keeper.
     *
     * @param keeperSocket the keeper's Unix-domain socket
     */
    record Process(Path keeperSocket) implements Platform {
        /** Checks that a path is given. */
        public Process {
            Objects.requireNonNull(keeperSocket, "keeperSocket");
        }

        /**
         * Where a keeper listens unless told otherwise.
         *
         * @return the system's keeper if there is one, else the user's own
         */
        public static Path defaultSocket() {
            Path system = Path.of("/var/lib/innerkeep/keeper.sock");
            return Files.exists(system) ? system : Path.of(System.getProperty("user.home"), ".innerkeep", "keeper", "keeper.sock");
        }
    }

    /**
     * A process of its own, kept by the keeper at this socket.
     *
     * @param keeperSocket the keeper's Unix-domain socket
     * @return the platform
     */
    static Platform process(Path keeperSocket) {
        return new Process(keeperSocket);
    }
}
