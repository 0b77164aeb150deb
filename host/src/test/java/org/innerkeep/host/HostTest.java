package org.innerkeep.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a host says when no enclave starts. That enclaves do start is tested with a real keeper, where both are at hand. */
@Timeout(30)
class HostTest {
    @TempDir
    private Path temp;

    /** A keeper that refuses everything for one reason. */
    private record Refusing(StartRefusedException.Code code) implements KeeperService {
        @Override
        public KeeperInfo info() {
            return new KeeperInfo("test", new byte[0], "same-user");
        }

        @Override
        public void upload(long totalBytes) throws StartRefusedException {
            throw new StartRefusedException(new StartRefusedException.Detail(code, "because of the test"));
        }

        @Override
        public void append(byte[] chunk) {
            throw new IllegalStateException("nothing is uploaded");
        }

        @Override
        public StartedEnclave start() {
            throw new IllegalStateException("nothing is uploaded");
        }
    }

    private static void start(Platform platform) throws IOException {
        Host.on(platform).start(new ByteArrayInputStream(new byte[10]), 10).close();
    }

    @Test
    void saysWhereNoKeeperListensAndWhatToDo() {
        Path nowhere = temp.resolve("keeper.sock");

        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> start(Platform.process(nowhere)))
                .withMessageContaining(nowhere.toString())
                .withMessageContaining("innerkeep keeper run")
                .satisfies(e -> assertThat(e.refusal()).isEmpty());
    }

    @Test
    void saysWhichBundleIsMissingBeforeItAsksAnyKeeper() {
        Path missing = temp.resolve("missing.enclave");

        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Host.start(missing, Platform.process(temp.resolve("keeper.sock"))))
                .withMessageContaining("missing.enclave");
    }

    @Test
    void tellsTheKeepersReasonToProgramsAndPeople() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(temp.resolve("keeper.sock"));
        for (StartRefusedException.Code code : StartRefusedException.Code.values()) {
            try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                listener.bind(address);
                Thread.ofVirtual().start(() -> refuse(listener, code));

                assertThatExceptionOfType(StartException.class)
                        .isThrownBy(() -> start(Platform.process(address.getPath())))
                        .withMessageContaining("because of the test")
                        .satisfies(e -> assertThat(e.refusal()).contains(code));
            }
            Files.delete(address.getPath());
        }
    }

    private static void refuse(ServerSocketChannel listener, StartRefusedException.Code code) {
        try {
            SocketChannel channel = listener.accept();
            CallPeer.over(Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                    .offer(KeeperService.class, new Refusing(code))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void saysThatAKeeperHungUp() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(temp.resolve("keeper.sock"));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address);
            Thread.ofVirtual().start(() -> {
                try {
                    listener.accept().close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });

            assertThatExceptionOfType(StartException.class)
                    .isThrownBy(() -> start(Platform.process(address.getPath())))
                    .withMessageContaining("did not answer")
                    .withMessageContaining(address.getPath().toString())
                    .satisfies(e -> assertThat(e.refusal()).isEmpty());
        }
    }

    @Test
    void aPlatformIsNamedAndNeverChosenSilently() {
        Path socket = temp.resolve("keeper.sock");

        assertThat(Platform.process(socket)).isEqualTo(new Platform.Process(socket));
        assertThat(Platform.PROCESS).isEqualTo(Platform.process(Platform.Process.defaultSocket()));
        assertThat(Platform.Process.defaultSocket().getFileName()).hasToString("keeper.sock");
        assertThatNullPointerException().isThrownBy(() -> Platform.process(nothing())).withMessage("keeperSocket");
    }

    /** What a caller without null checks could pass. */
    @SuppressWarnings("NullAway")
    private static Path nothing() {
        return null;
    }
}
