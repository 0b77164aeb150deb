package org.innerkeep.cli.profile;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/** A JVM as enclaves have one. It says what it knows of its own memory, then its mappings, and ends with its input. */
final class Resting {
    private Resting() {}

    private static long committed(String pools) {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.NON_HEAP && pool.getName().matches(pools))
                .map(MemoryPoolMXBean::getUsage)
                .mapToLong(usage -> usage.getCommitted())
                .sum();
    }

    /** Takes how many threads it starts. */
    public static void main(String[] arguments) throws Exception {
        // Some thousands of classes, as an enclave with sessions has them.
        SSLContext.getDefault().getDefaultSSLParameters();
        for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        // Twice: to ask takes classes and code itself.
        String said = "";
        for (int i = 0; i < 2; i++) {
            said = committed("Metaspace") + " " + committed("Code.*");
        }
        System.out.println(said);
        System.out.print(Files.readString(Path.of("/proc/self/smaps"), StandardCharsets.UTF_8));
        System.out.flush();
    }
}
