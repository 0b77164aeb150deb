package org.innerkeep.channel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.channel.session.Wires.Meddler;
import org.innerkeep.channel.session.Wires.Wire;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on attested sessions, each by someone with a genuine enclave at hand and full control of the wire. */
@Timeout(30)
class SessionAttackTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final SecureRandom random = new SecureRandom();
    private final TestPlatform platform = new TestPlatform("platform");
    private final Attester enclave = platform.enclave(7);
    private final Wires wires = new Wires();
    private SessionKey key;

    @BeforeEach
    void makeKey() throws IOException {
        key = SessionKey.create(enclave, random);
    }

    @AfterEach
    void closeWires() throws IOException {
        wires.close();
    }

    private SessionRefusedException refusalOf(ByteChannel transport) {
        return catchThrowableOfType(
                SessionRefusedException.class, () -> AttestedSession.connect(transport, platform, random, LIMIT));
    }

    /** Serves TLS with an engine of the attacker's making; what follows the handshake is the attacker's too. */
    private Future<byte[]> serve(Wire wire, SSLContext context, HostileServerScript script) {
        return wires.run(() -> {
            TlsChannel tls = new TlsChannel(wire.enclave(), Tls.engine(context, false));
            tls.handshake();
            byte[] nonce = new byte[32];
            for (int at = 0; at < nonce.length; ) {
                int count = tls.read(nonce, at, nonce.length - at);
                if (count < 0) {
                    throw new IOException("client closed after " + at + " bytes");
                }
                at += count;
            }
            byte[] answer = script.answer(tls, nonce);
            tls.write(answer, 0, answer.length);
            return nonce;
        });
    }

    private interface HostileServerScript {
        byte[] answer(TlsChannel tls, byte[] nonce) throws Exception;
    }

    private static byte[] withLength(byte[] evidence) {
        return ByteBuffer.allocate(4 + evidence.length).putInt(evidence.length).put(evidence).array();
    }

    private static byte[] honestReportData(TlsChannel tls, byte[] nonce, SessionKey key) throws IOException {
        return ReportData.of(
                ReportData.SESSION, nonce, tls.exporter("EXPORTER-innerkeep-session-v1"), key.id().toArray());
    }

    @Test
    void theScriptedServerIsAcceptedWhenItAnswersHonestly() throws Exception {
        Wire wire = wires.tcp();
        Future<byte[]> server = serve(
                wire,
                key.newContext(),
                (tls, nonce) -> withLength(enclave.attest(honestReportData(tls, nonce, key))));
        AttestedSession.connect(wire.client(), platform, random, LIMIT);
        server.get();
    }

    @Test
    void refusesRelayedFreshEvidenceOfTheTrueEnclaveEvenFromWhoStoleItsKey() throws Exception {
        Wire victim = wires.tcp();
        Wire trueEnclave = wires.tcp();
        Future<AttestedSession> accepted =
                wires.run(() -> AttestedSession.accept(trueEnclave.enclave(), key, enclave, LIMIT));
        // The thief terminates TLS with the stolen key and passes nonce and evidence between two TLS sessions.
        Future<byte[]> thief = serve(victim, key.newContext(), (tls, nonce) -> {
            TlsChannel behind = new TlsChannel(
                    trueEnclave.client(), Tls.engine(Tls.client(new EvidenceTrustManager(platform), random), true));
            behind.handshake();
            behind.write(nonce, 0, nonce.length);
            byte[] answer = new byte[4 + enclave.attest(new byte[64]).length];
            for (int at = 0; at < answer.length; ) {
                at += behind.read(answer, at, answer.length - at);
            }
            return answer;
        });

        SessionRefusedException refusal = refusalOf(victim.client());
        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(refusal.refusal().has(Code.REPORT_DATA_MISMATCH)).isTrue();
        assertThat(refusal.refusal().has(Code.SIGNATURE_INVALID)).isFalse();
        thief.get();
        accepted.get();
    }

    @Test
    void refusesEvidenceReplayedFromAnEarlierSession() throws Exception {
        Wire earlier = wires.tcp();
        CompletableFuture<byte[]> recorded = new CompletableFuture<>();
        Future<byte[]> server = serve(earlier, key.newContext(), (tls, nonce) -> {
            byte[] answer = withLength(enclave.attest(honestReportData(tls, nonce, key)));
            recorded.complete(answer);
            return answer;
        });
        AttestedSession.connect(earlier.client(), platform, random, LIMIT).close();
        server.get();

        Wire later = wires.tcp();
        Future<byte[]> _ = serve(later, key.newContext(), (_, _) -> recorded.join());
        SessionRefusedException refusal = refusalOf(later.client());
        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(refusal.refusal().has(Code.REPORT_DATA_MISMATCH)).isTrue();
    }

    @Test
    void aRecordedCertificateIsWorthNothingWithoutItsKey() throws Exception {
        Wire wire = wires.tcp();
        SSLContext context = HostileServer.context(HostileServer.keyPair().getPrivate(), key.certificate());
        Future<byte[]> thief = serve(wire, context, (_, _) -> new byte[0]);
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, LIMIT))
                .isInstanceOf(SSLException.class)
                .isNotInstanceOf(SessionRefusedException.class);
        assertThatThrownBy(thief::get).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void refusesRecordedEvidenceInACertificateOfAnotherKey() throws Exception {
        byte[] evidence = RaTls.parse(key.certificate().getEncoded()).taggedEvidence().write();
        KeyPair own = HostileServer.keyPair();
        SessionRefusedException refusal =
                refusalOfCertificate(own, HostileServer.certificate(own, HostileServer.evidenceExtension(evidence)));
        assertThat(refusal.refusal().has(Code.REPORT_DATA_MISMATCH)).isTrue();
        assertThat(refusal.refusal().explain()).contains("certificate.pubkey-hash");
    }

    @Test
    void refusesRecordedEvidenceUnderClaimsForAnotherKey() throws Exception {
        Bytes evidence = RaTls.parse(key.certificate().getEncoded()).taggedEvidence().evidence();
        KeyPair own = HostileServer.keyPair();
        byte[] extension =
                new TaggedEvidence(evidence, Bytes.sha256(own.getPublic().getEncoded())).write();
        SessionRefusedException refusal =
                refusalOfCertificate(own, HostileServer.certificate(own, HostileServer.evidenceExtension(extension)));
        assertThat(refusal.refusal().has(Code.REPORT_DATA_MISMATCH)).isTrue();
        assertThat(refusal.refusal().explain()).contains("evidence.report-data");
    }

    @Test
    void reportsEveryReasonAgainstACertificate() throws Exception {
        byte[] evidence = new TestPlatform("another").enclave(7).attest(new byte[64]);
        KeyPair own = HostileServer.keyPair();
        byte[] extension = new TaggedEvidence(Bytes.of(evidence), Bytes.sha256(new byte[0])).write();
        SessionRefusedException refusal =
                refusalOfCertificate(own, HostileServer.certificate(own, HostileServer.evidenceExtension(extension)));
        assertThat(refusal.refusal().reasons())
                .extracting(reason -> reason.code())
                .containsExactly(Code.REPORT_DATA_MISMATCH, Code.SIGNATURE_INVALID, Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void refusesACertificateWithoutEvidence() throws Exception {
        KeyPair own = HostileServer.keyPair();
        SessionRefusedException refusal = refusalOfCertificate(own, HostileServer.certificate(own));
        assertThat(refusal.refusal().has(Code.MALFORMED)).isTrue();
        assertThat(refusal).hasMessageContaining("2.23.133.5.4.9");
        assertThat(platform.appraised()).doesNotContain(Purpose.SESSION);
    }

    @Test
    void refusesACertificateWithMalformedEvidence() throws Exception {
        byte[] good = RaTls.parse(key.certificate().getEncoded()).taggedEvidence().write();
        KeyPair own = HostileServer.keyPair();
        for (byte[] bad : new byte[][] {
            new byte[0], {0x01}, Arrays.copyOf(good, good.length - 1), Arrays.copyOf(good, good.length + 1)
        }) {
            SessionRefusedException refusal =
                    refusalOfCertificate(own, HostileServer.certificate(own, HostileServer.evidenceExtension(bad)));
            assertThat(refusal.refusal().has(Code.MALFORMED)).isTrue();
        }
    }

    @Test
    void refusesAChainOfCertificates() throws Exception {
        KeyPair own = HostileServer.keyPair();
        X509Certificate second = HostileServer.read(HostileServer.certificate(own));
        Wire wire = wires.tcp();
        Future<byte[]> _ = serve(
                wire, HostileServer.context(own.getPrivate(), second, key.certificate()), (_, _) -> new byte[0]);
        assertThat(refusalOf(wire.client())).hasMessageContaining("2 certificates");
    }

    /** The refusal of a certificate; also checks that the client sent nothing but its hello and an alert. */
    private SessionRefusedException refusalOfCertificate(KeyPair own, byte[] certificate) throws Exception {
        Wire wire = wires.tcp();
        Meddler meddler = new Meddler(wire.client());
        SSLContext context = HostileServer.context(own.getPrivate(), HostileServer.read(certificate));
        Future<byte[]> server = serve(wire, context, (_, _) -> new byte[0]);
        SessionRefusedException refusal = refusalOf(meddler);
        assertThat(refusal.purpose()).isEqualTo(Purpose.CERTIFICATE);
        assertThat(meddler.isOpen()).isFalse();
        assertThatThrownBy(server::get)
                .hasCauseInstanceOf(SSLException.class)
                .hasMessageContaining("certificate_unknown");
        return refusal;
    }

    @Test
    void refusesFreshEvidenceOfAnotherEnclaveOnTheSamePlatform() throws Exception {
        Wire wire = wires.tcp();
        Attester other = platform.enclave(8);
        Future<byte[]> _ = serve(
                wire, key.newContext(), (tls, nonce) -> withLength(other.attest(honestReportData(tls, nonce, key))));
        SessionRefusedException refusal = refusalOf(wire.client());
        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(refusal.refusal().has(Code.REPORT_DATA_MISMATCH)).isTrue();
        assertThat(refusal).hasMessageContaining("enclave-id").hasMessageContaining("8").hasMessageContaining("7");
    }

    @Test
    void refusesFreshEvidenceOfOtherCode() throws Exception {
        Wire wire = wires.tcp();
        Attester other = platform.enclave(7, "other code");
        Future<byte[]> _ = serve(
                wire, key.newContext(), (tls, nonce) -> withLength(other.attest(honestReportData(tls, nonce, key))));
        assertThat(refusalOf(wire.client()).refusal().has(Code.MEASUREMENT_MISMATCH)).isTrue();
    }

    @Test
    void refusesWhatACarelessAppraiserAcceptsWithoutComparingReportData() throws Exception {
        Wire wire = wires.tcp();
        byte[] old = enclave.attest(new byte[64]);
        Future<byte[]> _ = serve(wire, key.newContext(), (_, _) -> withLength(old));
        Appraiser careless = (evidence, _, _) -> new Verdict.Accepted(TestPlatform.claims(evidence));
        SessionRefusedException refusal = catchThrowableOfType(
                SessionRefusedException.class,
                () -> AttestedSession.connect(wire.client(), careless, random, LIMIT));
        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(refusal.refusal().has(Code.REPORT_DATA_MISMATCH)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, AttestedSession.MAX_EVIDENCE_BYTES + 1})
    void refusesEvidenceOfAnImpossibleLengthBeforeReadingIt(int length) throws Exception {
        Wire wire = wires.tcp();
        // Nothing follows the length, so whoever waits for that much would meet the time limit instead.
        Future<byte[]> _ = serve(wire, key.newContext(), (_, _) -> ByteBuffer.allocate(4).putInt(length).array());
        SessionRefusedException refusal = refusalOf(wire.client());
        assertThat(refusal.refusal().has(Code.MALFORMED)).isTrue();
        assertThat(refusal).hasMessageContaining("bytes announced");
    }

    @Test
    void anAppraiserThatThrowsFailsTheSession() throws Exception {
        Wire wire = wires.tcp();
        Future<byte[]> _ = serve(wire, key.newContext(), (_, _) -> new byte[0]);
        Appraiser broken = (_, _, _) -> {
            throw new IllegalStateException("bug");
        };
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), broken, random, LIMIT)).isNotNull();
        assertThat(wire.client().isOpen()).isFalse();
    }

    @Test
    void refusesAServerThatSpeaksAnOlderTls() throws Exception {
        Wire wire = wires.tcp();
        Future<?> _ = wires.run(() -> {
            SSLEngine engine = Tls.engine(key.newContext(), false);
            older(engine);
            new TlsChannel(wire.enclave(), engine).handshake();
            return null;
        });
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, LIMIT))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("protocol_version");
        assertThat(platform.appraised()).isEmpty();
    }

    @Test
    void refusesAClientThatSpeaksAnOlderTls() throws Exception {
        Wire wire = wires.tcp();
        Future<?> _ = wires.run(() -> {
            SSLEngine engine = Tls.engine(Tls.client(new EvidenceTrustManager(platform), random), true);
            older(engine);
            new TlsChannel(wire.client(), engine).handshake();
            return null;
        });
        assertThatThrownBy(() -> AttestedSession.accept(wire.enclave(), key, enclave, LIMIT))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("TLS");
    }

    private static void older(SSLEngine engine) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.2"});
        parameters.setCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"});
        engine.setSSLParameters(parameters);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesAPeerOfAnotherApplicationProtocol(boolean clientIsForeign) throws Exception {
        Wire wire = wires.tcp();
        Future<?> foreign = wires.run(() -> {
            SSLEngine engine = clientIsForeign
                    ? Tls.engine(Tls.client(new EvidenceTrustManager(platform), random), true)
                    : Tls.engine(key.newContext(), false);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setApplicationProtocols(new String[0]);
            engine.setSSLParameters(parameters);
            TlsChannel tls = new TlsChannel(clientIsForeign ? wire.client() : wire.enclave(), engine);
            tls.handshake();
            tls.read(new byte[1], 0, 1);
            return null;
        });
        assertThatThrownBy(() -> {
                    if (clientIsForeign) {
                        AttestedSession.accept(wire.enclave(), key, enclave, LIMIT);
                    } else {
                        AttestedSession.connect(wire.client(), platform, random, LIMIT);
                    }
                })
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("innerkeep-session-v1");
        assertThatThrownBy(foreign::get).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void anAttemptToResumeMakesAFullHandshakeAndIsAppraisedAgain() throws Exception {
        SSLContext eager = eagerToResume();
        for (int i = 1; i <= 2; i++) {
            Wire wire = wires.tcp();
            Future<AttestedSession> accepted =
                    wires.run(() -> AttestedSession.accept(wire.enclave(), key, enclave, LIMIT));
            sendNonceAndWait(wire, eager);
            accepted.get().close();
            assertThat(platform.appraised()).hasSize(i);
            assertThat(sessionsKept(eager)).as("one for each handshake, and no ticket").isEqualTo(i);
        }
    }

    /** The control: without it, a client that never resumes anything would pass the test above. */
    @Test
    void theSameAttemptSucceedsAgainstAServerThatKeepsSessions() throws Exception {
        SSLContext eager = eagerToResume();
        SSLContext keeping = key.newContext();
        keeping.getServerSessionContext().setSessionTimeout(3600);
        for (int i = 1; i <= 2; i++) {
            Wire wire = wires.tcp();
            Future<byte[]> server = serve(wire, keeping, (_, _) -> new byte[1]);
            sendNonceAndWait(wire, eager);
            server.get();
            assertThat(platform.appraised()).hasSize(1);
            assertThat(sessionsKept(eager)).as("one for the handshake, one for its ticket").isEqualTo(2);
        }
    }

    /** And this is what the client makes of it: it never keeps a session, so it has none to resume. */
    @Test
    void aClientTakesUpNoOfferToResume() throws Exception {
        SSLContext keeping = key.newContext();
        keeping.getServerSessionContext().setSessionTimeout(3600);
        for (int i = 1; i <= 2; i++) {
            Wire wire = wires.tcp();
            Future<byte[]> server = serve(
                    wire, keeping, (tls, nonce) -> withLength(enclave.attest(honestReportData(tls, nonce, key))));
            AttestedSession.connect(wire.client(), platform, random, LIMIT);
            server.get();
            assertThat(platform.appraised()).hasSize(2 * i);
        }
    }

    private static int sessionsKept(SSLContext context) {
        return Collections.list(context.getClientSessionContext().getIds()).size();
    }

    private SSLContext eagerToResume() {
        SSLContext context = Tls.client(new EvidenceTrustManager(platform), random);
        context.getClientSessionContext().setSessionTimeout(3600);
        return context;
    }

    private static void sendNonceAndWait(Wire wire, SSLContext context) throws IOException {
        // JSSE looks for a session to resume by the peer's name, so the engine needs one.
        SSLEngine engine = context.createSSLEngine("enclave", 1);
        engine.setUseClientMode(true);
        engine.setSSLParameters(Tls.engine(context, true).getSSLParameters());
        TlsChannel tls = new TlsChannel(wire.client(), engine);
        tls.handshake();
        tls.write(new byte[32], 0, 32);
        assertThat(tls.read(new byte[1], 0, 1)).isOne();
    }

    @Test
    void cutsOffAClientThatSaysNothing() throws Exception {
        Wire wire = wires.tcp();
        assertThatThrownBy(() -> AttestedSession.accept(wire.enclave(), key, enclave, Duration.ofMillis(100)))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("PT0.1S");
        assertThat(wire.enclave().isOpen()).isFalse();
    }

    @Test
    void cutsOffAClientThatKeepsItsNonce() throws Exception {
        Wire wire = wires.tcp();
        Future<?> _ = wires.run(() -> {
            new TlsChannel(wire.client(), Tls.engine(Tls.client(new EvidenceTrustManager(platform), random), true))
                    .handshake();
            return null;
        });
        assertThatThrownBy(() -> AttestedSession.accept(wire.enclave(), key, enclave, Duration.ofSeconds(1)))
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void cutsOffAnEnclaveThatDripsItsEvidence() throws Exception {
        Wire wire = wires.tcp();
        Future<byte[]> _ = serve(wire, key.newContext(), (tls, _) -> {
            tls.write(ByteBuffer.allocate(4).putInt(60_000).array(), 0, 4);
            while (true) {
                tls.write(new byte[1], 0, 1);
                Thread.sleep(20);
            }
        });
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, Duration.ofSeconds(1)))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(wire.client().isOpen()).isFalse();
    }

    @Test
    void evidenceCutShortByACloseIsAnError() throws Exception {
        Wire wire = wires.tcp();
        Future<byte[]> _ = serve(wire, key.newContext(), (tls, _) -> {
            tls.write(ByteBuffer.allocate(5).putInt(100).array(), 0, 5);
            tls.close();
            return new byte[0];
        });
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, LIMIT))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("before its evidence was complete");
    }

    @Test
    void bytesThatAreNotTlsAreAnError() throws Exception {
        Wire wire = wires.tcp();
        wire.client().write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertThatThrownBy(() -> AttestedSession.accept(wire.enclave(), key, enclave, LIMIT))
                .isInstanceOf(SSLException.class);
    }
}
