package org.innerkeep.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.channel.state.StateStore;

/**
 * Keeps the sealed state of enclaves in a folder: a file for each version of a value, {@code NAME.VERSION.age}. A version appears whole, or
 * not at all, and is on the disk when {@link #write} returns. Back the folder up like any other; for one enclave program, give it a folder
 * of its own.
 *
 * <p>An enclave cannot fill the disk, leave the folder or have a link followed: names, versions of a name and bytes are bounded. Safe for
 * use by several threads, of one process.
 */
public final class StateFolder implements StateStore {
    /** The most bytes of all files together, unless {@link #open(Path, long)} says otherwise. */
    public static final long DEFAULT_MAX_BYTES = 1L << 30;

    private static final int MAX_NAMES = 1024;
    private static final int MAX_VERSIONS = 8;
    private static final Pattern FILE = Pattern.compile("(" + NAME.pattern() + ")\\.([1-9][0-9]{0,17})\\.age");

    private final Path folder;
    private final long maxBytes;

    private record Kept(String name, long version, long bytes) {}

    private StateFolder(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    /**
     * Opens a folder, and makes it where there is none.
     *
     * @param folder for this alone; other files in it are left alone
     * @return the store
     * @throws IOException if it cannot be made
     */
    public static StateFolder open(Path folder) throws IOException {
        return open(folder, DEFAULT_MAX_BYTES);
    }

    /**
     * Opens a folder, and makes it where there is none.
     *
     * @param folder for this alone; other files in it are left alone
     * @param maxBytes the most bytes of all files together
     * @return the store
     * @throws IOException if it cannot be made
     */
    public static StateFolder open(Path folder, long maxBytes) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new StateFolder(folder.toRealPath(), maxBytes);
    }

    private Path file(String name, long version) {
        if (!NAME.matcher(name).matches() || version < 1 || version > 999_999_999_999_999_999L) {
            throw new IllegalArgumentException("state: expected a name of lower-case letters, digits, hyphens and underscores, and a version"
                    + " of 1 or more");
        }
        return folder.resolve(name + "." + version + ".age");
    }

    private List<Kept> all() throws IOException {
        List<Kept> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Matcher matcher = FILE.matcher(String.valueOf(file.getFileName()));
                if (matcher.matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    all.add(new Kept(matcher.group(1), Long.parseLong(matcher.group(2)), Files.size(file)));
                }
            }
        }
        return all;
    }

    @Override
    public synchronized Optional<Long> newest(String name) {
        try {
            return all().stream().filter(each -> each.name().equals(name)).map(Kept::version).max(Long::compare);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized Optional<byte[]> read(String name, long version) {
        try (InputStream in = Files.newInputStream(file(name, version), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            byte[] sealed = in.readNBytes(MAX_BYTES + 1);
            if (sealed.length > MAX_BYTES) {
                throw new IllegalStateException("state: version " + version + " of " + name + " has more than " + MAX_BYTES + " bytes");
            }
            return Optional.of(sealed);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized boolean write(String name, long version, byte[] sealed) {
        Path file = file(name, version);
        if (sealed.length == 0 || sealed.length > MAX_BYTES) {
            throw new IllegalArgumentException("state: expected 1 to " + MAX_BYTES + " bytes, found " + sealed.length);
        }
        try {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            makeRoom(name, sealed.length);
            // One at a time, so one name for all is enough, and what a crash left behind is replaced.
            Path fresh = folder.resolve(".state.new");
            Files.deleteIfExists(fresh);
            try (FileChannel channel = FileChannel.open(
                    fresh,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(sealed);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            sync();
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The oldest version of a name is the one that counts until a newer one is known to, for enclaves have what is older discarded before
     * they write; those between it and the newest are of enclaves that ended before that, and are given up when there are too many.
     */
    private void makeRoom(String name, int more) throws IOException {
        List<Kept> all = all();
        List<Kept> versions = all.stream()
                .filter(each -> each.name().equals(name))
                .sorted(Comparator.comparingLong(Kept::version))
                .toList();
        long bytes = more + all.stream().mapToLong(Kept::bytes).sum();
        if (versions.size() >= MAX_VERSIONS) {
            Kept given = versions.get(1);
            Files.deleteIfExists(file(given.name(), given.version()));
            bytes -= given.bytes();
        }
        Set<String> names = new HashSet<>(Set.of(name));
        all.forEach(each -> names.add(each.name()));
        if (names.size() > MAX_NAMES || bytes > maxBytes) {
            throw new IllegalStateException("state: the enclave wants to keep " + names.size() + " values and " + bytes + " bytes; at most "
                    + MAX_NAMES + " and " + maxBytes + " are kept in " + folder);
        }
    }

    private void sync() throws IOException {
        try (FileChannel opened = FileChannel.open(folder)) {
            opened.force(true);
        }
    }

    @Override
    public synchronized void discard(String name, long before) {
        try {
            for (Kept each : all()) {
                if (each.name().equals(name) && each.version() < before) {
                    Files.deleteIfExists(file(each.name(), each.version()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
