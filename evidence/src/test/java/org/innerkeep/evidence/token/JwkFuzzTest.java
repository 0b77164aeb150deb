package org.innerkeep.evidence.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class JwkFuzzTest {
    /** The key of RFC 7517 appendix A.1, and others around it. */
    private static final List<byte[]> SEEDS = List.of(
            ("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
                            + "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\"use\":\"sig\",\"kid\":\"1\"},"
                            + "{\"kty\":\"oct\",\"k\":\"AAAA\"},{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}")
                    .getBytes(StandardCharsets.UTF_8));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(6, SEEDS).run(5_000, input -> target(input, keys -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(6, SEEDS).run(50_000, input -> target(input, keys -> {
            if (keys.size() == 1 && !keys.getFirst().keyId().equals(Optional.of("1"))) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, keys -> {});
    }

    private static void target(byte[] input, Consumer<List<Jwk>> behind) {
        List<Jwk> keys;
        try {
            keys = Jwk.parseSet(input);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).matches("[ -~]*");
            return;
        }
        behind.accept(keys);
    }
}
