package org.innerkeep.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.vault.VaultPart;

/**
 * The service that {@link AttestRates} and {@link VaultRates} measure, in a process of its own and otherwise as {@code innerkeep serve}
 * runs it, the vault included; says on request how much processor time and memory it has used. Ends with its standard input.
 */
final class AttestTarget {
    private AttestTarget() {}

    /** Serves by a file of settings. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (RunningService running = RunningService.start(
                        ServiceConfiguration.read(Path.of(arguments[0])),
                        RunningService.Clocks.ofSystem(),
                        List.of(new VaultPart()));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            out.println("ready " + running.port() + " " + running.trialCertificate().orElseThrow());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println("answer " + switch (line) {
                    case "processor" -> processorNanos();
                    case "memory" -> memory();
                    case "admin-key-file" -> running.adminKeyFile().orElseThrow().toString();
                    default -> throw new IllegalArgumentException(line);
                });
            }
        }
    }

    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    /** Bytes of the heap that are in use after collections, and bytes of the process that are in memory. */
    private static String memory() throws IOException {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        String resident = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .findFirst()
                .orElseThrow();
        return heap + " " + Long.parseLong(resident) * 1024;
    }
}
