package org.innerkeep.attestation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.MalformedException;

/**
 * The newest head that this instance has signed or seen, in a file apart from the store, so that a store that was put back to an older
 * copy is noticed at the next start.
 *
 * <p>Two places of {@value #PLACE} bytes are written in turn: two bytes of length, big-endian, and the signed head. A write that was cut
 * off damages the older of the two heads at most; the other is there. Both are signed, so whoever changes the file without the log's key
 * can do no more than take it away.
 *
 * <p>Safe for use by several threads.
 */
public final class HeadFile implements AutoCloseable {
    private static final int PLACE = 1024;
    private static final int PLACES = 2;
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;
    private final FileChannel channel;
    private Optional<LogHead.Signed> kept;
    private int next;

    private HeadFile(Path file, FileChannel channel, Optional<LogHead.Signed> kept, int next) {
        this.file = file;
        this.channel = channel;
        this.kept = kept;
        this.next = next;
    }

    /**
     * Opens the file, or makes it.
     *
     * @param file beside the log's key
     * @param anchor the log
     * @return the file
     * @throws IOException if it cannot be read or made, or has something in it, but no head of this log
     */
    public static HeadFile open(Path file, LogAnchor anchor) throws IOException {
        boolean there = Files.exists(file);
        FileChannel channel = channel(file);
        try {
            HeadFile opened = read(file, channel, anchor);
            if (!there) {
                syncFolder(file);
            }
            return opened;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static FileChannel channel(Path file) throws IOException {
        try {
            return FileChannel.open(
                    file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE), attributes(file));
        } catch (IOException e) {
            throw new IOException(file + ": the newest head of the log cannot be kept here (" + e
                    + "); it is a file beside the log's key unless log-head-file names another", e);
        }
    }

    private static FileAttribute<?>[] attributes(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {OWNER_ONLY}
                : new FileAttribute<?>[0];
    }

    private static void syncFolder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel opened = FileChannel.open(folder)) {
                opened.force(true);
            }
        }
    }

    private static HeadFile read(Path file, FileChannel channel, LogAnchor anchor) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(PLACE * PLACES + 1).order(ByteOrder.BIG_ENDIAN);
        while (all.hasRemaining() && channel.read(all, all.position()) >= 0) {
            // Until the end of the file.
        }
        Optional<LogHead.Signed> newest = Optional.empty();
        int at = 0;
        for (int place = 0; place < PLACES; place++) {
            Optional<LogHead.Signed> found = head(Arrays.copyOfRange(all.array(), place * PLACE, (place + 1) * PLACE), anchor);
            if (found.isPresent() && (newest.isEmpty() || found.get().head().size() >= newest.get().head().size())) {
                newest = found;
                at = place;
            }
        }
        if (newest.isEmpty() && all.position() > 0) {
            throw new IOException(file + ": expected the newest head that this log's key signed, found something else; it belongs to"
                    + " another key, or was damaged: restore it, or look at the store by 'innerkeep log verify' and move the file away");
        }
        return new HeadFile(file, channel, newest, newest.isEmpty() ? 0 : (at + 1) % PLACES);
    }

    private static Optional<LogHead.Signed> head(byte[] place, LogAnchor anchor) {
        int length = (place[0] & 0xff) << 8 | (place[1] & 0xff);
        if (length == 0 || length > PLACE - 2) {
            return Optional.empty();
        }
        try {
            return Optional.of(LogHead.parse(Arrays.copyOfRange(place, 2, 2 + length))).filter(head -> head.signedBy(anchor));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    /** {@return the newest head that was kept, or nothing in a new file} */
    public synchronized Optional<LogHead.Signed> kept() {
        return kept;
    }

    /**
     * Keeps a head. Returns once it is on the disk.
     *
     * @param head signed by the log
     * @throws IOException if it cannot be written
     */
    public synchronized void keep(LogHead.Signed head) throws IOException {
        if (kept.equals(Optional.of(head))) {
            return;
        }
        write(head, next);
        boolean grew = kept.isEmpty() || head.head().size() > kept.get().head().size();
        next = (next + 1) % PLACES;
        if (!grew) {
            // A state that was put back and accepted: the newer head in the other place must not win the next time.
            write(head, next);
        }
        kept = Optional.of(head);
    }

    private void write(LogHead.Signed head, int place) throws IOException {
        byte[] encoded = head.toByteArray();
        ByteBuffer bytes = ByteBuffer.allocate(PLACE).putShort((short) encoded.length).put(encoded).rewind();
        long at = (long) place * PLACE;
        while (bytes.hasRemaining()) {
            channel.write(bytes, at + bytes.position());
        }
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** {@return the file} */
    @Override
    public String toString() {
        return file.toString();
    }
}
