package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.certified.CertifiedEvidence;
import org.innerkeep.evidence.dcap.RaTlsCertificate;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Reports of SEV-SNP and tokens of Arm CCA in certificates whose key they are over. */
class CertifiedEvidenceTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, NOW);
    private static final FakeArm ARM = new FakeArm("secp256r1", "secp256r1");
    private static final KeyPair KEYS = Authority.ecKeys("secp256r1");
    private static final KeyPair OTHERS = Authority.ecKeys("secp256r1");
    private static final String ALGORITHM = "SHA256withECDSA";

    private static byte[] claims(KeyPair of) {
        byte[] digest = Bytes.sha256(of.getPublic().getEncoded()).toArray();
        byte[] entry = new CborWriter().array(2).integer(1).bytes(digest).toByteArray();
        return new CborWriter().map(1).text("pubkey-hash").bytes(entry).toByteArray();
    }

    private static byte[] snp(byte[] claims) {
        return AMD.report(3, false, report -> report.put(0x50, ReportData.ofCertificateClaims(claims)));
    }

    private static byte[] cca(byte[] claims) {
        return ARM.cca(FakeArm.Edition.V1,
                wish -> wish.realm().claim(10, writer -> writer.bytes(ReportData.ofCertificateClaims(claims))));
    }

    private static byte[] certificate(KeyPair keys, byte[] evidence, byte[] claims, Consumer<Authority.Wish> change) {
        byte[] tagged = new CborWriter().tag(60_000).array(2).bytes(evidence).bytes(claims).toByteArray();
        return Authority.der(Authority.root("CN=attested", keys, ALGORITHM, NOW, wish -> {
            wish.authority(Optional.empty()).usage(0).extension(RaTlsCertificate.TAGGED_EVIDENCE, false, tagged);
            change.accept(wish);
        }).certificate()).toArray();
    }

    private static Verdict verify(byte[] evidence, Anchor... anchors) {
        try {
            EndorsementPool pool =
                    EndorsementPool.of(List.of(AMD.vcek(), AMD.ask().der(), AMD.ark().der(), AMD.revocationList()));
            return new Verifier().verify(evidence, pool, NOW, VerifierOptions.of(List.of(anchors)));
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Verdict verify(byte[] evidence) {
        return verify(evidence, AMD.root(), ARM.platformKey());
    }

    private static void refused(byte[] certificate, Code code) {
        assertThat(verify(certificate)).isInstanceOfSatisfying(
                Verdict.Refused.class, refused -> assertThat(refused.reasons()).extracting(reason -> reason.code()).containsExactly(code));
    }

    @Test
    void bothKindsAreAcceptedByTheirMakersAndNoOther() {
        byte[] snp = certificate(KEYS, snp(claims(KEYS)), claims(KEYS), wish -> {});
        byte[] cca = certificate(KEYS, cca(claims(KEYS)), claims(KEYS), wish -> {});

        assertThat(verify(snp, AMD.root())).isInstanceOf(Verdict.Accepted.class);
        assertThat(verify(cca, ARM.platformKey())).isInstanceOf(Verdict.Accepted.class);
        assertThat(verify(snp, ARM.platformKey())).isNotInstanceOf(Verdict.Accepted.class);
        assertThat(verify(cca, AMD.root())).isNotInstanceOf(Verdict.Accepted.class);
    }

    private static byte[] naming(byte[]... issuers) {
        byte[] entry = new CborWriter().array(2).integer(1)
                .bytes(Bytes.sha256(KEYS.getPublic().getEncoded()).toArray()).toByteArray();
        CborWriter claims = new CborWriter().map(1 + issuers.length).text("pubkey-hash").bytes(entry);
        for (byte[] issuer : issuers) {
            claims.text("innerkeep-token-issuer").bytes(issuer);
        }
        return claims.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void theIssuerOfTokensThatTheEvidenceIsOverIsAClaim() {
        byte[] named = naming(ascii("https://attest.example"));
        for (byte[] evidence : List.of(snp(named), cca(named))) {
            assertThat(verify(certificate(KEYS, evidence, named, wish -> {}))).isInstanceOfSatisfying(
                    Verdict.Accepted.class,
                    accepted -> assertThat(accepted.claims().text("certificate-token-issuer")).contains("https://attest.example"));
        }
        assertThat(verify(certificate(KEYS, snp(claims(KEYS)), claims(KEYS), wish -> {}))).isInstanceOfSatisfying(
                Verdict.Accepted.class,
                accepted -> assertThat(accepted.claims().details()).doesNotContainKey("certificate-token-issuer"));
    }

    @Test
    void anIssuerThatIsNoAddressOrComesTwiceIsRefused() {
        for (byte[] wrong : List.of(
                naming(ascii("https://a.example\n")), naming(new byte[] {(byte) 0xc3, (byte) 0xa4}), naming(ascii("a b")), naming(new byte[0]),
                naming(ascii("https://a.example"), ascii("https://b.example")))) {
            refused(certificate(KEYS, snp(wrong), wrong, wish -> {}), Code.MALFORMED);
        }
    }

    @Test
    void evidenceOverAnotherKeyIsRefused() {
        refused(certificate(OTHERS, snp(claims(KEYS)), claims(KEYS), wish -> {}), Code.BINDING_MISMATCH);
        refused(certificate(OTHERS, cca(claims(KEYS)), claims(KEYS), wish -> {}), Code.BINDING_MISMATCH);
    }

    @Test
    void claimsThatTheEvidenceIsNotOverAreRefused() {
        refused(certificate(OTHERS, snp(claims(KEYS)), claims(OTHERS), wish -> {}), Code.BINDING_MISMATCH);
    }

    @Test
    void evidenceOverTheBareKeyIsRefused() {
        byte[] digest = Bytes.sha256(KEYS.getPublic().getEncoded()).toArray();
        byte[] evidence = AMD.report(3, false, report -> report.put(0x50, digest));

        refused(certificate(KEYS, evidence, claims(KEYS), wish -> {}), Code.BINDING_MISMATCH);
    }

    @Test
    void aCertificateOutOfItsTimeIsRefused() {
        Duration day = Duration.ofDays(1);
        byte[] snp = snp(claims(KEYS));

        refused(certificate(KEYS, snp, claims(KEYS), wish -> wish.valid(NOW.minus(day.multipliedBy(2)), NOW.minus(day))),
                Code.CERTIFICATE_EXPIRED);
        refused(certificate(KEYS, snp, claims(KEYS), wish -> wish.valid(NOW.plus(day), NOW.plus(day.multipliedBy(2)))),
                Code.CERTIFICATE_NOT_YET_VALID);
    }

    @Test
    void aCertificateThatItsKeyDidNotSignIsRefused() {
        byte[] certificate = certificate(KEYS, snp(claims(KEYS)), claims(KEYS), wish -> {});
        certificate[certificate.length - 1] ^= 1;

        refused(certificate, Code.SIGNATURE_INVALID);
    }

    @Test
    void aMachineThatCanBeDebuggedIsRefusedInACertificateToo() {
        byte[] evidence = AMD.report(3, false, report -> report
                .put(0x50, ReportData.ofCertificateClaims(claims(KEYS)))
                .putLong(0x08, 0x3001f | 1L << 19));

        refused(certificate(KEYS, evidence, claims(KEYS), wish -> {}), Code.DEBUG_ENCLAVE);
    }

    @Test
    void anotherTagOrMoreBehindTheEvidenceIsRefused() {
        byte[] claims = claims(KEYS);
        byte[] otherTag = new CborWriter().tag(60_001).array(2).bytes(snp(claims)).bytes(claims).toByteArray();
        byte[] more = new CborWriter().tag(60_000).array(3).bytes(snp(claims)).bytes(claims).bytes(claims).toByteArray();
        for (byte[] tagged : List.of(otherTag, more)) {
            byte[] certificate = Authority.der(Authority.root("CN=attested", KEYS, ALGORITHM, NOW, wish ->
                    wish.authority(Optional.empty()).usage(0).extension(RaTlsCertificate.TAGGED_EVIDENCE, false, tagged)).certificate())
                    .toArray();
            refused(certificate, Code.MALFORMED);
        }
    }

    private static final List<byte[]> SEEDS = List.of(
            certificate(KEYS, snp(claims(KEYS)), claims(KEYS), wish -> {}),
            certificate(KEYS, cca(claims(KEYS)), claims(KEYS), wish -> {}));

    private static void parse(byte[] input, Consumer<CertifiedEvidence> seen) {
        try {
            CertifiedEvidence.parse(input).ifPresent(seen);
        } catch (MalformedException e) {
            // As it should be.
        }
    }

    @Test
    void theParserSurvivesHostileBytes() {
        assertThat(new Fuzzer(51, SEEDS).run(3_000, input -> parse(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(52, SEEDS).run(20_000, input -> parse(input, found -> {
            if (SEEDS.stream().noneMatch(seed -> Bytes.of(seed).equals(found.encoded()))) {
                throw new ArithmeticException("planted");
            }
        }))).isPresent();
    }

    @Test
    void noChangedCertificateIsAccepted() {
        assertThat(new Fuzzer(53, SEEDS).run(500, input -> {
            boolean own = SEEDS.stream().anyMatch(seed -> Bytes.of(seed).equals(Bytes.of(input)));
            if (!own && verify(input) instanceof Verdict.Accepted) {
                throw new IllegalStateException("accepted");
            }
        })).isEmpty();
    }
}
