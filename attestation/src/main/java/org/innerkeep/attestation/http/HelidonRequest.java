package org.innerkeep.attestation.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalLong;

/** A request of the HTTP server. */
final class HelidonRequest implements Incoming {
    private static final int DISCARDED_TOGETHER = 16 << 10;

    private final ServerRequest request;
    private boolean ended;

    HelidonRequest(ServerRequest request) {
        this.request = request;
    }

    @Override
    public String method() {
        return request.prologue().method().text();
    }

    @Override
    public String path() {
        return request.prologue().uriPath().rawPath();
    }

    @Override
    public Optional<String> query(String name) {
        return request.query().first(name).asOptional();
    }

    @Override
    public Optional<String> header(String name) {
        return request.headers().first(HeaderNames.create(name));
    }

    @Override
    public OptionalLong contentLength() {
        return request.headers().contentLength();
    }

    @Override
    public InputStream body() {
        return new FilterInputStream(request.content().inputStream()) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                try {
                    int read = super.read(into, offset, length);
                    ended = ended || read < 0;
                    return read;
                } catch (UncheckedIOException e) {
                    throw e.getCause();
                } catch (RuntimeException e) {
                    // The server has several exceptions of its own for a peer that is gone or sends no HTTP.
                    throw new IOException("the body cannot be read", e);
                }
            }
        };
    }

    /** {@return whether there is a body of which something was not read} */
    boolean unread() {
        return !ended && request.content().hasEntity();
    }

    /** Reads on and forgets, unless the peer waits to be told to send: it has nothing more to say then. */
    void discard(int most) {
        if (request.headers().contains(HeaderNames.EXPECT)) {
            return;
        }
        byte[] chunk = new byte[DISCARDED_TOGETHER];
        try (InputStream in = body()) {
            int read = in.read(chunk, 0, chunk.length);
            for (int all = read; read >= 0 && all < most; all += read) {
                read = in.read(chunk, 0, chunk.length);
            }
        } catch (IOException | RuntimeException e) {
            // The connection ends in any case.
        }
    }

    @Override
    public String remoteAddress() {
        return request.remotePeer().address() instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : "unknown";
    }

    @Override
    public String remoteConnection() {
        return request.remotePeer().address() instanceof InetSocketAddress address
                ? remoteAddress() + " " + address.getPort()
                : "unknown";
    }
}
