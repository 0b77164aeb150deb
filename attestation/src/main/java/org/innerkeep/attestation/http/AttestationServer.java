package org.innerkeep.attestation.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.innerkeep.attestation.AttestationService;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;

/**
 * The service over HTTP/1.1, with TLS or without. HTTP/2 is not offered: no client of the interface needs it, and it is one more parser
 * of what strangers send, with limits of its own to get right.
 *
 * <p>Safe for use by several threads. Close it to end: it takes no more connections, and what is under way may finish within the grace of
 * its limits.
 */
public final class AttestationServer implements AutoCloseable {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 32 << 10;
    private static final int BACKLOG = 4096;

    /** What is left of a body is read up to here, so that its sender gets to see the answer before the connection ends. */
    private static final int MAX_DISCARDED = 1 << 20;

    private final WebServer server;
    private final ConnectionWatch watch;
    private final BodyReader bodies;

    private AttestationServer(WebServer server, ConnectionWatch watch, BodyReader bodies) {
        this.server = server;
        this.watch = watch;
        this.bodies = bodies;
    }

    /**
     * Starts to serve.
     *
     * @param service what is served
     * @param listen where
     * @param tls with which certificate; without TLS where there is none
     * @param admin who may do more than attest
     * @param limits how much anyone may take
     * @param further operations of further parts of the service
     * @return the server, which runs
     * @throws IOException if it cannot listen there
     */
    public static AttestationServer start(
            AttestationService service,
            InetSocketAddress listen,
            Optional<SSLContext> tls,
            AdminSettings admin,
            HttpLimits limits,
            List<Route> further)
            throws IOException {
        SecureRandom random = new SecureRandom();
        Metrics metrics = new Metrics();
        AdminAccess access = admin.access();
        BodyReader bodies = new BodyReader(limits.maxHeldBytes(), limits.requestTimeout());
        Dispatcher dispatcher = new Dispatcher(new Dispatcher.Parts(
                new Api(service, metrics).routes(further),
                access,
                new RateLimit(limits.perSecond(), limits.burst(), limits.byConnection(), System::nanoTime),
                new Turnstile(limits.maxAtOnce(), limits.maxWaiting(), limits.patience()),
                bodies,
                metrics,
                new AccessLog(System.getLogger("org.innerkeep.attestation.requests")),
                random,
                tls.isPresent()));
        ConnectionWatch watch = new ConnectionWatch(limits.requestTimeout());
        WebServerConfig.Builder config = WebServer.builder()
                .address(listen.getAddress())
                .port(listen.getPort())
                .backlog(BACKLOG)
                // Those of channels look up the name of every peer.
                .useNio(false)
                .shutdownHook(false)
                .featuresDiscoverServices(false)
                .protocolsDiscoverServices(false)
                .addProtocol(Http1Config.builder()
                        .maxPrologueLength(MAX_LINE)
                        .maxHeadersSize(MAX_HEADERS)
                        .build())
                .maxTcpConnections(limits.maxConnections())
                // The operations have limits of their own; this one is a second line behind them.
                .maxPayloadSize(2L * AttestBodies.MAX_EVIDENCE_BYTES)
                .connectionOptions(new WatchedSockets(SocketOptions.builder().tcpNoDelay(true).build(), watch))
                .shutdownGracePeriod(limits.grace())
                .directHandlers(handlers())
                .routing(routing -> routing.any((request, response) -> handle(dispatcher, watch, request, response)));
        tls.ifPresent(context -> config.tls(Tls.builder().sslContext(context).build()));
        try {
            return new AttestationServer(config.build().start(), watch, bodies);
        } catch (RuntimeException e) {
            watch.close();
            bodies.close();
            throw new IOException("cannot listen on " + listen + ": " + e.getMessage(), e);
        }
    }

    private static void handle(Dispatcher dispatcher, ConnectionWatch watch, ServerRequest request, ServerResponse response) {
        Optional<ConnectionWatch.Watched> watched = watch.begun(request.remotePeer().address());
        try {
            answer(dispatcher, request, response);
        } finally {
            watched.ifPresent(ConnectionWatch::answered);
        }
    }

    private static void answer(Dispatcher dispatcher, ServerRequest request, ServerResponse response) {
        HelidonRequest incoming = new HelidonRequest(request);
        Reply reply = dispatcher.dispatch(incoming);
        response.status(Status.create(reply.status()));
        reply.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
        if (reply.body().length() > 0) {
            response.header(HeaderNames.CONTENT_TYPE, reply.mediaType());
        }
        boolean unread = incoming.unread();
        // The HTTP server says so where its client asks for it, but does not do it.
        boolean close = request.prologue().protocolVersion().startsWith("1")
                && (unread || request.headers().containsToken(HeaderValues.CONNECTION_CLOSE));
        if (close) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        // An answer to HEAD ends with its headers: whatever came behind them would be taken for the next answer.
        if (reply.body().length() == 0 || request.prologue().method().equals(Method.HEAD)) {
            response.send();
        } else {
            response.send(reply.body().toArray());
        }
        if (close) {
            if (unread) {
                // Saying so is not enough: what is left of the body would be read as the next request, which nobody made.
                incoming.discard(MAX_DISCARDED);
            }
            throw new CloseConnectionException(unread ? "a body was not read" : "its client wants it closed");
        }
    }

    /** What the server itself refuses has the same shape as what the service refuses; nothing of what was sent is in it. */
    private static DirectHandlers handlers() {
        DirectHandlers.Builder builder = DirectHandlers.builder();
        for (DirectHandler.EventType each : DirectHandler.EventType.values()) {
            Code code = switch (each) {
                case PAYLOAD_TOO_LARGE -> Code.TOO_LARGE;
                case INTERNAL_ERROR -> Code.INTERNAL;
                case FORBIDDEN -> Code.FORBIDDEN;
                default -> Code.INVALID_REQUEST;
            };
            builder.addHandler(each, (request, event, status, headers, message) -> direct(code, status, headers));
        }
        return builder.build();
    }

    private static DirectHandler.TransportResponse direct(Code code, Status status, ServerResponseHeaders headers) {
        String message = status.code() == Status.SERVICE_UNAVAILABLE_503.code()
                ? "too many requests at once; try again."
                : "the request is not of the form that HTTP has, or too large.";
        Reply reply = Reply.problem(new Problem(code, message));
        return DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, reply.mediaType())
                .keepAlive(false)
                .entity(reply.body().toArray())
                .build();
    }

    /** {@return the port that it listens on} */
    public int port() {
        return server.port();
    }

    /** {@return whether it runs; not any more once it was closed, or its listener failed} */
    public boolean running() {
        return server.isRunning();
    }

    @Override
    public void close() {
        watch.drain();
        server.stop();
        watch.close();
        bodies.close();
    }

    /** {@return where it listens, for people} */
    @Override
    public String toString() {
        return "attestation server on port " + server.port();
    }
}
