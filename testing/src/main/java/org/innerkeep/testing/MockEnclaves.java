package org.innerkeep.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.host.VaultAccess;
import org.innerkeep.testing.hostile.HostedEnclave;
import org.innerkeep.testing.hostile.KeptEnclave;

/**
 * How mock enclaves of one program are started in the JVM of the test. The program runs as it does in an enclave: behind the same
 * boundary, calls, sessions and limits, over real sockets. What is not as in an enclave: it shares the heap and the class path
 * with the test, and {@code System.out}. Immutable and safe for use by several threads; every method returns a changed copy.
 */
public final class MockEnclaves {
    private static final int THREADS = 16;

    private final MockPlatform platform;
    private final MockIdentity identity;
    private final Class<? extends EnclaveProgram> program;
    private final Map<Class<?>, Object> hostOffers;
    private final Map<String, Path> libraries;
    private final int threads;
    private final Optional<VaultAccess> access;

    private MockEnclaves(
            MockPlatform platform,
            MockIdentity identity,
            Class<? extends EnclaveProgram> program,
            Map<Class<?>, Object> hostOffers,
            Map<String, Path> libraries,
            int threads,
            Optional<VaultAccess> access) {
        this.platform = platform;
        this.identity = identity;
        this.program = program;
        this.hostOffers = hostOffers;
        this.libraries = libraries;
        this.threads = threads;
        this.access = access;
    }

    /**
     * Enclaves of a program, with {@link MockIdentity#DEFAULT} on a platform of their own.
     *
     * @param program its class, with a public constructor without parameters
     * @return how to start them
     */
    public static MockEnclaves of(Class<? extends EnclaveProgram> program) {
        return new MockEnclaves(new MockPlatform(), MockIdentity.DEFAULT, program, Map.of(), Map.of(), THREADS, Optional.empty());
    }

    /**
     * On another platform, for several enclaves on one machine, or one after the other.
     *
     * @param other the platform
     * @return a changed copy
     */
    public MockEnclaves on(MockPlatform other) {
        return new MockEnclaves(other, identity, program, hostOffers, libraries, threads, access);
    }

    /**
     * With another identity.
     *
     * @param other what the enclave claims to be
     * @return a changed copy
     */
    public MockEnclaves as(MockIdentity other) {
        return new MockEnclaves(platform, other, program, hostOffers, libraries, threads, access);
    }

    /**
     * With one interface more that the host offers.
     *
     * @param service an interface marked {@link org.innerkeep.channel.call.HostVisible}
     * @param implementation serves the enclave's calls
     * @param <T> the interface
     * @return a changed copy
     */
    public <T> MockEnclaves offering(Class<T> service, T implementation) {
        Map<Class<?>, Object> more = new LinkedHashMap<>(hostOffers);
        more.put(service, implementation);
        return new MockEnclaves(platform, identity, program, more, libraries, threads, access);
    }

    /**
     * With vaults that the host carries to, and sealed files that it gives.
     *
     * @param access what the host may carry and give
     * @return a changed copy
     */
    public MockEnclaves carrying(VaultAccess access) {
        return new MockEnclaves(platform, identity, program, hostOffers, libraries, threads, Optional.of(access));
    }

    /**
     * With a native library, as if the bundle had it for this machine.
     *
     * @param name its name without prefix and suffix
     * @param file where it lies
     * @return a changed copy
     */
    public MockEnclaves library(String name, Path file) {
        Map<String, Path> more = new LinkedHashMap<>(libraries);
        more.put(name, file);
        return new MockEnclaves(platform, identity, program, hostOffers, more, threads, access);
    }

    /**
     * With another number of calls served at once; 16 if not set, as in a bundle.
     *
     * @param most 1 or more
     * @return a changed copy
     */
    public MockEnclaves threads(int most) {
        return new MockEnclaves(platform, identity, program, hostOffers, libraries, most, access);
    }

    /** {@return the platform that its enclaves run on} */
    public MockPlatform platform() {
        return platform;
    }

    /** {@return what its enclaves claim to be} */
    public MockIdentity identity() {
        return identity;
    }

    /**
     * Starts one, through the same host code as a real one.
     *
     * @return the running enclave
     * @throws IOException if it does not start
     */
    public RunningEnclave start() throws IOException {
        Path folder = Files.createTempDirectory("mock");
        MockKeeper keeper = null;
        try {
            keeper = MockKeeper.open(folder, platform, identity, program.getName(), threads, libraries);
            Host host = Host.on(Platform.process(keeper.socket()));
            for (Map.Entry<Class<?>, Object> offer : hostOffers.entrySet()) {
                host = offering(host, offer.getKey(), offer.getValue());
            }
            if (access.isPresent()) {
                host = host.carrying(access.get());
            }
            // The mock keeper has the program's class; what a bundle would hold is on the class path of the test.
            Enclave enclave = host.start(InputStream.nullInputStream(), 0);
            MockKeeper running = keeper;
            return new RunningEnclave(
                    enclave, TrustOf.mock(platform, identity), platform.anchor(), RunningEnclave.Mode.MOCK, running);
        } catch (IOException | RuntimeException e) {
            if (keeper == null) {
                Files.deleteIfExists(folder);
            } else {
                keeper.close();
            }
            throw e;
        }
    }

    /**
     * Starts one without a host: for a host of the test's own, such as {@link org.innerkeep.testing.hostile.HostileHost}.
     *
     * @return the enclave, waiting at its boundary
     * @throws IOException if it does not start
     */
    public HostedEnclave startBare() throws IOException {
        Path folder = Files.createTempDirectory("mock");
        MockKeeper keeper = MockKeeper.open(folder, platform, identity, program.getName(), threads, libraries);
        try {
            return new Here(KeptEnclave.start(keeper.socket(), InputStream.nullInputStream(), 0, keeper));
        } catch (IOException | RuntimeException e) {
            keeper.close();
            throw e;
        }
    }

    /** Its program runs in this JVM, whatever its host sees of it. */
    private record Here(HostedEnclave enclave) implements HostedEnclave {
        @Override
        public SocketChannel calls() throws IOException {
            return enclave.calls();
        }

        @Override
        public SocketChannel session() throws IOException {
            return enclave.session();
        }

        @Override
        public boolean inThisProcess() {
            return true;
        }

        @Override
        public void close() {
            enclave.close();
        }
    }

    private static <T> Host offering(Host host, Class<T> service, Object implementation) {
        return host.offering(service, service.cast(implementation));
    }

    static List<String> libraryPaths(Map<String, Path> libraries, String folder) {
        List<String> paths = new ArrayList<>();
        libraries.keySet().forEach(name -> paths.add(folder + System.mapLibraryName(name)));
        return paths;
    }
}
