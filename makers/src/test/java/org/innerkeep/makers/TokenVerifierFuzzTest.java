package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.fuzz.Fuzzer;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

/** Tokens of a pinned service and of one that is not, changed in their claims and header before they are put together again. */
class TokenVerifierFuzzTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeTokenService SERVICE = new FakeTokenService("s", Algorithm.ES256, NOW);
    private static final VerifierOptions PINNED = VerifierOptions.of(SERVICE.keyAnchor(), SERVICE.rootAnchor()).allowDebug();
    private static final Verifier VERIFIER = new Verifier();
    private static final List<byte[]> SIGNED = List.of(
            SERVICE.sign(SERVICE.header(), SERVICE.azureVm(NOW)),
            SERVICE.sign(SERVICE.header(), SERVICE.intelTdxNested(NOW)),
            SERVICE.sign(SERVICE.headerWithChain(), SERVICE.googleTdx(NOW)));
    private static final Set<Claims> CLAIMS = SIGNED.stream()
            .map(token -> ((Verdict.Accepted) VERIFIER.verify(token, Endorsements.none(), NOW, PINNED)).claims())
            .collect(Collectors.toSet());

    /** Header, claims and signature with dots between, not in base64, so that changes reach what is inside. */
    private static final List<byte[]> SEEDS = SIGNED.stream().map(TokenVerifierFuzzTest::open).toList();

    private static byte[] open(byte[] token) {
        String[] parts = new String(token, StandardCharsets.US_ASCII).split("\\.", -1);
        return (decoded(parts[0]) + "\u0000" + decoded(parts[1]) + "\u0000" + parts[2]).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.ISO_8859_1);
    }

    private static byte[] close(byte[] open) {
        String[] parts = new String(open, StandardCharsets.ISO_8859_1).split("\u0000", 3);
        StringBuilder token = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            token.append(i == 0 ? "" : ".").append(i == 2 ? parts[i] : Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(parts[i].getBytes(StandardCharsets.ISO_8859_1)));
        }
        return token.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void survivesHostileTokens() {
        assertThat(new Fuzzer(7, SEEDS).run(3_000, input -> target(close(input), verdict -> {}))).isEmpty();
        assertThat(new Fuzzer(8, SIGNED).run(3_000, input -> target(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(7, SEEDS).run(20_000, input -> target(close(input), verdict -> {
            if (verdict instanceof Verdict.Refused refused
                    && refused.has(Reason.Code.SIGNATURE_INVALID)
                    && refused.reasons().size() > 1) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(close(data), verdict -> {});
    }

    private static void target(byte[] input, Consumer<Verdict> behind) {
        Verdict verdict = VERIFIER.verify(input, Endorsements.none(), NOW, PINNED);
        switch (verdict) {
            case Verdict.Accepted accepted -> assertThat(CLAIMS).contains(accepted.claims());
            case Verdict.Undecided undecided -> assertThat(undecided.explain()).matches("[ -~\\n…]*");
            case Verdict.Refused refused -> assertThat(refused.explain()).matches("[ -~\\n…]*");
        }
        behind.accept(verdict);
    }
}
