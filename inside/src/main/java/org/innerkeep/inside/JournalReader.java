package org.innerkeep.inside;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.channel.state.JournalStore.Chapter;
import org.innerkeep.enclave.PlatformRegister;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.inside.ChapterRecords.Kind;
import org.innerkeep.inside.ChapterRecords.Piece;
import org.innerkeep.inside.StateRefusedException.Code;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a host gives as a journal, all of it hostile, and decides whether it is the newest. Up to the place that the
 * platform's register names everything must be whole and the record there must have the register's digest, which covers all
 * before it. Behind it, what is whole and goes on from there counts as well; the rest was being written when an enclave ended,
 * and nobody was told of it.
 */
final class JournalReader {
    /** What the first record of all stands behind. */
    static final Bytes NOTHING_BEFORE = Bytes.of(new byte[32]);

    /** What is given up where the platform has no register. */
    static final String NO_REGISTER = "none";

    static final long MAX_CHAPTER = 1L << 38;

    /** What a chapter may take of the heap while it is read. Whoever writes one keeps to it. */
    static final long MAX_CONTENT = 1L << 30;

    private final String name;
    private final JournalStore store;
    private final ChapterRecords.Sealer sealer;
    private final long maxContent;

    /**
     * What a chapter says, as far as it counts.
     *
     * @param chapter its number
     * @param digest of the last record that counts
     * @param carried at its beginning, for whoever takes it to wipe
     * @param image of the database
     * @param changes since
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Found(long chapter, Bytes digest, Carried carried, byte[] image, List<byte[]> changes) {}

    /**
     * What to begin with.
     *
     * @param found what the host has; nothing at the first start
     * @param givenUp whether that is knowingly not the newest
     */
    record Decision(Optional<Found> found, boolean givenUp) {}

    JournalReader(String name, JournalStore store, ChapterRecords.Sealer sealer, long maxContent) {
        this.maxContent = maxContent;
        this.name = name;
        this.store = store;
        this.sealer = sealer;
    }

    Decision find(Optional<PlatformRegister.State> registered, String accepted) throws IOException {
        List<Chapter> chapters = chapters();
        boolean givenUp = accepted.equals(registered.map(JournalReader::name).orElse(NO_REGISTER));
        if (registered.isEmpty()) {
            return givenUp ? new Decision(newest(chapters), true) : first(chapters);
        }
        if (givenUp) {
            return new Decision(newest(chapters), true);
        }
        return new Decision(Optional.of(fromRegister(chapters, registered.get())), false);
    }

    /** What gives this state up. */
    private static String name(PlatformRegister.State state) {
        return state.version() + ":" + state.digest().hex();
    }

    private List<Chapter> chapters() throws IOException {
        List<Chapter> chapters;
        try {
            chapters = store.chapters();
        } catch (CallException e) {
            throw new IOException("the host does not say what it keeps: " + e.getMessage(), e);
        }
        long before = 0;
        for (Chapter each : chapters) {
            if (each.number() <= before || each.number() > MAX_CHAPTER || each.records() < 0
                    || each.records() > JournalStore.MAX_RECORDS) {
                throw new IOException("the host names chapters that cannot be: expected growing numbers from 1, found "
                        + each.number()
                        + " of " + each.records() + " records");
            }
            before = each.number();
        }
        if (chapters.size() > JournalStore.MAX_CHAPTERS) {
            throw new IOException("the host names " + chapters.size() + " chapters; expected at most "
                    + JournalStore.MAX_CHAPTERS);
        }
        return chapters;
    }

    /** The register was never set: then nobody was ever told of anything, and at most a first chapter was begun. */
    private Decision first(List<Chapter> chapters) throws IOException {
        for (Chapter each : chapters) {
            if (each.number() > 1 || !isBareFirst(each)) {
                throw new StateRefusedException(Code.NO_REGISTER, "the host has a journal, and the platform has no register of"
                        + " it: it was"
                        + " another platform's, or the platform's registers were lost. Give the platform's folder back. To go on"
                        + " with what the"
                        + " host has all the same, whether it is the newest or not, set enclave-accept-state=" + NO_REGISTER
                        + " in the bundle of one start: every key is then disabled until its owner has looked at its grants",
                        null);
            }
        }
        return new Decision(Optional.empty(), false);
    }

