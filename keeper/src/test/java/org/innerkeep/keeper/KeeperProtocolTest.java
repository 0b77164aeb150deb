package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.innerkeep.channel.keeper.StartRefusedException.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a host can do wrong, through a real keeper's socket. */
@Timeout(60)
class KeeperProtocolTest {
    @RegisterExtension
    static final LinkedRuntimes RUNTIMES = new LinkedRuntimes();

    @TempDir
    private Path temp;

    private TestKeeper keeper;
    private TestKeeper.Host host;

    @BeforeEach
    void connect() throws IOException {
        keeper = TestKeeper.start(temp, RUNTIMES, 1, Duration.ofMinutes(1));
        host = keeper.connect();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
        keeper.awaitNothingLeft();
        keeper.close();
    }

    private static void refuses(Code code, ThrowingCallable call) {
        assertThatExceptionOfType(StartRefusedException.class).isThrownBy(call).satisfies(e -> {
            assertThat(e.detail().code()).isEqualTo(code);
            assertThat(e.detail().message()).isNotBlank();
        });
    }

    private byte[] idle() throws Exception {
        return Bundles.idle(temp);
    }

    @Test
    void tellsWhoItIs() {
        assertThat(host.service().info().version()).isEqualTo(Keeper.VERSION);
        assertThat(host.service().info().isolation()).as("the test is the keeper's own user").isEqualTo("same-user");
        assertThat(host.service().info().publicKey()).hasSize(91);
    }

    @Test
    void cutsOffHostsBeyondTwiceItsEnclavesAndServesAgainWhenOneLeaves() throws Exception {
        TestKeeper.Host second = keeper.connect();
        assertThat(second.service().info().version()).isEqualTo(Keeper.VERSION);

        try (TestKeeper.Host third = keeper.connect()) {
            assertThatExceptionOfType(CallException.class).isThrownBy(() -> third.service().info());
        }

        second.close();
        TestKeeper.await("a place is free again", () -> {
            try (TestKeeper.Host next = keeper.connect()) {
                return next.service().info().version().equals(Keeper.VERSION);
            } catch (CallException | IOException e) {
                return false;
            }
        });
    }

    @Test
    void refusesBytesBeforeAnUploadBegins() {
        refuses(Code.PROTOCOL, () -> host.service().append(new byte[1]));
    }

    @Test
    void refusesToStartBeforeAnUploadBegins() {
        refuses(Code.PROTOCOL, () -> host.service().start());
    }

    @Test
    void refusesToStartBeforeAllBytesCame() throws StartRefusedException {
        host.service().upload(100);
        host.service().append(new byte[99]);

        refuses(Code.PROTOCOL, () -> host.service().start());
    }

    @Test
    void refusesMoreBytesThanWereAnnounced() throws StartRefusedException {
        host.service().upload(100);
        refuses(Code.PROTOCOL, () -> host.service().append(new byte[101]));
        host.service().append(new byte[100]);
        refuses(Code.PROTOCOL, () -> host.service().append(new byte[1]));
    }

