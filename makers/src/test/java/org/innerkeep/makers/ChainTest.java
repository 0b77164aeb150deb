package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Verification;
import org.junit.jupiter.api.Test;

/** Certificate paths: what leads to a pinned key, and everything that must not. */
class ChainTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final KeyPair ROOT_KEYS = Authority.ecKeys("secp256r1");
    private static final KeyPair MIDDLE_KEYS = Authority.ecKeys("secp256r1");
    private static final KeyPair MIDDLE_KEYS_OF_MANY = Authority.ecKeys("secp256r1");
    private static final KeyPair LEAF_KEYS = Authority.ecKeys("secp256r1");
    private static final Authority ROOT = Authority.root("CN=Root", ROOT_KEYS, ALGORITHM, NOW);
    private static final Authority MIDDLE = ROOT.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> {});

    private static X509Certificate leaf(Authority issuer) {
        return issuer.certify("CN=Leaf", LEAF_KEYS.getPublic(), NOW, wish -> {});
    }

    /** One proof: what is pinned, what is at hand, and what was found. */
    private static final class Proof {
        private final List<X509Certificate> others = new ArrayList<>();
        private final List<Bytes> endorsements = new ArrayList<>();
        private VerifierOptions options = VerifierOptions.of(new MakerRoot(Maker.INTEL, ROOT.publicKey()));
        private Chain.Revocation revocation = Chain.Revocation.IF_AT_HAND;

        Proof with(Authority... authorities) {
            for (Authority each : authorities) {
                others.add(each.certificate());
            }
            return this;
        }

        Proof with(Bytes... documents) {
            endorsements.addAll(List.of(documents));
            return this;
        }

        Proof options(VerifierOptions changed) {
            options = changed;
            return this;
        }

        Proof revocation(Chain.Revocation changed) {
            revocation = changed;
            return this;
        }

        Set<Code> of(X509Certificate leaf) throws MalformedException {
            Endorsements pool = EndorsementPool.of(endorsements);
            Verification run = new Verification(pool, NOW, options, new Crypto(Optional.empty(), 100));
            Optional<Chain> chain =
                    Chain.prove(run, leaf, others, new Chain.Rules("chain", options.roots(Maker.INTEL), Set.of(), revocation));
            assertThat(chain.isPresent() || run.reasons() > 0).isTrue();
            if (run.reasons() == 0) {
                return Set.of();
            }
            return Set.copyOf(switch (run.refusal()) {
                case Verdict.Refused refused -> refused.reasons().stream().map(Reason::code).toList();
                case Verdict.Undecided undecided -> undecided.reasons().stream().map(Reason::code).toList();
                case Verdict.Accepted accepted -> throw new AssertionError(accepted);
            });
        }
    }

    @Test
    void leadsToAPinnedKey() throws MalformedException {
        assertThat(new Proof().with(MIDDLE, ROOT).of(leaf(MIDDLE))).isEmpty();
        assertThat(new Proof().with(MIDDLE).of(leaf(MIDDLE))).isEmpty();
        assertThat(new Proof().of(leaf(ROOT))).isEmpty();
        assertThat(new Proof().with(MIDDLE.der()).of(leaf(MIDDLE))).isEmpty();
    }

    @Test
    void extraCertificatesInAnyOrderDoNotMatter() throws MalformedException {
        Authority other = Authority.root("CN=Other", MIDDLE_KEYS, ALGORITHM, NOW);
        assertThat(new Proof().with(ROOT, other, MIDDLE).of(leaf(MIDDLE))).isEmpty();
    }

    @Test
    void anotherRootIsNotPinned() throws MalformedException {
        Authority other = Authority.root("CN=Root", Authority.ecKeys("secp256r1"), ALGORITHM, NOW);
        Authority below = other.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> {});
        assertThat(new Proof().with(below, other).of(leaf(below))).containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(new Proof().options(VerifierOptions.of()).with(MIDDLE).of(leaf(MIDDLE))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void aRootOfAnotherMakerDoesNotVouch() throws MalformedException {
        VerifierOptions amd = VerifierOptions.of(new MakerRoot(Maker.AMD, ROOT.publicKey()));
        assertThat(new Proof().options(amd).with(MIDDLE).of(leaf(MIDDLE))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void oneOfTwoCrossSignedCertificatesIsEnough() throws MalformedException {
        Authority other = Authority.root("CN=Other", Authority.ecKeys("secp256r1"), ALGORITHM, NOW);
        Authority crossed = other.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> {});
        assertThat(new Proof().with(crossed, other, MIDDLE).of(leaf(MIDDLE))).isEmpty();
    }

    /** Two authorities that certify each other: every way through them ends, and the one that leads to the root is found. */
    @Test
    void crossSignedCertificatesInACircleEnd() throws MalformedException {
        Authority other = Authority.root("CN=Other", Authority.ecKeys("secp256r1"), ALGORITHM, NOW);
        Authority middle = Authority.root("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW);
        Authority middleByOther = other.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> {});
        Authority otherByMiddle = middle.below("CN=Other", other.keys(), ALGORITHM, NOW, wish -> {});
        assertThat(new Proof().with(middleByOther, otherByMiddle).of(leaf(MIDDLE)))
                .containsAnyOf(Code.SIGNATURE_INVALID, Code.ENDORSEMENT_MISSING, Code.CHAIN_INVALID);
        assertThat(new Proof().with(middleByOther, otherByMiddle, MIDDLE).of(leaf(MIDDLE))).isEmpty();
    }

    @Test
    void bytesBehindACertificateOrAListAreRefused() throws MalformedException {
        Crypto crypto = new Crypto(Optional.empty(), 0);
        Bytes list = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9));
        for (int more : new int[] {1, 2, 100}) {
            Bytes certificate = Bytes.of(Arrays.copyOf(MIDDLE.der().toArray(), MIDDLE.der().length() + more));
            Bytes longer = Bytes.of(Arrays.copyOf(list.toArray(), list.length() + more));
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> crypto.certificate("certificate", certificate));
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> crypto.revocationList("list", longer));
            assertThat(new Proof().with(certificate).of(leaf(MIDDLE))).as("it is no certificate").containsExactly(Code.ENDORSEMENT_MISSING);
            assertThat(required().with(longer, ROOT.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9))).of(leaf(MIDDLE)))
                    .as("it is no list").containsExactly(Code.ENDORSEMENT_MISSING);
        }
    }

    @Test
    void aMissingIntermediateIsNotARefusal() throws MalformedException {
        assertThat(new Proof().of(leaf(MIDDLE))).containsExactly(Code.ENDORSEMENT_MISSING);
    }

    @Test
    void aForgedSignatureIsRefused() throws MalformedException {
        Authority forger = ROOT.below("CN=Middle", Authority.ecKeys("secp256r1"), ALGORITHM, NOW, wish -> {});
        assertThat(new Proof().with(MIDDLE).of(leaf(forger))).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void anExpiredCertificateAnywhereIsRefused() throws MalformedException {
        Instant past = NOW.minusSeconds(1);
        Authority middle = ROOT.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> wish.valid(past.minusSeconds(9), past));
        Authority root = Authority.root("CN=Root", ROOT_KEYS, ALGORITHM, NOW, wish -> wish.valid(past.minusSeconds(9), past));
        X509Certificate old = MIDDLE.certify("CN=Leaf", LEAF_KEYS.getPublic(), NOW, wish -> wish.valid(past.minusSeconds(9), past));

        assertThat(new Proof().with(middle).of(leaf(middle))).containsExactly(Code.CERTIFICATE_EXPIRED);
        assertThat(new Proof().with(MIDDLE, root).of(leaf(MIDDLE))).containsExactly(Code.CERTIFICATE_EXPIRED);
        assertThat(new Proof().with(MIDDLE).of(old)).containsExactly(Code.CERTIFICATE_EXPIRED);
        assertThat(new Proof().options(VerifierOptions.of(new MakerRoot(Maker.INTEL, ROOT.publicKey())).clockSkew(Duration.ofSeconds(2)))
                        .with(MIDDLE).of(old)).isEmpty();
    }

    @Test
    void aRenewedCertificateWinsOverTheExpiredOne() throws MalformedException {
        Instant past = NOW.minusSeconds(1);
        Authority old = ROOT.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> wish.valid(past.minusSeconds(9), past));
        assertThat(new Proof().with(old, MIDDLE).of(leaf(MIDDLE))).isEmpty();
    }

    @Test
    void aCertificateOfTheFutureIsRefused() throws MalformedException {
        X509Certificate early = MIDDLE.certify(
                "CN=Leaf", LEAF_KEYS.getPublic(), NOW, wish -> wish.valid(NOW.plusSeconds(1), NOW.plusSeconds(9)));
        assertThat(new Proof().with(MIDDLE).of(early)).containsExactly(Code.CERTIFICATE_NOT_YET_VALID);
    }

    @Test
    void anAuthorityOfTheFutureIsRefused() throws MalformedException {
        Authority middle = ROOT.below(
                "CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> wish.valid(NOW.plusSeconds(1), NOW.plusSeconds(9)));
        assertThat(new Proof().with(middle).of(leaf(middle))).containsExactly(Code.CERTIFICATE_NOT_YET_VALID);
    }

    @Test
    void whatIsNotACertificationAuthorityDoesNotCertify() throws MalformedException {
        Authority noAuthority = ROOT.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> wish.authority(Optional.empty()));
        assertThat(new Proof().with(noAuthority).of(leaf(noAuthority))).containsExactly(Code.CHAIN_INVALID);
        // Another's leaf is none either, whatever name it has.
        KeyPair keys = Authority.ecKeys("secp256r1");
        X509Certificate victim = MIDDLE.certify("CN=Lower", keys.getPublic(), NOW, wish -> {});
        Authority impostor = Authority.root("CN=Lower", keys, ALGORITHM, NOW);
        assertThat(new Proof().with(Authority.der(victim), MIDDLE.der()).of(leaf(impostor))).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void anAuthorityWithAnotherKeyUsageDoesNotCertify() throws MalformedException {
        for (int usage : new int[] {KeyUsage.digitalSignature, KeyUsage.cRLSign, 0}) {
            Authority wrong = ROOT.below("CN=Middle", MIDDLE_KEYS, ALGORITHM, NOW, wish -> wish.usage(usage));
            assertThat(new Proof().with(wrong).of(leaf(wrong))).as("key usage %s", usage).containsExactly(Code.CHAIN_INVALID);
        }
    }

    @Test
    void thePathIsNoLongerThanAnAuthorityAllows() throws MalformedException {
        Authority lower = MIDDLE.below("CN=Lower", Authority.ecKeys("secp256r1"), ALGORITHM, NOW, wish -> {});
        assertThat(new Proof().with(MIDDLE, lower).of(leaf(lower))).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void aLeafIsNoAuthorityAndSigns() throws MalformedException {
        X509Certificate authority = MIDDLE.certify(
                "CN=Leaf", LEAF_KEYS.getPublic(), NOW, wish -> wish.authority(Optional.of(0)));
        X509Certificate enciphers = MIDDLE.certify(
                "CN=Leaf", LEAF_KEYS.getPublic(), NOW, wish -> wish.usage(KeyUsage.keyEncipherment));
        assertThat(new Proof().with(MIDDLE).of(authority)).containsExactly(Code.CHAIN_INVALID);
        assertThat(new Proof().with(MIDDLE).of(enciphers)).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void anUnknownCriticalExtensionIsRefused() throws MalformedException {
        X509Certificate unknown = MIDDLE.certify(
                "CN=Leaf", LEAF_KEYS.getPublic(), NOW, wish -> wish.extension("1.2.3.4", true, new byte[] {5, 0}));
        assertThat(new Proof().with(MIDDLE).of(unknown)).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void weakKeysAndAlgorithmsAreRefused() throws MalformedException {
        X509Certificate weakKey = MIDDLE.certify("CN=Leaf", Authority.rsaKeys(1024).getPublic(), NOW, wish -> {});
        X509Certificate otherCurve = MIDDLE.certify("CN=Leaf", Authority.ecKeys("secp256r1").getPublic(), NOW, wish -> {});
        Authority sha1 = Authority.root("CN=Root", ROOT_KEYS, "SHA1withECDSA", NOW);
        assertThat(new Proof().with(MIDDLE).of(weakKey)).containsExactly(Code.ALGORITHM_WEAK);
        assertThat(new Proof().with(MIDDLE).of(otherCurve)).isEmpty();
        assertThat(new Proof().of(leaf(sha1))).containsExactly(Code.ALGORITHM_WEAK);
        KeyPair small = Authority.rsaKeys(1024);
        Authority weakAuthority = ROOT.below("CN=Middle", small, "SHA256withRSA", NOW, wish -> {});
        assertThat(new Proof().with(weakAuthority).of(leaf(weakAuthority))).isNotEmpty().doesNotContain(Code.ENDORSEMENT_MISSING);
    }

    @Test
    void aRevokedCertificateIsRefused() throws MalformedException {
        X509Certificate leaf = leaf(MIDDLE);
        Bytes revoked = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9), leaf.getSerialNumber());
        Bytes revokedMiddle = ROOT.revocationList(
                NOW.minusSeconds(9), NOW.plusSeconds(9), MIDDLE.certificate().getSerialNumber());
        assertThat(new Proof().with(MIDDLE).with(revoked).of(leaf)).containsExactly(Code.CERTIFICATE_REVOKED);
        assertThat(new Proof().with(MIDDLE).with(revokedMiddle).of(leaf)).containsExactly(Code.CERTIFICATE_REVOKED);
    }

    @Test
    void anOlderListThatRevokesStillCounts() throws MalformedException {
        X509Certificate leaf = leaf(MIDDLE);
        Bytes old = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.minusSeconds(5), leaf.getSerialNumber());
        Bytes current = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9), BigInteger.TEN);
        assertThat(new Proof().with(MIDDLE).with(old, current).of(leaf)).containsExactly(Code.CERTIFICATE_REVOKED);
    }

    @Test
    void aNeededListMustBeThereCurrentAndSigned() throws MalformedException {
        X509Certificate leaf = leaf(MIDDLE);
        Bytes good = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9));
        Bytes goodRoot = ROOT.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9));
        Bytes old = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.minusSeconds(1));
        Bytes early = MIDDLE.revocationList(NOW.plusSeconds(1), NOW.plusSeconds(9));
        Bytes forged = Authority.root("CN=Middle", Authority.ecKeys("secp256r1"), ALGORITHM, NOW)
                .revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9));
        assertThat(required().with(good, goodRoot).of(leaf)).isEmpty();
        assertThat(required().with(goodRoot).of(leaf)).containsExactly(Code.ENDORSEMENT_MISSING);
        assertThat(required().with(good).of(leaf)).containsExactly(Code.ENDORSEMENT_MISSING);
        assertThat(required().with(old, goodRoot).of(leaf)).containsExactly(Code.ENDORSEMENT_EXPIRED);
        assertThat(required().with(early, goodRoot).of(leaf)).containsExactly(Code.ENDORSEMENT_NOT_YET_VALID);
        assertThat(required().with(forged, goodRoot).of(leaf)).containsExactly(Code.ENDORSEMENT_INVALID);
    }

    /** As none it would count as not revoking. */
    @Test
    void aListThatCannotBeReadIsNotTakenForNone() throws MalformedException {
        X509Certificate leaf = leaf(MIDDLE);
        byte[] cut = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9), leaf.getSerialNumber()).toArray();
        Bytes unreadable = Bytes.of(Arrays.copyOf(cut, cut.length - 1));
        Endorsements source = need -> new Endorsements.Answer(
                need instanceof Need.RevocationList ? List.of(unreadable) : List.of(), List.of());
        VerifierOptions options = VerifierOptions.of(new MakerRoot(Maker.INTEL, ROOT.publicKey()));
        Verification run = new Verification(source, NOW, options, new Crypto(Optional.empty(), 100));

        Chain.prove(run, leaf, List.of(MIDDLE.certificate()),
                new Chain.Rules("chain", options.roots(Maker.INTEL), Set.of(), Chain.Revocation.IF_AT_HAND));
        assertThat(run.refusal()).isInstanceOfSatisfying(Verdict.Undecided.class, undecided -> assertThat(undecided.explain())
                .contains("the revocation list of 'Middle'")
                .contains("a document that breaks its form: revocation list: "));

        Bytes large = Bytes.of(Arrays.copyOf(cut, Crypto.MAX_CRL_BYTES + 1));
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> EndorsementPool.of(List.of(large)));
    }

    /** In a folder it may be anything; where a list is missing it is what should be looked at. */
    @Test
    void aBrokenListAmongOthersIsNamedWhereOneIsMissing() throws MalformedException {
        Bytes right = MIDDLE.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9));
        Bytes broken = Bytes.of(Arrays.copyOf(right.toArray(), right.length() - 1));
        Need missing = new Need.RevocationList(Bytes.of(MIDDLE.certificate().getSubjectX500Principal().getEncoded()), "Middle");

        assertThat(EndorsementPool.of(List.of(broken)).find(missing).problems()).singleElement().asString()
                .contains(broken.length() + " bytes")
                .contains("neither a certificate nor a revocation list");
        assertThat(EndorsementPool.of(List.of(broken, right)).find(missing)).isEqualTo(new Endorsements.Answer(List.of(right), List.of()));
    }

    private static Proof required() {
        return new Proof().with(MIDDLE, ROOT).revocation(Chain.Revocation.REQUIRED);
    }

    @Test
    void aLongChainIsRefusedInTime() throws MalformedException {
        List<Authority> chain = new ArrayList<>(List.of(ROOT));
        for (int i = 0; i < 200; i++) {
            chain.add(chain.getLast().below("CN=Middle " + i, MIDDLE_KEYS_OF_MANY, ALGORITHM, NOW, wish -> wish.authority(Optional.of(-1))));
        }
        X509Certificate leaf = leaf(chain.getLast());
        Proof proof = new Proof().with(chain.toArray(Authority[]::new));
        assertThat(assertTimeout(Duration.ofSeconds(20), () -> proof.of(leaf))).isNotEmpty();

        List<Authority> distinct = new ArrayList<>(List.of(ROOT));
        for (int i = 0; i < 20; i++) {
            distinct.add(distinct.getLast().below(
                    "CN=Middle " + i, Authority.ecKeys("secp256r1"), ALGORITHM, NOW, wish -> wish.authority(Optional.of(-1))));
        }
        X509Certificate below = leaf(distinct.getLast());
        Proof deep = new Proof().with(distinct.toArray(Authority[]::new));
        assertThat(assertTimeout(Duration.ofSeconds(20), () -> deep.of(below))).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void manyCertificatesOfOneNameEndInTime() throws MalformedException {
        List<Authority> many = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            many.add(Authority.root("CN=Middle", Authority.ecKeys("secp256r1"), ALGORITHM, NOW));
        }
        assertThat(new Proof().with(many.toArray(Authority[]::new)).of(leaf(MIDDLE))).containsExactly(Code.SIGNATURE_INVALID);
    }
}