    /** Nothing of it can be missed: it was begun by this enclave, and nothing came after its image. */
    private boolean isBareFirst(Chapter chapter) throws IOException {
        if (chapter.records() == 0) {
            return true;
        }
        try {
            ChapterRecords.open(name, chapter.number(), record(chapter, 0), sealer).close();
        } catch (MalformedException | UnsealException e) {
            return false;
        }
        Optional<Found> found = read(chapter, Optional.empty());
        found.ifPresent(each -> each.carried().close());
        return found.map(Found::changes).orElse(List.of()).isEmpty();
    }

    private Found fromRegister(List<Chapter> chapters, PlatformRegister.State registered) throws IOException {
        long wanted = SealedJournal.chapter(registered.version());
        Chapter chapter = chapters.stream()
                .filter(each -> each.number() == wanted)
                .findFirst()
                .orElseThrow(() -> refused(
                        chapters.isEmpty() ? Code.MISSING : chapters.getLast().number() < wanted ? Code.OLDER : Code.OTHER,
                        "the platform's register points into chapter " + wanted + ", and the host has "
                                + (chapters.isEmpty() ? "nothing" : "chapters " + chapters.stream().map(Chapter::number)
                                .toList()),
                        registered,
                        null));
        Found found = read(chapter, Optional.of(registered)).orElseThrow();
        // A later chapter that goes on from here was kept, and the register was put back or never reached.
        for (Chapter later : chapters) {
            if (later.number() > found.chapter() && goesOn(later, found)) {
                Optional<Found> next = read(later, Optional.empty());
                if (next.isPresent()) {
                    found.carried().close();
                    found = next.get();
                }
            }
        }
        return found;
    }

    private boolean goesOn(Chapter later, Found from) {
        try {
            return ChapterRecords.previous(record(later, 0)).equals(from.digest());
        } catch (IOException | MalformedException e) {
            return false;
        }
    }

    /** The newest chapter that is whole at its beginning, whatever the register says. */
    private Optional<Found> newest(List<Chapter> chapters) throws IOException {
        for (Chapter each : chapters.reversed()) {
            Optional<Found> found = read(each, Optional.empty());
            if (found.isPresent()) {
                return found;
            }
        }
        if (!chapters.isEmpty()) {
            throw new StateRefusedException(Code.DAMAGED, "no chapter that the host has can be opened by this enclave, so there"
                    + " is nothing to"
                    + " go on with; take the host's folder away to begin anew, with nothing of what was kept", null);
        }
        return Optional.empty();
    }

    private byte[] record(Chapter chapter, int index) throws IOException {
        try {
            return store.read(chapter.number(), index)
                    .filter(record -> record.length <= JournalStore.MAX_BYTES)
                    .orElseThrow(() -> new IOException("the host named record " + index + " of chapter " + chapter.number()
                            + " and does not give it"));
        } catch (CallException e) {
            throw new IOException("the host does not give record " + index + " of chapter " + chapter.number() + ": "
                    + e.getMessage(), e);
        }
    }

    /**
     * Reads a chapter: all that is whole, and at least to where the register points, if it does so into this chapter.
     *
     * @return what it says; nothing where it has no whole image and need not have one
     */
    private Optional<Found> read(Chapter chapter, Optional<PlatformRegister.State> registered) throws IOException {
        long least = registered.map(state -> SealedJournal.index(state.version())).orElse(-1);
        if (chapter.records() <= least) {
            throw refused(Code.OLDER, "chapter " + chapter.number() + " ends after " + chapter.records() + " records, and "
                    + (least + 1)
                    + " were kept", registered.orElseThrow(), null);
        }
        try (Reading reading = new Reading(chapter.number())) {
            read(chapter, registered, least, reading);
            return reading.found();
        }
    }

