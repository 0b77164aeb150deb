package org.innerkeep.cli.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.innerkeep.channel.session.Appraiser;
import org.innerkeep.channel.session.AttestedContext;
import org.innerkeep.channel.session.AttestedSession;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.channel.session.SessionKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;

/**
 * An operator's program that pretends to be the enclave, in front of the shipped client. It has everything that an operator can
 * have: a key of its own, and whatever the true enclave tells anybody who connects.
 *
 * <ul>
 *   <li>{@code replay}: shows evidence that it recorded in an earlier session of its own.
 *   <li>{@code relay}: stands between client and enclave, ready to pass the client's nonce on and the fresh evidence back. The client
 *       refuses its certificate already, as it does in replay, so it sends no nonce.
 *   <li>{@code mock}: shows evidence of a mock platform, bound as it should be, signed by a key that the client pinned.
 * </ul>
 */
final class Impostor {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int NONCE_BYTES = 32;

    private Impostor() {}

    /**
     * Serves until it is ended.
     *
     * @param arguments the kind; for replay and relay also the port of the true enclave, for mock the agreed signer and runtime
     * @throws Exception if it cannot listen or reach the enclave
     */
    public static void main(String[] arguments) throws Exception {
        SecureRandom random = new SecureRandom();
        switch (arguments[0]) {
            case "replay" -> {
                Recording recording = Recording.of(enclave(arguments[1]), random);
                SessionKey key = SessionKey.create(reportData -> recording.certificate().toArray(), random);
                serve(key, reportData -> recording.session().toArray());
            }
            case "relay" -> relay(enclave(arguments[1]), random);
            case "mock" -> {
                Attester mock = mock(Bytes.fromHex(arguments[1]), Bytes.fromHex(arguments[2]), random);
                serve(SessionKey.create(mock, random), mock);
            }
            default -> throw new IllegalArgumentException("replay, relay or mock");
        }
    }

    private static InetSocketAddress enclave(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void serve(SessionKey key, Attester attester) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            say("listening 127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort());
            while (true) {
                SocketChannel client = listener.accept();
                try (AttestedSession session = AttestedSession.accept(client, key, attester, LIMIT)) {
                    int first = session.input().read();
                    say(first < 0 ? "client left" : "CLIENT SPOKE");
                } catch (IOException e) {
                    say("client left");
                }
            }
        }
    }

    /** What a session with the true enclave tells whoever connects. */
    private record Recording(Bytes certificate, Bytes session) {
        static Recording of(InetSocketAddress enclave, SecureRandom nonce) throws IOException {
            Bytes[] seen = {Bytes.EMPTY, Bytes.EMPTY};
            Appraiser recorder = (evidence, reportData, purpose) -> {
                seen[purpose == Appraiser.Purpose.SESSION ? 1 : 0] = Bytes.of(evidence);
                return new Verdict.Accepted(unchecked(reportData));
            };
            try (SocketChannel channel = SocketChannel.open(enclave);
                    AttestedSession _ = AttestedSession.connect(channel, recorder, nonce, LIMIT)) {
                return new Recording(seen[0], seen[1]);
            }
        }

        /** An impostor checks nothing. */
        private static Claims unchecked(byte[] reportData) {
            return new Claims(
                    "keeper-report",
                    "process",
                    Optional.of(Measurement.sha256(Bytes.of(new byte[32]))),
                    Optional.of(Bytes.of(new byte[32])),
                    OptionalLong.of(0),
                    OptionalLong.of(0),
                    false,
                    Bytes.of(reportData),
                    Optional.of(Instant.EPOCH),
                    Bytes.EMPTY,
                    Map.of());
        }
    }

    private static void relay(InetSocketAddress enclave, SecureRandom random) throws Exception {
        Recording recording = Recording.of(enclave, random);
        SessionKey key = SessionKey.create(reportData -> recording.certificate().toArray(), random);
        try (SSLServerSocket listener = (SSLServerSocket) AttestedContext.serverContext(key)
                .getServerSocketFactory()
                .createServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            say("listening 127.0.0.1:" + listener.getLocalPort());
            while (true) {
                try (SSLSocket client = (SSLSocket) listener.accept()) {
                    byte[] nonce = new byte[NONCE_BYTES];
                    new DataInputStream(client.getInputStream()).readFully(nonce);
                    byte[] evidence = Recording.of(enclave, new Fixed(nonce)).session().toArray();
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeInt(evidence.length);
                    out.write(evidence);
                    out.flush();
                    say(client.getInputStream().read() < 0 ? "client left" : "CLIENT SPOKE");
                } catch (IOException e) {
                    say("client left");
                }
            }
        }
    }

    /** Hands out the client's nonce instead of chance. */
    private static final class Fixed extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient byte[] value;

        Fixed(byte[] value) {
            this.value = value;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(value, 0, bytes, 0, Math.min(bytes.length, value.length));
        }
    }

    private static Attester mock(Bytes signer, Bytes runtime, SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        say("anchor " + KeeperAnchor.of(pair.getPublic()));
        Bytes zeros = Bytes.of(new byte[32]);
        Measurement measurement = KeeperReport.processMeasurement(KeeperReport.MOCK, zeros, runtime, zeros);
        return reportData -> new KeeperReport(
                        KeeperReport.MOCK,
                        measurement,
                        zeros,
                        runtime,
                        zeros,
                        signer,
                        World.PRODUCT,
                        World.SVN,
                        false,
                        KeeperReport.Isolation.SEPARATE_USER,
                        Confinement.NONE,
                        Bytes.of(new byte[KeeperReport.ENCLAVE_ID_LENGTH]),
                        Bytes.of(reportData),
                        Instant.now().truncatedTo(ChronoUnit.SECONDS))
                .sign(pair.getPrivate(), pair.getPublic());
    }
}
