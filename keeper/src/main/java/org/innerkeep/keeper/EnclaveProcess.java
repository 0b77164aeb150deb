package org.innerkeep.keeper;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.channel.call.CallLimits;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.EncryptedAnswers;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.PlatformAnswers;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.jspecify.annotations.Nullable;

/**
 * One enclave: its folder, its process, its connection to the keeper.
 *
 * <p>The folder belongs to the keeper and holds the bundle's files, read-only; {@code io} in it belongs to the enclave's user until its socket is there.
 * The process starts with an empty environment, its own user id where the keeper may give one, no way to gain privileges,
 * no core dumps, a heap that the keeper gave, and two tokens on its standard input, which nobody else can read. The
 * runtime inside ends it when that input ends, so it does not outlive its keeper, unless the bundle brings a main class of its own.
 */
final class EnclaveProcess implements PlatformService, AutoCloseable {
    /** How long a process may take to end that has no memory to be cleared. */
    private static final Duration END = Duration.ofSeconds(10);

    private static final System.Logger LOG = System.getLogger(EnclaveProcess.class.getName());

    /** An enclave asks for reports and keys, both small; many sessions may begin at once. */
    private static final CallLimits ENCLAVE_LIMITS = new CallLimits(64 << 10, 512, 16, 256 << 10);

    private final Manifest manifest;
    private final Path folder;
    private final HostUser host;
    private final Optional<Integer> uid;
    private final Process process;
    private final Launch launch;
    private final KeeperReport identity;
    private final PlatformKeys keys;
    private final Registers registers;
    private final SecureRandom random;
    private final Clock clock;
    private final CompletableFuture<Void> waiting = new CompletableFuture<>();
    private @Nullable CallPeer peer;
    private boolean closed;

    private EnclaveProcess(
            Manifest manifest,
            Path folder,
            HostUser host,
            Optional<Integer> uid,
            Process process,
            Launch launch,
            KeeperReport identity,
            PlatformKeys keys,
            Registers registers,
            SecureRandom random,
            Clock clock) {
        this.manifest = manifest;
        this.folder = folder;
        this.host = host;
        this.uid = uid;
        this.process = process;
        this.launch = launch;
        this.identity = identity;
        this.keys = keys;
        this.registers = registers;
        this.random = random;
        this.clock = clock;
    }

