package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.DcapEvidence;
import org.innerkeep.evidence.dcap.PckExtension;
import org.innerkeep.evidence.dcap.SignedJson;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Hostile quotes, certificates and collateral: they parse to what they say or are refused, and prove nothing that was not signed. */
class FakeIntelFuzzTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeIntel INTEL = FakeIntel.at(NOW);
    private static final KeyPair KEYS = Authority.ecKeys("secp256r1");
    private static final Endorsements COLLATERAL = INTEL.endorsements();
    private static final VerifierOptions STRICT = VerifierOptions.of(INTEL.anchor());
    private static final Verifier VERIFIER = new Verifier();
    private static final List<byte[]> EVIDENCE = List.of(
            INTEL.sgxQuote(3, wish -> {}),
            INTEL.tdxQuote(4, wish -> {}),
            INTEL.tdx15Quote(wish -> wish.trailing(Bytes.of(new byte[16]))),
            INTEL.tdx15ExtendedQuote(wish -> {}),
            INTEL.sgxQuote(3, wish -> wish.certification(3, FakeIntel.encryptedPlatform())),
            FakeIntel.openEnclaveReport(INTEL.sgxQuote(3, wish -> {})),
            certificate(FakeIntel.Carrier.TAGGED_EVIDENCE),
            certificate(FakeIntel.Carrier.QUOTE_OF_GRAMINE));
    private static final List<byte[]> JSON = List.of(
            INTEL.tcbInfo(Need.Tee.SGX, wish -> wish.version(2)).toArray(),
            INTEL.tcbInfo(Need.Tee.TDX, wish -> {}).toArray(),
            INTEL.qeIdentity(Need.Tee.SGX, wish -> {}).toArray());

    /** What was really signed. */
    private static final List<Claims> SIGNED = EVIDENCE.stream()
            .map(seed -> VERIFIER.verify(seed, COLLATERAL, NOW, STRICT))
            .filter(Verdict.Accepted.class::isInstance)
            .map(verdict -> ((Verdict.Accepted) verdict).claims())
            .toList();

    private static byte[] certificate(FakeIntel.Carrier carrier) {
        return Authority.der(INTEL.raTlsCertificate(carrier, KEYS.getPublic(), KEYS, wish -> {})).toArray();
    }

    @Test
    void parsersSurviveHostileEvidence() {
        assertThat(new Fuzzer(5, EVIDENCE).run(3_000, input -> parse(input, evidence -> {}))).isEmpty();
    }

    @Test
    void parsersFindAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(5, EVIDENCE).run(6_000, input -> parse(input, evidence -> {
            if (!evidence.quote().userData().hex().startsWith("c0c1c2c3c4c5c6c7c8c9")) {
                throw new ArithmeticException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @Test
    void parsersSurviveHostileCollateral() {
        AtomicInteger parsed = new AtomicInteger();

        assertThat(new Fuzzer(6, JSON).run(2_000, input -> json(input, parsed))).isEmpty();
        assertThat(parsed).hasPositiveValue();
    }

    @Test
    void parsersSurviveHostileSgxExtensions() {
        byte[][] seed = new byte[1][];
        INTEL.pckCertificate(INTEL.platformCa(), KEYS.getPublic(), wish -> {}, value -> {
            seed[0] = value;
            return value;
        });

        assertThat(new Fuzzer(7, List.of(seed[0])).run(6_000, FakeIntelFuzzTest::extension)).isEmpty();
    }

    @Test
    void verifierSurvivesHostileEvidence() {
        assertThat(SIGNED).hasSizeGreaterThan(5);
        assertThat(new Fuzzer(8, EVIDENCE).run(200, FakeIntelFuzzTest::verify)).isEmpty();
    }

    @Test
    void verifierSurvivesHostileCollateral() {
        byte[] quote = EVIDENCE.get(1);
        assertThat(new Fuzzer(9, JSON).run(80, input -> {
            Endorsements hostile = need -> {
                Endorsements.Answer answer = COLLATERAL.find(need);
                return answer.documents().stream().anyMatch(each -> each.toArray()[0] == '{')
                        ? new Endorsements.Answer(List.of(Bytes.of(input)), List.of())
                        : answer;
            };
            // One of the two that are needed is always missing here, so nothing may be accepted.
            assertThat(VERIFIER.verify(quote, hostile, NOW, STRICT)).isNotInstanceOf(Verdict.Accepted.class);
        })).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) throws MalformedException {
        parse(data, evidence -> {});
        extension(data);
        json(data, new AtomicInteger());
        verify(data);
    }

    private static void parse(byte[] input, Consumer<DcapEvidence> behind) {
        Optional<DcapEvidence> evidence;
        try {
            evidence = DcapEvidence.parse(input);
        } catch (MalformedException e) {
            return;
        }
        evidence.ifPresent(found -> {
            if (input[0] != '-') {
                assertThat(found.toByteArray()).isEqualTo(input);
            }
            behind.accept(found);
        });
    }

    private static void json(byte[] input, AtomicInteger parsed) {
        try {
            SignedJson.parse(input).ifPresent(found -> parsed.incrementAndGet());
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    private static void extension(byte[] input) {
        try {
            PckExtension.parse(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    private static void verify(byte[] input) {
        switch (VERIFIER.verify(input, COLLATERAL, NOW, STRICT)) {
            case Verdict.Accepted accepted -> assertThat(SIGNED).contains(accepted.claims());
            case Verdict.Undecided undecided -> assertThat(undecided.explain()).matches("[ -~\\n\u2026]*");
            case Verdict.Refused refused -> assertThat(refused.explain()).matches("[ -~\\n\u2026]*");
        }
    }
}
