package org.innerkeep.vault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A file beside the master key that says how far the log had come and which life the vault was in. A store that does not go on from there
 * is an older copy, in which a grant may hold that was revoked since. Whoever can put back both, store and this file, is not found out
 * here; enclaves that remember the epoch, and whoever keeps receipts, find it.
 *
 * <p>The service keeps a head of its own beside the log's key, and looks at it first. This one is not spared by that: the master key
 * can lie where no copy of the service's folder has it, and then it is this file that is not put back with the rest.
 *
 * <p>Safe for use by several threads.
 */
final class Witness {
    private static final String PROFILE = "tag:innerkeep.org,2026:vault-witness/1";
    private static final int MAX_BYTES = 8192;

    private final Path file;
    private final TransparencyLog log;

    /**
     * What was seen last.
     *
     * @param epoch the vault's life
     * @param head of the log
     */
    record Seen(long epoch, LogHead.Signed head) {}

    Witness(Path file, TransparencyLog log) {
        this.file = file;
        this.log = log;
    }

    /** What the file says, if there is one. */
    Optional<Seen> seen() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + ": expected at most " + MAX_BYTES + " bytes");
        }
        try {
            CborReader reader = new CborReader(Files.readAllBytes(file));
            reader.arrayOf("witness", 3);
            if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
                throw new MalformedException("profile", -1, "expected " + PROFILE);
            }
            long epoch = reader.integer("epoch", 1, Long.MAX_VALUE);
            LogHead.Signed head = LogHead.parse(reader.bytes("head", 1, LogHead.MAX_SIGNED_BYTES));
            reader.end("witness");
            return Optional.of(new Seen(epoch, head));
        } catch (MalformedException e) {
            throw new IOException(file + ": expected what this program wrote there: " + e.getMessage(), e);
        }
    }

    /** Whether the log goes on from what was seen. */
    boolean goesOn(Seen seen) throws IOException {
        LogHead.Signed now = log.head().orElseThrow(() -> new IOException("log: it has no head"));
        if (now.head().size() < seen.head().head().size()) {
            return false;
        }
        return new LogVerifier(log.anchor())
                .verify(seen.head(), now, log.consistency(seen.head().head().size(), now.head().size()))
                .intact();
    }

    /**
     * Writes down how far the log has come.
     *
     * @param epoch the vault's life; asked here, so that of two who write at once the later one does not write the earlier life
     */
    synchronized void note(LongSupplier epoch) throws IOException {
        LogHead.Signed head = log.head().orElseThrow(() -> new IOException("log: it has no head"));
        byte[] bytes = new CborWriter().array(3).text(PROFILE).integer(epoch.getAsLong()).bytes(head.toByteArray()).toByteArray();
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer all = ByteBuffer.wrap(bytes);
            while (all.hasRemaining()) {
                channel.write(all);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
