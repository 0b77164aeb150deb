package org.innerkeep.inside;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.innerkeep.attestation.store.ChangeJournal;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.enclave.PlatformRegister;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.inside.ChapterRecords.Kind;
import org.innerkeep.inside.ChapterRecords.Piece;

/**
 * A journal that the host keeps and cannot read, change or put back: records are sealed, numbered and chained, and the platform's
 * register says which one is the last.
 *
 * <p><b>Order.</b> A change is written piece by piece, each on the host's disk before the next; then the register is set to the
 * last piece's place and digest; then whoever waits for the change is answered. So whatever anybody was told of is in what the
 * register points to. If the enclave ends in between, a change that nobody was told of is behind it: it holds if it is whole,
 * since the host cannot have made it, and is forgotten if it is not.
 *
 * <p><b>Chapters.</b> Each begins with a new key and an image of the whole, at every start and whenever more was written since
 * than the image is long. What is before it is then given up at the host.
 *
 * <p>For one thread at a time.
 */
final class SealedJournal implements ChangeJournal, AutoCloseable {
    /** So much is appended before a new image is due, even if the image is small. */
    private static final long LEAST_APPENDED = 4L << 20;

    /** Places of records in versions of the register: a chapter's number above, the index below. */
    private static final int INDEX_BITS = 24;

    private final String name;
    private final JournalStore store;
    private final PlatformRegister register;
    private final ChapterRecords.Sealer sealer;
    private final SecureRandom random;
    private final Carried carried;
    private final long maxContent;

    private Optional<JournalReader.Found> found;
    private Optional<ChapterRecords> current = Optional.empty();
    private long lastChapter;
    private Bytes lastDigest;
    private int nextIndex;
    private long imageBytes;
    private long appendedBytes;
    private boolean full;
    private Optional<EndedException> ended = Optional.empty();

    private SealedJournal(
            String name,
            JournalStore store,
            PlatformRegister register,
            ChapterRecords.Sealer sealer,
            SecureRandom random,
            Carried carried,
            long maxContent,
            Optional<JournalReader.Found> found) {
        this.name = name;
        this.store = store;
        this.register = register;
        this.sealer = sealer;
        this.random = random;
        this.carried = carried;
        this.maxContent = maxContent;
        this.found = found;
        long registered = register.state().map(state -> chapter(state.version())).orElse(0L);
        this.lastChapter = Math.max(registered, found.map(JournalReader.Found::chapter).orElse(0L));
        this.lastDigest = found.map(JournalReader.Found::digest).orElse(JournalReader.NOTHING_BEFORE);
    }

    /**
     * Finds what the host keeps, and looks whether it is the newest.
     *
     * @param name of the service, in every record
     * @param store of the host
     * @param register of the platform
     * @param sealer to the enclave
     * @param accepted what is given up knowingly, as the refusal names it; empty for nothing
     * @param settings by which the service runs now
     * @param maxContent what a chapter may have, at most {@link JournalReader#MAX_CONTENT}; what was kept may have that much
     * @param first makes the secrets that the first chapter begins with
     * @param random for keys
     * @return the journal
     * @throws StateRefusedException if it is not what this enclave had the host keep last, or was kept under settings that were
     *     replaced by others without a new security version
     * @throws IOException if host or platform cannot be asked
     */
    static SealedJournal open(
            String name,
            JournalStore store,
            PlatformRegister register,
            ChapterRecords.Sealer sealer,
            String accepted,
            Carried.Settings settings,
            long maxContent,
            Supplier<byte[]> first,
            SecureRandom random)
            throws IOException {
        JournalReader reader = new JournalReader(name, store, sealer, maxContent);
        JournalReader.Decision decision = reader.find(register.state(), accepted);
        Carried carried = decision.found().isPresent()
                ? goOn(decision.found().get().carried(), decision.givenUp(), settings, random)
                : new Carried(first.get(), Bytes.EMPTY, settings);
        return new SealedJournal(name, store, register, sealer, random, carried, maxContent, decision.found());
    }

    /** From the first chapter of this life on, whatever happens to it: the acceptance of an older state is part of that state. */
    private static Carried goOn(Carried before, boolean givenUp, Carried.Settings settings, SecureRandom random)
            throws StateRefusedException {
        try (before) {
            requireNoOlder(settings, before.settings());
            if (!givenUp) {
                return before.under(settings);
            }
            try (Carried accepting = before.accepting(random)) {
                return accepting.under(settings);
            }
        }
    }

    /** The platform takes no lower security version; of two bundles of the same one, nothing else says which is the older. */
    private static void requireNoOlder(Carried.Settings now, Carried.Settings before) throws StateRefusedException {
        if (now.securityVersion() < before.securityVersion()
                || (now.securityVersion() == before.securityVersion() && !now.digest().equals(before.digest()))) {
            throw new StateRefusedException(StateRefusedException.Code.SETTINGS, "it was kept last under other settings, by"
                    + " security version " + before.securityVersion() + ", and these are of security version "
                    + now.securityVersion() + ": settings that were replaced could be put back. Start the newest bundle; or, if"
                    + " this is it, pack it with --svn " + (before.securityVersion() + 1)
                    + ", which has to rise whenever a setting changes", null);
        }
    }

    static long version(long chapter, int index) {
        return chapter << INDEX_BITS | index;
    }

    static long chapter(long version) {
        return version >>> INDEX_BITS;
    }

    static int index(long version) {
        return (int) (version & ((1 << INDEX_BITS) - 1));
    }