    private void read(Chapter chapter, Optional<PlatformRegister.State> registered, long least, Reading reading)
            throws IOException {
        int index = 0;
        try {
            for (; index < chapter.records(); index++) {
                byte[] record = record(chapter, index);
                reading.take(index, record);
                if (index == least && !Bytes.sha256(record).equals(registered.orElseThrow().digest())) {
                    throw refused(Code.OTHER, "record " + index + " of chapter " + chapter.number() + " is not the one that was"
                            + " kept last:"
                            + " a state that branched off from it, or another journal, was put in its place",
                            registered.orElseThrow(), null);
                }
            }
        } catch (MalformedException | UnsealException e) {
            if (index <= least) {
                throw refused(Code.DAMAGED, "record " + index + " of chapter " + chapter.number() + " cannot be opened: "
                        + e.getMessage(),
                        registered.orElseThrow(), e);
            }
        }
    }

    /** What was read of one chapter. */
    private final class Reading implements AutoCloseable {
        private final long number;
        private Optional<ChapterRecords> records = Optional.empty();
        private Optional<byte[]> image = Optional.empty();
        private final List<byte[]> changes = new ArrayList<>();
        private final Pieces pieces = new Pieces();
        private Bytes previous = NOTHING_BEFORE;
        private Bytes counted = NOTHING_BEFORE;
        private long content;

        Reading(long number) {
            this.number = number;
        }

        void take(int index, byte[] record) throws MalformedException, UnsealException, IOException {
            if (index == 0) {
                records = Optional.of(ChapterRecords.open(name, number, record, sealer));
            } else {
                if (!ChapterRecords.previous(record).equals(previous)) {
                    throw new MalformedException("previous", -1, "it does not stand behind the record before it");
                }
                takePiece(records.orElseThrow().open(index, record), Bytes.sha256(record));
            }
            previous = Bytes.sha256(record);
        }

        private void takePiece(Piece piece, Bytes digest) throws MalformedException {
            boolean isImage = piece.kind() == Kind.IMAGE;
            content += piece.content().length;
            if (isImage == image.isPresent() || content > maxContent) {
                throw new MalformedException("piece", -1, content > maxContent
                        ? "the chapter has more than " + maxContent + " bytes"
                        : "expected an image first, and changes after it");
            }
            pieces.add(piece.content());
            if (!piece.last()) {
                return;
            }
            if (isImage) {
                image = Optional.of(pieces.take());
            } else {
                changes.add(pieces.take());
            }
            counted = digest;
        }

        Optional<Found> found() {
            return image.map(bytes -> new Found(number, counted, records.orElseThrow().carried(), bytes, List.copyOf(changes)));
        }

        @Override
        public void close() {
            records.ifPresent(ChapterRecords::close);
        }
    }

    /** Pieces of one whole: on the heap once as pieces and once as what they are, and no longer than it takes. */
    private static final class Pieces {
        private final Deque<byte[]> pieces = new ArrayDeque<>();
        private long length;

        void add(byte[] piece) {
            pieces.add(piece);
            length += piece.length;
        }

        byte[] take() {
            byte[] whole = new byte[Math.toIntExact(length)];
            int offset = 0;
            while (!pieces.isEmpty()) {
                byte[] piece = pieces.remove();
                System.arraycopy(piece, 0, whole, offset, piece.length);
                offset += piece.length;
                Arrays.fill(piece, (byte) 0);
            }
            length = 0;
            return whole;
        }
    }

    private static StateRefusedException refused(
            Code code, String found, PlatformRegister.State registered, @Nullable Throwable cause) {
        return new StateRefusedException(code, found + ". Put the newest copy of the host's folder back. If it is lost, and to"
                + " go on with what"
                + " the host has all the same, set enclave-accept-state=" + name(registered) + " in the bundle of one start:"
                + " every key is then"
                + " disabled until its owner has looked at its grants", cause);
    }
}
