package org.innerkeep.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.channel.state.JournalStore.Chapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFolderTest {
    @TempDir
    private Path temp;

    private Path folder() {
        return temp.resolve("journal");
    }

    private static byte[] record(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void recordsStandInFilesThatOnlyTheOwnerReadsAndAreThereTheNextTime() throws IOException {
        try (JournalFolder journal = JournalFolder.open(folder())) {
            assertThat(journal.chapters()).isEmpty();
            journal.append(1, 0, record(1, 10));
            journal.append(1, 1, record(2, 70_000));
            journal.append(2, 0, record(3, 1));
        }
        assertThat(Files.getPosixFilePermissions(folder().resolve("1.journal")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (JournalFolder journal = JournalFolder.open(folder())) {
            assertThat(journal.chapters()).containsExactly(new Chapter(1, 2), new Chapter(2, 1));
            assertThat(journal.read(1, 1)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(record(2, 70_000)));
            assertThat(journal.read(1, 2)).isEmpty();
            assertThat(journal.read(3, 0)).isEmpty();
            journal.append(2, 1, record(4, 5));
            journal.discard(2);
            assertThat(journal.chapters()).containsExactly(new Chapter(2, 2));
        }
        assertThat(folder().resolve("1.journal")).doesNotExist();
    }

    @Test
    void whatIsWrittenAgainReplacesWhatStoodThereAndBehind() throws IOException {
        try (JournalFolder journal = JournalFolder.open(folder())) {
            for (int i = 0; i < 4; i++) {
                journal.append(1, i, record(i, 20));
            }
            journal.append(1, 2, record(9, 3));
            assertThat(journal.chapters()).containsExactly(new Chapter(1, 3));
            assertThat(journal.read(1, 2)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(record(9, 3)));
            journal.append(1, 0, record(8, 4));
            assertThat(journal.chapters()).containsExactly(new Chapter(1, 1));
        }
        try (JournalFolder journal = JournalFolder.open(folder())) {
            assertThat(journal.chapters()).containsExactly(new Chapter(1, 1));
        }
    }

    @Test
    void aRecordThatWasCutOffIsNotCountedWhereverItWasCut() throws IOException {
        try (JournalFolder journal = JournalFolder.open(folder())) {
            journal.append(1, 0, record(1, 100));
            journal.append(1, 1, record(2, 100));
        }
        byte[] whole = Files.readAllBytes(folder().resolve("1.journal"));
        for (int length = 0; length < whole.length; length++) {
            Files.write(folder().resolve("1.journal"), Arrays.copyOf(whole, length));
            try (JournalFolder journal = JournalFolder.open(folder())) {
                int records = length < 104 ? 0 : 1;
                assertThat(journal.chapters()).as("cut at %s", length).containsExactly(new Chapter(1, records));
                journal.append(1, records, record(7, 9));
                assertThat(journal.read(1, records)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(record(7, 9)));
            }
        }
    }

    @Test
    void lengthsThatCannotBeEndAChapter() throws IOException {
        Files.createDirectories(folder());
        for (int length : new int[] {0, -1, JournalStore.MAX_BYTES + 1, Integer.MAX_VALUE}) {
            byte[] file = ByteBuffer.allocate(2000).putInt(1).put((byte) 5).putInt(length).array();
            Files.write(folder().resolve("1.journal"), file);
            try (JournalFolder journal = JournalFolder.open(folder())) {
                assertThat(journal.chapters()).containsExactly(new Chapter(1, 1));
            }
        }
    }

    @Test
    void anEnclaveCannotLeaveGapsFillTheDiskOrOpenChaptersWithoutEnd() throws IOException {
        try (JournalFolder journal = JournalFolder.open(folder(), 1000)) {
            assertThatIllegalArgumentException().isThrownBy(() -> journal.append(1, 1, record(1, 1)));
            assertThatIllegalArgumentException().isThrownBy(() -> journal.append(0, 0, record(1, 1)));
            assertThatIllegalArgumentException().isThrownBy(() -> journal.append(1, -1, record(1, 1)));
            assertThatIllegalArgumentException().isThrownBy(() -> journal.append(1, 0, new byte[0]));
            assertThatIllegalArgumentException().isThrownBy(() -> journal.append(1, 0, new byte[JournalStore.MAX_BYTES + 1]));
            journal.append(1, 0, record(1, 600));
            assertThatIllegalStateException().isThrownBy(() -> journal.append(1, 1, record(1, 600)));
            for (int chapter = 2; chapter <= JournalStore.MAX_CHAPTERS; chapter++) {
                journal.append(chapter, 0, record(1, 1));
            }
            assertThatIllegalStateException().isThrownBy(() -> journal.append(99, 0, record(1, 1)));
            journal.discard(3);
            journal.append(99, 0, record(1, 1));
        }
    }

    @Test
    void otherFilesAndLinksAreLeftAlone() throws IOException {
        Files.createDirectories(folder());
        Path secret = Files.write(temp.resolve("secret"), new byte[] {0, 0, 0, 1, 42});
        Files.createSymbolicLink(folder().resolve("7.journal"), secret);
        Files.writeString(folder().resolve("notes.txt"), "mine", StandardOpenOption.CREATE_NEW);
        try (JournalFolder journal = JournalFolder.open(folder())) {
            assertThat(journal.chapters()).isEmpty();
            assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> journal.append(7, 0, record(1, 1)));
            journal.discard(100);
        }
        assertThat(secret).hasBinaryContent(new byte[] {0, 0, 0, 1, 42});
        assertThat(folder().resolve("notes.txt")).hasContent("mine");
    }

    @Test
    void oneAtATimeHasTheFolder() throws IOException {
        try (JournalFolder journal = JournalFolder.open(folder())) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> JournalFolder.open(folder()))
                    .withMessageContaining("already");
            journal.append(1, 0, record(1, 1));
        }
        JournalFolder closed = JournalFolder.open(folder());
        closed.close();
        assertThatIllegalStateException().isThrownBy(closed::chapters);
    }
}