    /** A copy of the secrets that are kept at the beginning of chapters, encoded; for the caller to wipe. */
    byte[] secrets() {
        return carried.secrets().clone();
    }

    /** Which state was accepted that is knowingly not the newest, now or in an earlier life; empty where none ever was. */
    Bytes acceptance() {
        return carried.acceptance();
    }

    @Override
    public void replay(Reader reader) throws IOException {
        if (found.isPresent()) {
            reader.image(found.get().image());
            for (byte[] change : found.get().changes()) {
                reader.change(change);
            }
            found = Optional.empty();
        }
    }

    @Override
    public boolean wantsImage() {
        return ended.isEmpty() && (full || appendedBytes > Math.max(LEAST_APPENDED, imageBytes));
    }

    @Override
    public void append(byte[] change) throws IOException {
        ChapterRecords chapter = current.orElseThrow(() -> new IllegalStateException("a chapter begins with an image"));
        checkNotEnded();
        requireRoom(change.length);
        Position after = write(chapter, new Position(nextIndex, lastDigest), Kind.CHANGE, change);
        settle(chapter, after);
        appendedBytes += change.length;
    }

    @Override
    public void image(byte[] database) throws IOException {
        checkNotEnded();
        if (database.length > maxContent || lastChapter >= JournalReader.MAX_CHAPTER) {
            throw new RefusedException("an image of the store has " + database.length + " bytes, as chapter " + (lastChapter + 1)
                    + " of its journal; expected at most " + maxContent + ", and at most chapter "
                    + JournalReader.MAX_CHAPTER);
        }
        ChapterRecords chapter = ChapterRecords.make(name, lastChapter + 1, carried, random);
        boolean kept = false;
        try {
            byte[] beginning = chapter.beginning(lastDigest, sealer);
            put(chapter.chapter(), 0, beginning);
            Position after = write(chapter, new Position(1, Bytes.sha256(beginning)), Kind.IMAGE, database);
            settle(chapter, after);
            kept = true;
        } finally {
            if (!kept) {
                chapter.close();
            }
        }
        current.ifPresent(ChapterRecords::close);
        current = Optional.of(chapter);
        lastChapter = chapter.chapter();
        imageBytes = database.length;
        appendedBytes = 0;
        full = false;
        giveUpOlder();
    }

    /** Before anything is written: what a chapter cannot have, nobody could read again. */
    private void requireRoom(int bytes) throws RefusedException {
        long pieces = Math.max(1, Math.ceilDiv((long) bytes, ChapterRecords.PIECE_BYTES));
        full = imageBytes + appendedBytes + bytes > maxContent || nextIndex + pieces > JournalStore.MAX_RECORDS;
        if (full) {
            throw new RefusedException("the journal's chapter has " + (imageBytes + appendedBytes) + " bytes in " + nextIndex
                    + " records, and a change of " + bytes + " bytes goes beyond " + maxContent + " bytes or "
                    + JournalStore.MAX_RECORDS + " records");
        }
    }

    /** What is left behind takes room at the host and does nothing else, so a failure is none of the image. */
    private void giveUpOlder() {
        try {
            store.discard(lastChapter);
        } catch (CallException e) {
            System.getLogger(SealedJournal.class.getName()).log(System.Logger.Level.WARNING,
                    "the host did not give up older chapters: " + e.getMessage());
        }
    }

    /** Where the next record stands, and the digest of the one before it. */
    private record Position(int index, Bytes previous) {}

    private Position write(ChapterRecords chapter, Position from, Kind kind, byte[] content) throws IOException {
        Position at = from;
        int offset = 0;
        boolean last = false;
        while (!last) {
            int length = Math.min(ChapterRecords.PIECE_BYTES, content.length - offset);
            last = offset + length == content.length;
            byte[] record = chapter.piece(
                    at.index(), at.previous(), new Piece(kind, last, Arrays.copyOfRange(content, offset, offset + length)));
            put(chapter.chapter(), at.index(), record);
            at = new Position(at.index() + 1, Bytes.sha256(record));
            offset += length;
        }
        return at;
    }

    private void put(long chapter, int index, byte[] record) throws IOException {
        try {
            store.append(chapter, index, record);
        } catch (CallException e) {
            // It may be on the host's disk. The register does not point to it, so the next change may be written over it.
            throw new IOException("the host did not say that it keeps a record: " + e.getMessage(), e);
        }
    }

    /** Once this returns, the last record that was written counts for good. */
    private void settle(ChapterRecords chapter, Position after) throws IOException {
        long version = version(chapter.chapter(), after.index() - 1);
        boolean set = false;
        try {
            register.advance(new PlatformRegister.State(version, after.previous()));
            set = true;
        } catch (IOException e) {
            throw ended(e);
        } finally {
            if (!set) {
                ended(new IOException("the platform was not asked to the end"));
            }
        }
        nextIndex = after.index();
        lastDigest = after.previous();
    }

    /** Whatever was the matter, an error of the machine's too. */
    private EndedException ended(IOException e) {
        EndedException failed = ended.orElseGet(() -> new EndedException("it is not known whether the platform's register says"
                + " that the last change counts, so no further one is made: start the enclave again (" + e.getMessage() + ")",
                e));
        ended = Optional.of(failed);
        return failed;
    }

    private void checkNotEnded() throws EndedException {
        if (ended.isPresent()) {
            throw new EndedException(String.valueOf(ended.get().getMessage()), ended.get());
        }
    }

    /** Wipes keys. */
    @Override
    public void close() {
        current.ifPresent(ChapterRecords::close);
        current = Optional.empty();
        carried.close();
    }
}
