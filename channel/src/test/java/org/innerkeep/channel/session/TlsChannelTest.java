package org.innerkeep.channel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.Future;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.innerkeep.channel.session.Wires.Meddler;
import org.innerkeep.channel.session.Wires.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What TLS itself may do in the middle of a session: new keys, alerts, and peers that abuse both. */
@Timeout(30)
class TlsChannelTest {
    private final SecureRandom random = new SecureRandom();
    private final TestPlatform platform = new TestPlatform("platform");
    private final Wires wires = new Wires();

    /** Few enough that a reader which the scheduler favours does not meet the limit on unanswered updates. */
    private static final int ROUNDS = TlsChannel.MAX_UNANSWERED / 3;

    private record Side(TlsChannel tls, SSLEngine engine, Meddler transport) {
        /** In TLS 1.3 JSSE takes this as a wish for new keys, its own and the peer's. */
        void updateKeys() throws IOException {
            engine.beginHandshake();
        }
    }

    private record Sides(Side client, Side server) {}

    @AfterEach
    void closeWires() throws IOException {
        wires.close();
    }

    private Sides open() throws Exception {
        Wire wire = wires.tcp();
        SessionKey key = SessionKey.create(platform.enclave(1), random);
        Side client = side(
                new Meddler(wire.client()), Tls.engine(Tls.client(new EvidenceTrustManager(platform), random), true));
        Side server = side(new Meddler(wire.enclave()), Tls.engine(key.newContext(), false));
        Future<?> handshake = wires.run(() -> {
            server.tls().handshake();
            return null;
        });
        client.tls().handshake();
        handshake.get();
        return new Sides(client, server);
    }

    private static Side side(Meddler transport, SSLEngine engine) {
        return new Side(new TlsChannel(transport, engine), engine, transport);
    }

    @Test
    void bothSidesChangeKeysAgainAndAgainWhileBothSendAndReceive() throws Exception {
        Sides sides = open();
        Future<?> fromClient = wires.run(() -> sendWithNewKeys(sides.client()));
        Future<?> fromServer = wires.run(() -> sendWithNewKeys(sides.server()));
        Future<?> atClient = wires.run(() -> receive(sides.client()));
        Future<?> atServer = wires.run(() -> receive(sides.server()));
        fromClient.get();
        fromServer.get();
        atClient.get();
        atServer.get();
        // Not before: JSSE takes no wish for new keys any more once the peer has closed its direction.
        sides.client().tls().closeOutput();
        sides.server().tls().closeOutput();
        assertThat(sides.client().tls().read(new byte[1], 0, 1)).isEqualTo(-1);
        assertThat(sides.server().tls().read(new byte[1], 0, 1)).isEqualTo(-1);
    }

    private static byte[] block(int round) {
        byte[] block = new byte[40_000];
        Arrays.fill(block, (byte) round);
        return block;
    }

    private static Void sendWithNewKeys(Side side) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            side.updateKeys();
            side.tls().write(block(round), 0, 40_000);
        }
        return null;
    }

    private static Void receive(Side side) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] got = new byte[40_000];
            for (int at = 0; at < got.length; ) {
                int count = side.tls().read(got, at, got.length - at);
                assertThat(count).isPositive();
                at += count;
            }
            assertThat(got).isEqualTo(block(round));
        }
        return null;
    }

    @Test
    void anAnswerToAKeyUpdateWaitsForTheNextWriteAndGoesBeforeIt() throws Exception {
        Sides sides = open();
        sides.client().updateKeys();
        sides.client().tls().write(new byte[1], 0, 1);
        assertThat(sides.server().tls().read(new byte[1], 0, 1)).isOne();
        assertThat(sides.server().engine().getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);

        sides.server().tls().write(new byte[] {42}, 0, 1);
        assertThat(sides.server().engine().getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
        byte[] got = new byte[1];
        assertThat(sides.client().tls().read(got, 0, 1)).isOne();
        assertThat(got[0]).isEqualTo((byte) 42);
    }

    @Test
    void readingGoesOnWhileTheWriterIsStuck() throws Exception {
        Sides sides = open();
        sides.server().transport().hold();
        Future<?> stuck = wires.run(() -> {
            sides.server().tls().write(new byte[100_000], 0, 100_000);
            return null;
        });
        sides.server().transport().awaitStuckWriter();
        sides.client().updateKeys();
        sides.client().tls().write(new byte[] {1}, 0, 1);
        assertThat(sides.server().tls().read(new byte[1], 0, 1)).isOne();
        sides.server().tls().abort();
        assertThatThrownBy(stuck::get).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aPeerThatAsksForEndlessKeyUpdatesWithoutTakingAnswersIsCutOff() throws Exception {
        Sides sides = open();
        sides.server().transport().hold();
        Future<?> flood = wires.run(() -> {
            while (true) {
                sides.client().updateKeys();
                sides.client().tls().write(new byte[1], 0, 1);
            }
        });
        assertThatThrownBy(() -> {
                    while (true) {
                        sides.server().tls().read(new byte[100], 0, 100);
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("key updates");
        assertThatThrownBy(flood::get).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aRecordLargerThanTlsAllowsIsRefusedWithoutWaitingForAllOfIt() throws Exception {
        Sides sides = open();
        // Application data, TLS 1.2 on the wire as always, a length of 65535.
        sides.client().transport().write(ByteBuffer.wrap(new byte[] {23, 3, 3, (byte) 0xff, (byte) 0xff, 0}));
        assertThatThrownBy(() -> sides.server().tls().read(new byte[1], 0, 1)).isInstanceOf(IOException.class);
    }

    @Test
    void largeWritesGoOutInFullRecords() throws Exception {
        Sides sides = open();
        long before = sides.client().transport().sent();
        int writes = sides.client().transport().writes();
        Future<?> reader = wires.run(() -> {
            while (sides.server().tls().read(new byte[16_384], 0, 16_384) > 0) {}
            return null;
        });
        sides.client().tls().write(new byte[1 << 20], 0, 1 << 20);
        // JSSE adds 38 bytes to a record and puts 16,367 of ours into one, so these are 65 in batches of four.
        assertThat(sides.client().transport().sent() - before).isLessThan((1 << 20) + 66 * 40);
        assertThat(sides.client().transport().writes() - writes).isLessThanOrEqualTo(17);
        sides.client().tls().closeOutput();
        reader.get();
    }

    @Test
    void aSideWhoseOwnEngineFailedDoesNotTakeThatForThePeersEnd() throws Exception {
        Sides sides = open();
        // As when a writer's engine gives up: everything is closed, but the peer has not said so.
        sides.server().engine().closeOutbound();
        try {
            sides.server().engine().closeInbound();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("close_notify");
        }
        assertThatThrownBy(() -> sides.server().tls().read(new byte[1], 0, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed by a failure");
    }

    @Test
    void exportersDifferByLabelAndAgreeBetweenTheEnds() throws Exception {
        Sides sides = open();
        byte[] one = sides.client().tls().exporter("EXPORTER-one");
        assertThat(one).hasSize(32).isEqualTo(sides.server().tls().exporter("EXPORTER-one"));
        assertThat(one).isNotEqualTo(sides.client().tls().exporter("EXPORTER-other"));
    }
}
