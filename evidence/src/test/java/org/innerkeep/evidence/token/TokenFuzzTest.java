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

class TokenFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            JwsTest.token("{\"alg\":\"RS256\",\"kid\":\"a/+=\",\"typ\":\"JWT\",\"x5c\":[\"AAAA\"]}", "{\"iss\":\"s\",\"exp\":1,\"iat\":0.5}"),
            JwsTest.token("{ \"alg\" : \"ES256\" }", "{\"iss\":\"s\",\"exp\":1e3,\"a\":[{\"b\":null}]}"));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(5, SEEDS).run(20_000, input -> target(input, token -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(5, SEEDS).run(50_000, input -> target(input, token -> {
            if (!token.jws().signature().hex().equals("000000")) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, token -> {});
    }

    private static void target(byte[] input, Consumer<Token> behind) {
        Token token;
        try {
            token = Token.parse(input);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).matches("[ -~]*");
            return;
        }
        assertThat(token.toByteArray()).isEqualTo(input);
        assertThat(new String(input, StandardCharsets.US_ASCII)).startsWith(new String(token.jws().signedBytes(), StandardCharsets.US_ASCII));
        behind.accept(token);
    }
}
