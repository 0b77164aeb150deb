package org.innerkeep.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.innerkeep.enclave.internal.EnclaveRuntime;
import org.jspecify.annotations.Nullable;

/** Speaks a keeper's protocol to one host, and runs the enclave in this JVM. */
final class MockKeeper implements KeeperService, AutoCloseable {
    private final Path folder;
    private final MockPlatform platform;
    private final MockIdentity identity;
    private final String program;
    private final int threads;
    private final List<String> libraries;
    private final ServerSocketChannel listener;
    private final SecureRandom random = new SecureRandom();
    private @Nullable EnclaveRuntime runtime;
    private MockPlatform.@Nullable Service enclave;
    private @Nullable CallPeer host;
    private boolean closed;

    private MockKeeper(
            Path folder,
            MockPlatform platform,
            MockIdentity identity,
            String program,
            int threads,
            List<String> libraries,
            ServerSocketChannel listener) {
        this.folder = folder;
        this.platform = platform;
        this.identity = identity;
        this.program = program;
        this.threads = threads;
        this.libraries = libraries;
        this.listener = listener;
    }

    static MockKeeper open(
            Path folder, MockPlatform platform, MockIdentity identity, String program, int threads, Map<String, Path> libraries)
            throws IOException {
        Files.createDirectory(folder.resolve("io"));
        String place = "native/" + machine() + "/";
        if (!libraries.isEmpty()) {
            Files.createDirectories(folder.resolve(place));
        }
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            Files.createSymbolicLink(
                    folder.resolve(place + System.mapLibraryName(library.getKey())), library.getValue().toAbsolutePath());
        }
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        MockKeeper keeper = new MockKeeper(
                folder, platform, identity, program, threads, MockEnclaves.libraryPaths(libraries, place), listener);
        listener.bind(UnixDomainSocketAddress.of(keeper.socket()));
        Thread.ofVirtual().name("mock-keeper").start(keeper::serve);
        return keeper;
    }

    private static String machine() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "macos" : "linux";
        String processor = System.getProperty("os.arch");
        return os + "-" + (processor.equals("amd64") ? "x86_64" : processor);
    }

    Path socket() {
        return folder.resolve("keeper.sock");
    }

    /** One host only, as one connection to a keeper has one enclave. */
    private void serve() {
        try {
            SocketChannel channel = listener.accept();
            CallPeer peer = CallPeer.over(
                            Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                    .remote("host")
                    .offer(KeeperService.class, this)
                    .start();
            synchronized (this) {
                host = peer;
            }
            peer.closed().join();
        } catch (IOException e) {
            // Closed before a host came.
        } finally {
            close();
        }
    }

    @Override
    public KeeperInfo info() {
        return new KeeperInfo("mock", platform.publicKey(), identity.isolation().toString());
    }

    @Override
    public void upload(long totalBytes) {
        // The program's classes are on the class path of the test.
    }

    @Override
    public void append(byte[] chunk) {
        // As above.
    }

    @Override
    public StartedEnclave start() throws StartRefusedException {
        byte[] enclaveId = bytes(16);
        byte[] token = bytes(Boundary.TOKEN_BYTES);
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        MockPlatform.Service service = platform.new Service(
                identity,
                MockPlatform.launch(identity, program, enclaveId, token, threads, libraries),
                () -> waiting.complete(null));
        try {
            EnclaveRuntime started = new EnclaveRuntime(service, folder, this::close, random);
            synchronized (this) {
                runtime = started;
                enclave = service;
                if (closed) {
                    started.close();
                }
            }
            Thread.ofVirtual().name("mock-enclave").start(() -> {
                try {
                    started.run();
                } catch (IOException e) {
                    waiting.completeExceptionally(e);
                }
            });
            waiting.get();
        } catch (IOException | ExecutionException e) {
            throw refused(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused("interrupted");
        }
        return new StartedEnclave(enclaveId, folder.resolve(Boundary.SOCKET).toString(), token, List.of());
    }

    private static StartRefusedException refused(@Nullable String message) {
        return new StartRefusedException(new StartRefusedException.Detail(
                StartRefusedException.Code.LAUNCH_FAILED, "the mock enclave did not start: " + message));
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Ends the enclave, as a keeper does when its host leaves. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            listener.close();
            if (runtime != null) {
                runtime.close();
            }
            if (enclave != null) {
                enclave.ended();
            }
            if (host != null) {
                host.close();
            }
            Folders.delete(folder);
        } catch (IOException e) {
            throw new IllegalStateException("the mock enclave's folder cannot be removed", e);
        }
    }
}
