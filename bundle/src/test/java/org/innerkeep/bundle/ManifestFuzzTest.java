package org.innerkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class ManifestFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            Samples.smallManifest().toBytes(), Samples.manifest(Samples.file("lib/only.jar", Samples.bytes("x"))).toBytes());

    /** Only a refusal may be thrown, and what is accepted is written back byte for byte. */
    private static boolean isAccepted(byte[] input) {
        Manifest manifest;
        try {
            manifest = Manifest.parse(input);
        } catch (BundleException _) {
            return false;
        }
        assertThat(manifest.toBytes()).isEqualTo(input);
        return true;
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, ManifestFuzzTest::isAccepted)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, input -> {
                    if (isAccepted(input) && Manifest.parse(input).threads() == 9) {
                        throw new IllegalStateException("planted");
                    }
                }))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        isAccepted(data);
    }
}
