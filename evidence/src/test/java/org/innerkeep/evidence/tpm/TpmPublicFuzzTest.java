package org.innerkeep.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class TpmPublicFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            new TpmPublic(TpmPublic.Type.RSA, TpmHash.SHA256, 0x50072, Bytes.EMPTY, TpmPublic.Symmetric.NONE,
                    new TpmPublic.Scheme(0x14, 0xb, 0), 2048, 0, 0, TpmPublic.Scheme.NONE, Bytes.fromHex("99".repeat(256)), Bytes.EMPTY)
                    .toByteArray(),
            new TpmPublic(TpmPublic.Type.ECC, TpmHash.SHA384, 0x300b2, Bytes.fromHex("66".repeat(32)), new TpmPublic.Symmetric(6, 128, 0x43),
                    TpmPublic.Scheme.NONE, 0, 0, 3, TpmPublic.Scheme.NONE, Bytes.fromHex("77".repeat(32)), Bytes.fromHex("88".repeat(32)))
                    .toByteArray(),
            new TpmPublic(TpmPublic.Type.ECC, TpmHash.SHA256, 0x50072, Bytes.EMPTY, TpmPublic.Symmetric.NONE,
                    new TpmPublic.Scheme(0x1a, 0xb, 5), 0, 0, 4, new TpmPublic.Scheme(0x20, 0xb, 0), Bytes.EMPTY, Bytes.EMPTY).toByteArray());

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(11, SEEDS).run(50_000, input -> target(input, parsed -> {
            if (parsed.curve() == 5 && parsed.type() == TpmPublic.Type.ECC) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, parsed -> {});
    }

    private static void target(byte[] input, Consumer<TpmPublic> behind) {
        TpmPublic parsed;
        try {
            parsed = TpmPublic.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(parsed.toByteArray()).isEqualTo(input);
        assertThat(parsed.name().length()).isEqualTo(2 + parsed.nameHash().length());
        try {
            parsed.spki();
        } catch (MalformedException e) {
            // Not every public area is of a key.
        }
        behind.accept(parsed);
    }
}
