package org.innerkeep.attestation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The newest head in a file of its own: what it survives, and whose heads it takes. */
class HeadFileTest {
    private static final LogKey KEY = LogKey.generate();
    private static final int PLACE = 1024;

    @TempDir
    private Path folder;

    private static LogHead.Signed head(LogKey key, long size) {
        return key.sign(new LogHead(size, Bytes.sha256(new byte[] {(byte) size}), Instant.EPOCH.plusSeconds(size)));
    }

    private Path file() {
        return folder.resolve("log.key.head");
    }

    private Path kept(long... sizes) throws Exception {
        try (HeadFile file = HeadFile.open(file(), KEY.anchor())) {
            for (long size : sizes) {
                file.keep(head(KEY, size));
            }
        }
        return file();
    }

    private long size() throws Exception {
        try (HeadFile file = HeadFile.open(file(), KEY.anchor())) {
            return file.kept().orElseThrow().head().size();
        }
    }

    @Test
    void aNewFileHasNoneAndOnlyItsOwnerMayReadIt() throws Exception {
        try (HeadFile file = HeadFile.open(file(), KEY.anchor())) {
            assertThat(file.kept()).isEmpty();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file()))).isEqualTo("rw-------");
        try (HeadFile file = HeadFile.open(file(), KEY.anchor())) {
            assertThat(file.kept()).isEmpty();
        }
    }

    @Test
    void theNewestOfManyIsFoundAndTheFileDoesNotGrow() throws Exception {
        for (int number = 1; number <= 5; number++) {
            kept(number);
            assertThat(size()).isEqualTo(number);
        }
        kept(6, 7, 8);
        assertThat(size()).isEqualTo(8);
        assertThat(Files.size(file())).isLessThanOrEqualTo(2 * PLACE);
    }

    @Test
    void aWriteThatWasCutOffAnywhereLeavesTheHeadBefore() throws Exception {
        kept(1, 2);
        byte[] before = Files.readAllBytes(file());
        kept(3);
        byte[] after = Files.readAllBytes(file());
        for (int cut = 0; cut < PLACE; cut += 7) {
            byte[] torn = before.clone();
            System.arraycopy(after, 0, torn, 0, cut);
            Files.write(file(), torn);
            assertThat(size()).as("cut at " + cut).isIn(2L, 3L);
        }
    }

    @Test
    void aDamagedPlaceIsNoHead() throws Exception {
        kept(1, 2);
        byte[] bytes = Files.readAllBytes(file());
        bytes[PLACE + 100] ^= 1;
        Files.write(file(), bytes);

        assertThat(size()).isEqualTo(1);
    }

    @Test
    void aStateThatWasAcceptedAlthoughItIsOlderWinsFromThenOn() throws Exception {
        kept(1, 9, 4);
        assertThat(size()).isEqualTo(4);
        kept(5);
        assertThat(size()).isEqualTo(5);
    }

    @Test
    void whereItCannotBeWrittenTheMessageSaysWhatToSet() {
        assertThatThrownBy(() -> HeadFile.open(folder.resolve("nowhere/log.key.head"), KEY.anchor()))
                .hasMessageContaining("log-head-file");
    }

    @Test
    void headsOfAnotherKeyAndOtherBytesAreRefused() throws Exception {
        LogKey other = LogKey.generate();
        try (HeadFile file = HeadFile.open(file(), other.anchor())) {
            file.keep(head(other, 3));
        }
        assertThatThrownBy(this::size).hasMessageContaining("another key");

        for (int length : new int[] {1, 100, PLACE, 3 * PLACE}) {
            Files.write(file(), new byte[length]);
            assertThatThrownBy(this::size).as("length " + length).hasMessageContaining("found something else");
        }
    }
}
