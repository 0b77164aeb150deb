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
 * The memory that an enclave shares with its host for calls: a file that these two users can open, and no others but root. It lies in
 * memory, so that nothing of it is written to a disk: in the enclave's folder where that does, otherwise in the machine's folder for
 * shared memory with a link in the enclave's folder. It has its full length from the start; what nobody touches takes no memory.
 */
final class CallMemory {
    private static final System.Logger LOG = System.getLogger(CallMemory.class.getName());
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final String IN_MEMORY = "tmpfs";
    private static final String PREFIX = "innerkeep-calls-";
    private static final int NAME_BYTES = 16;
    private static final Set<PosixFilePermission> FOR_ONE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOR_BOTH = PosixFilePermissions.fromString("rw-rw----");

    private CallMemory() {}

    /**
     * Makes the file, if that can be done: without it, calls go over a socket, slower.
     *
     * @param folder the enclave's, which belongs to the keeper
     * @param host whose host it is
     * @param uid the enclave's user and group; empty if it runs as the keeper's user
     * @return the file; empty where there is no place for it, or no way to let these two users open it and nobody else
     * @throws IOException if what was begun cannot be removed
     */
    static Optional<Path> make(Path folder, HostUser host, Optional<Integer> uid, SecureRandom random) throws IOException {
        try {
            return tryToMake(folder, host, uid, random);
        } catch (IOException e) {
            // Folders for shared memory are everybody's, so anybody may have filled this one.
            LOG.log(System.Logger.Level.WARNING, "calls of an enclave go over a socket: no memory for them: {0}", e.getMessage());
            remove(folder);
            boolean _ = Files.deleteIfExists(folder.resolve(Boundary.CALLS_MEMORY));
            return Optional.empty();
        }
    }

    private static Optional<Path> tryToMake(Path folder, HostUser host, Optional<Integer> uid, SecureRandom random)
            throws IOException {
        UserPrincipal keeper = Files.getOwner(folder);
        if (uid.isEmpty() && !host.user().equals(keeper)) {
            return Optional.empty();
        }
        Path link = folder.resolve(Boundary.CALLS_MEMORY);
        Path file = link;
        if (!inMemory(folder)) {
            if (!inMemory(SHARED_MEMORY)) {
                return Optional.empty();
            }
            byte[] name = new byte[NAME_BYTES];
            random.nextBytes(name);
            file = SHARED_MEMORY.resolve(PREFIX + HexFormat.of().formatHex(name));
            // First, so that whoever clears the folder away finds the file.
            Files.createSymbolicLink(link, file);
        }
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(FOR_ONE);
        try (FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), mode)) {
            int _ = channel.write(ByteBuffer.allocate(1), Ring.BYTES - 1);
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

    /** Removes the file of an enclave whose folder is about to be deleted, if it lies elsewhere. */
    static void remove(Path folder) throws IOException {
        Path link = folder.resolve(Boundary.CALLS_MEMORY);
        if (Files.isSymbolicLink(link)) {
            Path file = Files.readSymbolicLink(link);
            if (SHARED_MEMORY.equals(file.getParent()) && file.getFileName().toString().startsWith(PREFIX)) {
                boolean _ = Files.deleteIfExists(file);
            }
        }
    }

    private static boolean inMemory(Path folder) throws IOException {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && Files.getFileStore(folder).type().equals(IN_MEMORY);
    }
}
