package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.ring.Ring;

/**
 * The memory that an enclave shares with its host for calls: a file that these two users can open, and no others but root, unless the
 * host lets them. It lies in the machine's folder for shared memory, for what host and enclave can fill must not be the keeper's, and
 * is found by a link in the enclave's folder.
 *
 * <p>The file is the host's, the folder that it lies in is the keeper's: so the host cannot put something else in its place, and a keeper
 * that is not root can remove it. All of its memory is taken when it is made: a machine that has none left says so then, and not by
 * ending the process that writes there.
 */
final class CallMemory {
    /** The machine's folder for shared memory. */
    static final Path SHARED = Path.of("/dev/shm");

    private static final System.Logger LOG = System.getLogger(CallMemory.class.getName());
    private static final String IN_MEMORY = "tmpfs";
    private static final String PREFIX = "innerkeep-calls-";
    private static final String FILE = "calls";
    private static final int NAME_BYTES = 16;
    private static final int WRITE_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx--x--x");
    private static final Set<PosixFilePermission> FOR_ONE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOR_BOTH = PosixFilePermissions.fromString("rw-rw----");

    private CallMemory() {}

    /**
     * Makes the file, if that can be done: without it, calls go over a socket, slower.
     *
     * @param shared a folder in memory in which everybody may make files and nobody may remove those of others
     * @param folder the enclave's, which belongs to the keeper
     * @param host whose host it is
     * @param uid the enclave's user and group; empty if it runs as the keeper's user
     * @return the file; empty where there is no place for it, or no way to let these two users open it and nobody else
     * @throws IOException if what was begun cannot be removed
     */
    static Optional<Path> make(Path shared, Path folder, HostUser host, Optional<Integer> uid, SecureRandom random)
            throws IOException {
        try {
            return tryToMake(shared, folder, host, uid, random);
        } catch (IOException e) {
            // Folders for shared memory are everybody's, so anybody may have filled this one.
            LOG.log(System.Logger.Level.WARNING, "calls of an enclave go over a socket: no memory for them: {0}", e.toString());
            remove(shared, folder);
            return Optional.empty();
        }
    }

    private static Optional<Path> tryToMake(Path shared, Path folder, HostUser host, Optional<Integer> uid, SecureRandom random)
            throws IOException {
        UserPrincipal keeper = Files.getOwner(folder);
        boolean sharable = uid.isPresent() || host.user().equals(keeper);
        if (!sharable || !inMemory(shared)) {
            return Optional.empty();
        }
        byte[] name = new byte[NAME_BYTES];
        random.nextBytes(name);
        Path own = shared.resolve(PREFIX + HexFormat.of().formatHex(name));
        Path file = own.resolve(FILE);
        // First, so that whoever clears the enclave's folder away finds the rest.
        Files.createSymbolicLink(folder.resolve(Boundary.CALLS_MEMORY), file);
        Files.createDirectory(own, PosixFilePermissions.asFileAttribute(FOLDER));
        // Whatever the umask.
        Files.setPosixFilePermissions(own, FOLDER);
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(FOR_ONE);
        try (FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), mode)) {
            fill(channel);
        }
        if (uid.isPresent()) {
            PosixFileAttributeView attributes = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            attributes.setGroup(file.getFileSystem()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(Integer.toString(uid.get())));
            attributes.setPermissions(FOR_BOTH);
            attributes.setOwner(host.user());
        }
        return Optional.of(file);
    }

    /** With zeros, as the memory must be at first. */
    private static void fill(FileChannel channel) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(WRITE_BYTES);
        long left = Ring.BYTES;
        while (left > 0) {
            zeros.clear().limit((int) Math.min(left, zeros.capacity()));
            left -= channel.write(zeros);
        }
    }

    /**
     * Removes what was made for an enclave whose folder is about to be deleted, the link among it. Only the keeper writes in that folder,
     * so the link is one that it made.
     */
    static void remove(Path shared, Path folder) throws IOException {
        Path link = folder.resolve(Boundary.CALLS_MEMORY);
        if (Files.isSymbolicLink(link)) {
            Path file = Files.readSymbolicLink(link);
            Path own = file.getParent();
            if (own != null && shared.equals(own.getParent()) && own.getFileName().toString().startsWith(PREFIX)) {
                boolean _ = Files.deleteIfExists(file);
                boolean _ = Files.deleteIfExists(own);
            }
            Files.delete(link);
        }
    }

    private static boolean inMemory(Path folder) throws IOException {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && Files.getFileStore(folder).type().equals(IN_MEMORY);
    }
}
