package org.innerkeep.enclave.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.ReleaseTerms;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.enclave.HeldKey;
import org.innerkeep.enclave.VaultStream;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.Nullable;

/** A file key and its lease, renewed when it is over and looked at. Safe for use by several threads. */
final class LeasedKey implements HeldKey {
    /** Where a clock of nanoseconds ends; no lease outlives that. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final VaultDesk desk;
    private final VaultDesk.Question question;
    private final Bytes header;
    private ReleaseTerms terms;
    private @Nullable ReleasedKey key;
    private long begun;
    private boolean closed;

    private LeasedKey(VaultDesk desk, VaultDesk.Question question, VaultDesk.Granted granted) {
        this.desk = desk;
        this.question = question;
        this.header = Bytes.sha256(question.header().toArray());
        this.terms = granted.key().terms();
        this.key = granted.key();
        this.begun = granted.begun();
    }

    /** Asks the vault for the first time. */
    static LeasedKey obtain(VaultDesk desk, VaultDesk.Question question) throws IOException {
        return new LeasedKey(desk, question, desk.ask(question));
    }

    @Override
    public synchronized ReleaseTerms terms() {
        return terms;
    }

    /** SHA-256 of the file's header. */
    Bytes header() {
        return header;
    }

    @Override
    public synchronized void check() throws IOException {
        ReleasedKey _ = current();
    }

    private ReleasedKey current() throws IOException {
        if (closed) {
            throw new IOException("this key is closed");
        }
        if (key != null && !over(key.lease())) {
            return key;
        }
        if (key != null) {
            key.close();
            key = null;
        }
        VaultDesk.Granted granted = desk.ask(question);
        key = granted.key();
        begun = granted.begun();
        terms = key.terms();
        return granted.key();
    }

    private synchronized FileKey copy() throws IOException {
        byte[] secret = current().fileKey().exposeSecretBytes();
        try {
            return FileKey.fromSecretBytes(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private boolean over(Optional<Duration> lease) {
        if (lease.isEmpty()) {
            return false;
        }
        Duration bounded = lease.get().compareTo(LONGEST) > 0 ? LONGEST : lease.get();
        return desk.now() - begun >= bounded.toNanos();
    }

    @Override
    public VaultStream open(InputStream sealed) throws IOException {
        return open(sealed, false);
    }

    /**
     * Opens the file.
     *
     * @param owned whether this key ends with the stream
     */
    VaultStream open(InputStream sealed, boolean owned) throws IOException {
        boolean opened = false;
        try {
            // A copy, since another thread may find the lease over while the host takes its time to give bytes.
            try (FileKey copy = copy()) {
                InputStream plain = SealedFile.open(sealed, copy);
                opened = true;
                return new LeasedStream(plain, this, owned);
            }
        } finally {
            if (!opened) {
                sealed.close();
            }
        }
    }

    /** The same for a file whose header was read already. */
    VaultStream openBehindHeader(InputStream payload, boolean owned) throws IOException {
        return open(new SequenceInputStream(new ByteArrayInputStream(question.header().toArray()), payload), owned);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (key != null) {
            key.close();
            key = null;
        }
    }
}
