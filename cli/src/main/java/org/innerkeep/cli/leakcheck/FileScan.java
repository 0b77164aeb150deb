package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Searches one file or device from its beginning. Used by one thread. */
final class FileScan {
    private final Matcher.Search search;
    private final Findings findings;

    FileScan(Matcher.Search search, Findings findings) {
        this.search = search;
        this.findings = findings;
    }

    /** Searches at most {@code limit} bytes, and reports what of the file was not read. */
    void run(Path path, String where, long limit, OpenOption... options) {
        Set<OpenOption> open = new HashSet<>(Set.of(options));
        open.add(StandardOpenOption.READ);
        try (FileChannel channel = FileChannel.open(path, open)) {
            Range range = Range.of(channel, 0, limit);
            long read = search.run(range, (needle, offset) -> findings.found(needle, () -> where, offset));
            findings.read(read);
            if (range.failure().isPresent()) {
                findings.unread(where, "after " + read + " bytes: " + why(range.failure().get()));
            } else if (read >= limit && channel.read(ByteBuffer.allocate(1), read) > 0) {
                findings.unread(where, "a limit ended the scan after " + read + " bytes"
                        + (channel.size() > read ? " of " + channel.size() : ""));
            }
        } catch (IOException e) {
            findings.unread(where, why(e));
        }
    }

    /** {@return the reason in words, without the path, which the message of most such exceptions is} */
    static String why(Exception e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "does not exist";
            case ClosedByInterruptException _ -> "interrupted";
            case FileSystemException f -> Objects.requireNonNullElse(f.getReason(), f.getClass().getSimpleName());
            default -> Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        };
    }

    /** {@return a channel's bytes} */
    static Positioned channelBytes(FileChannel channel) {
        return (into, offset, length, at) -> channel.read(ByteBuffer.wrap(into, offset, length), at);
    }

    /** The bytes between two positions, until one cannot be read. */
    static final class Range implements Matcher.Source {
        private final Positioned bytes;
        private final long end;
        private long at;
        private @Nullable IOException failure;

        Range(Positioned bytes, long start, long end) {
            this.bytes = bytes;
            this.at = start;
            this.end = end;
        }

        /** The bytes of a channel. */
        static Range of(FileChannel channel, long start, long end) {
            return new Range(channelBytes(channel), start, end);
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (at >= end || failure != null) {
                return -1;
            }
            try {
                int n = bytes.read(into, offset, (int) Math.min(length, end - at), at);
                at += Math.max(n, 0);
                return n;
            } catch (IOException e) {
                failure = e;
                return -1;
            }
        }

        /** {@return why the last read failed, or nothing if it came to the end} */
        Optional<IOException> failure() {
            return Optional.ofNullable(failure);
        }
    }
}
