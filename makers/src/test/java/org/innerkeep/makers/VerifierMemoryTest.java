package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.junit.jupiter.api.Test;

/** A verifier that is kept remembers what was proven of makers' documents, and decides as one does that remembers nothing. */
class VerifierMemoryTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeIntel INTEL = FakeIntel.at(NOW);
    private static final FakeIntel OTHER = FakeIntel.at(NOW);
    private static final VerifierOptions STRICT = VerifierOptions.of(INTEL.anchor());
    private static final byte[] QUOTE = INTEL.sgxQuote(3, wish -> {});

    private static Bytes revoking(Authority authority, BigInteger serial) {
        return authority.revocationList(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(20)), serial);
    }

    private static List<Bytes> with(List<Bytes> documents, Bytes more) {
        List<Bytes> all = new ArrayList<>(documents);
        all.add(more);
        return all;
    }

    private static Set<Code> codes(Verdict verdict) {
        Set<Code> codes = new HashSet<>();
        if (verdict instanceof Verdict.Refused refused) {
            refused.reasons().forEach(each -> codes.add(each.code()));
        }
        return codes;
    }

    @Test
    void aRevocationListThatCameLaterCounts() {
        Verifier kept = new Verifier();
        assertThat(kept.verify(QUOTE, INTEL.endorsements(), NOW, STRICT)).isInstanceOf(Verdict.Accepted.class);

        Endorsements later = FakeIntel.pool(
                with(INTEL.collateral(), revoking(INTEL.platformCa(), INTEL.pckCertificate().getSerialNumber())));

        assertThat(codes(kept.verify(QUOTE, later, NOW, STRICT))).contains(Code.CERTIFICATE_REVOKED);
    }

    @Test
    void aNewerEvaluationThatCameLaterCounts() {
        Verifier kept = new Verifier();
        assertThat(kept.verify(QUOTE, INTEL.endorsements(), NOW, STRICT)).isInstanceOf(Verdict.Accepted.class);
        Bytes newer = INTEL.tcbInfo(Need.Tee.SGX, wish -> wish.evaluation(FakeIntel.EVALUATION + 1)
                .levels(List.of(new FakeIntel.Level(FakeIntel.COMPONENTS, 13, Bytes.fromHex("05000300000000000000000000000000"),
                        TcbStatus.OUT_OF_DATE, NOW, List.of()))));

        Verdict verdict = kept.verify(QUOTE, FakeIntel.pool(with(INTEL.collateral(), newer)), NOW, STRICT);

        assertThat(codes(verdict)).containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);
    }

    @Test
    void whatIsRememberedEndsWithTheFirstValidityThatItRestsOn() {
        Verifier kept = new Verifier();
        Endorsements collateral = INTEL.endorsements();
        assertThat(kept.verify(QUOTE, collateral, NOW, STRICT)).isInstanceOf(Verdict.Accepted.class);

        assertThat(kept.verify(QUOTE, collateral, NOW.plus(Duration.ofDays(20)), STRICT)).isInstanceOf(Verdict.Accepted.class);
        assertThat(codes(kept.verify(QUOTE, collateral, NOW.plus(Duration.ofDays(20)).plusNanos(1), STRICT)))
                .contains(Code.ENDORSEMENT_EXPIRED);
        assertThat(codes(kept.verify(QUOTE, collateral, NOW.minus(Duration.ofDays(10)).minusNanos(1), STRICT)))
                .contains(Code.ENDORSEMENT_NOT_YET_VALID);
    }

    @Test
    void whatWasMissingIsAskedForAgain() {
        Verifier kept = new Verifier();
        assertThat(kept.verify(QUOTE, Endorsements.none(), NOW, STRICT)).isInstanceOf(Verdict.Undecided.class);
        assertThat(kept.verify(QUOTE, INTEL.endorsements(), NOW, STRICT)).isInstanceOf(Verdict.Accepted.class);
        assertThat(kept.verify(QUOTE, Endorsements.none(), NOW, STRICT)).isInstanceOf(Verdict.Undecided.class);
    }

    @Test
    void aTimeAtTheEdgeOfWhatCanBeComputedWithIsNoFault() {
        Bytes last = INTEL.tcbInfo(Need.Tee.SGX, wish -> wish.text(json -> json.replace(
                NOW.plus(Duration.ofDays(20)).toString(), "+1000000000-12-31T23:59:59Z")));
        Bytes first = INTEL.tcbInfo(Need.Tee.SGX, wish -> wish.text(json -> json.replace(
                NOW.minus(Duration.ofDays(10)).toString(), "-1000000000-01-01T00:00:00Z")));
        List<Bytes> documents = with(with(INTEL.collateral(), first), last);

        Verdict verdict = new Verifier().verify(QUOTE, FakeIntel.pool(documents), NOW, STRICT.clockSkew(Duration.ofMinutes(5)));

        assertThat(verdict).isNotNull();
    }

    /** Whatever was verified before: each verdict is the one that a new verifier gives, to the last reason and the last check. */
    @Test
    void aVerifierThatIsKeptDecidesLikeANewOne() {
        List<byte[]> quotes = List.of(
                QUOTE,
                INTEL.sgxQuote(3, wish -> wish.body(FakeIntel.SGX_ISVSVN, Bytes.fromHex("0700"))),
                INTEL.sgxQuote(3, wish -> wish.attestationKeys(Authority.ecKeys("secp256r1")).signer(OTHER.pckKeys().getPrivate())),
                INTEL.tdxQuote(4, wish -> {}),
                INTEL.tdx15Quote(wish -> {}),
                OTHER.sgxQuote(3, wish -> {}));
        List<Bytes> right = INTEL.collateral();
        List<Bytes> variants = new ArrayList<>();
        variants.addAll(OTHER.collateral());
        variants.add(revoking(INTEL.platformCa(), INTEL.pckCertificate().getSerialNumber()));
        variants.add(revoking(INTEL.root(), INTEL.platformCa().certificate().getSerialNumber()));
        variants.add(revoking(INTEL.root(), INTEL.tcbSigningCertificate().getSerialNumber()));
        variants.add(INTEL.platformCa().revocationList(NOW.plus(Duration.ofDays(2)), NOW.plus(Duration.ofDays(40))));
        variants.add(INTEL.root().revocationList(NOW.plus(Duration.ofDays(2)), NOW.plus(Duration.ofDays(40))));
        for (Need.Tee tee : Need.Tee.values()) {
            variants.add(INTEL.tcbInfo(tee, wish -> wish.valid(NOW.plus(Duration.ofDays(3)), NOW.plus(Duration.ofDays(50)))));
            variants.add(INTEL.tcbInfo(tee, wish -> wish.evaluation(FakeIntel.EVALUATION - 2)));
            variants.add(INTEL.tcbInfo(tee, wish -> wish.evaluation(FakeIntel.EVALUATION + 2).signer(OTHER.pckKeys().getPrivate())));
            variants.add(INTEL.tcbInfo(tee, wish -> wish.pceId(Bytes.fromHex("0100"))));
            variants.add(INTEL.qeIdentity(tee, wish -> wish.evaluation(FakeIntel.EVALUATION + 1)
                    .qe(List.of(new FakeIntel.SvnLevel(8, TcbStatus.OUT_OF_DATE, NOW, List.of())))));
        }
        List<VerifierOptions> options = List.of(
                STRICT,
                STRICT.leastTcbEvaluation(FakeIntel.EVALUATION + 1),
                STRICT.acceptTcb(TcbStatus.OUT_OF_DATE).clockSkew(Duration.ofHours(1)),
                STRICT.reportData(Bytes.of(new byte[64])),
                VerifierOptions.of(OTHER.anchor()),
                VerifierOptions.of(INTEL.anchor(), OTHER.anchor()));
        List<Duration> times = new ArrayList<>();
        for (int day : List.of(0, 0, 0, 0, -10, 2, 3, 20, 40, 50)) {
            times.addAll(List.of(Duration.ofDays(day), Duration.ofDays(day).plusNanos(1), Duration.ofDays(day).minusNanos(1)));
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Verifier kept = new Verifier();
        int accepted = 0;
        for (int step = 0; step < 250; step++) {
            List<Bytes> documents = new ArrayList<>(right);
            if (random.nextInt(4) == 0) {
                documents.remove(random.nextInt(documents.size()));
            }
            for (int more = random.nextInt(3) * random.nextInt(3); more > 0; more--) {
                documents.add(random.nextInt(documents.size() + 1), variants.get(random.nextInt(variants.size())));
            }
            byte[] quote = quotes.get(random.nextInt(2) * random.nextInt(quotes.size()));
            Instant at = NOW.plus(times.get(random.nextInt(times.size())));
            VerifierOptions chosen = options.get(random.nextInt(2) * random.nextInt(options.size()));
            Endorsements endorsements = FakeIntel.pool(documents);

            Verdict verdict = kept.verify(quote, endorsements, at, chosen);

            assertThat(verdict).as("seed %d, step %d", seed, step).isEqualTo(new Verifier().verify(quote, endorsements, at, chosen));
            accepted += verdict instanceof Verdict.Accepted ? 1 : 0;
        }
        assertThat(accepted).as("accepted, seed %d", seed).isBetween(10, 240);
    }
}
