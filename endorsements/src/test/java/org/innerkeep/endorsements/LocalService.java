package org.innerkeep.endorsements;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A maker's service on this machine: answers by path and query, and remembers what it was asked. */
final class LocalService implements AutoCloseable {
    /** What a service does with one request. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpExchange exchange, int count) throws IOException;
    }

    final HttpServer server;
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    LocalService() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            String what = exchange.getRequestURI().toString();
            int count;
            synchronized (asked) {
                asked.add(what);
                count = Collections.frequency(asked, what);
            }
            try (exchange) {
                handlers.getOrDefault(what, (other, number) -> answer(other, 404, Map.of(), new byte[] {1})).handle(exchange, count);
            }
        });
        server.start();
    }

    static void answer(HttpExchange exchange, int status, Map<String, String> headers, byte[] body) throws IOException {
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    LocalService on(String what, Handler handler) {
        handlers.put(what, handler);
        return this;
    }

    LocalService on(String what, Map<String, String> headers, byte[] body) {
        return on(what, (exchange, count) -> answer(exchange, 200, headers, body));
    }

    LocalService on(String what, String body) {
        return on(what, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    String at(String path) {
        return address() + path;
    }

    /** Ends the service, and leaves the client. */
    void down() {
        server.stop(0);
    }

    @Override
    public void close() {
        down();
        client.shutdownNow();
        threads.shutdownNow();
    }

    /** A clock that stands still but for the waits. */
    static final class Waits implements InstantSource, Fetcher.Pause {
        final List<Duration> taken = new ArrayList<>();
        private Instant now = Instant.parse("2026-06-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public void of(Duration time) {
            taken.add(time);
            now = now.plus(time);
        }
    }
}
