package org.innerkeep.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.keeper.Keeper;
import org.innerkeep.keeper.KeeperSettings;
import org.innerkeep.keeper.LaunchConfiguration;
import org.innerkeep.keeper.Runtimes;

/**
 * Starts packed bundles as real enclaves, with a keeper of its own in a temporary folder. One keeper serves many enclaves; the
 * first of each set of JDK modules takes some seconds, because a runtime is linked. Safe for use by several threads.
 */
public final class ProcessEnclaves implements AutoCloseable {
    private final Path folder;
    private final Keeper keeper;
    private final Path runtimes;

    private ProcessEnclaves(Path folder, Keeper keeper, Path runtimes) {
        this.folder = folder;
        this.keeper = keeper;
        this.runtimes = runtimes;
    }

    /**
     * Starts a keeper.
     *
     * @return where bundles can be started
     * @throws IOException if it does not start
     */
    public static ProcessEnclaves open() throws IOException {
        Path folder = Files.createTempDirectory("keeper");
        Path state = folder.resolve("k");
        // Enclaves of other users reach their sockets through it, and read nothing else.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        Keeper keeper = Keeper.open(KeeperSettings.in(state), new SecureRandom(), Clock.systemUTC());
        Thread.ofPlatform().daemon().name("keeper").start(() -> {
            try {
                keeper.serve();
            } catch (IOException e) {
                // The test sees that nobody answers.
            }
        });
        return new ProcessEnclaves(folder, keeper, state.resolve("runtimes"));
    }

    /**
     * Starts a bundle.
     *
     * @param bundle its file
     * @param hostOffers what its host offers, by interface
     * @return the running enclave
     * @throws IOException if it does not start
     */
    public RunningEnclave start(Path bundle, Map<Class<?>, Object> hostOffers) throws IOException {
        Host host = Host.on(Platform.process(keeper.socket()));
        for (Map.Entry<Class<?>, Object> offer : new LinkedHashMap<>(hostOffers).entrySet()) {
            host = offering(host, offer.getKey(), offer.getValue());
        }
        Enclave enclave = host.start(bundle);
        return new RunningEnclave(
                enclave,
                TrustOf.process(measure(bundle), keeper.anchor()),
                keeper.anchor(),
                RunningEnclave.Mode.PROCESS,
                () -> {});
    }

    private static <T> Host offering(Host host, Class<T> service, Object implementation) {
        return host.offering(service, service.cast(implementation));
    }

    private Measurement measure(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Bundle bundle = Bundle.inspect(in);
            Bytes runtime = Runtimes.measure(new Runtimes(runtimes).obtain(bundle.manifest().javaModules()));
            return KeeperReport.processMeasurement(
                    KeeperReport.PROCESS,
                    Bytes.of(bundle.digest().toArray()),
                    runtime,
                    LaunchConfiguration.of(bundle.manifest()).digest());
        } catch (BundleException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** Ends the keeper and every enclave that it started. */
    @Override
    public void close() throws IOException {
        keeper.close();
        Folders.delete(folder);
    }
}
