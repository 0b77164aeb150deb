package org.innerkeep.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** The peer of an attested session: TLS 1.3 as JSSE gives it, with a pinned P-256 certificate and nothing proven about code. */
final class TlsEcho implements Line {
    /** Full handshakes only, as attested sessions have them: the server gives no tickets. */
    static final String NO_TICKETS = "-Djdk.tls.server.newSessionTicketCount=0";

    private static final char[] PASSWORD = "of-a-benchmark".toCharArray();
    private static final String[] VERSION = {"TLSv1.3"};
    private static final String[] SUITE = {"TLS_AES_256_GCM_SHA384"};

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private TlsEcho(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 14));
        this.out = socket.getOutputStream();
    }

    /** Makes a key and a certificate signed by it, by the JDK's own tool. */
    static void makeCertificate(Path file) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-keyalg", "EC", "-groupname", "secp256r1",
                        "-dname", "CN=localhost", "-ext", "san=dns:localhost",
                        "-storetype", "PKCS12", "-storepass", new String(PASSWORD),
                        "-keystore", file.toString()))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    static SSLServerSocket listen(Path certificate) throws IOException, GeneralSecurityException {
        SSLServerSocket listener = (SSLServerSocket) context(certificate)
                .getServerSocketFactory()
                .createServerSocket(0, 16, InetAddress.getLoopbackAddress());
        listener.setEnabledProtocols(VERSION);
        listener.setEnabledCipherSuites(SUITE);
        return listener;
    }

    /** Both ends' context: the one certificate is shown by the server and pinned by the client. */
    static SSLContext context(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(certificate)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore pinned = KeyStore.getInstance("PKCS12");
        pinned.load(null, null);
        pinned.setCertificateEntry("peer", store.getCertificate(store.aliases().nextElement()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(pinned);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** Connects and shakes hands. */
    static TlsEcho connect(SSLContext context, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setEnabledProtocols(VERSION);
        socket.setEnabledCipherSuites(SUITE);
        socket.startHandshake();
        return new TlsEcho(socket);
    }

    @Override
    public byte[] echo(byte[] message) throws IOException {
        out.write(ByteBuffer.allocate(EchoProcess.PREFIX + message.length)
                .putInt(message.length)
                .put(message)
                .array());
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        return answer;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
