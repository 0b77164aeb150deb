package org.innerkeep.channel.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.PlatformService.Launch;
import org.innerkeep.channel.keeper.PlatformService.RegisterState;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;
import org.innerkeep.channel.keeper.PlatformService.SealingPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is secret in a keeper's answers goes to the enclave's heap, and nothing of it over the socket. */
@Timeout(60)
class EncryptedAnswersTest {
    private static final byte[] KEY = "thirty-two bytes that are secret".getBytes(StandardCharsets.US_ASCII);
    private static final SealingKeyRequest REQUEST = new SealingKeyRequest(SealingPolicy.SIGNER, 1, 0, new byte[32]);

    private final SecureRandom random = new SecureRandom();

    /** A keeper that has one key. */
    private static final class OneKey implements PlatformService {
        @Override
        public Launch launch() {
            return new Launch(
                    new byte[16], "a.Program", "process", "sha256:00", new byte[32], 1, 1, false, 4, List.of(), new byte[32], true, 0);
        }

        @Override
        public byte[] report(byte[] reportData) {
            return reportData;
        }

        @Override
        public byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException {
            if (request.securityVersion() > 1) {
                throw new SealingRefusedException(new SealingRefusedException.Detail(1, request.securityVersion(), List.of()));
            }
            return KEY.clone();
        }

        @Override
        public Optional<RegisterState> claimRegister(String name) {
            return Optional.of(new RegisterState(7, name.getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException {
            throw new RegisterRefusedException(new RegisterRefusedException.Detail(
                    RegisterRefusedException.Code.MOVED_ON, name + " from " + from + " to " + to.version()));
        }

        @Override
        public void waiting() {}
    }

    /** The keeper's end, whose answers somebody changes on the way. */
    private record Changed(PlatformAnswers keeper, UnaryOperator<byte[]> key, UnaryOperator<byte[]> secret) implements PlatformAnswers {
        @Override
        public Launch launch() {
            return keeper.launch();
        }

        @Override
        public byte[] report(byte[] reportData) {
            return keeper.report(reportData);
        }

        @Override
        public byte[] answerKey(byte[] publicKey) {
            return key.apply(keeper.answerKey(publicKey));
        }

        @Override
        public byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException {
            return secret.apply(keeper.sealingKey(request));
        }

        @Override
        public Optional<RegisterState> claimRegister(String name) throws RegisterRefusedException {
            return keeper.claimRegister(name);
        }

        @Override
        public void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException {
            keeper.advanceRegister(name, from, to);
        }

        @Override
        public void waiting() {
            keeper.waiting();
        }
    }

    private PlatformAnswers keeper() {
        return EncryptedAnswers.of(new OneKey(), random);
    }

    @Test
    void theKeyArrivesAndNoneOfItsBytesGoOverTheWire() throws Exception {
        Pipe toKeeper = Pipe.open();
        Pipe toEnclave = Pipe.open();
        ByteArrayOutputStream carried = new ByteArrayOutputStream();
        var tapped = new java.io.FilterOutputStream(Channels.newOutputStream(toEnclave.sink())) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws java.io.IOException {
                carried.write(bytes, offset, length);
                out.write(bytes, offset, length);
            }
        };
        try (CallPeer _ = CallPeer.over(Channels.newInputStream(toKeeper.source()), tapped, Disclosure.TO_CLIENT)
                        .offer(PlatformAnswers.class, keeper())
                        .start();
                CallPeer enclave = CallPeer.over(
                                Channels.newInputStream(toEnclave.source()),
                                Channels.newOutputStream(toKeeper.sink()),
                                Disclosure.TO_CLIENT)
                        .start()) {
            PlatformService platform =
                    EncryptedAnswers.over(enclave.bind(PlatformAnswers.class, Duration.ofSeconds(20)), random);

            assertThat(platform.sealingKey(REQUEST)).isEqualTo(KEY);
            assertThat(platform.sealingKey(REQUEST)).as("a second time, under the same key of the connection").isEqualTo(KEY);
            assertThat(platform.report(new byte[64])).hasSize(64);
            assertThat(platform.launch().program()).isEqualTo("a.Program");
            assertThat(platform.claimRegister("journal").orElseThrow().version()).isEqualTo(7);
            assertThatExceptionOfType(RegisterRefusedException.class)
                    .isThrownBy(() -> platform.advanceRegister("journal", 7, new RegisterState(8, new byte[32])))
                    .withMessageContaining("journal from 7 to 8");
        }
        String bytes = HexFormat.of().formatHex(carried.toByteArray());
        assertThat(bytes).as("the tap sees what is not secret").contains(HexFormat.of().formatHex("a.Program".getBytes(StandardCharsets.US_ASCII)));
        for (int at = 0; at + 4 <= KEY.length; at++) {
            assertThat(bytes).doesNotContain(HexFormat.of().formatHex(KEY, at, at + 4));
        }
    }

    @Test
    void anAnswerThatWasChangedIsNotTaken() {
        UnaryOperator<byte[]> same = bytes -> bytes;
        for (int at : new int[] {0, 11, 12, 43, 59}) {
            refuses(new Changed(keeper(), same, bytes -> flipped(bytes, at)), "not encrypted under this connection's key");
        }
        for (int at : new int[] {0, 1119, 1120, 1167}) {
            refuses(new Changed(keeper(), bytes -> flipped(bytes, at), same), "not sealed to this enclave");
        }
        refuses(new Changed(keeper(), same, _ -> KEY), "has 32 bytes");
        refuses(new Changed(keeper(), _ -> new byte[1], same), "has 1 bytes");
    }

    private static byte[] flipped(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).put(at, (byte) (bytes[at] ^ 1)).array();
    }

    private void refuses(PlatformAnswers keeper, String message) {
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> EncryptedAnswers.over(keeper, random).sealingKey(REQUEST))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(CallException.Code.MALFORMED));
    }

    @Test
    void noSecretIsGivenBeforeThereIsAKeyAndNoSecondKeyIsMade() {
        PlatformAnswers keeper = keeper();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> keeper.sealingKey(REQUEST)).withMessageContaining("answerKey first");
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> keeper.answerKey(new byte[1216]));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> keeper.answerKey(new byte[7]));

        keeper.answerKey(publicKey());
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> keeper.answerKey(publicKey()));
    }

    private byte[] publicKey() {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        try (var pair = new org.innerkeep.channel.internal.hpke.XWing(seed)) {
            return pair.publicKey();
        }
    }

    @Test
    void aRefusalStaysOne() {
        assertThatExceptionOfType(SealingRefusedException.class)
                .isThrownBy(() -> EncryptedAnswers.over(keeper(), random)
                        .sealingKey(new SealingKeyRequest(SealingPolicy.SIGNER, 9, 0, new byte[32])))
                .satisfies(e -> assertThat(e.detail().asked()).isEqualTo(9));
    }
}
