package org.innerkeep.channel.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Objects;

/**
 * A client's connection at an enclave that serves both kinds: attested sessions, and ordinary HTTPS clients of a server inside. The
 * client says by ALPN which it is; one that says nothing is an ordinary client. For both the certificate carries evidence
 * (RA-TLS), and an ordinary client gets nothing fresher.
 */
public sealed interface ClientConnection extends AutoCloseable {
    /**
     * An attested session.
     *
     * @param session begun: the fresh evidence is sent
     */
    record Session(AttestedSession session) implements ClientConnection {
        @Override
        public void close() throws IOException {
            session.close();
        }
    }

    /** An ordinary client's TLS session: what it sends is for the server inside. */
    final class Ordinary implements ClientConnection {
        private final TlsChannel tls;
        private final TlsStreams streams;

        private Ordinary(TlsChannel tls) {
            this.tls = tls;
            this.streams = new TlsStreams(tls);
        }

        /** {@return what the client sends, decrypted; ends with its close_notify, fails where the end may have been cut off} */
        public InputStream input() {
            return streams.input();
        }

        /** {@return what is sent to the client, encrypted; closing it leaves the other direction open} */
        public OutputStream output() {
            return streams.output();
        }

        @Override
        public void close() throws IOException {
            tls.close();
        }
    }

    /**
     * The enclave's end of either kind.
     *
     * @param transport to the client, usually through the host; hostile
     * @param key the enclave's key
     * @param attester signs for this enclave; called for attested sessions only
     * @param limit for everything until the connection exists
     * @return the connection
     * @throws IOException if the client does not follow the protocol, or the transport or the attester fails
     */
    static ClientConnection accept(ByteChannel transport, SessionKey key, Attester attester, Duration limit)
            throws IOException {
        Objects.requireNonNull(attester, "attester");
        return AttestedSession.begin(
                transport,
                Tls.engine(key.newContext(), false, Tls.APPLICATION_PROTOCOL, Tls.HTTP),
                limit,
                (tls, protocol) -> protocol.equals(Tls.APPLICATION_PROTOCOL)
                        ? new Session(AttestedSession.attest(tls, protocol, key, attester))
                        : new Ordinary(tls));
    }

    @Override
    void close() throws IOException;
}
