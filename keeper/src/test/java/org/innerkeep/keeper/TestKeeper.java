package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.StartRefusedException;

/** A real keeper in the test's JVM, with real sockets and real processes. */
final class TestKeeper implements AutoCloseable {
    static final long MAX_BUNDLE_BYTES = 32L << 20;

    private final Keeper keeper;
    private final Path run;

    private TestKeeper(Keeper keeper, Path run) {
        this.keeper = keeper;
        this.run = run;
    }

    static TestKeeper start(Path temp, LinkedRuntimes runtimes, int maxEnclaves, Duration launchTimeout) throws IOException {
        return start(temp, runtimes.folder(), maxEnclaves, launchTimeout);
    }

    static TestKeeper start(Path temp, Path runtimes, int maxEnclaves, Duration launchTimeout) throws IOException {
        // An enclave's user must reach its own folder and the runtime below.
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        Path folder = Files.createDirectory(temp.resolve("k"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        Files.createSymbolicLink(folder.resolve("runtimes"), runtimes);
        Keeper keeper = Keeper.open(
                new KeeperSettings(folder, Set.of(), 0x7000_1000, maxEnclaves, MAX_BUNDLE_BYTES, launchTimeout, 1L << 40),
                new SecureRandom(),
                Clock.systemUTC());
        Thread.ofVirtual().start(() -> {
            try {
                keeper.serve();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new TestKeeper(keeper, folder.resolve("run"));
    }

    Host connect() throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(keeper.socket()));
        CallPeer peer = CallPeer.over(
                        Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                .remote("keeper")
                .start();
        return new Host(peer, peer.bind(KeeperService.class, Duration.ofSeconds(60)));
    }

    Path socket() {
        return keeper.socket();
    }

    /** What enclaves and uploads there are. */
    List<Path> left() {
        try (var all = Files.list(run)) {
            return all.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitNothingLeft() {
        await("nothing is left in " + run, () -> left().isEmpty());
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() throws IOException {
        keeper.close();
        // Enclaves end on threads of their own. What lies elsewhere is found by their folders, which the test deletes with its own.
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!left().isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(5_000_000);
        }
        Files.deleteIfExists(run.resolveSibling("runtimes"));
    }

    /** A host's connection. */
    record Host(CallPeer peer, KeeperService service) implements AutoCloseable {
        void upload(byte[] bundle) throws StartRefusedException {
            service.upload(bundle.length);
            for (int at = 0; at < bundle.length; at += KeeperService.MAX_CHUNK_BYTES) {
                service.append(java.util.Arrays.copyOfRange(
                        bundle, at, Math.min(bundle.length, at + KeeperService.MAX_CHUNK_BYTES)));
            }
        }

        StartedEnclave start(byte[] bundle) throws StartRefusedException {
            upload(bundle);
            return service.start();
        }

        @Override
        public void close() {
            peer.close();
        }
    }
}
