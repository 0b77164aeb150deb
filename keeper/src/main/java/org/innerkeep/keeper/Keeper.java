package org.innerkeep.keeper;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.channel.call.CallLimits;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.innerkeep.evidence.KeeperAnchor;

/**
 * A running keeper: listens on a Unix-domain socket in its own folder for hosts of allowed users. Safe for use by several
 * threads.
 */
public final class Keeper implements AutoCloseable {
    /** The version of this software. */
    public static final String VERSION = "0.1.0";

    /** The name of the socket in the keeper's folder. */
    public static final String SOCKET = "keeper.sock";

    private static final System.Logger LOG = System.getLogger(Keeper.class.getName());

    /** A host sends one chunk of a bundle at a time; more would only take the keeper's memory. */
    private static final CallLimits HOST_LIMITS = new CallLimits(2 << 20, 4, 16, 4 << 20);

    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);

    private final KeeperSettings settings;
    private final FileChannel lock;
    private final PlatformKeys keys;
    private final Registers registers;
    private final Users users;
    private final Runtimes runtimes;
    private final Abilities abilities;
    private final SecureRandom random;
    private final Clock clock;
    private final Semaphore places;
    private final SecretHeaps secretHeaps;
    private final Semaphore hosts;
    private final Set<UserPrincipal> allowed;
    private final ServerSocketChannel listener;
    private final Set<HostConnection> connections = ConcurrentHashMap.newKeySet();

    private Keeper(KeeperSettings settings, FileChannel lock, SecureRandom random, Clock clock) throws IOException {
        Path folder = settings.folder();
        this.settings = settings;
        this.lock = lock;
        this.random = random;
        this.clock = clock;
        this.keys = PlatformKeys.open(folder, random);
        this.registers = Registers.open(folder.resolve("registers"));
        this.users = new Users(UserIds.open(folder.resolve("next-user-id"), settings.firstEnclaveUid(), random));
        this.allowed = resolve(settings.allowedUsers());
        this.runtimes = new Runtimes(folder.resolve("runtimes"));
        this.abilities = Abilities.find();
        this.places = new Semaphore(settings.maxEnclaves());
        this.secretHeaps = new SecretHeaps(settings.maxSecretHeapBytes());
        this.hosts = new Semaphore(2 * settings.maxEnclaves());
        // Whatever an earlier keeper left: its enclaves ended with it, for their input ended.
        clearRunFolder();
        Files.deleteIfExists(socket());
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket()));
        Files.setPosixFilePermissions(socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    /**
     * Opens a keeper's folder and listens. At the first start the keys are made.
     *
     * @param settings what the administrator decided
     * @param random for keys, tokens and ids
     * @param clock for the time in reports
     * @return the keeper; call {@link #serve} next
     * @throws IOException if the folder cannot be used, is another running keeper's, or its files are damaged
     */
    public static Keeper open(KeeperSettings settings, SecureRandom random, Clock clock) throws IOException {
        Path folder = settings.folder().toAbsolutePath();
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            // Others may reach the sockets inside, never list or write.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        }
        checkFolder(folder);
        FileChannel lock = FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (lock.tryLock() == null) {
                throw new IOException("a keeper runs in " + folder + " already");
            }
            return new Keeper(settings, lock, random, clock);
        } catch (java.nio.channels.OverlappingFileLockException e) {
            lock.close();
            throw new IOException("a keeper runs in " + folder + " already", e);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static void checkFolder(Path folder) throws IOException {
        int longest = folder.toString().length() + "/run/0123456789abcdef/io/boundary".length();
        if (longest > 107) {
            throw new IOException("the keeper's folder has a path of " + folder.toString().length()
                    + " characters; sockets in it allow at most " + (folder.toString().length() + 107 - longest)
                    + ": choose a shorter one");
        }
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
        if (mode.charAt(4) == 'w' || mode.charAt(7) == 'w') {
            throw new IOException("others can write in " + folder + " (mode " + mode + "): chmod go-w it");
        }
        if (!Files.getOwner(folder).equals(Files.getOwner(Path.of("/proc/self")))) {
            throw new IOException(folder + " belongs to " + Files.getOwner(folder).getName()
                    + ", not to the user who runs the keeper: its owner could replace what the keeper measures");
        }
    }

    private void clearRunFolder() throws IOException {
        Path run = runFolder();
        if (Files.isDirectory(run)) {
            try (var left = Files.list(run)) {
                for (Path folder : left.toList()) {
                    clear(folder);
                }
            }
        } else {
            Files.createDirectory(run);
        }
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** A folder that cannot be cleared away is in nobody's way, for its name never comes again; the keeper starts beside it. */
    private void clear(Path folder) {
        try {
            if (users.canSwitch() && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Trees.takeOver(folder.resolve("io"));
            }
            try {
                CallMemory.remove(CallMemory.SHARED, folder);
            } finally {
                Trees.delete(folder);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "what an earlier keeper left could not be cleared away: {0}", e.getMessage());
        }
    }

    /** {@return what relying parties pin} */
    public KeeperAnchor anchor() {
        return keys.anchor();
    }

    /** {@return the path of the socket for hosts} */
    public Path socket() {
        return settings.folder().toAbsolutePath().resolve(SOCKET);
    }

    /** {@return whether each enclave gets a user id of its own} */
    public boolean separatesUsers() {
        return users.canSwitch();
    }

    /** {@return whether each enclave gets a network of its own, with nothing in it but its own loopback address} */
    public boolean separatesNetworks() {
        return abilities.noOwnNetwork().isEmpty();
    }

    /** {@return what enclaves are protected by here, and why not by more} */
    public ProcessPlatform platform() {
        return ProcessPlatform.of(abilities, users.canSwitch());
    }

    /**
     * Serves hosts until the keeper is closed.
     *
     * @throws IOException if listening fails
     */
    public void serve() throws IOException {
        while (listener.isOpen()) {
            SocketChannel channel;
            try {
                channel = listener.accept();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // Too many open files, most likely: nobody's connections may end everybody's keeper.
                LOG.log(System.Logger.Level.WARNING, "a connection could not be accepted: {0}", e.getMessage());
                LockSupport.parkNanos(ACCEPT_PAUSE.toNanos());
                continue;
            }
            Thread.ofVirtual().start(() -> admit(channel));
        }
    }

    private void admit(SocketChannel channel) {
        try {
            UserPrincipal user = Users.peer(channel);
            if (!users.isOwn(user) && !allowed.contains(user)) {
                LOG.log(System.Logger.Level.WARNING, "user {0} may not start enclaves; allow it by name", user.getName());
                channel.close();
                return;
            }
            if (!hosts.tryAcquire()) {
                LOG.log(System.Logger.Level.WARNING, "too many hosts are connected; user {0} is cut off", user.getName());
                channel.close();
                return;
            }
            byte[] enclaveId = new byte[16];
            random.nextBytes(enclaveId);
            HostConnection connection = new HostConnection(this, HostUser.of(user, users.separates(user)), enclaveId);
            connections.add(connection);
            CallPeer peer = CallPeer.over(
                            Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                    .remote("host")
                    .limits(HOST_LIMITS)
                    .offer(KeeperService.class, connection)
                    .start();
            var _ = peer.closed().whenComplete((done, failure) -> drop(connection));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a host could not be served: {0}", e.getMessage());
            try {
                channel.close();
            } catch (IOException ignored) {
                // It is cut off either way.
            }
        }
    }

    private static Set<UserPrincipal> resolve(Set<String> names) throws IOException {
        Set<UserPrincipal> users = new HashSet<>();
        for (String name : names) {
            try {
                users.add(Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name));
            } catch (UserPrincipalNotFoundException e) {
                throw new IOException("no user is named '" + name + "': correct --allow-user, or make the user first", e);
            }
        }
        return users;
    }

    private void drop(HostConnection connection) {
        if (!connections.remove(connection)) {
            return;
        }
        hosts.release();
        try {
            connection.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "an enclave could not be cleared away: {0}", e.getMessage());
        }
    }

    EnclaveProcess launch(Path folder, Bundle bundle, byte[] enclaveId, HostUser host)
            throws StartRefusedException, IOException {
        if (!places.tryAcquire()) {
            throw EnclaveProcess.refused(
                    StartRefusedException.Code.TOO_MANY_ENCLAVES,
                    "this keeper runs " + settings.maxEnclaves() + " enclaves already");
        }
        long locked = lockedBytes(bundle.manifest());
        long reserved = 0;
        boolean taken = false;
        try {
            secretHeaps.take(locked);
            reserved = locked;
            EnclaveProcess started = EnclaveProcess.start(
                    folder, bundle, enclaveId, host, abilities, runtimes, users, keys, registers, settings, random, clock);
            taken = true;
            return started;
        } finally {
            if (!taken) {
                secretHeaps.giveBack(reserved);
                places.release();
            }
        }
    }

    /** What an enclave of this bundle locks here. */
    private long lockedBytes(Manifest manifest) {
        return manifest.secretHeap() && abilities.noSecretHeap(manifest.heapBytes()).isEmpty()
                ? LockedMemory.needed(manifest.heapBytes())
                : 0;
    }

    void ended(Manifest manifest) {
        secretHeaps.giveBack(lockedBytes(manifest));
        places.release();
    }

    Path runFolder() {
        return settings.folder().toAbsolutePath().resolve("run");
    }

    KeeperSettings settings() {
        return settings;
    }

    PublicKey publicKey() {
        return keys.publicKey();
    }

    /** Stops listening and ends every enclave. */
    @Override
    public void close() throws IOException {
        listener.close();
        connections.forEach(this::drop);
        Files.deleteIfExists(socket());
        lock.close();
    }
}
