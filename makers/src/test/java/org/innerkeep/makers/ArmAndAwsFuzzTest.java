package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.arm.CcaToken;
import org.innerkeep.evidence.arm.Lifecycle;
import org.innerkeep.evidence.arm.PsaToken;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.nitro.NitroDocument;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Nitro documents and Arm tokens under hostile bytes: their parsers, and the verifier that gets them. */
class ArmAndAwsFuzzTest {
    private static final FakeAws AWS = new FakeAws(AwsTest.NOW);
    private static final FakeArm ARM = new FakeArm("secp256r1", "secp256r1");
    private static final List<byte[]> NITRO = List.of(
            AWS.document(wish -> {}), AWS.document(FakeAws.Wish::open), AWS.document(wish -> wish.envelope().tag(OptionalLong.of(18))));
    private static final List<byte[]> CCA =
            Arrays.stream(FakeArm.Edition.values()).map(edition -> ARM.cca(edition, wish -> {})).toList();
    private static final List<byte[]> PSA = new ArrayList<>(
            Arrays.stream(FakeArm.PsaEdition.values()).map(edition -> ARM.psa(edition, wish -> {})).toList());
    private static final VerifierOptions OPTIONS =
            VerifierOptions.of(AWS.anchor(), ARM.platformKey(), ARM.deviceKey());
    private static final Verifier VERIFIER = new Verifier();

    private static Verdict verify(byte[] evidence) {
        return VERIFIER.verify(evidence, Endorsements.none(), AwsTest.NOW, OPTIONS);
    }

    /** What was really signed: hostile bytes may be one of these, and then are not hostile, or must not be accepted. */
    private static final List<Claims> SIGNED = all().stream().map(seed -> ((Verdict.Accepted) verify(seed)).claims()).toList();

    private static List<byte[]> all() {
        List<byte[]> all = new ArrayList<>(NITRO);
        all.addAll(CCA);
        all.addAll(PSA);
        return all;
    }

    @Test
    void nitroDocumentsSurviveHostileBytes() {
        assertThat(new Fuzzer(31, NITRO).run(3_000, input -> nitro(input, document -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheParserOfNitroDocuments() {
        assertThat(new Fuzzer(35, NITRO).run(10_000, input -> nitro(input, signed -> {
            if (signed.document().pcr(4).isPresent() && !signed.document().pcr(4).get().hex().equals("05".repeat(48))) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void ccaTokensSurviveHostileBytes() {
        assertThat(new Fuzzer(32, CCA).run(5_000, input -> cca(input, token -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheParserOfCcaTokens() {
        Set<Bytes> challenges = CCA.stream().map(seed -> token(seed).realm().challenge()).collect(Collectors.toSet());
        assertThat(new Fuzzer(36, CCA).run(20_000, input -> cca(input, token -> {
            if (!challenges.contains(token.realm().challenge())) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void psaTokensSurviveHostileBytes() {
        assertThat(new Fuzzer(33, PSA).run(6_000, input -> psa(input, token -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheParserOfPsaTokens() {
        assertThat(new Fuzzer(37, PSA).run(20_000, input -> psa(input, signed -> {
            if (signed.token().lifecycle() != Lifecycle.SECURED) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    /** Fewer than for the parsers, as many inputs cost signature verifications. */
    @Test
    void theVerifierSurvivesHostileBytes() {
        assertThat(new Fuzzer(34, all()).run(300, input -> verdict(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheVerifier() {
        assertThat(new Fuzzer(34, all()).run(10_000, input -> verdict(input, found -> {
            if (found instanceof Verdict.Refused refused && refused.has(Reason.Code.SIGNATURE_INVALID)) {
                throw new NullPointerException("planted");
            }
        }))).isPresent();
    }

    @FieldSource("NITRO")
    @FuzzTest(maxDuration = "10m")
    void fuzzNitro(byte[] data) {
        nitro(data, signed -> {});
    }

    @FieldSource("CCA")
    @FuzzTest(maxDuration = "10m")
    void fuzzCca(byte[] data) {
        cca(data, token -> {});
    }

    @FieldSource("PSA")
    @FuzzTest(maxDuration = "10m")
    void fuzzPsa(byte[] data) {
        psa(data, signed -> {});
    }

    @MethodSource("all")
    @FuzzTest(maxDuration = "10m")
    void fuzzVerifier(byte[] data) {
        verdict(data, found -> {});
    }

    private static void nitro(byte[] input, Consumer<NitroDocument.Signed> behind) {
        NitroDocument.Signed signed;
        try {
            signed = NitroDocument.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(NitroDocument.looksLike(input)).isTrue();
        assertThat(signed.envelope().toByteArray()).isEqualTo(input);
        behind.accept(signed);
    }

    private static CcaToken token(byte[] seed) {
        try {
            return CcaToken.parse(seed);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void cca(byte[] input, Consumer<CcaToken> behind) {
        CcaToken token;
        try {
            token = CcaToken.parse(input);
            byte[] written = token.toByteArray();
            assertThat(CcaToken.parse(written).toByteArray()).isEqualTo(written);
            assertThat(CborValue.parse("platform", token.platform().toByteArray(), CborValue.Rules.SHORTEST)).isNotNull();
            assertThat(CborValue.parse("realm", token.realm().toByteArray(), CborValue.Rules.SHORTEST)).isNotNull();
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        behind.accept(token);
    }

    private static void psa(byte[] input, Consumer<PsaToken.Signed> behind) {
        PsaToken.Signed signed;
        try {
            signed = PsaToken.parse(input);
            assertThat(PsaToken.looksLike(input)).isTrue();
            byte[] written = signed.envelope().toByteArray();
            assertThat(PsaToken.parse(written).token()).isEqualTo(signed.token());
            assertThat(CborValue.parse("token", signed.token().toByteArray(), CborValue.Rules.SHORTEST)).isNotNull();
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        behind.accept(signed);
    }

    private static void verdict(byte[] input, Consumer<Verdict> behind) {
        Verdict verdict = verify(input);
        switch (verdict) {
            case Verdict.Accepted accepted -> assertThat(SIGNED).contains(accepted.claims());
            case Verdict.Undecided undecided -> printable(undecided.explain());
            case Verdict.Refused refused -> printable(refused.explain());
        }
        behind.accept(verdict);
    }

    private static void printable(String explanation) {
        assertThat(explanation).as("printable, one line for each reason").matches("[ -~\\n\u2026]*");
    }
}
