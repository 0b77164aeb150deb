package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.RuntimeService;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.innerkeep.channel.keeper.StartRefusedException.Code;
import org.innerkeep.channel.ring.Ring;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class EnclaveLaunchTest {
    @RegisterExtension
    static final LinkedRuntimes RUNTIMES = new LinkedRuntimes();

    /** Far longer than any of these tests may take: a failure that waited for it would be seen. */
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    private Path temp;

    private static void refuses(TestKeeper.Host host, byte[] bundle, String message) {
        assertThatExceptionOfType(StartRefusedException.class)
                .isThrownBy(() -> host.start(bundle))
                .satisfies(e -> assertThat(e.detail().code()).isEqualTo(Code.LAUNCH_FAILED))
                .withMessageContaining(message);
    }

    private static RuntimeService atTheBoundary(StartedEnclave started) throws IOException {
        SocketChannel channel = Boundary.connect(
                UnixDomainSocketAddress.of(started.boundary()), Boundary.Kind.CALLS, started.token());
        return CallPeer.over(Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                .start()
                .bind(RuntimeService.class, Duration.ofSeconds(30));
    }

    @Test
    void refusesABundleWhoseProcessEndsAtOnceAndSaysHow() throws Exception {
        byte[] exits = Bundles.withMain(temp, code -> Bundles.exit(code, 3));
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG);
                TestKeeper.Host host = keeper.connect()) {
            refuses(host, exits, "exit code 3");
            keeper.awaitNothingLeft();
        }
    }

    @Test
    void refusesABundleWithoutTheRuntimeInside() throws Exception {
        byte[] empty = Bundles.withoutRuntime(temp);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG);
                TestKeeper.Host host = keeper.connect()) {
            refuses(host, empty, "exit code 1");
            keeper.awaitNothingLeft();
        }
    }

    @Test
    void refusesAnEnclaveThatDoesNotConnectInTime() throws Exception {
        byte[] hangs = Bundles.withMain(temp, Bundles::hang);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, Duration.ofSeconds(1));
                TestKeeper.Host host = keeper.connect()) {
            refuses(host, hangs, "within 1 s");
            keeper.awaitNothingLeft();
        }
    }

    /** With one place and one user id, whatever a failed start kept would be missing in the next. */
    @Test
    void failedStartsGiveBackTheirPlaceAndUserId() throws Exception {
        byte[] exits = Bundles.withMain(temp, code -> Bundles.exit(code, 3));
        byte[] good = Bundles.idle(temp);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG);
                TestKeeper.Host host = keeper.connect()) {
            refuses(host, exits, "exit code 3");
            refuses(host, exits, "exit code 3");

            assertThat(host.start(good).token()).hasSize(32);
        }
    }

    @Test
    void aHostThatLeavesDuringTheStartLeavesNothingBehind() throws Exception {
        byte[] hangs = Bundles.withMain(temp, Bundles::hang);
        byte[] good = Bundles.idle(temp);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG)) {
            TestKeeper.Host leaving = keeper.connect();
            leaving.upload(hangs);
            CompletableFuture<StartedEnclave> start = CompletableFuture.supplyAsync(() -> {
                try {
                    return leaving.service().start();
                } catch (StartRefusedException e) {
                    throw new CompletionException(e);
                }
            });
            TestKeeper.await("the enclave's process is started", () -> socketsForEnclaves(keeper).size() == 1);
            leaving.close();

            keeper.awaitNothingLeft();
            assertThat(start).failsWithin(Duration.ofSeconds(10));
            try (TestKeeper.Host next = keeper.connect()) {
                assertThat(next.start(good).token()).hasSize(32);
            }
            keeper.awaitNothingLeft();
        }
    }

    private static List<Path> socketsForEnclaves(TestKeeper keeper) {
        return keeper.left().stream()
                .map(folder -> folder.resolve(Boundary.KEEPER_SOCKET))
                .filter(Files::exists)
                .toList();
    }

    @Test
    void startsARealEnclaveInAFolderThatOthersCannotList() throws Exception {
        byte[] good = Bundles.idle(temp);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG)) {
            try (TestKeeper.Host host = keeper.connect()) {
                StartedEnclave started = host.start(good);
                Path folder = Path.of(started.boundary()).resolve("../..").normalize();

                assertThat(atTheBoundary(started).awaitStart()).isEmpty();
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwx--x--x");
                assertThat(folder.resolve(Boundary.KEEPER_SOCKET)).as("gone after the enclave has connected").doesNotExist();
                assertThat(folder.resolveSibling(folder.getFileName() + ".upload")).doesNotExist();
            }
            keeper.awaitNothingLeft();
        }
    }

    /** In the layout of the memory, the first slot's state comes after the file's header and that of the host's calls. */
    private static final long FIRST_SLOT = 8192;

    @Test
    void callsGoThroughMemoryWhichIsGoneWithTheEnclave() throws Exception {
        byte[] good = Bundles.idle(temp);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG)) {
            Path memory;
            try (TestKeeper.Host host = keeper.connect()) {
                StartedEnclave started = host.start(good);
                memory = Path.of(started.boundary()).resolve("../..").normalize().resolve(Boundary.CALLS_MEMORY).toRealPath();
                Ring ring = Ring.map(memory, Ring.Side.HOST).orElseThrow();
                SocketChannel channel = Boundary.connect(
                        UnixDomainSocketAddress.of(started.boundary()), Boundary.Kind.CALLS, started.token());
                try (CallPeer peer = CallPeer.over(
                                Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                        .ring(ring)
                        .start()) {
                    RuntimeService service = peer.bind(RuntimeService.class, Duration.ofSeconds(30));
                    assertThat(service.awaitStart()).isEmpty();
                    assertThat(service.counters()).isNotNull();
                    assertThat(wordAt(memory, FIRST_SLOT)).as("two calls, and the second is answered").isEqualTo(2 * 8 + 3);
                }
            }
            keeper.awaitNothingLeft();
            assertThat(memory).doesNotExist();
        }
    }

    private static int wordAt(Path file, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer word = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
            assertThat(channel.read(word, at)).isEqualTo(4);
            return word.getInt(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        Bundles.BROKEN + ", java.lang.ClassFormatError",
        Bundles.OTHER + ", java.lang.ClassCastException"
    })
    void tellsTheHostWhyAProgramCannotBeStarted(String program, String failure) throws Exception {
        byte[] bundle = Bundles.real(temp, program, settings -> settings);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG)) {
            try (TestKeeper.Host host = keeper.connect()) {
                assertThat(atTheBoundary(host.start(bundle)).awaitStart()).contains(failure);
            }
            keeper.awaitNothingLeft();
        }
    }

    @Test
    void strangersAtTheKeepersSocketNeitherPreventNorImpersonateTheEnclave() throws Exception {
        byte[] good = Bundles.idle(temp);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, LONG);
                TestKeeper.Host host = keeper.connect()) {
            host.upload(good);
            CompletableFuture<List<SocketChannel>> strangers = CompletableFuture.supplyAsync(() -> {
                TestKeeper.await("the socket is there", () -> socketsForEnclaves(keeper).size() == 1);
                return strangersAt(socketsForEnclaves(keeper).getFirst());
            });

            StartedEnclave started = host.service().start();

            assertThat(atTheBoundary(started).awaitStart()).isEmpty();
            List<SocketChannel> connected = strangers.join();
            assertThat(connected).hasSize(4);
            for (SocketChannel wrong : connected.subList(1, 4)) {
                assertThat(wrong.read(ByteBuffer.allocate(1))).as("cut off").isEqualTo(-1);
            }
            for (SocketChannel stranger : connected) {
                stranger.close();
            }
        }
    }

    @Test
    void aStrangerAloneIsNotTakenForTheEnclave() throws Exception {
        byte[] hangs = Bundles.withMain(temp, Bundles::hang);
        try (TestKeeper keeper = TestKeeper.start(temp, RUNTIMES, 1, Duration.ofSeconds(2));
                TestKeeper.Host host = keeper.connect()) {
            CompletableFuture<List<SocketChannel>> strangers = CompletableFuture.supplyAsync(() -> {
                TestKeeper.await("the socket is there", () -> socketsForEnclaves(keeper).size() == 1);
                return strangersAt(socketsForEnclaves(keeper).getFirst());
            });

            refuses(host, hangs, "within 2 s");
            for (SocketChannel stranger : strangers.join()) {
                stranger.close();
            }
        }
    }

    /** One that says nothing, then wrong tokens and a preamble cut short. */
    private static List<SocketChannel> strangersAt(Path socket) {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        List<SocketChannel> strangers = new ArrayList<>();
        try {
            strangers.add(SocketChannel.open(address));
            strangers.add(Boundary.connect(address, Boundary.Kind.PLATFORM, new byte[Boundary.TOKEN_BYTES]));
            strangers.add(Boundary.connect(address, Boundary.Kind.CALLS, new byte[Boundary.TOKEN_BYTES]));
            SocketChannel brief = SocketChannel.open(address);
            brief.write(ByteBuffer.wrap(new byte[] {3, 0}));
            brief.shutdownOutput();
            strangers.add(brief);
            return strangers;
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
