package org.innerkeep.channel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.channel.session.Wires.Meddler;
import org.innerkeep.channel.session.Wires.Wire;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AttestedSessionTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final SecureRandom random = new SecureRandom();
    private final TestPlatform platform = new TestPlatform("platform");
    private final Attester enclave = platform.enclave(7);
    private final Wires wires = new Wires();

    private record Ends(AttestedSession client, AttestedSession enclave) {}

    @AfterEach
    void closeWires() throws IOException {
        wires.close();
    }

    private Ends open(Wire wire) throws Exception {
        SessionKey key = SessionKey.create(enclave, random);
        Future<AttestedSession> accepted = wires.run(() -> AttestedSession.accept(wire.enclave(), key, enclave, LIMIT));
        AttestedSession client = AttestedSession.connect(wire.client(), platform, random, LIMIT);
        return new Ends(client, accepted.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void carriesBytesBothWaysOnceTheEnclaveIsAppraisedTwice(String kind) throws Exception {
        Ends ends = open(kind.equals("tcp") ? wires.tcp() : wires.unix());

        assertThat(platform.appraised()).containsExactly(Purpose.CERTIFICATE, Purpose.SESSION);
        assertThat(ends.client().claims().text("enclave-id")).hasValue("7");
        assertThatThrownBy(() -> ends.enclave().claims()).isInstanceOf(IllegalStateException.class);

        ends.client().output().write("question".getBytes(StandardCharsets.UTF_8));
        assertThat(ends.enclave().input().readNBytes(8)).asString().isEqualTo("question");
        ends.enclave().output().write("answer".getBytes(StandardCharsets.UTF_8));
        assertThat(ends.client().input().readNBytes(6)).asString().isEqualTo("answer");
        ends.client().output().write(200);
        assertThat(ends.enclave().input().read()).isEqualTo(200);
    }

    @Test
    void bindingIsEqualAtBothEndsAndDifferentInEachSession() throws Exception {
        Ends one = open(wires.tcp());
        Ends other = open(wires.tcp());

        assertThat(one.client().binding()).hasSize(32).isEqualTo(one.enclave().binding());
        assertThat(other.client().binding()).isEqualTo(other.enclave().binding());
        assertThat(one.client().binding()).isNotEqualTo(other.client().binding());
    }

    @Test
    void bindingHandedOutIsACopy() throws Exception {
        Ends ends = open(wires.tcp());
        ends.client().binding()[0] ^= 1;
        assertThat(ends.client().binding()).isEqualTo(ends.enclave().binding());
    }

    @Test
    void carriesTenMebibytesEachWayAtOnce() throws Exception {
        Ends ends = open(wires.tcp());
        int size = 10 << 20;
        Future<Bytes> clientSent = wires.run(() -> sendNoise(ends.client(), size, 1));
        Future<Bytes> enclaveSent = wires.run(() -> sendNoise(ends.enclave(), size, 2));
        Future<Bytes> clientGot = wires.run(() -> receive(ends.client()));
        Future<Bytes> enclaveGot = wires.run(() -> receive(ends.enclave()));

        assertThat(enclaveGot.get()).isEqualTo(clientSent.get());
        assertThat(clientGot.get()).isEqualTo(enclaveSent.get());
    }

    /** Sends in writes of very different sizes, then ends this direction. {@return the digest of what was sent} */
    private static Bytes sendNoise(AttestedSession session, int size, long seed) throws Exception {
        byte[] noise = new byte[size];
        Random sizes = new Random(seed);
        sizes.nextBytes(noise);
        try (OutputStream output = session.output()) {
            for (int at = 0; at < size; ) {
                int most = sizes.nextInt(4) == 0 ? 300_000 : 20_000;
                int count = Math.min(size - at, 1 + sizes.nextInt(most));
                output.write(noise, at, count);
                at += count;
            }
        }
        return Bytes.sha256(noise);
    }

    private static Bytes receive(AttestedSession session) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        InputStream input = session.input();
        byte[] buffer = new byte[50_000];
        for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
            digest.update(buffer, 0, count);
        }
        return Bytes.of(digest.digest());
    }

    @Test
    void closingTheOutputEndsOneDirectionAndLeavesTheOtherOpen() throws Exception {
        Ends ends = open(wires.tcp());
        ends.client().output().write(1);
        ends.client().output().close();
        assertThat(ends.enclave().input().readAllBytes()).containsExactly(1);
        assertThat(ends.enclave().input().read()).isEqualTo(-1);

        ends.enclave().output().write(new byte[100_000]);
        ends.enclave().close();
        assertThat(ends.client().input().readAllBytes()).hasSize(100_000);
        assertThatThrownBy(() -> ends.client().output().write(1)).hasMessageContaining("output is closed");
        ends.client().close();
        assertThatThrownBy(() -> ends.client().input().read()).hasMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reportsAStreamThatWasCutOffAndNeverCallsItTheEnd(boolean atClient) throws Exception {
        Wire wire = wires.tcp();
        Ends ends = open(wire);
        AttestedSession reader = atClient ? ends.client() : ends.enclave();
        AttestedSession writer = atClient ? ends.enclave() : ends.client();
        writer.output().write(new byte[] {1, 2, 3});
        (atClient ? wire.enclave() : wire.client()).shutdownOutput();

        assertThat(reader.input().readNBytes(3)).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> reader.input().read()).isInstanceOf(IOException.class).hasMessageContaining("truncated");
        assertThatThrownBy(() -> reader.input().read()).isInstanceOf(IOException.class).hasMessageContaining("truncated");
        assertThatThrownBy(() -> reader.output().write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesARecordThatWasChangedOnTheWay() throws Exception {
        Wire wire = wires.tcp();
        Meddler meddler = new Meddler(wire.client());
        SessionKey key = SessionKey.create(enclave, random);
        Future<AttestedSession> accepted = wires.run(() -> AttestedSession.accept(wire.enclave(), key, enclave, LIMIT));
        AttestedSession client = AttestedSession.connect(meddler, platform, random, LIMIT);
        AttestedSession server = accepted.get();

        server.output().write(new byte[1000]);
        assertThat(client.input().readNBytes(1000)).hasSize(1000);
        meddler.spoilAfter(500);
        server.output().write(new byte[1000]);
        assertThatThrownBy(() -> client.input().read()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> client.input().read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("failed before");
        // The enclave learns of it by an alert and does not take the closed connection for an end.
        assertThatThrownBy(() -> server.input().read()).isInstanceOf(IOException.class);
    }

    @Test
    void closeReturnsAlthoughAWriterIsStuckAndFreesIt() throws Exception {
        Wire wire = wires.tcp();
        Meddler meddler = new Meddler(wire.client());
        SessionKey key = SessionKey.create(enclave, random);
        Future<AttestedSession> accepted = wires.run(() -> AttestedSession.accept(wire.enclave(), key, enclave, LIMIT));
        AttestedSession client = AttestedSession.connect(meddler, platform, random, LIMIT);
        accepted.get();

        meddler.hold();
        Future<?> writer = wires.run(() -> {
            client.output().write(new byte[1 << 20]);
            return null;
        });
        meddler.awaitStuckWriter();
        client.close();
        assertThatThrownBy(() -> writer.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void closeReturnsAlthoughThePeerTakesNoCloseNotify() throws Exception {
        Wire wire = wires.tcp();
        Meddler meddler = new Meddler(wire.client());
        SessionKey key = SessionKey.create(enclave, random);
        Future<AttestedSession> accepted = wires.run(() -> AttestedSession.accept(wire.enclave(), key, enclave, LIMIT));
        AttestedSession client = AttestedSession.connect(meddler, platform, random, LIMIT);
        accepted.get();

        meddler.hold();
        client.close();
        assertThat(meddler.isOpen()).isFalse();
    }

    @Test
    void closeFreesAThreadThatReads() throws Exception {
        Ends ends = open(wires.tcp());
        Future<?> reader = wires.run(() -> ends.client().input().read());
        ends.client().close();
        assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        ends.client().close();
    }

    @Test
    void readOfNothingReturnsNothingAndBadRangesAreRefused() throws Exception {
        Ends ends = open(wires.tcp());
        assertThat(ends.client().input().read(new byte[0])).isZero();
        assertThatThrownBy(() -> ends.client().input().read(new byte[1], 1, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> ends.client().output().write(new byte[1], -1, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void refusesANonBlockingTransportAndNoTimeAtAll() throws Exception {
        Wire wire = wires.tcp();
        wire.client().configureBlocking(false);
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, LIMIT))
                .isInstanceOf(IllegalArgumentException.class);
        wire.client().configureBlocking(true);
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPlatformThatFailsFailsTheSessionAtBothEnds() throws Exception {
        Wire wire = wires.tcp();
        SessionKey key = SessionKey.create(enclave, random);
        Future<AttestedSession> accepted = wires.run(() -> AttestedSession.accept(
                wire.enclave(),
                key,
                _ -> {
                    throw new IOException("platform is gone");
                },
                LIMIT));
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, LIMIT))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(accepted::get).hasRootCauseMessage("platform is gone");
        assertThat(wire.enclave().isOpen()).isFalse();
        assertThat(wire.client().isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, AttestedSession.MAX_EVIDENCE_BYTES + 1})
    void theEnclaveSendsNoEvidenceThatTheClientWouldRefuseForItsSize(int size) throws Exception {
        Wire wire = wires.tcp();
        SessionKey key = SessionKey.create(enclave, random);
        Future<AttestedSession> accepted =
                wires.run(() -> AttestedSession.accept(wire.enclave(), key, _ -> new byte[size], LIMIT));
        assertThatThrownBy(() -> AttestedSession.connect(wire.client(), platform, random, LIMIT))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(accepted::get).rootCause().hasMessageContaining("evidence has " + size + " bytes");
    }
}
