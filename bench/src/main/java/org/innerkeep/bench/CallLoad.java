package org.innerkeep.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.innerkeep.bench.inside.Reading;
import org.innerkeep.bench.inside.Zeros;

/**
 * Calls over one line, in a process of its own, so that no line is compiled for another. Takes orders from its standard input:
 *
 * <ul>
 *   <li>{@code echo BYTES MILLIS}, {@code reading MILLIS}: one call after the other; answers the quartiles of their times in
 *       nanoseconds and their number;
 *   <li>{@code wake BYTES COUNT MICROS}: so many calls, each after so long in which nothing was called; answers the same;
 *   <li>{@code callers BYTES COUNT MILLIS}: so many threads that call and wait; {@code outstanding}: as many calls under way, from few
 *       threads; both answer calls in a second;
 *   <li>{@code take BYTES}, {@code give BYTES}: a stream there, a stream back; both answer bytes in a nanosecond.
 * </ul>
 */
public final class CallLoad {
    private final Line line;

    CallLoad(Line line) {
        this.line = line;
    }

    /**
     * Takes orders until its standard input ends.
     *
     * @param arguments the kind of line and where it leads
     * @throws Exception if a call fails
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Line line = open(arguments)) {
            out.println("ready");
            CallLoad load = new CallLoad(line);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String order = in.readLine(); order != null; order = in.readLine()) {
                out.println("answer " + load.obey(order));
            }
        }
    }

    private static Line open(String[] arguments) throws Exception {
        return switch (arguments[0]) {
            case "enclave" -> EnclaveLine.start();
            case "grpc" -> GrpcLine.connect(arguments[1]);
            case "socket" -> SocketLine.connect(Path.of(arguments[1]));
            case "session" -> SessionLine.connect(Integer.parseInt(arguments[1]));
            case "tls" -> TlsEcho.connect(TlsEcho.context(Path.of(arguments[2])), Integer.parseInt(arguments[1]));
            default -> throw new IllegalArgumentException(arguments[0]);
        };
    }

    String obey(String order) throws Exception {
        String[] words = order.split(" ", -1);
        long first = Long.parseLong(words[1]);
        return switch (words[0]) {
            case "echo" -> {
                byte[] message = Message.of((int) first);
                yield Latency.during(Long.parseLong(words[2]), () -> echo(message)).text();
            }
            case "reading" -> Latency.during(first, this::reading).text();
            case "wake" -> {
                byte[] message = Message.of((int) first);
                yield Latency.afterIdleness(Integer.parseInt(words[2]), Long.parseLong(words[3]), () -> echo(message)).text();
            }
            case "callers" ->
                Double.toString(callers(Message.of((int) first), Integer.parseInt(words[2]), Long.parseLong(words[3])));
            case "outstanding" ->
                Double.toString(line.outstanding(Message.of((int) first), Integer.parseInt(words[2]), Long.parseLong(words[3])));
            case "take" -> Double.toString(take(first));
            case "give" -> Double.toString(give(first));
            default -> throw new IllegalArgumentException(order);
        };
    }

    private void echo(byte[] message) throws Exception {
        byte[] _ = Message.checked(message, line.echo(message));
    }

    private void reading() throws Exception {
        if (line.echo(Reading.EXAMPLE).at() != Reading.EXAMPLE.at()) {
            throw new IOException("the answer is not the record");
        }
    }

    private double callers(byte[] message, int count, long millis) throws Exception {
        long begin = System.nanoTime();
        long until = begin + millis * 1_000_000;
        List<Future<Long>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(() -> {
                    long calls = 0;
                    for (; System.nanoTime() < until; calls++) {
                        echo(message);
                    }
                    return calls;
                }));
            }
        }
        double elapsed = System.nanoTime() - begin;
        long calls = 0;
        for (Future<Long> each : all) {
            calls += each.get();
        }
        return calls * 1e9 / elapsed;
    }

    private double take(long bytes) throws Exception {
        long begin = System.nanoTime();
        long taken = line.take(new Zeros(bytes));
        return rate(taken, bytes, begin);
    }

    private double give(long bytes) throws Exception {
        long begin = System.nanoTime();
        try (InputStream given = line.give(bytes)) {
            return rate(given.transferTo(OutputStream.nullOutputStream()), bytes, begin);
        }
    }

    private static double rate(long carried, long wanted, long begin) throws IOException {
        if (carried != wanted) {
            throw new IOException("expected a stream of " + wanted + " bytes, found " + carried);
        }
        return (double) carried / (System.nanoTime() - begin);
    }
}
