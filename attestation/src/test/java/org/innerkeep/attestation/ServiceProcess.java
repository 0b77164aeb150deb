package org.innerkeep.attestation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.innerkeep.attestation.log.LogKey;

/** A service over HTTPS in a process of its own, which can be killed. Its state is in a folder that it may be started on again. */
final class ServiceProcess implements AutoCloseable {
    private final Path state;
    private final Map<String, String> values;
    private final Process process;
    private final int port;

    private ServiceProcess(Path state, Map<String, String> values, Process process, int port) {
        this.state = state;
        this.values = values;
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one.
     *
     * @param folder where it keeps everything that the settings do not name
     * @param values settings
     */
    static ServiceProcess start(Path folder, Map<String, String> values) throws IOException {
        Map<String, String> all = complete(folder, values);
        Process process = run(folder, all);
        // Not closed: that would end the process by its standard output.
        BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("ready ")) {
                return new ServiceProcess(
                        folder.resolve("state"), all, process, Integer.parseInt(line.substring("ready ".length())));
            }
        }
        throw new IOException("the service did not start: " + Files.readString(folder.resolve("errors")));
    }

    /** Starts one, and kills it after a time, whether it serves by then or not. */
    static void startAndKill(Path folder, Map<String, String> values, Duration after) throws IOException, InterruptedException {
        Process process = run(folder, complete(folder, values));
        Thread.sleep(after);
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    private static Map<String, String> complete(Path folder, Map<String, String> values) {
        Map<String, String> all = new TreeMap<>(Map.of(
                "folder", folder.resolve("state").toString(), "listen", "127.0.0.1:0", "issuer", "https://attest.example"));
        all.putAll(values);
        return Map.copyOf(all);
    }

    private static Process run(Path folder, Map<String, String> values) throws IOException {
        Files.createDirectories(folder);
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(name).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        Path file = Files.writeString(folder.resolve("service.properties"), text);
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServiceMain.class.getName(),
                        file.toString()))
                .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("errors").toFile()))
                .start();
    }

    int port() {
        return port;
    }

    Path certificate() {
        return state.resolve("trial-tls.pem");
    }

    Path adminKeyFile() {
        return Path.of(values.getOrDefault("admin-key-file", state.resolve("admin.key").toString()));
    }

    /** The key of its log, which its process has as well. */
    LogKey logKey() throws IOException {
        return LogKey.read(Path.of(values.getOrDefault("log-key-file", state.resolve("log.key").toString())));
    }

    /** SIGKILL; returns once it is gone. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a process survived SIGKILL");
        }
    }

    /** Its standard input ends with this: it ends in order. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
