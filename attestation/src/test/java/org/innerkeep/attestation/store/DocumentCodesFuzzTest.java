package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Codes of documents, of whoever runs the database: read or refused, and written again as they were. */
class DocumentCodesFuzzTest {
    private static final DocumentCodes SOME = DocumentCodes.NONE
            .and(new DocumentCodes.Place("policy", "SgxEnclave", 1), Samples.digest("a"))
            .and(new DocumentCodes.Place("policy", "SgxEnclave", 2), Samples.digest("b"))
            .and(new DocumentCodes.Place("policy", "SgxEnclave", 2), Samples.digest("c"))
            .and(new DocumentCodes.Place("keys", "", 7), Samples.digest("d"));

    private static final List<byte[]> SEEDS = List.of(SOME.toByteArray(), DocumentCodes.NONE.toByteArray());

    @Test
    void comesBackFromItsForm() throws MalformedException {
        assertThat(DocumentCodes.parse(SOME.toByteArray())).isEqualTo(SOME);
    }

    @Test
    void onlyTheVersionThatHoldsAndTheNextAreKept() {
        DocumentCodes later = SOME.and(new DocumentCodes.Place("policy", "SgxEnclave", 3), Samples.digest("e"));
        assertThat(later.codes().keySet()).extracting(DocumentCodes.Place::version).containsExactly(7L, 2L, 3L);
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(63, SEEDS).run(30_000, input -> read(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(63, SEEDS).run(30_000, input -> read(input, found -> {
                    if (found.codes().keySet().stream().anyMatch(each -> each.version() > 7)) {
                        throw new ArithmeticException("planted");
                    }
                })))
                .isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data, found -> {});
    }

    private static void read(byte[] input, Consumer<DocumentCodes> behind) {
        DocumentCodes codes;
        try {
            codes = DocumentCodes.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(codes.toByteArray()).isEqualTo(input);
        behind.accept(codes);
    }
}
