package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.DcapEvidence;
import org.innerkeep.evidence.dcap.PckExtension;
import org.innerkeep.evidence.dcap.SignedJson;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

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

    private static final List<byte[]> EXTENSION = List.of(extension());

    /** What is signed of collateral, after a byte that says what it is. */
    private static final List<byte[]> INNER = List.of(
            inner(0, change -> INTEL.tcbInfo(Need.Tee.TDX, change)), inner(1, change -> INTEL.qeIdentity(Need.Tee.TDX, change)));

    private static final String PRINTABLE = "[ -~\\n\u2026]*";

    /** What was really signed. */
    private static final List<Claims> SIGNED = EVIDENCE.stream()
            .map(seed -> VERIFIER.verify(seed, COLLATERAL, NOW, STRICT))
            .filter(Verdict.Accepted.class::isInstance)
            .map(verdict -> signed(((Verdict.Accepted) verdict).claims()))
            .toList();

    /** The claims but that which tells of bytes as they were given, also of those that no signature covers. */
    private static Claims signed(Claims claims) {
        Map<String, ClaimValue> details = new HashMap<>(claims.details());
        details.remove("x-ms-sgx-collateral");
        return new Claims(
                claims.kind(), claims.platform(), claims.measurement(), claims.signer(), claims.productId(), claims.securityVersion(),
                claims.debug(), claims.reportData(), claims.issuedAt(), claims.anchor(), details);
    }

    private static byte[] certificate(FakeIntel.Carrier carrier) {
        return Authority.der(INTEL.raTlsCertificate(carrier, KEYS.getPublic(), KEYS, wish -> {})).toArray();
    }

    private static byte[] extension() {
        AtomicReference<byte[]> found = new AtomicReference<>();
        INTEL.pckCertificate(INTEL.platformCa(), KEYS.getPublic(), wish -> {}, value -> {
            found.set(value);
            return value;
        });
        return found.get();
    }

    private static byte[] inner(int kind, Function<Consumer<FakeIntel.JsonWish>, Bytes> make) {
        AtomicReference<String> found = new AtomicReference<>();
        Bytes whole = make.apply(wish -> wish.text(right -> {
            found.set(right);
            return right;
        }));
        assertThat(whole.length()).isPositive();
        return ((char) kind + found.get()).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void parsersSurviveHostileEvidence() {
        assertThat(new Fuzzer(5, EVIDENCE).run(3_000, input -> parse(input, evidence -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheParsersOfEvidence() {
        assertThat(new Fuzzer(5, EVIDENCE).run(6_000, input -> parse(input, evidence -> {
            if (!evidence.quote().userData().hex().startsWith("c0c1c2c3c4c5c6c7c8c9")) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void parsersSurviveHostileCollateral() {
        AtomicInteger parsed = new AtomicInteger();

        assertThat(new Fuzzer(6, JSON).run(2_000, input -> json(input, found -> parsed.incrementAndGet()))).isEmpty();
        assertThat(parsed).hasPositiveValue();
    }

    @Test
    void findsAPlantedBugInTheParsersOfCollateral() {
        assertThat(new Fuzzer(6, JSON).run(20_000, input -> json(input, found -> {
            if (found.evaluation() != FakeIntel.EVALUATION) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void parsersSurviveHostileSgxExtensions() {
        assertThat(new Fuzzer(7, EXTENSION).run(6_000, input -> extension(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheParserOfSgxExtensions() {
        assertThat(new Fuzzer(7, EXTENSION).run(20_000, input -> extension(input, found -> {
            if (!found.fmspc().equals(FakeIntel.FMSPC)) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void verifierSurvivesHostileEvidence() {
        assertThat(SIGNED).hasSizeGreaterThan(5);
        assertThat(new Fuzzer(8, EVIDENCE).run(200, input -> verify(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheVerifierOfEvidence() {
        assertThat(new Fuzzer(8, EVIDENCE).run(5_000, input -> verify(input, verdict -> {
            if (verdict instanceof Verdict.Refused refused && refused.has(Reason.Code.BINDING_MISMATCH)) {
                throw new NullPointerException("planted");
            }
        }))).isPresent();
    }

    @Test
    void verifierSurvivesHostileCollateral() {
        assertThat(new Fuzzer(9, JSON).run(80, FakeIntelFuzzTest::unsigned)).isEmpty();
    }

    /** What Intel signed may still be nonsense, and reaches what nothing unsigned does. */
    @Test
    void verifierSurvivesSignedNonsense() {
        assertThat(new Fuzzer(10, INNER).run(200, input -> signed(input, verdict -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheVerifierOfCollateral() {
        assertThat(new Fuzzer(10, INNER).run(5_000, input -> signed(input, verdict -> {
            if (verdict instanceof Verdict.Refused refused && refused.has(Reason.Code.TCB_NOT_SUPPORTED)) {
                throw new NullPointerException("planted");
            }
        }))).isPresent();
    }

    @FieldSource("EVIDENCE")
    @FuzzTest(maxDuration = "10m")
    void fuzzEvidence(byte[] data) {
        parse(data, evidence -> {});
    }

    @FieldSource("JSON")
    @FuzzTest(maxDuration = "10m")
    void fuzzCollateral(byte[] data) {
        json(data, found -> {});
    }

    @FieldSource("EXTENSION")
    @FuzzTest(maxDuration = "10m")
    void fuzzSgxExtension(byte[] data) {
        extension(data, found -> {});
    }

    @FieldSource("EVIDENCE")
    @FuzzTest(maxDuration = "10m")
    void fuzzVerifier(byte[] data) {
        verify(data, verdict -> {});
    }

    @FieldSource("INNER")
    @FuzzTest(maxDuration = "10m")
    void fuzzVerifierOfCollateral(byte[] data) {
        signed(data, verdict -> {});
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

    private static void json(byte[] input, Consumer<SignedJson> behind) {
        Optional<SignedJson> found;
        try {
            found = SignedJson.parse(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
            return;
        }
        found.ifPresent(behind);
    }

    private static void extension(byte[] input, Consumer<PckExtension> behind) {
        PckExtension found;
        try {
            found = PckExtension.parse(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
            return;
        }
        behind.accept(found);
    }

    private static void verify(byte[] input, Consumer<Verdict> behind) {
        Verdict verdict = VERIFIER.verify(input, COLLATERAL, NOW, STRICT);
        if (verdict instanceof Verdict.Accepted accepted) {
            assertThat(SIGNED).contains(signed(accepted.claims()));
        } else {
            assertThat(explain(verdict)).matches(PRINTABLE);
        }
        behind.accept(verdict);
    }

    private static void unsigned(byte[] input) {
        Endorsements hostile = need -> {
            Endorsements.Answer answer = COLLATERAL.find(need);
            return answer.documents().stream().anyMatch(each -> each.toArray()[0] == '{')
                    ? new Endorsements.Answer(List.of(Bytes.of(input)), List.of())
                    : answer;
        };
        // One of the two that are needed is always missing here, so nothing may be accepted.
        assertThat(VERIFIER.verify(EVIDENCE.get(1), hostile, NOW, STRICT)).isNotInstanceOf(Verdict.Accepted.class);
    }

    /** The first byte says what it is signed as. */
    private static void signed(byte[] input, Consumer<Verdict> behind) {
        if (input.length == 0) {
            return;
        }
        String inner = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
        boolean info = input[0] % 2 == 0;
        Bytes hostile = info
                ? INTEL.tcbInfo(Need.Tee.TDX, wish -> wish.text(right -> inner))
                : INTEL.qeIdentity(Need.Tee.TDX, wish -> wish.text(right -> inner));
        Endorsements endorsements = need -> (info ? need instanceof Need.TcbInfo : need instanceof Need.EnclaveIdentity)
                ? new Endorsements.Answer(List.of(hostile), List.of())
                : COLLATERAL.find(need);
        Verdict verdict = VERIFIER.verify(EVIDENCE.get(1), endorsements, NOW, STRICT);
        if (verdict instanceof Verdict.Accepted accepted) {
            assertThat(accepted.claims().text(Claims.TCB_STATUS)).contains("UpToDate");
            assertThat(accepted.claims().reportData()).isEqualTo(SIGNED.get(1).reportData());
        } else {
            assertThat(explain(verdict)).matches(PRINTABLE);
        }
        behind.accept(verdict);
    }

    private static String explain(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> "";
            case Verdict.Undecided undecided -> undecided.explain();
            case Verdict.Refused refused -> refused.explain();
        };
    }
}
