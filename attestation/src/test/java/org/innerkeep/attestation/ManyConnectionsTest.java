package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand connections at once that do nothing, opened by another process. The system property {@code innerkeep.connections} says how
 * many; where this machine lets a process have fewer files, as many as it lets.
 */
class ManyConnectionsTest {
    private static final int WANTED = Integer.getInteger("innerkeep.connections", 10_000);

    /** Files that the process of the service has open besides. */
    private static final int OTHERS = 1000;

    private static final int REQUESTS = 20;
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final String QUOTE = Rig.base64(INTEL.sgxQuote(3, quote -> {}));

    @TempDir
    private Path folder;

    /** The hard limit: the Java virtual machine raises its own to that. */
    private static int mostFiles() throws IOException {
        Path limits = Path.of("/proc/self/limits");
        if (!Files.isReadable(limits)) {
            return 1024;
        }
        String[] words = Files.readAllLines(limits).stream()
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .orElseThrow()
                .split(" +", -1);
        return words[4].equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(words[4]);
    }

    private static long heapInUse() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static Process hold(int port, int connections) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ConnectionHolder.class.getName(),
                        Integer.toString(port),
                        Integer.toString(connections)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static int open(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        assertThat(line).isNotNull().startsWith("open ");
        return Integer.parseInt(line.substring("open ".length()));
    }

    @Test
    void correctRequestsAreAnsweredBesideAllOfThemAndNoneIsCutBeforeItsTime() throws Exception {
        int most = mostFiles() - OTHERS;
        int connections = Math.min(WANTED, most);
        if (connections < WANTED) {
            System.err.println("CLAMPED: " + connections + " connections in place of " + WANTED + ", for a process may have " + (most + OTHERS)
                    + " files here; raise ulimit -Hn");
        }
        // Long enough that none is cut while others are opened: that they are cut is shown elsewhere.
        try (Rig rig = Rig.of(folder, INTEL, FakeAmd.of(SnpProduct.MILAN, Rig.NOW), Map.of("request-timeout", "PT5M"))) {
            assertThat(rig.attest("SgxEnclave", Map.of("quote", QUOTE)).status()).isEqualTo(200);
            long heap = heapInUse();
            long begin = System.nanoTime();
            Process holder = hold(rig.port(), connections);
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(open(lines)).isEqualTo(connections);
                Duration opened = Duration.ofNanos(System.nanoTime() - begin);
                Duration slowest = Duration.ZERO;
                for (int i = 0; i < REQUESTS; i++) {
                    // One by the connection that was kept, one by a new one.
                    long sent = System.nanoTime();
                    assertThat(rig.attest("SgxEnclave", Map.of("quote", QUOTE)).status()).isEqualTo(200);
                    assertThat(rig.attestAnew("SgxEnclave", Map.of("quote", QUOTE)).status()).isEqualTo(200);
                    Duration took = Duration.ofNanos(System.nanoTime() - sent);
                    slowest = took.compareTo(slowest) > 0 ? took : slowest;
                }
                assertThat(slowest).isLessThan(Duration.ofSeconds(30));
                long each = (heapInUse() - heap) / connections;
                assertThat(each).as("bytes of the heap for a connection that does nothing").isLessThan(256 << 10);
                holder.getOutputStream().write('\n');
                holder.getOutputStream().flush();
                assertThat(open(lines)).as("still open").isEqualTo(connections);
                System.out.printf(
                        "ManyConnectionsTest: %d connections open after %d ms, %d bytes of heap for each, two requests beside them in at most"
                                + " %d ms%n",
                        connections, opened.toMillis(), each, slowest.toMillis());
            } finally {
                holder.destroyForcibly();
                holder.waitFor(30, TimeUnit.SECONDS);
            }
            assertThat(rig.attest("SgxEnclave", Map.of("quote", QUOTE)).status()).isEqualTo(200);
        }
    }
}
