package org.innerkeep.channel.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

class VaultRefusalTest {
    private static final String PROBLEM = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"not released\",\"details\":["
            + "{\"code\":\"Forbidden\",\"message\":\"grant 1: REVOKED\"},{\"code\":\"Forbidden\",\"message\":\"grant 2: OTHER_CODE\"}]}}";

    private static VaultRefusal read(int status, String body) {
        return VaultRefusal.read(status, body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void hasTheCodeAndEveryReason() {
        VaultRefusal refusal = read(403, PROBLEM);
        assertThat(refusal.code()).isEqualTo("Forbidden");
        assertThat(refusal.reasons()).containsExactly("not released", "grant 1: REVOKED", "grant 2: OTHER_CODE");
        assertThat(refusal).hasToString("status 403, Forbidden: not released; grant 1: REVOKED; grant 2: OTHER_CODE");
    }

    @Test
    void ofManyReasonsTheFirstAreLeft() {
        String details = String.join(",", Collections.nCopies(500, "{\"message\":\"" + "x".repeat(20) + "\"}"));
        VaultRefusal refusal = read(403, "{\"error\":{\"message\":\"m\",\"details\":[" + details + "]}}");
        assertThat(refusal.reasons()).hasSize(65).endsWith("and 437 more");
    }

    @Test
    void whatIsNoExplanationIsSaidToBeNone() {
        for (String body : List.of("", "<html>", "[]", "{}", "{\"error\":1}", "{\"error\":{}}garbage", "x".repeat(VaultRefusal.MAX_BYTES + 1))) {
            assertThat(read(404, body).reasons()).containsExactly("no explanation that could be read came with it");
        }
        assertThat(read(400, "{\"error\":{\"code\":7,\"details\":{}}}")).matches(each -> each.code().isEmpty() && each.reasons().isEmpty());
    }

    @Test
    void askingAgainHelpsWhereSomethingCannotAnswerNow() {
        for (int status : new int[] {408, 409, 429, 500, 502, 503, 504}) {
            assertThat(read(status, "").passing()).as("" + status).isTrue();
        }
        for (int status : new int[] {301, 400, 401, 403, 404, 413, 501, 0, -1}) {
            assertThat(read(status, PROBLEM).passing()).as("" + status).isFalse();
        }
    }

    /** Whatever came is bounded and cannot pretend to be another message. */
    private static void target(byte[] input) {
        VaultRefusal refusal = VaultRefusal.read(403, input);
        assertThat(refusal.reasons()).hasSizeLessThanOrEqualTo(65).allMatch(each -> each.length() <= 1003 && each.matches("[ -~]*"));
        assertThat(refusal.code()).hasSizeLessThanOrEqualTo(67).matches("[ -~]*");
    }

    @Test
    void survivesHostileBytes() {
        List<byte[]> seeds = List.of(PROBLEM.getBytes(StandardCharsets.UTF_8));
        assertThat(new Fuzzer(41, seeds).run(20_000, VaultRefusalTest::target)).isEmpty();
        assertThat(new Fuzzer(41, seeds).run(20_000, input -> {
                    if (VaultRefusal.read(403, input).reasons().contains("grant 2: OTHER_CODE")) {
                        throw new ArithmeticException("planted");
                    }
                })).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        target(data);
    }
}
