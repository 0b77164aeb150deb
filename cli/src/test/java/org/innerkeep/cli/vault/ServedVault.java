package org.innerkeep.cli.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.cli.CommandLineOf;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.vault.VaultPart;

/** An owner's vault as {@code innerkeep serve} runs it, and its owner, who uses the command. */
final class ServedVault implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final KeeperAnchor anchor;
    private RunningService running;

    private ServedVault(Path folder, int port, KeeperAnchor anchor, RunningService running) {
        this.folder = folder;
        this.port = port;
        this.anchor = anchor;
        this.running = running;
    }

    static ServedVault start(Path folder, KeeperAnchor anchor) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Files.createDirectories(folder);
        return new ServedVault(folder, port, anchor, serve(folder, port, anchor, Map.of()));
    }

    private static RunningService serve(Path folder, int port, KeeperAnchor anchor, Map<String, String> more) throws IOException {
        Path pinned = Files.writeString(folder.resolve("keeper.anchor"), anchor.toString());
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "folder", state(folder).toString(), "listen", "127.0.0.1:" + port, "keeper-anchor", pinned.toString(),
                // Of the kinds of keys for tokens, which no vault gives out, the one that is made quickly.
                "token-algorithm", "ES256"));
        settings.putAll(more);
        return RunningService.start(
                ServiceConfiguration.of(settings), RunningService.Clocks.ofSystem(), List.of(new VaultPart()));
    }

    private static Path state(Path folder) {
        return folder.resolve("state");
    }

    Path state() {
        return state(folder);
    }

    void restart(Map<String, String> more) throws IOException {
        running.close();
        running = serve(folder, port, anchor, more);
    }

    /** Where it is, and its key. */
    String location() {
        return address() + "#" + running.said().getFirst().replaceAll("^vault key +", "");
    }

    URI address() {
        return URI.create("https://localhost:" + port);
    }

    /** What vouches for its server. */
    Path certificate() {
        return state().resolve("trial-tls.pem");
    }

    /**
     * What came of a command.
     *
     * @param exitCode what the process would end with
     * @param out standard output
     * @param err standard error
     */
    record Outcome(int exitCode, String out, String err) {}

    /** Runs {@code innerkeep keys}; gives what it printed. */
    String keys(String... arguments) {
        Outcome outcome = tryKeys(arguments);
        assertThat(outcome.exitCode()).as(List.of(arguments) + ": " + outcome.err()).isZero();
        return outcome.out();
    }

    /** Runs {@code innerkeep keys}, whatever comes of it. */
    Outcome tryKeys(String... arguments) {
        List<String> all = new ArrayList<>(List.of("keys"));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--admin-key-file", state().resolve("admin.key").toString()));
        return run(all);
    }

    /** Runs a command that speaks to the vault. */
    private Outcome run(List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--server", address().toString(), "--cacert", certificate().toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = CommandLineOf.innerkeep()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    /** Gives a grant; gives its id. */
    String grant(String key, String... options) {
        List<String> all = new ArrayList<>(List.of("grant", key));
        all.addAll(Arrays.asList(options));
        Matcher id = Pattern.compile("grant +([0-9a-f]{32})").matcher(keys(all.toArray(String[]::new)));
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    /** Seals a text to a key, into a file. */
    void seal(String key, String text, Path to) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain.txt"), text);
        Files.deleteIfExists(to);
        Outcome outcome = run(List.of("seal", "--key", key, plain.toString(), "-o", to.toString()));
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    }

    @Override
    public void close() {
        running.close();
    }
}
