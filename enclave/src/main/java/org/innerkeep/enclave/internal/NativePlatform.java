package org.innerkeep.enclave.internal;

import java.util.Locale;

/**
 * The operating system and processor that a native library is for, as in a bundle's paths.
 *
 * @param folder such as {@code native/linux-x86_64/}
 */
record NativePlatform(String folder) {
    static NativePlatform current() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "");
        return new NativePlatform("native/"
                + (os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : "linux")
                + "-"
                + (arch.equals("amd64") ? "x86_64" : arch)
                + "/");
    }
}