    @Test
    void refusesEmptyAndOversizedChunks() throws StartRefusedException {
        host.service().upload(4 * KeeperService.MAX_CHUNK_BYTES);

        refuses(Code.PROTOCOL, () -> host.service().append(new byte[0]));
        refuses(Code.PROTOCOL, () -> host.service().append(new byte[KeeperService.MAX_CHUNK_BYTES + 1]));
        host.service().append(new byte[KeeperService.MAX_CHUNK_BYTES]);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, TestKeeper.MAX_BUNDLE_BYTES + 1, Long.MAX_VALUE})
    void refusesAnnouncedLengthsOutOfBoundsBeforeAnyByteComes(long length) {
        refuses(Code.BUNDLE_TOO_LARGE, () -> host.service().upload(length));
        assertThat(keeper.left()).isEmpty();
    }

    @Test
    void aNewUploadDropsTheOneBefore() throws Exception {
        host.service().upload(1000);
        host.service().append(new byte[10]);

        assertThat(host.start(idle()).enclaveId()).hasSize(16);
    }

    @Test
    void startsOneEnclaveForEachConnection() throws Exception {
        byte[] bundle = idle();
        host.start(bundle);

        assertThatExceptionOfType(StartRefusedException.class)
                .isThrownBy(() -> host.service().start())
                .satisfies(e -> assertThat(e.detail().code()).isEqualTo(Code.PROTOCOL))
                .withMessageContaining("connect anew");
        refuses(Code.PROTOCOL, () -> host.upload(bundle));
        refuses(Code.PROTOCOL, () -> host.service().append(bundle));
    }

    @Test
    void refusesMoreEnclavesThanTheAdministratorAllows() throws Exception {
        byte[] bundle = idle();
        host.start(bundle);
        try (TestKeeper.Host second = keeper.connect()) {
            refuses(Code.TOO_MANY_ENCLAVES, () -> second.start(bundle));
            host.close();
            TestKeeper.await("the first has ended", () -> keeper.left().isEmpty());

            assertThat(second.start(bundle).enclaveId()).hasSize(16);
        }
    }

    @Test
    void enclavesHaveIdsAndTokensOfTheirOwn() throws Exception {
        byte[] bundle = idle();
        StartedEnclave first = host.start(bundle);
        host.close();
        keeper.awaitNothingLeft();
        try (TestKeeper.Host second = keeper.connect()) {
            StartedEnclave other = second.start(bundle);

            assertThat(other.enclaveId()).isNotEqualTo(first.enclaveId());
            assertThat(other.token()).hasSize(32).isNotEqualTo(first.token());
            assertThat(other.boundary()).isNotEqualTo(first.boundary());
        }
    }

    @Test
    void refusesGarbageAndMayBeAskedAgain() throws Exception {
        refuses(Code.BUNDLE_MALFORMED, () -> host.start("no bundle at all".getBytes(StandardCharsets.UTF_8)));
        assertThat(keeper.left()).isEmpty();

        assertThat(host.start(idle()).enclaveId()).hasSize(16);
    }

    @Test
    void refusesABundleThatIsCutOrHasBytesTooMany() throws Exception {
        byte[] bundle = idle();

        refuses(Code.BUNDLE_MALFORMED, () -> host.start(Arrays.copyOf(bundle, bundle.length - 1)));
        refuses(Code.BUNDLE_MALFORMED, () -> host.start(Arrays.copyOf(bundle, bundle.length + 1)));
        assertThat(keeper.left()).isEmpty();
    }

    @Test
    void refusesAChangedFile() throws Exception {
        byte[] bundle = idle();
        bundle[bundle.length - 1] ^= 1;

        refuses(Code.BUNDLE_FILE_MISMATCH, () -> host.start(bundle));
        assertThat(keeper.left()).isEmpty();
    }

    @Test
    void refusesAManifestThatWasChangedAfterItWasSigned() throws Exception {
        byte[] bundle = idle();
        String text = new String(bundle, StandardCharsets.ISO_8859_1);
        int svn = text.indexOf("\nsvn 3\n");
        assertThat(svn).isPositive();
        bundle[svn + "\nsvn ".length()] = '9';

        refuses(Code.BUNDLE_SIGNATURE_INVALID, () -> host.start(bundle));
        assertThat(keeper.left()).isEmpty();
    }

    @Test
    void refusesJavaModulesAndReleasesThatTheKeeperLacks() throws Exception {
        byte[] module = Bundles.real(temp, Bundles.OTHER, settings -> settings.javaModule("com.acme.nowhere"));
        byte[] release = Bundles.real(temp, Bundles.OTHER, settings -> settings.javaRelease(999));

        refuses(Code.RUNTIME_UNAVAILABLE, () -> host.start(module));
        refuses(Code.RUNTIME_UNAVAILABLE, () -> host.start(release));
        assertThat(keeper.left()).isEmpty();
    }

    @Test
    void aConnectionThatEndsWithinAnUploadLeavesNothingBehind() throws StartRefusedException {
        host.service().upload(1000);
        host.service().append(new byte[10]);
        assertThat(keeper.left()).hasSize(1);

        host.close();

        keeper.awaitNothingLeft();
    }

    @Test
    void closingTheKeeperEndsItsEnclaves() throws Exception {
        host.start(idle());
        assertThat(keeper.left()).hasSize(1);

        keeper.close();

        assertThat(keeper.left()).isEmpty();
        assertThat(keeper.socket()).doesNotExist();
    }

    @Test
    void bytesThatAreNoCallsEndThatConnectionOnly() throws Exception {
        try (SocketChannel hostile = SocketChannel.open(UnixDomainSocketAddress.of(keeper.socket()))) {
            hostile.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: keeper\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            TestKeeper.await("the keeper hangs up", () -> {
                try {
                    answer.clear();
                    return hostile.read(answer) < 0;
                } catch (IOException e) {
                    return true;
                }
            });
        }
        assertThat(host.service().info().version()).isEqualTo(Keeper.VERSION);
    }
}
