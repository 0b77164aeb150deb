package org.innerkeep.inside;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.innerkeep.attestation.log.LogAnchor;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.ChangeJournal;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.MalformedException;

/**
 * Opens what a service in an enclave kept, without the enclave: for whoever has an identity that its settings named as recovery,
 * when the keeper is lost. What comes out is the folder of a service outside. Whether the state is the newest nobody can say any
 * more, so the vault in it has to begin its next life.
 *
 * <p>Everybody knows to whom it is sealed, so anybody can seal something else to them. What cannot be made up is the private key
 * of the service's log, which is sealed with it: whoever recovers says which log it is, and {@link LogKey#of} shows that the
 * private key is that one's.
 */
public final class StateRecovery {
    /** The file with the key under which the vault's master key is wrapped, in the folder. */
    public static final String ENCLAVE_KEY = "enclave.key";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private StateRecovery() {}

    /**
     * Recovers.
     *
     * @param store the host's journal
     * @param name of the service, {@code enclave-name}
     * @param identities of which one is named as recovery
     * @param expected the service's log key, as whoever recovers has pinned it
     * @param folder to be made, or empty; only its owner may enter it
     * @throws IOException if nothing that is whole can be opened by these identities, it is not of that log, or the folder cannot
     *     be written
     */
    public static void recover(JournalStore store, String name, List<Identity> identities, LogAnchor expected, Path folder)
            throws IOException {
        JournalReader.Decision decision = new JournalReader(name, store, new ByIdentities(identities), JournalReader.MAX_CONTENT)
                .find(Optional.empty(), JournalReader.NO_REGISTER);
        JournalReader.Found found = decision.found()
                .orElseThrow(() -> new IOException("there is nothing that a service in an enclave kept"));
        try (Carried carried = found.carried();
                Secrets secrets = Secrets.parse(carried.secrets())) {
            LogKey logKey = secrets.logKey();
            if (!logKey.anchor().equals(expected)) {
                throw new IOException("the log key of this journal is " + logKey.anchor() + ", and the service's is " + expected
                        + ": it is another service's journal, or somebody made it up who knew to whom it can be sealed");
            }
            makeFolder(folder);
            // Opened once, so that what is written was looked at as at each start.
            AttestationStore.open(StoreOptions.of(new StoreLocation.Memory(new IntoFile(found, folder.resolve("store.db"))),
                    logKey))
                    .close();
            logKey.write(folder.resolve("log.key"));
            write(folder.resolve("wrapping.key"), secrets.tokens());
            write(folder.resolve(ENCLAVE_KEY), secrets.master());
        } catch (MalformedException e) {
            throw new IOException("the keys at the beginning of the journal: " + e.getMessage(), e);
        }
    }

    private static void makeFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
            throw new IOException(folder + ": expected a folder that only its owner may enter (mode 700), found "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new IOException(folder + ": expected a new folder, or an empty one");
            }
        }
    }

    /** Whole and on the disk, or not at all; the bytes are wiped. */
    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer all = ByteBuffer.wrap(bytes);
            while (all.hasRemaining()) {
                channel.write(all);
            }
            channel.force(true);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private record ByIdentities(List<Identity> identities) implements ChapterRecords.Sealer {
        @Override
        public ChapterRecords.Sealed seal(byte[] plaintext) {
            throw new UnsupportedOperationException("nothing is kept while it is recovered");
        }

        @Override
        public byte[] unseal(ChapterRecords.Sealed sealed) throws UnsealException {
            if (sealed.toRecovery().length == 0) {
                throw new UnsealException("its settings named nobody who may recover it");
            }
            try (InputStream opened = SealedFile.unseal(new ByteArrayInputStream(sealed.toRecovery()), identities)) {
                return opened.readAllBytes();
            } catch (IOException e) {
                throw new UnsealException("none of these identities opens it: " + e.getMessage(), e);
            }
        }
    }

    /** Gives what was found, and writes the image of it; what the store changes afterwards is not kept. */
    private record IntoFile(JournalReader.Found found, Path file) implements ChangeJournal {
        @Override
        public void replay(Reader reader) throws IOException {
            reader.image(found.image());
            for (byte[] change : found.changes()) {
                reader.change(change);
            }
        }

        @Override
        public void append(byte[] change) {
            // A newer schema, which the service makes again when it opens the file.
        }

        @Override
        public boolean wantsImage() {
            return false;
        }

        @Override
        public void image(byte[] database) throws IOException {
            write(file, database);
        }
    }
}
