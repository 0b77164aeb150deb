package org.innerkeep.host;

import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.innerkeep.channel.release.VaultCarrier;

/** Starts enclaves. Immutable and safe for use by several threads. */
public final class Host {
    private static final Duration START_DEADLINE = Duration.ofMinutes(2);

    private final Platform platform;
    private final Map<Class<?>, Object> offers;
    private final Optional<VaultAccess> access;

    private Host(Platform platform, Map<Class<?>, Object> offers, Optional<VaultAccess> access) {
        this.platform = platform;
        this.offers = offers;
        this.access = access;
    }

    /**
     * A host on a platform.
     *
     * @param platform where its enclaves run
     * @return a host that offers nothing to its enclaves yet
     */
    public static Host on(Platform platform) {
        return new Host(platform, Map.of(), Optional.empty());
    }

    /**
     * Starts an enclave that needs nothing from its host.
     *
     * @param bundle the bundle's file
     * @param platform where it runs
     * @return the running enclave
     * @throws IOException if it does not start
     */
    public static Enclave start(Path bundle, Platform platform) throws IOException {
        return on(platform).start(bundle);
    }

    /**
     * The same host, offering one interface more to its enclaves.
     *
     * @param service an interface marked {@link org.innerkeep.channel.call.HostVisible}
     * @param implementation serves the enclave's calls, concurrently
     * @param <T> the interface
     * @return a new host
     */
    public <T> Host offering(Class<T> service, T implementation) {
        Map<Class<?>, Object> more = new LinkedHashMap<>(offers);
        more.put(service, implementation);
        // What was said last holds, as with every other interface.
        return new Host(platform, more, service == VaultCarrier.class ? Optional.empty() : access);
    }

    /**
     * The same host, carrying for its enclaves to vaults and giving them sealed files. Without this it does neither.
     *
     * @param access what it may carry and give
     * @return a new host
     * @throws IOException if a file of certificates cannot be read
     */
    public Host carrying(VaultAccess access) throws IOException {
        // What is wrong with it is said now, and not when an enclave is started.
        access.carrier().close();
        return new Host(platform, offers, Optional.of(access));
    }

    /**
     * Starts an enclave and waits until its program has started.
     *
     * @param bundle the bundle's file
     * @return the running enclave; it ends when this is closed or this process ends
     * @throws StartException if the keeper refuses or the program fails
     * @throws IOException if the file cannot be read or the keeper cannot be reached
     */
    public Enclave start(Path bundle) throws IOException {
        try (InputStream in = Files.newInputStream(bundle)) {
            return start(in, Files.size(bundle));
        }
    }

    /**
     * Starts an enclave and waits until its program has started.
     *
     * @param bundle the bundle's bytes
     * @param size how many they are
     * @return the running enclave; it ends when this is closed or this process ends
     * @throws StartException if the keeper refuses or the program fails
     * @throws IOException if the bytes cannot be read or the keeper cannot be reached
     */
    public Enclave start(InputStream bundle, long size) throws IOException {
        return switch (platform) {
            case Platform.Process process -> start(process, bundle, size);
        };
    }

    private Enclave start(Platform.Process process, InputStream bundle, long size) throws IOException {
        if (access.isEmpty()) {
            return start(process, bundle, size, offers);
        }
        // One for each enclave, which ends with it.
        HttpCarrier carrier = access.get().carrier();
        boolean started = false;
        try {
            Map<Class<?>, Object> all = new LinkedHashMap<>(offers);
            all.put(VaultCarrier.class, carrier);
            Enclave enclave = start(process, bundle, size, all);
            var _ = enclave.ended().whenComplete((_, _) -> carrier.close());
            started = true;
            return enclave;
        } finally {
            if (!started) {
                carrier.close();
            }
        }
    }

    private static Enclave start(Platform.Process process, InputStream bundle, long size, Map<Class<?>, Object> offers)
            throws IOException {
        CallPeer keeper = connect(process);
        boolean started = false;
        try {
            KeeperService service = keeper.bind(KeeperService.class, START_DEADLINE);
            service.upload(size);
            byte[] chunk = bundle.readNBytes(KeeperService.MAX_CHUNK_BYTES);
            while (chunk.length > 0) {
                service.append(chunk);
                chunk = bundle.readNBytes(KeeperService.MAX_CHUNK_BYTES);
            }
            StartedEnclave enclave = service.start();
            Enclave result = Enclave.connect(keeper, enclave, offers);
            started = true;
            return result;
        } catch (StartRefusedException e) {
            throw new StartException("the keeper refuses to start the bundle: " + e.getMessage(), e);
        } catch (CallException e) {
            throw new StartException("the keeper at " + process.keeperSocket() + " did not answer: " + e.getMessage(), e);
        } finally {
            if (!started) {
                keeper.close();
            }
        }
    }

    private static CallPeer connect(Platform.Process process) throws IOException {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(process.keeperSocket()));
        } catch (IOException e) {
            throw new StartException(
                    "no keeper listens at " + process.keeperSocket() + ": start one with 'innerkeep keeper run', or name"
                            + " another socket",
                    e);
        }
        return CallPeer.over(
                        Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                .remote("keeper")
                .start();
    }
}