    /**
     * Starts an enclave from a bundle that is unpacked already.
     *
     * @param given the folder that holds the bundle's files and belongs to the keeper; given back empty and gone when the enclave ends
     * @param host whose host it is
     * @param abilities what this machine lets the keeper do for it
     */
    static EnclaveProcess start(
            Path given,
            Bundle bundle,
            byte[] enclaveId,
            HostUser host,
            Abilities abilities,
            Runtimes runtimes,
            Users users,
            PlatformKeys keys,
            Registers registers,
            KeeperSettings settings,
            SecureRandom random,
            Clock clock)
            throws StartRefusedException, IOException {
        Path folder = given.toRealPath();
        Manifest manifest = bundle.manifest();
        Path runtime = runtimeFor(manifest, runtimes).toRealPath();
        LaunchConfiguration configuration = LaunchConfiguration.of(manifest);
        Optional<HeapPlan> heap = heapFor(manifest, abilities);
        Bytes runtimeDigest = Runtimes.measure(runtime);
        byte[] platformToken = token(random);

        Path io = Files.createDirectory(
                folder.resolve("io"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        Optional<Integer> uid = users.take();
        Process process = null;
        EnclaveProcess enclave = null;
        boolean serves = false;
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path socket = folder.resolve(Boundary.KEEPER_SOCKET);
            listener.bind(UnixDomainSocketAddress.of(socket), 1);
            // The token decides who speaks here; the socket exists only until the enclave has connected.
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            if (uid.isPresent()) {
                Files.setOwner(io, Users.principal(uid.get()));
            }
            Optional<Path> calls = CallMemory.make(CallMemory.SHARED, folder, host, uid, random);
            // Before the steps: whoever makes them must hand them over, or end them.
            ProcessBuilder command = command(folder, runtime, manifest, uid, heap, abilities.locked().capabilities());
            Optional<HeapMaker> maker = heap.map(
                    plan -> new HeapMaker(abilities.kernel().orElseThrow(), plan.memory(), manifest.heapBytes()));
            List<Spawning.Step> steps = new ArrayList<>();
            // First: the steps after it take away what it is made of.
            maker.ifPresent(steps::add);
            if (abilities.confining().isPresent()) {
                steps.addAll(abilities.confining().get().steps(runtime, folder, calls));
            }
            process = abilities.spawning().isPresent()
                    ? abilities.spawning().get().start(steps, command)
                    : command.start();
            Confinement confinement = confinement(maker, heap, settings);
            if (abilities.confining().isPresent()) {
                confinement = abilities.confining().get().addTo(confinement, process.pid(), maker.isPresent() ? 1 : 0);
            }
            requireDemands(manifest, confinement);
            KeeperReport identity = identity(bundle, enclaveId, host.separate(), runtimeDigest, configuration, confinement);
            Launch launch = launch(manifest, identity, token(random), abilities.noOwnNetwork().isEmpty());
            enclave = new EnclaveProcess(
                    manifest, folder, host, uid, process, launch, identity, keys, registers, random, clock);
            enclave.meet(listener, platformToken, settings);
            requireNoCapabilities(InForce.of(process.pid()), heap);
            if (abilities.confining().isPresent()) {
                abilities.confining().get().requireReady(process.pid(), maker.isPresent() ? 1 : 0);
            }
            Files.delete(socket);
            if (uid.isPresent()) {
                // The boundary's socket is there. An enclave with a network may bind sockets, and each would be a file.
                Files.setOwner(io, Files.getOwner(folder));
            }
            serves = true;
            return enclave;
        } finally {
            // Whatever was thrown, an Error among it: nothing of the enclave may stay.
            if (!serves) {
                endWhatBegan(enclave, process, manifest, folder, uid);
            }
        }
    }

    private static void endWhatBegan(
            @Nullable EnclaveProcess enclave,
            @Nullable Process process,
            Manifest manifest,
            Path folder,
            Optional<Integer> uid) {
        try {
            if (enclave != null) {
                enclave.close();
            } else if (process != null) {
                end(process, manifest, uid, () -> clear(folder, uid));
            } else {
                // The folder itself is its owner's to delete; this lies elsewhere.
                CallMemory.remove(CallMemory.SHARED, folder);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "an enclave that did not start has left something behind", e);
        }
    }

    private static Path runtimeFor(Manifest manifest, Runtimes runtimes) throws StartRefusedException {
        if (manifest.javaRelease() != Runtime.version().feature()) {
            throw refused(
                    StartRefusedException.Code.RUNTIME_UNAVAILABLE,
                    "the bundle needs Java " + manifest.javaRelease() + ", this keeper runs Java "
                            + Runtime.version().feature());
        }
        try {
            return runtimes.obtain(manifest.javaModules());
        } catch (IOException e) {
            throw refused(StartRefusedException.Code.RUNTIME_UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    /** How the enclave gets its heap; empty if its JVM makes one by itself. */
    private static Optional<HeapPlan> heapFor(Manifest manifest, Abilities abilities) throws StartRefusedException {
        if (!manifest.secretHeap()) {
            return Optional.empty();
        }
        if (abilities.noHeapFilter().isPresent()) {
            throw refused(
                    StartRefusedException.Code.CONFINEMENT_UNAVAILABLE,
                    abilities.noHeapFilter().get() + ". Bundles that are packed with secret-heap = false run here all the same");
        }
        Optional<String> lacks = abilities.noSecretHeap(manifest.heapBytes());
        if (lacks.isPresent() && manifest.demands().contains(Mechanism.SECRET_HEAP.toString())) {
            throw refused(
                    StartRefusedException.Code.CONFINEMENT_UNAVAILABLE, "the bundle demands a secret heap, and " + lacks.get());
        }
        return Optional.of(abilities.heapFor(manifest.heapBytes()));
    }

    /** What is in place now, before the enclave has got anything that is secret. */
    private static Confinement confinement(Optional<HeapMaker> maker, Optional<HeapPlan> heap, KeeperSettings settings)
            throws StartRefusedException {
        if (maker.isEmpty()) {
            return Confinement.NONE;
        }
        try {
            // Returns only when the kernel shows the whole heap in the memory that was planned.
            maker.get().await(settings.launchTimeout());
        } catch (IOException e) {
            throw refused(StartRefusedException.Code.LAUNCH_FAILED, "the enclave did not start: " + e.getMessage());
        } catch (TimeoutException e) {
            throw late(settings);
        } catch (InterruptedException e) {
            throw left();
        }
        return heap.orElseThrow().secret() ? Confinement.of(Mechanism.SECRET_HEAP) : Confinement.NONE;
    }

    private static void requireDemands(Manifest manifest, Confinement confinement) throws StartRefusedException {
        List<String> missing = manifest.demands().stream()
                .filter(each -> !confinement.has(Mechanism.parse(each)))
                .toList();
        if (!missing.isEmpty()) {
            throw refused(
                    StartRefusedException.Code.CONFINEMENT_UNAVAILABLE,
                    "the bundle demands to be confined by " + String.join(", ", missing)
                            + ", which this keeper cannot do: 'innerkeep platforms' says why");
        }
    }

    private static Launch launch(Manifest manifest, KeeperReport identity, byte[] hostToken, boolean ownNetwork) {
        return new Launch(
                identity.enclaveId().toArray(),
                manifest.program(),
                identity.platform(),
                identity.measurement().toString(),
                identity.signer().toArray(),
                identity.productId(),
                identity.securityVersion(),
                identity.debug(),
                manifest.threads(),
                manifest.files().stream()
                        .map(BundleFile::path)
                        .filter(path -> path.startsWith("native/"))
                        .toList(),
                hostToken,
                ownNetwork,
                identity.confinement().bits());
    }

    private static KeeperReport identity(
            Bundle bundle,
            byte[] enclaveId,
            boolean separate,
            Bytes runtimeDigest,
            LaunchConfiguration configuration,
            Confinement confinement) {
        Bytes bundleDigest = Bytes.of(bundle.digest().toArray());
        Bytes launchDigest = configuration.digest();
        Measurement measurement =
                KeeperReport.processMeasurement(KeeperReport.PROCESS, bundleDigest, runtimeDigest, launchDigest);
        return new KeeperReport(
                KeeperReport.PROCESS,
                measurement,
                bundleDigest,
                runtimeDigest,
                launchDigest,
                Bytes.of(bundle.signer().id().toArray()),
                bundle.manifest().productId(),
                bundle.manifest().svn(),
                bundle.manifest().debug(),
                separate ? KeeperReport.Isolation.SEPARATE_USER : KeeperReport.Isolation.SAME_USER,
                confinement,
                Bytes.of(enclaveId),
                Bytes.of(new byte[ReportData.LENGTH]),
                java.time.Instant.EPOCH);
    }

    private static ProcessBuilder command(
            Path folder,
            Path runtime,
            Manifest manifest,
            Optional<Integer> uid,
            Optional<HeapPlan> heap,
            Capabilities own)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(Confining.PROGRAMS.getFirst().toString()));
        command.addAll(Limits.of(manifest.heapBytes(), manifest.threads(), uid.isPresent(), manifest.debug()).options());
        boolean byLimit = heap.filter(plan -> plan.secret() && plan.lock() == LockedMemory.Way.LIMIT).isPresent();
        // Locked memory is not swapped, so it is the machine's for good: a secret heap, and nothing else.
        long locked = byLimit ? LockedMemory.needed(manifest.heapBytes()) : 0;
        command.add("--memlock=" + locked + ":" + locked);
        command.add(Confining.PROGRAMS.getLast().toString());
        // A limit that cannot be raised binds whoever lacks this capability. It lets the enclave lock memory, and nothing else.
        String kept = locksByCapability(heap) ? "-all,+ipc_lock" : "-all";
        uid.ifPresent(id -> command.addAll(List.of("--reuid=" + id, "--regid=" + id, "--clear-groups")));
        // Without these a keeper's ambient capabilities would be the enclave's, and so would all that root gets by executing.
        command.addAll(List.of("--inh-caps=" + kept, "--ambient-caps=" + kept));
        if (own.has(Capabilities.SETPCAP)) {
            command.add("--bounding-set=" + kept);
        }
        command.addAll(List.of("--no-new-privs", "--", runtime.resolve("bin/java").toString()));
        command.addAll(LaunchConfiguration.of(manifest).arguments());
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        File nowhere = new File("/dev/null");
        builder.redirectOutput(nowhere);
        builder.redirectError(manifest.debug() ? folder.resolveSibling(folder.getFileName() + ".log").toFile() : nowhere);
        return builder;
    }

    private static boolean locksByCapability(Optional<HeapPlan> heap) {
        return heap.filter(plan -> plan.secret() && plan.lock() == LockedMemory.Way.CAPABILITY).isPresent();
    }

    private static void requireNoCapabilities(InForce seen, Optional<HeapPlan> heap) throws StartRefusedException {
        long kept = locksByCapability(heap) ? 1L << Capabilities.IPC_LOCK : 0;
        long more = seen.capabilities() & ~kept;
        if (more != 0) {
            throw refused(
                    StartRefusedException.Code.CONFINEMENT_UNAVAILABLE,
                    "an enclave's process would have capabilities of its keeper, " + Long.toHexString(more)
                            + ": give a keeper that is root CAP_SETPCAP, or CAP_SETUID, CAP_SETGID, CAP_CHOWN and CAP_KILL");
        }
    }

    /** Hands the process its tokens, waits until it has connected with its own and waits for its host. */
    private void meet(ServerSocketChannel listener, byte[] platformToken, KeeperSettings settings)
            throws StartRefusedException, IOException {
        OutputStream input = process.getOutputStream();
        input.write(platformToken);
        input.flush();
        CompletableFuture<Void> ended = process.onExit().thenAccept(done -> {
            waiting.completeExceptionally(new IOException("its process ended with exit code " + done.exitValue()));
            try {
                listener.close();
            } catch (IOException e) {
                // Closing wakes a waiting accept; there is nothing else to do about a failure to close.
            }
        });
        Thread.ofVirtual().start(() -> {
            try {
                connect(listener, platformToken);
            } catch (IOException e) {
                waiting.completeExceptionally(e);
            }
        });
        try {
            waiting.get(settings.launchTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw refused(StartRefusedException.Code.LAUNCH_FAILED, "the enclave did not start: "
                    + (e.getCause() == null ? "" : e.getCause().getMessage()));
        } catch (TimeoutException e) {
            throw late(settings);
        } catch (InterruptedException e) {
            throw left();
        } finally {
            ended.cancel(false);
        }
    }

    /** Accepts until someone shows the enclave's token; whoever does not is cut off at once. */
    private void connect(ServerSocketChannel listener, byte[] platformToken) throws IOException {
        while (true) {
            SocketChannel channel = listener.accept();
            try {
                // A stranger may connect and say nothing: the enclave's own connection must not wait behind it.
                Thread.ofVirtual().start(() -> admit(channel, platformToken));
            } catch (RuntimeException e) {
                channel.close();
                throw e;
            }
        }
    }

    private void admit(SocketChannel channel, byte[] platformToken) {
        try {
            if (Boundary.accept(channel, platformToken) != Boundary.Kind.PLATFORM) {
                throw new IOException("not the enclave's connection");
            }
            synchronized (this) {
                if (peer != null || closed) {
                    throw new IOException("the enclave has connected already");
                }
                peer = CallPeer.over(
                                Channels.newInputStream(channel),
                                Channels.newOutputStream(channel),
                                Disclosure.TO_CLIENT)
                        .remote("enclave")
                        .limits(ENCLAVE_LIMITS)
                        .offer(PlatformAnswers.class, EncryptedAnswers.of(this, random))
                        .start();
            }
        } catch (IOException e) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // It is cut off either way.
            }
        }
    }

    /** What its bundle says of it. */
    Manifest manifest() {
        return manifest;
    }

    /** The enclave's process. */
    long pid() {
        return process.pid();
    }

    StartedEnclave started(List<String> interfaces) {
        return new StartedEnclave(
                launch.enclaveId(), folder.resolve(Boundary.SOCKET).toString(), launch.hostToken(), interfaces);
    }

    @Override
    public Launch launch() {
        return launch;
    }

    @Override
    public byte[] report(byte[] reportData) {
        if (reportData.length != ReportData.LENGTH) {
            throw new IllegalArgumentException("report data must be " + ReportData.LENGTH + " bytes");
        }
        return new KeeperReport(
                        identity.platform(),
                        identity.measurement(),
                        identity.bundleDigest(),
                        identity.runtimeDigest(),
                        identity.launchDigest(),
                        identity.signer(),
                        identity.productId(),
                        identity.securityVersion(),
                        identity.debug(),
                        identity.isolation(),
                        identity.confinement(),
                        identity.enclaveId(),
                        Bytes.of(reportData),
                        clock.instant().truncatedTo(ChronoUnit.SECONDS))
                .sign(keys.privateKey(), keys.publicKey());
    }

    @Override
    public byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException {
        return SealingKeys.derive(keys.sealingRoot(), identity, Runtime.version().feature(), request);
    }

    @Override
    public Optional<RegisterState> claimRegister(String name) throws RegisterRefusedException {
        // Not while it is being ended: its claims end with it, and none may come after that.
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("this enclave is being ended");
            }
            return registers.claim(this, identity, name);
        }
    }

    @Override
    public void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException {
        registers.advance(this, host.name(), identity, name, from, to);
    }

    @Override
    public void waiting() {
        waiting.complete(null);
    }

    /** Ends the process and removes its folder. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (peer != null) {
            peer.close();
        }
        end(process, manifest, uid, () -> {
            // Only once its processes have ended, which can answer by what they know until then; and whatever its folder does.
            registers.release(this);
            clear(folder, uid);
        });
    }

    /** What is to be done once an enclave's processes have ended. */
    private interface Afterwards {
        void run() throws IOException;
    }

    private static void end(Process process, Manifest manifest, Optional<Integer> uid, Afterwards afterwards)
            throws IOException {
        process.destroyForcibly();
        if (!hasEnded(process, timeToEnd(manifest))) {
            // The kernel still clears its memory; the rest is done when that is.
            var _ = process.onExit().thenRunAsync(() -> {
                try {
                    finish(uid, afterwards);
                } catch (IOException e) {
                    LOG.log(System.Logger.Level.ERROR, "an enclave that ended late has left something behind", e);
                }
            });
            throw new IOException("process " + process.pid() + " did not end yet");
        }
        finish(uid, afterwards);
    }

    private static void finish(Optional<Integer> uid, Afterwards afterwards) throws IOException {
        if (uid.isPresent()) {
            Users.endProcesses(uid.get());
        }
        afterwards.run();
    }

    /** Secret memory is cleared page by page when its process ends, a gigabyte in a third of a second. */
    private static Duration timeToEnd(Manifest manifest) {
        return END.plusMillis(manifest.heapBytes() >> 20);
    }

    private static void clear(Path folder, Optional<Integer> uid) throws IOException {
        if (uid.isPresent()) {
            Trees.takeOver(folder.resolve("io"));
        }
        try {
            CallMemory.remove(CallMemory.SHARED, folder);
        } finally {
            Trees.delete(folder);
        }
    }

    /**
     * Waits for the end of a process that is killed, also on a thread that is interrupted: a host that leaves during the start
     * interrupts it, and what it began must be cleared away all the same.
     */
    private static boolean hasEnded(Process process, Duration most) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static StartRefusedException late(KeeperSettings settings) {
        return refused(
                StartRefusedException.Code.LAUNCH_FAILED,
                "the enclave did not start within " + settings.launchTimeout().toSeconds() + " s");
    }

    private static StartRefusedException left() {
        Thread.currentThread().interrupt();
        return refused(StartRefusedException.Code.LAUNCH_FAILED, "its host left or the keeper is stopping");
    }

    static StartRefusedException refused(StartRefusedException.Code code, String message) {
        return new StartRefusedException(new StartRefusedException.Detail(code, message));
    }

    private static byte[] token(SecureRandom random) {
        byte[] token = new byte[Boundary.TOKEN_BYTES];
        random.nextBytes(token);
        return token;
    }
}
