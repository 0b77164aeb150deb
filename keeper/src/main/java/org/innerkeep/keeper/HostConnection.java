package org.innerkeep.keeper;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.OfferedInterface;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.jspecify.annotations.Nullable;

/** One host's connection: takes its bundle, starts its enclave, and ends that enclave when the connection ends. */
final class HostConnection implements KeeperService, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HostConnection.class.getName());

    private final Keeper keeper;
    private final HostUser user;
    private final byte[] enclaveId;
    private final Path folder;
    private final Path received;
    private @Nullable OutputStream upload;
    private long missing;
    private @Nullable EnclaveProcess enclave;
    private boolean closed;

    HostConnection(Keeper keeper, HostUser user, byte[] enclaveId) {
        this.keeper = keeper;
        this.user = user;
        this.enclaveId = enclaveId.clone();
        // Half of the id keeps the socket's path within the 108 bytes that the kernel allows.
        this.folder = keeper.runFolder().resolve(HexFormat.of().formatHex(enclaveId, 0, 8));
        this.received = keeper.runFolder().resolve(folder.getFileName() + ".upload");
    }

    @Override
    public KeeperInfo info() {
        return new KeeperInfo(
                Keeper.VERSION, keeper.publicKey().getEncoded(), user.separate() ? "separate-user" : "same-user");
    }

    @Override
    public synchronized void upload(long totalBytes) throws StartRefusedException {
        if (closed || enclave != null) {
            throw protocol("this connection has its enclave already; connect anew");
        }
        long most = keeper.settings().maxBundleBytes();
        if (totalBytes < 1 || totalBytes > most) {
            throw EnclaveProcess.refused(
                    StartRefusedException.Code.BUNDLE_TOO_LARGE,
                    "the bundle has " + totalBytes + " bytes, this keeper accepts 1 to " + most);
        }
        try {
            dropUpload();
            upload = Files.newOutputStream(received, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.setPosixFilePermissions(received, PosixFilePermissions.fromString("rw-------"));
            missing = totalBytes;
        } catch (IOException e) {
            throw launchFailed(e);
        }
    }

    @Override
    public synchronized void append(byte[] chunk) throws StartRefusedException {
        if (upload == null || chunk.length == 0 || chunk.length > MAX_CHUNK_BYTES || chunk.length > missing) {
            throw protocol("chunks of 1 to " + MAX_CHUNK_BYTES + " bytes, together as many as announced, follow upload");
        }
        try {
            upload.write(chunk);
            missing -= chunk.length;
        } catch (IOException e) {
            throw launchFailed(e);
        }
    }

    @Override
    public synchronized StartedEnclave start() throws StartRefusedException {
        if (closed || enclave != null) {
            throw protocol("this connection has its enclave already; connect anew");
        }
        if (upload == null || missing != 0) {
            throw protocol(missing + " announced bytes of the bundle have not come");
        }
        try {
            upload.close();
            upload = null;
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
            Bundle bundle;
            try (InputStream in = Files.newInputStream(received)) {
                bundle = Bundle.unpack(in, folder, keeper.settings().maxBundleBytes());
            } finally {
                Files.delete(received);
            }
            EnclaveProcess started = keeper.launch(folder, bundle, enclaveId, user);
            enclave = started;
            return started.started(bundle.manifest().interfaces().stream()
                    .map(OfferedInterface::name)
                    .toList());
        } catch (BundleException e) {
            throw cleaned(EnclaveProcess.refused(
                    switch (e.code()) {
                        case SIGNATURE_INVALID, UNSIGNED -> StartRefusedException.Code.BUNDLE_SIGNATURE_INVALID;
                        case FILE_DIGEST_MISMATCH -> StartRefusedException.Code.BUNDLE_FILE_MISMATCH;
                        case TOO_LARGE -> StartRefusedException.Code.BUNDLE_TOO_LARGE;
                        default -> StartRefusedException.Code.BUNDLE_MALFORMED;
                    },
                    String.valueOf(e.getMessage())));
        } catch (IOException e) {
            throw cleaned(launchFailed(e));
        } catch (StartRefusedException e) {
            throw cleaned(e);
        } catch (RuntimeException | Error e) {
            // Such as no memory for a thread: the keeper goes on, and the next start may have it.
            LOG.log(System.Logger.Level.ERROR, "an enclave could not be started", e);
            throw cleaned(EnclaveProcess.refused(
                    StartRefusedException.Code.LAUNCH_FAILED, "the keeper failed; its log says why"));
        }
    }

    private StartRefusedException cleaned(StartRefusedException refusal) {
        try {
            Trees.delete(folder);
        } catch (IOException e) {
            refusal.addSuppressed(e);
        }
        return refusal;
    }

    private StartRefusedException protocol(String message) {
        return EnclaveProcess.refused(StartRefusedException.Code.PROTOCOL, message);
    }

    private static StartRefusedException launchFailed(IOException e) {
        return EnclaveProcess.refused(
                StartRefusedException.Code.LAUNCH_FAILED, "the keeper could not prepare the enclave: " + e.getMessage());
    }

    private void dropUpload() throws IOException {
        if (upload != null) {
            upload.close();
            upload = null;
        }
        Files.deleteIfExists(received);
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        try {
            dropUpload();
        } finally {
            if (enclave != null) {
                try {
                    enclave.close();
                } finally {
                    keeper.ended(enclave.manifest());
                }
            }
        }
    }
}
