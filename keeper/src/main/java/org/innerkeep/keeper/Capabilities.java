package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the keeper's process may do beyond its user's own rights (capabilities(7)), as the kernel says.
 *
 * @param effective one bit for each capability in force
 */
record Capabilities(long effective) {
    static final int CHOWN = 0;
    static final int KILL = 5;
    static final int SETGID = 6;
    static final int SETUID = 7;
    static final int SETPCAP = 8;
    static final int IPC_LOCK = 14;
    static final int SYS_PTRACE = 19;
    static final int SYS_RESOURCE = 24;

    static Capabilities own() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("CapEff:")) {
                return new Capabilities(Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16));
            }
        }
        return new Capabilities(0);
    }

    boolean has(int... capabilities) {
        for (int each : capabilities) {
            if ((effective >> each & 1) == 0) {
                return false;
            }
        }
        return true;
    }
}
