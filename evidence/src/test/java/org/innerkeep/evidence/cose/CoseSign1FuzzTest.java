package org.innerkeep.evidence.cose;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Samples;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class CoseSign1FuzzTest {
    private static final Bytes SOME = Bytes.of(new byte[] {1, 2, 3});
    private static final List<byte[]> SEEDS = List.of(
            seed(CoseSign1.ES256, CoseHeader.EMPTY),
            seed(CoseSign1.ES256.withKeyId(SOME), CoseHeader.EMPTY.withEvidence(SOME)),
            seed(
                    CoseSign1.ES256.withSignerKey(P256PublicKey.of(Samples.KEEPER.getPublic())),
                    CoseHeader.EMPTY.withKeyId(SOME).withEvidence(SOME)));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(2, SEEDS).run(50_000, input -> target(input, object -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(2, SEEDS).run(50_000, input -> target(input, object -> {
            if (object.unprotectedHeader().evidence().orElse(SOME).hex().startsWith("ff")) {
                throw new ArrayIndexOutOfBoundsException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, object -> {});
    }

    private static void target(byte[] input, Consumer<CoseSign1> behind) {
        CoseSign1 object;
        try {
            object = CoseSign1.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(object.toByteArray()).isEqualTo(input);
        behind.accept(object);
    }

    private static byte[] seed(CoseHeader protectedHeader, CoseHeader unprotectedHeader) {
        return new CoseSign1(protectedHeader, unprotectedHeader, SOME, Bytes.of(new byte[64])).toByteArray();
    }
}
