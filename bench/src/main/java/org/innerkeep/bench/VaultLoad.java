package org.innerkeep.bench;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.Bytes;

/**
 * Asks a vault for file keys over HTTPS, in a process of its own. Takes orders from its standard input:
 *
 * <ul>
 *   <li>{@code prepare CONNECTIONS COUNT}: opens connections and makes so many calls ready, each over a challenge and with evidence of its
 *       own;
 *   <li>{@code release SECONDS}: sends them, one after the other on each connection, until they or the seconds are over; answers how many
 *       were released, in how many seconds, and the 50th and 99th of a hundred times in microseconds;
 *   <li>{@code accept}: accepts every response as an enclave does; answers how many;
 *   <li>{@code whole SECONDS}: on one connection the whole way of an enclave, challenge, keys, evidence, release and acceptance; answers
 *       as {@code release} does.
 * </ul>
 */
final class VaultLoad {
    private static final String KEY = "patients";
    private static final String CALL = "/vault/keys/" + KEY + "/file-key";
    private static final Pattern VAULT = Pattern.compile("\"(vault-key:[A-Za-z0-9_-]+)\"");

    private final SSLContext trust;
    private final int port;
    private final GrantedEnclave enclave;
    private final SecureRandom random = new SecureRandom();
    private final VaultAnchor vault;
    private final Bytes header;
    private List<Line> lines = List.of();

    /** A call that is ready, and what came back. Used by one thread at a time. */
    private static final class Call {
        private final PendingRelease pending;
        private final byte[] request;
        private byte[] response = {};

        Call(PendingRelease pending, byte[] request) {
            this.pending = pending;
            this.request = request;
        }
    }

    /** A connection and its calls. */
    private record Line(HttpsConnection connection, List<Call> calls) {}

    private VaultLoad(SSLContext trust, int port, GrantedEnclave enclave, String adminKey) throws IOException {
        this.trust = trust;
        this.port = port;
        this.enclave = enclave;
        List<String> owner = List.of("Content-Type: application/json", "Authorization: Bearer " + adminKey);
        try (HttpsConnection connection = HttpsConnection.open(trust, port)) {
            Matcher anchor = VAULT.matcher(new String(connection.ask(HttpsConnection.get("/vault")), StandardCharsets.UTF_8));
            if (!anchor.find()) {
                throw new IOException("the vault does not say its key");
            }
            this.vault = VaultAnchor.parse(anchor.group(1));
            connection.ask(HttpsConnection.request("PUT", "/vault/keys/" + KEY, owner, "{}".getBytes(StandardCharsets.US_ASCII)));
            connection.ask(HttpsConnection.request(
                    "POST", "/vault/keys/" + KEY + "/grants", owner, enclave.grant().getBytes(StandardCharsets.US_ASCII)));
            byte[] recipient = connection.ask(HttpsConnection.get("/vault/keys/" + KEY + "/recipient"));
            ByteArrayOutputStream sealed = new ByteArrayOutputStream();
            SealedFile.seal(
                    new ByteArrayInputStream(new byte[1]),
                    sealed,
                    List.of(Recipient.parse(new String(recipient, StandardCharsets.US_ASCII).strip())),
                    random);
            this.header = SealedFile.header(new ByteArrayInputStream(sealed.toByteArray()));
        }
    }

    /** Takes orders: port, certificate of the service, its file with the admin key, and the folder with the keeper's key. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        VaultLoad load = new VaultLoad(
                HttpsConnection.trust(Path.of(arguments[1])),
                Integer.parseInt(arguments[0]),
                GrantedEnclave.read(Path.of(arguments[3])),
                Files.readString(Path.of(arguments[2])).strip());
        out.println("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            out.println("answer " + switch (words[0]) {
                case "prepare" -> load.prepare(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                case "release" -> load.release(Double.parseDouble(words[1]));
                case "accept" -> load.accept();
                case "whole" -> load.whole(Double.parseDouble(words[1]));
                default -> throw new IllegalArgumentException(line);
            });
        }
    }

    private Call call(HttpsConnection connection) throws Exception {
        byte[] challenge = connection.ask(HttpsConnection.request("POST", "/vault/challenges", List.of(), new byte[0]));
        PendingRelease pending = PendingRelease.begin(vault, challenge, KEY, header, Optional.empty(), random);
        byte[] body = pending.call(enclave.attest(pending.reportData()), List.of());
        return new Call(
                pending, HttpsConnection.request("POST", CALL, List.of("Content-Type: " + ReleaseCall.MEDIA_TYPE), body));
    }

    private static <T> List<T> together(int threads, List<Callable<T>> tasks) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<T> results = new ArrayList<>();
            for (Future<T> each : pool.invokeAll(tasks)) {
                results.add(each.get());
            }
            return results;
        }
    }

    private String prepare(int connections, int count) throws Exception {
        List<Callable<Line>> tasks = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            tasks.add(() -> {
                Line line = new Line(HttpsConnection.open(trust, port), new ArrayList<>());
                while (line.calls().size() < count / connections) {
                    line.calls().add(call(line.connection()));
                }
                return line;
            });
        }
        lines = together(connections, tasks);
        return "prepared";
    }

    private String release(double seconds) throws Exception {
        long begin = System.nanoTime();
        long until = begin + (long) (seconds * 1e9);
        List<Callable<long[]>> tasks = new ArrayList<>();
        for (Line line : lines) {
            tasks.add(() -> {
                long[] nanos = new long[line.calls().size()];
                int count = 0;
                while (count < nanos.length && System.nanoTime() < until) {
                    Call call = line.calls().get(count);
                    long sent = System.nanoTime();
                    call.response = line.connection().ask(call.request);
                    nanos[count++] = System.nanoTime() - sent;
                }
                return Arrays.copyOf(nanos, count);
            });
        }
        List<long[]> found = together(lines.size(), tasks);
        return said(found.stream().flatMapToLong(Arrays::stream).toArray(), System.nanoTime() - begin);
    }

    private static String said(long[] nanos, long elapsed) {
        Arrays.sort(nanos);
        return nanos.length + " " + elapsed / 1e9 + " " + percentile(nanos, 50) / 1000.0 + " " + percentile(nanos, 99) / 1000.0;
    }

    private static long percentile(long[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private String accept() throws Exception {
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (Line line : lines) {
            tasks.add(() -> {
                int accepted = 0;
                line.connection().close();
                for (Call call : line.calls()) {
                    try (PendingRelease pending = call.pending) {
                        if (call.response.length > 0) {
                            pending.accept(call.response, 1).close();
                            accepted++;
                        }
                    }
                }
                return accepted;
            });
        }
        int accepted = together(Runtime.getRuntime().availableProcessors(), tasks).stream().mapToInt(Integer::intValue).sum();
        lines = List.of();
        return Integer.toString(accepted);
    }

    private String whole(double seconds) throws Exception {
        List<Long> nanos = new ArrayList<>();
        long begin = System.nanoTime();
        try (HttpsConnection connection = HttpsConnection.open(trust, port)) {
            while (System.nanoTime() - begin < seconds * 1e9) {
                long sent = System.nanoTime();
                Call call = call(connection);
                try (PendingRelease pending = call.pending) {
                    pending.accept(connection.ask(call.request), 1).close();
                }
                nanos.add(System.nanoTime() - sent);
            }
        }
        return said(nanos.stream().mapToLong(Long::longValue).toArray(), System.nanoTime() - begin);
    }
}
