package org.innerkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.channel.session.AttestedContext;
import org.innerkeep.channel.session.AttestedSession;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.channel.session.SessionKey;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions and ordinary TLS over sockets, decided by a service: what is asked when, and what an enclave gets to see. */
@Timeout(120)
class ServiceSessionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final FakeAttestation service = new FakeAttestation();
    private final Trust trust = Trust.token(service.pinned())
            .andSigner(Reports.SIGNER, Reports.PRODUCT, Reports.SVN)
            .at(Clock.fixed(Reports.NOW, ZoneOffset.UTC));
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Bytes> attested = new CopyOnWriteArrayList<>();
    private ServerSocketChannel host;
    private SessionKey key;

    @BeforeEach
    void start() throws IOException {
        host = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        key = SessionKey.create(enclave(), new SecureRandom());
    }

    @AfterEach
    void end() throws IOException {
        host.close();
        threads.shutdownNow();
        service.close();
    }

    /** What the keeper of the test signs for the enclave, recorded. */
    private Attester enclave() {
        return reportData -> {
            attested.add(Bytes.of(reportData));
            return Reports.GOOD.reportData(Bytes.of(reportData)).signed();
        };
    }

    /** The enclave's end of the next connection; gives all that the client sent once the session existed for the enclave. */
    private Future<byte[]> accept() {
        Callable<byte[]> task = () -> {
            try (SocketChannel channel = host.accept();
                    AttestedSession session = AttestedSession.accept(channel, key, enclave(), LIMIT)) {
                return readAll(session.input());
            }
        };
        return threads.submit(task);
    }

    private static byte[] readAll(InputStream in) {
        List<Byte> all = new ArrayList<>();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.add((byte) next);
            }
        } catch (IOException e) {
            // The client cut the connection: what came before counts.
        }
        byte[] bytes = new byte[all.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = all.get(i);
        }
        return bytes;
    }

    private Client connect() throws IOException {
        return Client.connect((InetSocketAddress) host.getLocalAddress(), trust);
    }

    private SessionRefusedException refused() {
        SessionRefusedException refusal = catchThrowableOfType(SessionRefusedException.class, () -> connect().close());
        assertThat(refusal).isNotNull();
        return refusal;
    }

    private static List<Code> codes(SessionRefusedException refusal) {
        return refusal.refusal().reasons().stream().map(Reason::code).toList();
    }

    @Test
    void theServiceIsAskedForTheCertificateBeforeTheNonceAndForTheFreshEvidenceBeforeAnyByteOfTheApplication() throws Exception {
        Future<byte[]> seen = accept();
        List<Integer> attestedWhenAsked = new CopyOnWriteArrayList<>();
        service.does((asked, exchange) -> {
            attestedWhenAsked.add(attested.size());
            FakeAttestation.HONEST.answer(asked, exchange);
        });

        try (Client client = connect()) {
            assertThat(client.claims().kind()).isEqualTo("token");
            assertThat(client.claims().reportData()).isEqualTo(attested.get(1)).isNotEqualTo(attested.get(0));
            assertThat(client.claims().text("enclave-id")).isPresent();
        }

        // Once when the enclave started, and once more after the service was asked the first time.
        assertThat(attestedWhenAsked).containsExactly(1, 2);
        assertThat(service.asked()).hasSize(2);
        seen.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aCertificateThatTheServiceRefusesEndsTheHandshakeBeforeTheEnclaveIsAskedForAnything() {
        Future<byte[]> _ = accept();
        service.does((asked, exchange) -> refuse(exchange, "not this one"));

        SessionRefusedException refusal = refused();

        assertThat(refusal.purpose()).isEqualTo(Purpose.CERTIFICATE);
        assertThat(refusal).hasMessageContaining("No: not this one");
        assertThat(attested).hasSize(1);
    }

    @Test
    void freshEvidenceThatTheServiceRefusesLeavesTheEnclaveWithoutAByteOfTheApplication() throws Exception {
        Future<byte[]> seen = accept();
        service.does((asked, exchange) -> {
            if (service.asked().size() == 1) {
                FakeAttestation.HONEST.answer(asked, exchange);
            } else {
                FakeAttestation.reply(exchange, 503, "");
            }
        });

        SessionRefusedException refusal = refused();

        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(codes(refusal)).containsExactly(Code.SERVICE_UNAVAILABLE);
        assertThat(seen.get(60, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void theTokenOverTheCertificatesEvidenceDoesNotStandForTheFreshOne() throws Exception {
        Future<byte[]> seen = accept();
        // The service, or whoever has its key, answers the second question about the first evidence.
        service.does((asked, exchange) -> FakeAttestation.issue(
                exchange,
                new FakeAttestation.Asked(
                                asked.method(), asked.uri(), asked.contentType(), service.asked().getFirst().evidence(), asked.nonce())
                        .token(claims -> {})));

        SessionRefusedException refusal = refused();

        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(codes(refusal)).containsExactly(Code.REPORT_DATA_MISMATCH);
        assertThat(seen.get(60, TimeUnit.SECONDS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"enclave-id, 16", "anchor, 32"})
    void twoEnclavesOfWhichAServiceSpeaksWellAreNotOne(String differs, int bytes) throws Exception {
        Future<byte[]> seen = accept();
        service.does((asked, exchange) -> {
            if (service.asked().size() == 1) {
                FakeAttestation.HONEST.answer(asked, exchange);
            } else {
                FakeAttestation.issue(exchange, asked.tokenOf(differs, "\"" + "ff".repeat(bytes) + "\""));
            }
        });

        assertThat(codes(refused())).containsExactly(Code.REPORT_DATA_MISMATCH);
        assertThat(seen.get(60, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void evidenceThatSaysNoTimeIsEnoughForASessionAndNotForACertificateAlone() throws Exception {
        // As quotes of hardware are.
        service.does((asked, exchange) -> FakeAttestation.issue(
                exchange,
                asked.token(claims ->
                        claims.compute("innerkeep", (name, own) -> String.valueOf(own).replace("issued-at", "made-at")))));
        Future<byte[]> seen = accept();

        try (Client client = connect()) {
            assertThat(client.claims().details()).doesNotContainKey("attested-at");
        }

        seen.get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() -> handshake(trust)).hasStackTraceContaining("EVIDENCE_STALE");
    }

    @Test
    void aSlowServiceHoldsASessionForItsTimeAndOneAnswerMoreAndThenThereIsNone() throws Exception {
        Future<byte[]> seen = accept();
        Duration limit = Duration.ofSeconds(2);
        service.does((asked, exchange) -> {
            Thread.sleep(limit.plusSeconds(1));
            FakeAttestation.HONEST.answer(asked, exchange);
        });

        long begin = System.nanoTime();
        try (SocketChannel channel = SocketChannel.open(host.getLocalAddress())) {
            assertThatThrownBy(() -> AttestedSession.connect(channel, trust, new SecureRandom(), limit))
                    .isInstanceOf(SocketTimeoutException.class);
        }

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(limit.plus(TokenService.MAX_WAIT));
        // The enclave was never asked for fresh evidence.
        assertThat(service.asked()).hasSizeLessThan(2);
        assertThat(attested).hasSize(1);
        assertThatThrownBy(() -> seen.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void ordinaryTlsIsDecidedByTheServiceInEachHandshake() throws Exception {
        Trust ordinary = trust;
        for (int i = 1; i <= 2; i++) {
            handshake(ordinary);
            assertThat(service.asked()).hasSize(i);
        }
        service.does((asked, exchange) -> refuse(exchange, "no more"));

        assertThatThrownBy(() -> handshake(ordinary)).hasStackTraceContaining("No: no more");
    }

    private static void refuse(HttpExchange exchange, String why) throws IOException {
        FakeAttestation.reply(exchange, 400, "{\"error\":{\"code\":\"No\",\"message\":\"" + why + "\"}}");
    }

    private void handshake(Trust ordinary) throws Exception {
        try (var server = AttestedContext.serverContext(key).getServerSocketFactory().createServerSocket(
                0, 1, InetAddress.getLoopbackAddress())) {
            Future<?> served = threads.submit(() -> {
                try (SSLSocket socket = (SSLSocket) server.accept()) {
                    socket.startHandshake();
                    return socket.getInputStream().read();
                }
            });
            try (SSLSocket client = (SSLSocket) ordinary.sslContext().getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
                client.startHandshake();
                client.getOutputStream().write(1);
            }
            assertThat(served.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }
}
