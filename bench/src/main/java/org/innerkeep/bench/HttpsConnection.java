package org.innerkeep.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** One connection of HTTP/1.1 over TLS to a service on this machine, kept open, with as little around it as can be. Used by one thread. */
final class HttpsConnection implements AutoCloseable {
    private static final int MAX_HEADER = 8192;
    private static final int MAX_BODY = 1 << 20;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] line = new byte[MAX_HEADER];

    private HttpsConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
        this.out = socket.getOutputStream();
    }

    static HttpsConnection open(SSLContext trust, int port) throws IOException {
        Socket socket = trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        return new HttpsConnection(socket);
    }

    /** Trusts one certificate. */
    static SSLContext trust(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore roots = KeyStore.getInstance("PKCS12");
            roots.load(null, null);
            roots.setCertificateEntry("service", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(roots);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    static byte[] get(String path) {
        return request("GET", path, List.of(), new byte[0]);
    }

    static byte[] post(String path, byte[] body) {
        return request("POST", path, List.of("Content-Type: application/json"), body);
    }

    static byte[] request(String method, String path, List<String> headers, byte[] body) {
        StringBuilder head = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
        headers.forEach(each -> head.append(each).append("\r\n"));
        if (!method.equals("GET")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        byte[] begin = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[begin.length + body.length];
        System.arraycopy(begin, 0, all, 0, begin.length);
        System.arraycopy(body, 0, all, begin.length, body.length);
        return all;
    }

    void send(byte[] bytes, int from, int length) throws IOException {
        out.write(bytes, from, length);
        out.flush();
    }

    /** Reads an answer that must be a token. */
    void expectToken() throws IOException {
        String answer = answer();
        if (!answer.startsWith("{\"token\":\"")) {
            throw new IOException("expected a token, found " + answer.substring(0, Math.min(300, answer.length())));
        }
    }

    /** {@return the body of an answer of whatever status} */
    String answer() throws IOException {
        return new String(read(line()), StandardCharsets.UTF_8);
    }

    /** Sends a request. {@return the body of its answer, which must have status 200} */
    byte[] ask(byte[] request) throws IOException {
        send(request, 0, request.length);
        String status = line();
        byte[] body = read(status);
        if (!status.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("expected status 200, found " + status + ": " + new String(body, StandardCharsets.UTF_8));
        }
        return body;
    }

    /** {@return the body behind a status line} */
    private byte[] read(String status) throws IOException {
        int length = -1;
        boolean chunked = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring("content-length:".length()).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:");
        }
        if (chunked || length < 0 || length > MAX_BODY) {
            throw new IOException("expected an answer that says its length, found " + status);
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the answer broke off");
        }
        return body;
    }

    private String line() throws IOException {
        for (int length = 0; length < line.length; length++) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection ended");
            }
            if (next == '\n') {
                return new String(line, 0, length, StandardCharsets.US_ASCII).stripTrailing();
            }
            line[length] = (byte) next;
        }
        throw new IOException("a header is too long");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
