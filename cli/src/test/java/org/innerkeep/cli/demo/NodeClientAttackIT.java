package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.session.AttestedContext;
import org.innerkeep.channel.session.AttestedSession;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.channel.session.SessionKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.examples.hello.Greeting;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real enclave's host cannot do because it lacks the enclave's TLS key, or the keeper's: attacks on the Node.js client in
 * which the test holds both, so that each reaches the very check that must stop it. All ends of TLS are here, so what the client
 * says is read in the clear.
 */
@ExtendWith(NodeClient.Needed.class)
final class NodeClientAttackIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Bytes SIGNER = Bytes.of(new byte[32]);
    private static final String PROTOCOL = "innerkeep-session-v1";
    private static final int NONCE_BYTES = 32;

    private final NodeClient client = NodeClient.ofCheckout();
    private final SecureRandom random = new SecureRandom();
    private final KeyPair keeper = NodeClient.newKey();

    @TempDir
    private Path folder;

    private Path anchor;

    @BeforeEach
    void pinTheKeeper() throws IOException {
        anchor = Files.writeString(folder.resolve("keeper.anchor"), KeeperAnchor.of(keeper.getPublic()).toString());
    }

    /** Evidence of the pinned keeper. */
    private byte[] evidence(byte[] reportData, int enclave, Instant at) {
        Bytes zeros = Bytes.of(new byte[32]);
        byte[] id = new byte[KeeperReport.ENCLAVE_ID_LENGTH];
        id[0] = (byte) enclave;
        return new KeeperReport(
                        KeeperReport.PROCESS,
                        KeeperReport.processMeasurement(KeeperReport.PROCESS, zeros, zeros, zeros),
                        zeros, zeros, zeros, SIGNER, 1, 1, false, KeeperReport.Isolation.SEPARATE_USER, Confinement.NONE,
                        Bytes.of(id), Bytes.of(reportData), at)
                .sign(keeper.getPrivate(), keeper.getPublic());
    }

    private SessionKey key() throws IOException {
        return SessionKey.create(reportData -> evidence(reportData, 1, Instant.now()), random);
    }

    private NodeClient.Outcome hello(String address) throws IOException {
        return client.hello(
                address,
                List.of("--anchor", anchor.toString(), "--signer", SIGNER.hex(), "--product", "1", "--svn", "1"),
                "Ada");
    }

    private static void requireRefused(NodeClient.Outcome outcome, String purpose, String code) {
        assertThat(outcome.exitCode()).as(outcome.said()).isEqualTo(1);
        assertThat(outcome.said()).contains("refused (" + purpose + ")").containsPattern("(?m)^" + code + " ");
    }

    /** An enclave's end of one session after another, with a platform that answers as it is told. */
    private final class Served implements AutoCloseable {
        private final ServerSocketChannel listener = ServerSocketChannel.open();
        private final CompletableFuture<Integer> first = new CompletableFuture<>();

        Served(SessionKey key, Attester platform, boolean answering) throws IOException {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofVirtual().start(() -> {
                while (listener.isOpen()) {
                    serve(key, platform, answering);
                }
            });
        }

        private void serve(SessionKey key, Attester platform, boolean answering) {
            try (SocketChannel channel = listener.accept();
                    AttestedSession session = AttestedSession.accept(channel, key, platform, LIMIT)) {
                if (answering) {
                    CallPeer.over(session.input(), session.output(), Disclosure.TO_CLIENT)
                            .offer(Greeting.class, name -> "Hello, " + name)
                            .start()
                            .closed()
                            .join();
                } else {
                    first.complete(session.input().read());
                }
            } catch (IOException e) {
                first.complete(-1);
            }
        }

        String address() throws IOException {
            return "127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort();
        }

        /** The client heard the evidence, and left without a word. */
        void requireNothingSaid() throws Exception {
            assertThat(first.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(-1);
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    @Test
    void aPlatformThatAnswersRightlyIsGreeted() throws Exception {
        try (Served enclave = new Served(key(), reportData -> evidence(reportData, 1, Instant.now()), true)) {
            assertThat(hello(enclave.address())).isEqualTo(new NodeClient.Outcome(0, "Hello, Ada"));
        }
    }

    @Test
    void evidenceOfAnEarlierSessionIsRefusedAlsoFromTheHolderOfTheEnclavesKey() throws Exception {
        SessionKey key = key();
        AtomicReference<byte @Nullable []> earlier = new AtomicReference<>();
        Attester recording = reportData -> {
            byte[] fresh = evidence(reportData, 1, Instant.now());
            earlier.set(fresh);
            return fresh;
        };
        try (Served enclave = new Served(key, recording, true)) {
            assertThat(hello(enclave.address()).exitCode()).isZero();
        }
        byte[] replayed = earlier.get();
        assertThat(replayed).isNotNull();
        try (Served thief = new Served(key, _ -> java.util.Objects.requireNonNull(replayed), false)) {
            requireRefused(hello(thief.address()), "session", "REPORT_DATA_MISMATCH");
            thief.requireNothingSaid();
        }
    }

    /** What a relay with the enclave's stolen key gets from the true enclave: everything is fresh and right but the exporter. */
    @Test
    void evidenceOverTheClientsOwnNonceInAnotherTlsSessionIsRefused() throws Exception {
        SessionKey key = key();
        requireRefused(
                against(AttestedContext.serverContext(key), List.of(PROTOCOL), "TLSv1.3", client -> {
                    byte[] nonce = new byte[NONCE_BYTES];
                    new DataInputStream(client.getInputStream()).readFully(nonce);
                    byte[] otherExporter = new byte[32];
                    byte[] relayed = evidence(
                            ReportData.of(ReportData.SESSION, nonce, otherExporter, key.id().toArray()), 1, Instant.now());
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeInt(relayed.length);
                    out.write(relayed);
                    out.flush();
                    return listen(client);
                }),
                "session",
                "REPORT_DATA_MISMATCH");
    }

    @Test
    void freshEvidenceOfAnEqualEnclaveDoesNotVouchForAnothersCertificate() throws Exception {
        try (Served two = new Served(key(), reportData -> evidence(reportData, 2, Instant.now()), false)) {
            NodeClient.Outcome outcome = hello(two.address());
            requireRefused(outcome, "session", "REPORT_DATA_MISMATCH");
            assertThat(outcome.said()).contains("session.enclaveId");
            two.requireNothingSaid();
        }
    }

    @Test
    void evidenceOfASessionThatIsTooOldIsRefused() throws Exception {
        Attester slow = reportData -> evidence(reportData, 1, Instant.now().minus(Duration.ofMinutes(6)));
        try (Served enclave = new Served(key(), slow, false)) {
            requireRefused(hello(enclave.address()), "session", "EVIDENCE_STALE");
            enclave.requireNothingSaid();
        }
    }

    /** What a server of TLS does once a client has connected; gives back what it read. */
    @FunctionalInterface
    private interface Script {
        int run(SSLSocket client) throws IOException;
    }

    private NodeClient.Outcome against(SSLContext context, List<String> protocols, String version, Script script) throws Exception {
        CompletableFuture<Integer> heard = new CompletableFuture<>();
        NodeClient.Outcome outcome;
        try (SSLServerSocket listener = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            SSLParameters parameters = listener.getSSLParameters();
            parameters.setApplicationProtocols(protocols.toArray(String[]::new));
            parameters.setProtocols(new String[] {version});
            listener.setSSLParameters(parameters);
            Thread.ofVirtual().start(() -> {
                try (SSLSocket socket = (SSLSocket) listener.accept()) {
                    heard.complete(script.run(socket));
                } catch (IOException e) {
                    heard.complete(-1);
                }
            });
            outcome = hello("127.0.0.1:" + listener.getLocalPort());
        }
        assertThat(heard.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("what the client said").isEqualTo(-1);
        return outcome;
    }

    /** Reads one byte, which must not come. */
    private static int listen(SSLSocket client) throws IOException {
        return client.getInputStream().read();
    }

    /** Every byte of the enclave's own certificate but its key: evidence and claims are the true ones. */
    private static byte[] certificate(SessionKey enclave, KeyPair other) throws Exception {
        String theirs = Bytes.of(enclave.certificate().getPublicKey().getEncoded()).hex();
        return Bytes.fromHex(Bytes.of(enclave.certificate().getEncoded()).hex()
                        .replace(theirs, Bytes.of(other.getPublic().getEncoded()).hex()))
                .toArray();
    }

    @Test
    void theTrueEvidenceInACertificateWithAnothersKeyIsRefused() throws Exception {
        KeyPair thief = NodeClient.newKey();
        requireRefused(
                against(context(thief, certificate(key(), thief)), List.of(PROTOCOL), "TLSv1.3", NodeClientAttackIT::listen),
                "certificate",
                "REPORT_DATA_MISMATCH");
    }

    private static SSLContext context(KeyPair key, byte[] der) throws Exception {
        Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", key.getPrivate(), new char[0], new Certificate[] {certificate});
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, new SecureRandom());
        return context;
    }

    @Test
    void aServerOfAnotherProtocolIsToldNothing() throws Exception {
        SSLContext context = AttestedContext.serverContext(key());

        NodeClient.Outcome outcome = against(context, List.of(), "TLSv1.3", NodeClientAttackIT::listen);

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.said()).contains("application protocol innerkeep-session-v1");
    }

    /** Certificate and key belong together, as the test above shows at TLS 1.3: nothing is wrong here but the version. */
    @Test
    void anOlderTlsIsRefused() throws Exception {
        KeyPair own = NodeClient.newKey();

        NodeClient.Outcome outcome =
                against(context(own, certificate(key(), own)), List.of(PROTOCOL), "TLSv1.2", NodeClientAttackIT::listen);

        assertThat(outcome.exitCode()).as(outcome.said()).isEqualTo(1);
        assertThat(outcome.said()).containsPattern("alert protocol version|unsupported protocol");
    }

    @Test
    void evidenceThatIsAnnouncedAndNotThereIsRefusedAfterNothingButTheNonce() throws Exception {
        for (int length : new int[] {0, 64 * 1024 + 1, -1}) {
            requireRefused(
                    against(AttestedContext.serverContext(key()), List.of(PROTOCOL), "TLSv1.3", client -> {
                        skipNonce(client.getInputStream());
                        new DataOutputStream(client.getOutputStream()).writeInt(length);
                        return listen(client);
                    }),
                    "session",
                    "MALFORMED");
        }
    }

    @Test
    void evidenceThatIsNoEvidenceIsRefused() throws Exception {
        requireRefused(
                against(AttestedContext.serverContext(key()), List.of(PROTOCOL), "TLSv1.3", client -> {
                    skipNonce(client.getInputStream());
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeInt(3);
                    out.write(new byte[] {1, 2, 3});
                    out.flush();
                    return listen(client);
                }),
                "session",
                "MALFORMED");
    }

    @Test
    void aSessionThatIsCutBeforeItsEvidenceFails() throws Exception {
        NodeClient.Outcome outcome = against(AttestedContext.serverContext(key()), List.of(PROTOCOL), "TLSv1.3", client -> {
            skipNonce(client.getInputStream());
            return -1;
        });

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.said()).contains("ended before its");
    }

    private static void skipNonce(InputStream in) throws IOException {
        new DataInputStream(in).readFully(new byte[NONCE_BYTES]);
    }
}
