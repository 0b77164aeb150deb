package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Stands between a client and a host, passes everything on and keeps what the client sent. */
final class WireTap implements AutoCloseable {
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;

    /** Finished under SHA-384 is 52 bytes, an alert 2; each with its record's type and a tag of 16. */
    private static final List<Integer> HANDSHAKE_RECORDS = List.of(52 + 1 + 16, 2 + 1 + 16);

    private final ServerSocket listener;
    private final InetSocketAddress host;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final CompletableFuture<Void> left = new CompletableFuture<>();

    private WireTap(ServerSocket listener, InetSocketAddress host) {
        this.listener = listener;
        this.host = host;
    }

    static WireTap before(InetSocketAddress host) throws IOException {
        WireTap tap = new WireTap(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()), host);
        Thread.ofVirtual().start(tap::accept);
        return tap;
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket enclave = new Socket(host.getAddress(), host.getPort());
                Thread.ofVirtual().start(() -> pass(client, enclave, true));
                Thread.ofVirtual().start(() -> pass(enclave, client, false));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from, Socket to, boolean keep) {
        byte[] buffer = new byte[1 << 14];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (keep) {
                    synchronized (sent) {
                        sent.write(buffer, 0, count);
                    }
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One of the two has gone; so does the other.
        } finally {
            if (keep) {
                left.complete(null);
            }
        }
    }

    /** Everything that clients have sent. */
    byte[] sent() {
        synchronized (sent) {
            return sent.toByteArray();
        }
    }

    private List<Integer> encryptedRecords() {
        List<Integer> lengths = new ArrayList<>();
        ByteBuffer records = ByteBuffer.wrap(sent());
        while (records.remaining() >= 5) {
            int type = records.get();
            int length = records.getShort(records.position() + 2) & 0xffff;
            records.position(records.position() + 4 + length);
            if (type == APPLICATION_DATA) {
                lengths.add(length);
            }
        }
        return lengths;
    }

    int longestEncryptedRecord() {
        return encryptedRecords().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** The first client has left. It began a handshake, perhaps ended it, and said nothing else: not even a nonce. */
    void requireNothingButAHandshake() throws Exception {
        left.get(20, TimeUnit.SECONDS);
        assertThat(sent()).as("a handshake").startsWith(HANDSHAKE);
        assertThat(encryptedRecords()).isSubsetOf(HANDSHAKE_RECORDS).doesNotHaveDuplicates();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
