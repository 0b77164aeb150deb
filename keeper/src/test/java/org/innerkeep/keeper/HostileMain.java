package org.innerkeep.keeper;

/**
 * Stands where the runtime's main class would: a bundle may hold any code, and then nothing confines it but what the keeper did. What
 * comes out is a number only, the exit code: how many of the attempts worked.
 */
public final class HostileMain {
    /** With each way, {@code ../..} being the keeper's folder. */
    private static final String[][] ATTEMPTS = {
        {"read", "/etc/passwd"},
        {"read", "/proc/self/maps"},
        {"read", "/proc/1/status"},
        {"read", "../../platform.key"},
        {"read", "../../sealing.root"},
        {"list", "../.."},
        {"list", ".."},
        {"write", "io/file"},
        {"write", "file"},
        {"write", "../../file"},
        {"write", "/tmp/file"},
        {"folder", "io/folder"},
        {"link", "/etc/passwd"},
        {"mode", "../../platform.key"},
        {"mode", "../.."},
        {"mode", "io"},
        {"delete", "../../platform.key"},
        {"move", "../../platform.key"},
        {"execute", "/bin/true"},
        {"call", "57"},
        {"call", "56 17"},
        {"call", "101 0"},
        {"call", "272 0x10000000"},
        {"call", "319 0 0"},
        {"udp", "9"},
    };

    /** What exit codes begin at: lower ones are a JVM's. */
    static final int NONE = 100;

    private HostileMain() {}

    /** Makes all attempts and ends the process. */
    public static void run() {
        int worked = 0;
        for (String[] attempt : ATTEMPTS) {
            if (Hostile.attempt(attempt[0], attempt[1]).startsWith("done")) {
                worked++;
            }
        }
        Runtime.getRuntime().halt(NONE + worked);
    }
}
