package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.PlatformService.Launch;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.enclave.ClientSession;
import org.innerkeep.enclave.Counter;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveIdentity;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.enclave.PlatformRegister;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.SealedLog;
import org.innerkeep.enclave.StoreSettings;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.enclave.Vault;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Statement;
import org.jspecify.annotations.Nullable;

/** The program's view of its enclave. */
final class Context implements EnclaveContext {
    private record Offer<T>(Class<T> service, Function<ClientSession, T> perSession) {
        void to(CallPeer.Builder peer, ClientSession session) {
            peer.offer(service, perSession.apply(session));
        }
    }

    /** For one value to or from the host's disk. */
    private static final Duration STATE_DEADLINE = Duration.ofSeconds(30);

    private final Launch launch;
    private final Path folder;
    private final PlatformService platform;
    private final Attester attester;
    private final Sealing sealing;
    private final SecureRandom random;
    private final SealedStore.Seen seen = new SealedStore.Seen();
    private final KeyPair statementKey;
    private final EnclaveIdentity identity;
    private final Map<Class<?>, Offer<?>> toClients = new ConcurrentHashMap<>();
    private final AtomicReference<Optional<InnerServer>> server = new AtomicReference<>(Optional.empty());

    /** By name: what one of two knew of the same register would soon not be true. */
    private final Map<String, ClaimedRegister> registers = new HashMap<>();

    private final Telemetry telemetry;
    private final VaultDesk desk;
    private volatile @Nullable CallPeer host;

    Context(Launch launch, Path folder, PlatformService platform, Attester attester, SecureRandom random) {
        this.launch = launch;
        this.folder = folder;
        this.random = random;
        this.platform = platform;
        this.attester = attester;
        this.telemetry = new Telemetry(random);
        this.desk = new VaultDesk(limit -> connectedHost().bind(VaultCarrier.class, limit), attester, random, System::nanoTime);
        this.sealing = new Sealing(platform, launch.securityVersion(), launch.confinement(), random);
        this.identity = new EnclaveIdentity(
                launch.platform(),
                Measurement.parse(launch.measurement()),
                Bytes.of(launch.signer()),
                launch.productId(),
                launch.securityVersion(),
                launch.debug());
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            this.statementKey = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform provides P-256", e);
        }
    }

    void hostConnected(CallPeer peer) {
        host = peer;
    }

    void offerTo(CallPeer.Builder peer, ClientSession session) {
        toClients.values().forEach(offer -> offer.to(peer, session));
    }

    @Override
    public EnclaveIdentity identity() {
        return identity;
    }

    @Override
    public <T> void offerToEachClient(Class<T> service, Function<ClientSession, T> perSession) {
        if (toClients.putIfAbsent(service, new Offer<>(service, perSession)) != null) {
            throw new IllegalStateException(service.getName() + " is offered to clients already");
        }
    }

    @Override
    public <T> void offerToHost(Class<T> service, T implementation) {
        requireHostVisible(service);
        connectedHost().offer(service, implementation);
    }

    @Override
    public void offerServer(int port) {
        if (!launch.ownNetwork()) {
            throw new IllegalStateException("this enclave shares the machine's network, so everybody on the machine could reach a"
                    + " server in it: run the keeper as root, so that it gives the enclave a network of its own");
        }
        if (!server.compareAndSet(Optional.empty(), Optional.of(InnerServer.at(port)))) {
            throw new IllegalStateException("a server is offered already");
        }
    }

    @Override
    public SealedLog log(String recipient) {
        return telemetry.log(recipient);
    }

    @Override
    public Counter counter(String name) {
        return telemetry.counter(name);
    }

    Telemetry telemetry() {
        return telemetry;
    }

    /** The program's own server, if it has offered one. */
    Optional<InnerServer> server() {
        return server.get();
    }

    @Override
    public <T> T host(Class<T> service, Duration deadline) {
        requireHostVisible(service);
        return connectedHost().bind(service, deadline);
    }

    private CallPeer connectedHost() {
        CallPeer peer = host;
        if (peer == null) {
            throw new IllegalStateException("the host has not connected");
        }
        return peer;
    }

    private static void requireHostVisible(Class<?> service) {
        if (!service.isAnnotationPresent(HostVisible.class)) {
            throw new IllegalArgumentException(service.getName()
                    + " is not marked @HostVisible: mark it if the host may see its arguments and results");
        }
    }

    @Override
    public byte[] attest(String purpose, byte[] context) throws IOException {
        return attester.attest(ReportData.ofProgram(purpose, context));
    }

    @Override
    public byte[] sign(String purpose, byte[] content) throws IOException {
        Statement.Unsigned statement = new Statement.Unsigned(purpose, Bytes.of(content));
        byte[] evidence = attester.attest(statement.reportData(statementKey.getPublic()));
        return statement.sign(statementKey.getPrivate(), statementKey.getPublic(), evidence);
    }

    @Override
    public byte[] seal(SealTo to, byte[] plaintext) throws IOException {
        return sealing.seal(to, plaintext);
    }

    @Override
    public byte[] unseal(byte[] sealed) throws UnsealException, IOException {
        return sealing.unseal(sealed);
    }

    @Override
    public Vault vault(URI location) {
        return new PinnedVault(desk, VaultLocation.of(location), Optional.empty(), Vault.DEFAULT_LIMIT);
    }

    @Override
    public EnclaveStore store(StoreSettings settings) {
        return new SealedStore(settings, sealing, seen, () -> connectedHost().bind(StateStore.class, STATE_DEADLINE), random);
    }

    @Override
    public PlatformRegister register(String name) throws IOException {
        synchronized (registers) {
            ClaimedRegister known = registers.get(name);
            if (known != null) {
                return known;
            }
            ClaimedRegister claimed = ClaimedRegister.claim(platform, name);
            registers.put(name, claimed);
            return claimed;
        }
    }

    @Override
    public Path nativeLibrary(String name) {
        String wanted = NativePlatform.current().folder() + System.mapLibraryName(name);
        return launch.nativeLibraries().stream()
                .filter(wanted::equals)
                .findFirst()
                .map(path -> folder.resolve(path).toAbsolutePath())
                .orElseThrow(() -> new IllegalArgumentException(
                        "the bundle has no " + wanted + "; name it when the bundle is packed"));
    }
}
