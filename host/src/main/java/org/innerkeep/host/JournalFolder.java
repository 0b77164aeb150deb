package org.innerkeep.host;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.channel.state.JournalStore;

/**
 * Keeps the sealed journal of one enclave program in a folder: a file for each chapter, {@code NUMBER.journal}, in which each
 * record stands behind its length, four bytes, big-endian. A record is on the disk when {@link #append} returns; one that was cut
 * off by a crash is not counted. To copy the folder while the enclave runs gives a journal that ends a little earlier, which the
 * enclave refuses: see its documents for what to do with a copy.
 *
 * <p>An enclave cannot fill the disk, leave the folder or have a link followed: chapters, records and bytes are bounded. One
 * process at a time has the folder. Safe for use by several threads.
 */
public final class JournalFolder implements JournalStore, Closeable {
    /** The most bytes of all chapters together, unless {@link #open(Path, long)} says otherwise. */
    public static final long DEFAULT_MAX_BYTES = 8L << 30;

    private static final int LENGTH_BYTES = 4;
    private static final Pattern FILE = Pattern.compile("([1-9][0-9]{0,17})\\.journal");
    private static final long MAX_NUMBER = 999_999_999_999_999_999L;
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;
    private final long maxBytes;
    private final FileChannel lock;
    private final NavigableMap<Long, Open> open = new TreeMap<>();
    private boolean closed;

    /** A chapter's file, and where its records begin; one number more than there are records. */
    private record Open(FileChannel channel, List<Long> starts) {
        int records() {
            return starts.size() - 1;
        }

        long end() {
            return starts.getLast();
        }
    }

    private JournalFolder(Path folder, long maxBytes, FileChannel lock) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.lock = lock;
    }

    /**
     * Opens a folder, and makes it where there is none.
     *
     * @param folder for this alone; other files in it are left alone
     * @return the store
     * @throws IOException if it cannot be made or read, or another process has it
     */
    public static JournalFolder open(Path folder) throws IOException {
        return open(folder, DEFAULT_MAX_BYTES);
    }

    /**
     * Opens a folder, and makes it where there is none.
     *
     * @param folder for this alone; other files in it are left alone
     * @param maxBytes the most bytes of all chapters together
     * @return the store
     * @throws IOException if it cannot be made or read, or another process has it
     */
    public static JournalFolder open(Path folder, long maxBytes) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path real = folder.toRealPath();
        FileChannel lock = FileChannel.open(
                real.resolve("lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                        OWNER_ONLY);
        JournalFolder opened = new JournalFolder(real, maxBytes, lock);
        boolean done = false;
        try {
            if (lock.tryLock() == null) {
                throw new IOException(folder + ": another process keeps an enclave's journal there");
            }
            opened.scan();
            done = true;
            return opened;
        } catch (OverlappingFileLockException e) {
            throw new IOException(folder + ": this process keeps an enclave's journal there already", e);
        } finally {
            if (!done) {
                opened.close();
            }
        }
    }

    private void scan() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Matcher matcher = FILE.matcher(String.valueOf(file.getFileName()));
                if (matcher.matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    FileChannel channel = FileChannel.open(
                            file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                    open.put(Long.parseLong(matcher.group(1)), new Open(channel, starts(channel)));
                }
            }
        }
    }

    /** What is shorter than it says was being written when the machine or this process ended. */
    private static List<Long> starts(FileChannel channel) throws IOException {
        List<Long> starts = new ArrayList<>(List.of(0L));
        long size = channel.size();
        long at = 0;
        while (at + LENGTH_BYTES < size && starts.size() <= MAX_RECORDS) {
            int length = read(channel, at, LENGTH_BYTES).getInt();
            if (length < 1 || length > MAX_BYTES || at + LENGTH_BYTES + length > size) {
                break;
            }
            at += LENGTH_BYTES + length;
            starts.add(at);
        }
        return starts;
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException("a chapter of the journal became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("journal: " + folder + " is closed");
        }
    }

    @Override
    public synchronized List<Chapter> chapters() {
        checkOpen();
        // The newest ones: what counts is never behind what an honest enclave has given up.
        return open.entrySet().stream()
                .skip(Math.max(0, open.size() - MAX_CHAPTERS))
                .map(each -> new Chapter(each.getKey(), each.getValue().records()))
                .toList();
    }

    @Override
    public synchronized Optional<byte[]> read(long chapter, int index) {
        checkOpen();
        Open found = open.get(chapter);
        if (found == null || index < 0 || index >= found.records()) {
            return Optional.empty();
        }
        long at = found.starts().get(index) + LENGTH_BYTES;
        try {
            return Optional.of(read(found.channel(), at, (int) (found.starts().get(index + 1) - at)).array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void append(long chapter, int index, byte[] sealed) {
        checkOpen();
        if (chapter < 1 || chapter > MAX_NUMBER || sealed.length == 0 || sealed.length > MAX_BYTES) {
            throw new IllegalArgumentException("journal: expected a chapter of 1 or more, and 1 to " + MAX_BYTES + " bytes");
        }
        try {
            Open into = index == 0 ? begin(chapter) : open.get(chapter);
            if (into == null || index < 0 || index > into.records() || index >= MAX_RECORDS) {
                throw new IllegalArgumentException("journal: expected a record behind those of chapter " + chapter);
            }
            long all = open.values().stream().mapToLong(Open::end).sum() - into.end() + into.starts().get(index) + sealed.length;
            if (all > maxBytes) {
                throw new IllegalStateException("journal: the enclave wants to keep " + all + " bytes; at most " + maxBytes
                        + " are kept in "
                        + folder);
            }
            while (into.records() > index) {
                into.starts().removeLast();
            }
            long at = into.end();
            into.channel().truncate(at);
            ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES + sealed.length).putInt(sealed.length).put(sealed).flip();
            while (bytes.hasRemaining()) {
                into.channel().write(bytes, at + bytes.position());
            }
            into.channel().force(false);
            into.starts().add(at + bytes.limit());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Open begin(long chapter) throws IOException {
        Open there = open.get(chapter);
        if (there != null) {
            return there;
        }
        if (open.size() >= MAX_CHAPTERS) {
            throw new IllegalStateException("journal: the enclave has begun " + open.size() + " chapters, and given up none");
        }
        FileChannel channel = FileChannel.open(
                folder.resolve(chapter + ".journal"),
                Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                OWNER_ONLY);
        Open begun = new Open(channel, new ArrayList<>(List.of(0L)));
        open.put(chapter, begun);
        sync();
        return begun;
    }

    private void sync() throws IOException {
        try (FileChannel opened = FileChannel.open(folder)) {
            opened.force(true);
        }
    }

    @Override
    public synchronized void discard(long before) {
        checkOpen();
        try {
            for (Map.Entry<Long, Open> each : List.copyOf(open.headMap(before).entrySet())) {
                each.getValue().channel().close();
                open.remove(each.getKey());
                Files.deleteIfExists(folder.resolve(each.getKey() + ".journal"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes the files. Later calls fail. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        for (Open each : open.values()) {
            each.channel().close();
        }
        lock.close();
    }
}
