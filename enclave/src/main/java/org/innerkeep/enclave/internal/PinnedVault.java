package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.release.ReleaseRequest;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.enclave.Vault;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultException.Code;
import org.innerkeep.enclave.VaultStream;
import org.innerkeep.evidence.Bytes;

/** A vault that is named with its key. */
record PinnedVault(VaultDesk desk, VaultLocation location, Optional<Bytes> job, Duration limit) implements Vault {
    private static final int DIGEST_BYTES = 32;
    private static final Duration LONGEST = Duration.ofHours(1);

    @Override
    public Vault forJob(Bytes digest) {
        return new PinnedVault(desk, location, Optional.of(checked("job", digest)), limit);
    }

    @Override
    public Vault within(Duration other) {
        if (other.compareTo(Duration.ofMillis(1)) < 0 || other.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("limit: expected 1 millisecond to 1 hour, found " + other);
        }
        return new PinnedVault(desk, location, job, other);
    }

    private static Bytes checked(String what, Bytes digest) {
        if (digest.length() != DIGEST_BYTES) {
            throw new IllegalArgumentException(
                    what + ": expected a digest of " + DIGEST_BYTES + " bytes, found " + digest.length());
        }
        return digest;
    }

    @Override
    public VaultStream open(String key, String file) throws IOException {
        return open(key, desk.file(file), Optional.empty(), true);
    }

    @Override
    public VaultStream open(String key, String file, Bytes header) throws IOException {
        Bytes wanted = checked("header", header);
        return open(key, desk.file(file), Optional.of(wanted), true);
    }

    @Override
    public VaultStream open(String key, InputStream sealed) throws IOException {
        return open(key, sealed, Optional.empty(), false);
    }

    private VaultStream open(String key, InputStream sealed, Optional<Bytes> wanted, boolean ofHost) throws IOException {
        boolean opened = false;
        try {
            Bytes header = header(sealed, ofHost);
            Bytes found = Bytes.sha256(header.toArray());
            if (wanted.isPresent() && !wanted.get().equals(found)) {
                throw new VaultException(
                        Code.NOT_THE_FILE,
                        "key '" + key + "': the host gave the file whose header has the digest " + found.shortHex()
                                + ", wanted is " + wanted.get().shortHex());
            }
            LeasedKey held = hold(key, header);
            try {
                VaultStream stream = held.openBehindHeader(sealed, true);
                opened = true;
                return stream;
            } finally {
                if (!opened) {
                    held.close();
                }
            }
        } finally {
            if (!opened) {
                sealed.close();
            }
        }
    }

    private static Bytes header(InputStream sealed, boolean ofHost) throws IOException {
        try {
            return SealedFile.header(sealed);
        } catch (SealedFileException e) {
            throw new VaultException(Code.NOT_THE_FILE, "no sealed file in binary form: " + e.getMessage(), e);
        } catch (VaultException e) {
            throw e;
        } catch (IOException e) {
            throw ofHost
                    ? new VaultException(Code.NOT_CARRIED, "the host's file ended within its header: " + e.getMessage(), e)
                    : e;
        }
    }

    @Override
    public LeasedKey hold(String key, Bytes header) throws IOException {
        if (header.length() > ReleaseRequest.MAX_HEADER_BYTES) {
            throw new VaultException(
                    Code.NOT_THE_FILE,
                    "key '" + key + "': a header of " + header.length() + " bytes; a vault takes at most "
                            + ReleaseRequest.MAX_HEADER_BYTES + ", some forty recipients");
        }
        return LeasedKey.obtain(desk, new VaultDesk.Question(location, key, header, job, limit));
    }

    @Override
    public String toString() {
        return location.toString();
    }
}
