package org.innerkeep.evidence.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

/** Claims that no signature covers go all the way through the reader of the own service's words. */
class OwnTokenFuzzTest {
    private static final Instant AT = Instant.parse("2026-06-01T00:00:00Z");

    private static final List<byte[]> SEEDS = List.of(("{\"iss\":\"s\",\"exp\":1900000000,\"iat\":1780272000,"
                    + "\"x-ms-attestation-type\":\"keeper-report\",\"x-ms-policy\":{\"a\":[1,true]},"
                    + "\"innerkeep\":{\"type\":\"Evidence\",\"kind\":\"keeper-report\",\"platform\":\"process\",\"debug\":false,"
                    + "\"measurement\":\"sha-256:" + "e1".repeat(32) + "\",\"signer\":\"51\",\"product-id\":1,\"security-version\":2,"
                    + "\"issued-at\":\"2026-06-01T00:00:00Z\",\"anchor\":\"ac\",\"report-data\":\"da\",\"tcb-status\":\"UpToDate\","
                    + "\"memory-readable-by\":\"root\",\"tdx_td_attributes\":\"0000001000000000\",\"list\":[\"a\",{\"b\":null}]}}")
            .getBytes(StandardCharsets.UTF_8));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(32, SEEDS).run(20_000, input -> target(input, verdict -> {}))).isEmpty();
    }

    /** The time of the evidence is the last thing that is read: whoever finds this got all the way through. */
    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(32, SEEDS).run(50_000, input -> target(input, verdict -> {
            if (verdict instanceof Verdict.Refused(List<Reason> reasons)
                    && reasons.stream().anyMatch(reason -> reason.path().equals("token.innerkeep: issued-at"))) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, verdict -> {});
    }

    private static void target(byte[] input, Consumer<Verdict> behind) {
        byte[] token = JwsTest.token("{\"alg\":\"RS256\",\"typ\":\"JWT\"}", new String(input, StandardCharsets.ISO_8859_1));
        Verdict verdict = new Verifier().verify(token, Endorsements.none(), AT, VerifierOptions.of(List.<TokenIssuer>of()));
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        behind.accept(verdict);
    }
}
