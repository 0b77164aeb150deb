package org.innerkeep.inside;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.innerkeep.inside.ChapterRecords.Kind;
import org.innerkeep.inside.ChapterRecords.Piece;
import org.junit.jupiter.api.Test;

/** A host gives whatever bytes it likes. */
class ChapterRecordsFuzzTest {
    private static final Bytes BEFORE = Bytes.sha256(new byte[1]);

    /** Seals nothing, so that changes reach what is inside. */
    private static final ChapterRecords.Sealer OPEN = new ChapterRecords.Sealer() {
        @Override
        public ChapterRecords.Sealed seal(byte[] plaintext) {
            return new ChapterRecords.Sealed(plaintext.clone(), new byte[] {9});
        }

        @Override
        public byte[] unseal(ChapterRecords.Sealed sealed) {
            return sealed.toEnclave().clone();
        }
    };

    private static final ChapterRecords CHAPTER = ChapterRecords.make(
            "service",
            3,
            new Carried(new byte[] {1, 2, 3}, Bytes.of(new byte[16]), Outside.settings(7, "settings")),
            new SecureRandom());

    private static byte[] beginning() {
        try {
            return CHAPTER.beginning(BEFORE, OPEN);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] piece() {
        return CHAPTER.piece(1, BEFORE, new Piece(Kind.CHANGE, true, new byte[] {4, 5}));
    }

    @Test
    void recordsComeBackAsTheyWere() throws Exception {
        try (ChapterRecords opened = ChapterRecords.open("service", 3, beginning(), OPEN)) {
            assertThat(opened.carried().secrets()).containsExactly(1, 2, 3);
            assertThat(opened.carried().acceptance()).isEqualTo(Bytes.of(new byte[16]));
            assertThat(opened.carried().settings()).isEqualTo(Outside.settings(7, "settings"));
            Piece piece = opened.open(1, piece());
            assertThat(piece.kind()).isEqualTo(Kind.CHANGE);
            assertThat(piece.last()).isTrue();
            assertThat(piece.content()).containsExactly(4, 5);
        }
    }

    private static void read(byte[] data) {
        try {
            ChapterRecords.previous(data);
            ChapterRecords.open("service", 3, data, OPEN).close();
        } catch (MalformedException e) {
            // Refused, as it should be.
        } catch (UnsealException | IOException e) {
            throw new AssertionError(e);
        }
        try {
            Piece piece = CHAPTER.open(1, data);
            assertThat(piece.content()).containsExactly(4, 5);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(73, List.of(beginning(), piece())).run(20_000, ChapterRecordsFuzzTest::read)).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data);
    }
}
