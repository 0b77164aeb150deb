package org.innerkeep.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * Sends requests over HTTPS, in a process of its own. Takes orders from its standard input:
 *
 * <ul>
 *   <li>{@code run KIND CONNECTIONS SECONDS}: so many connections, one request after the other on each; answers how many requests, in
 *       how many seconds, and the 50th and 99th of a hundred times in microseconds;
 *   <li>{@code hold KIND COUNT}: so many requests, each on a connection of its own and sent but for its last byte; answers once the
 *       service says that all are under way;
 *   <li>{@code release}: the last bytes; answers how many requests were attested.
 * </ul>
 */
final class AttestLoad {
    private static final Pattern IN_FLIGHT = Pattern.compile("(?m)^innerkeep_requests_in_flight ([0-9.E]+)$");

    private final SSLContext trust;
    private final int port;
    private final Path folder;
    private final List<HttpsConnection> held = new ArrayList<>();

    private AttestLoad(SSLContext trust, int port, Path folder) {
        this.trust = trust;
        this.port = port;
        this.folder = folder;
    }

    /** Takes orders: port, certificate of the service, and the folder with the bodies of requests. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        AttestLoad load = new AttestLoad(
                HttpsConnection.trust(Path.of(arguments[1])), Integer.parseInt(arguments[0]), Path.of(arguments[2]));
        out.println("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            out.println("answer " + switch (words[0]) {
                case "run" -> load.run(AttestRequests.Kind.valueOf(words[1]), Integer.parseInt(words[2]), Double.parseDouble(words[3]));
                case "hold" -> load.hold(AttestRequests.Kind.valueOf(words[1]), Integer.parseInt(words[2]));
                case "release" -> load.release();
                default -> throw new IllegalArgumentException(line);
            });
        }
    }

    static Path file(Path folder, AttestRequests.Kind kind) {
        return folder.resolve(kind + ".requests");
    }

    private byte[][] requests(AttestRequests.Kind kind) throws IOException {
        String path = "/attest/" + kind.type() + "?api-version=2022-08-01";
        return AttestRequests.read(file(folder, kind)).stream().map(body -> HttpsConnection.post(path, body)).toArray(byte[][]::new);
    }

    private String run(AttestRequests.Kind kind, int connections, double seconds) throws Exception {
        byte[][] requests = requests(kind);
        AtomicInteger next = new AtomicInteger();
        List<Future<long[]>> all = new ArrayList<>();
        long begin = System.nanoTime();
        long until = begin + (long) (seconds * 1e9);
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                all.add(threads.submit(() -> oneAfterTheOther(requests, next, until)));
            }
        }
        double elapsed = (System.nanoTime() - begin) / 1e9;
        List<long[]> found = new ArrayList<>();
        for (Future<long[]> each : all) {
            found.add(each.get());
        }
        long[] nanos = found.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return nanos.length + " " + elapsed + " " + percentile(nanos, 50) / 1000.0 + " " + percentile(nanos, 99) / 1000.0;
    }

    private static long percentile(long[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private long[] oneAfterTheOther(byte[][] requests, AtomicInteger next, long until) throws IOException {
        long[] nanos = new long[16];
        int count = 0;
        try (HttpsConnection connection = HttpsConnection.open(trust, port)) {
            while (System.nanoTime() < until) {
                byte[] request = requests[Math.floorMod(next.getAndIncrement(), requests.length)];
                long begin = System.nanoTime();
                connection.send(request, 0, request.length);
                connection.expectToken();
                if (count == nanos.length) {
                    nanos = Arrays.copyOf(nanos, 2 * count);
                }
                nanos[count++] = System.nanoTime() - begin;
            }
        }
        return Arrays.copyOf(nanos, count);
    }

    private String hold(AttestRequests.Kind kind, int count) throws Exception {
        byte[][] requests = requests(kind);
        List<Future<HttpsConnection>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < count; i++) {
                byte[] request = requests[i % requests.length];
                all.add(threads.submit(() -> {
                    HttpsConnection connection = HttpsConnection.open(trust, port);
                    connection.send(request, 0, request.length - 1);
                    return connection;
                }));
            }
        }
        for (Future<HttpsConnection> each : all) {
            held.add(each.get());
        }
        while (inFlight() < count) {
            Thread.sleep(20);
        }
        return "held";
    }

    /** Without the one that asks. */
    private long inFlight() throws IOException {
        try (HttpsConnection connection = HttpsConnection.open(trust, port)) {
            byte[] request = HttpsConnection.get("/metrics");
            connection.send(request, 0, request.length);
            Matcher gauge = IN_FLIGHT.matcher(connection.answer());
            if (!gauge.find()) {
                throw new IOException("the service does not say how many requests are in flight");
            }
            return Math.round(Double.parseDouble(gauge.group(1))) - 1;
        }
    }

    private String release() throws Exception {
        int attested = 0;
        // Every body ends as this one.
        byte[] end = {'}'};
        for (HttpsConnection each : held) {
            try (each) {
                each.send(end, 0, 1);
                each.expectToken();
                attested++;
            }
        }
        held.clear();
        return Integer.toString(attested);
    }
}
