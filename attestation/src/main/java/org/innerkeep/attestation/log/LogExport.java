package org.innerkeep.attestation.log;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * A whole log in a file: the line {@value #MAGIC}, the signed head, then every leaf that the head covers. Head and leaves each come behind
 * their length in bytes as 32 bits, big-endian. A file that ends early is a log with fewer leaves than its head signs, which a
 * {@link LogVerifier} finds.
 *
 * <p>Reading goes forward: leaves must be asked for in ascending order. Not safe for use by several threads.
 */
public final class LogExport implements LogSource, AutoCloseable {
    /** What begins the file, with a line feed behind it. */
    public static final String MAGIC = "innerkeep log 1";

    private static final byte[] FIRST_LINE = (MAGIC + "\n").getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final DataInputStream in;
    private final LogHead.Signed head;
    private long next;

    private LogExport(Path file, DataInputStream in, LogHead.Signed head) {
        this.file = file;
        this.in = in;
        this.head = head;
    }

    /**
     * Writes a log. What it covers is what its head covers at the beginning; a live log may grow meanwhile.
     *
     * @param log a log
     * @param out where to
     * @throws IOException if the log cannot be read, has fewer leaves than its head says, or the file cannot be written
     */
    public static void write(LogSource log, OutputStream out) throws IOException {
        LogHead.Signed head = log.head().orElseThrow(() -> new IOException("there is no log to export"));
        DataOutputStream data = new DataOutputStream(out);
        data.write(FIRST_LINE);
        byte[] signed = head.toByteArray();
        data.writeInt(signed.length);
        data.write(signed);
        long size = head.head().size();
        for (long from = 0; from < size; ) {
            List<Bytes> leaves = log.leaves(from, (int) Math.min(MAX_LEAVES, size - from));
            if (leaves.isEmpty()) {
                throw new IOException("the log has " + from + " leaves, its head signs " + size + ": it is truncated");
            }
            for (Bytes leaf : leaves) {
                data.writeInt(leaf.length());
                data.write(leaf.toArray());
            }
            from += leaves.size();
        }
        data.flush();
    }

    /**
     * Tells whether a file begins as an export does.
     *
     * @param file the file
     * @return whether it does
     * @throws IOException if it cannot be read
     */
    public static boolean looksLike(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(FIRST_LINE.length), FIRST_LINE);
        }
    }

    /**
     * Opens a file to read it.
     *
     * @param file a hostile file
     * @return the log in it
     * @throws IOException if it cannot be read or is no export
     */
    public static LogExport open(Path file) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        boolean opened = false;
        try {
            if (!Arrays.equals(in.readNBytes(FIRST_LINE.length), FIRST_LINE)) {
                throw new IOException(file + ": expected an exported log, which begins with '" + MAGIC + "', found something else");
            }
            Bytes signed = item(file, in, LogHead.MAX_SIGNED_BYTES)
                    .orElseThrow(() -> new IOException(file + ": expected a signed head, found the end"));
            LogExport export = new LogExport(file, in, LogHead.parse(signed.toArray()));
            opened = true;
            return export;
        } catch (MalformedException e) {
            throw new IOException(file + ": expected a signed head: " + e.getMessage(), e);
        } finally {
            if (!opened) {
                in.close();
            }
        }
    }

    @Override
    public Optional<LogHead.Signed> head() {
        return Optional.of(head);
    }

    /**
     * Reads the leaves that come next.
     *
     * @throws IllegalArgumentException if {@code from} is not where the last call ended
     */
    @Override
    public List<Bytes> leaves(long from, int most) throws IOException {
        if (from != next) {
            throw new IllegalArgumentException("leaves: expected to be read on from " + next + ", found " + from);
        }
        List<Bytes> leaves = new ArrayList<>();
        while (leaves.size() < Math.min(most, MAX_LEAVES)) {
            Optional<Bytes> leaf = item(file, in, LogEntry.MAX_BYTES);
            if (leaf.isEmpty()) {
                break;
            }
            leaves.add(leaf.get());
            next++;
        }
        return leaves;
    }

    /** Nothing at the end of the file; a file that ends inside an item is no export. */
    private static Optional<Bytes> item(Path file, DataInputStream in, int most) throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        try {
            int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
            if (length < 1 || length > most) {
                throw new IOException(file + ": expected an item of 1 to " + most + " bytes, found a length of "
                        + Integer.toUnsignedString(length));
            }
            byte[] item = new byte[length];
            in.readFully(item);
            return Optional.of(Bytes.of(item));
        } catch (EOFException e) {
            throw new IOException(file + ": ends inside an item", e);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
