package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.nitro.NitroDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nitro documents of a synthetic hypervisor: what is accepted, and one wrong thing at a time. */
class AwsTest {
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    static final FakeAws AWS = new FakeAws(NOW);
    private static final VerifierOptions OPTIONS = VerifierOptions.of(AWS.anchor());
    private static final Verifier VERIFIER = new Verifier();

    static Set<Code> codes(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> Set.of();
            case Verdict.Refused refused -> Set.copyOf(refused.reasons().stream().map(Reason::code).toList());
            case Verdict.Undecided undecided -> Set.copyOf(undecided.reasons().stream().map(Reason::code).toList());
        };
    }

    private static Verdict verify(Consumer<FakeAws.Wish> change, VerifierOptions options) {
        return VERIFIER.verify(AWS.document(change), Endorsements.none(), NOW, options);
    }

    private static Set<Code> codes(Consumer<FakeAws.Wish> change) {
        return codes(verify(change, OPTIONS));
    }

    @Test
    void acceptsADocumentAndClaimsWhatItSays() {
        Claims claims = ((Verdict.Accepted) verify(
                wish -> wish.field("public_key", writer -> writer.bytes(new byte[] {1, 2})), OPTIONS)).claims();

        assertThat(claims.kind()).isEqualTo("nitro-document");
        assertThat(claims.measurement()).contains(Measurement.sha384(Bytes.of(FakeAws.filled(48, 1))));
        assertThat(claims.signer()).contains(Bytes.of(FakeAws.filled(48, 9)));
        assertThat(claims.debug()).isFalse();
        assertThat(claims.reportData()).isEqualTo(Bytes.of(FakeAws.filled(64, 7)));
        assertThat(claims.issuedAt()).contains(NOW);
        assertThat(claims.anchor()).isEqualTo(AWS.anchor().id());
        assertThat(claims.text("nonce")).contains("08".repeat(32));
        assertThat(claims.text("public-key")).contains("0102");
        assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains("hypervisor");
        assertThat(claims.details().get("pcrs")).isInstanceOfSatisfying(ClaimValue.Group.class, pcrs -> assertThat(pcrs.values())
                .hasSize(16)
                .containsEntry("2", ClaimValue.of(Bytes.of(FakeAws.filled(48, 3)))));
    }

    @Test
    void acceptsTheFormsThatHypervisorsUse() {
        assertThat(codes(wish -> wish.envelope().tag(OptionalLong.of(18)))).isEmpty();
        assertThat(codes(FakeAws.Wish::open)).isEmpty();
        assertThat(codes(wish -> wish.without("nonce").without("user_data").without("public_key"))).isEmpty();
        assertThat(codes(wish -> wish.field("user_data", writer -> writer.bytes(new byte[0])))).isEmpty();
        assertThat(codes(wish -> wish.field("user_data", writer -> writer.bytes(new byte[512])))).isEmpty();
        assertThat(codes(wish -> wish.field("nonce", writer -> writer.bytes(new byte[512])))).isEmpty();
        assertThat(codes(wish -> wish.field("public_key", writer -> writer.bytes(new byte[1024])))).isEmpty();
        // The order of fields is not fixed.
        assertThat(codes(wish -> wish.without("module_id").field("module_id", writer -> writer.text("i-1")))).isEmpty();
        // The root need not be there, and counts for nothing if it is.
        assertThat(codes(wish -> wish.caBundle(AWS.caBundle().subList(1, 4)))).isEmpty();
    }

    @Test
    void whatIsWrittenIsWhatWasRead() throws MalformedException {
        byte[] document = AWS.document(wish -> {});
        NitroDocument.Signed signed = NitroDocument.parse(document);
        assertThat(signed.envelope().toByteArray()).isEqualTo(document);
        assertThat(Bytes.of(signed.document().toByteArray())).isEqualTo(signed.envelope().payload());
    }

    @Test
    void anotherRootIsNotPinned() {
        FakeAws other = new FakeAws(NOW);
        byte[] document = AWS.document(wish -> {});
        assertThat(codes(VERIFIER.verify(document, Endorsements.none(), NOW, VerifierOptions.of(other.anchor()))))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(codes(VERIFIER.verify(document, Endorsements.none(), NOW, VerifierOptions.of()))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @ParameterizedTest
    @EnumSource(value = Maker.class, names = "AWS", mode = EnumSource.Mode.EXCLUDE)
    void aRootOfAnotherMakerDoesNotVouch(Maker maker) {
        VerifierOptions options = VerifierOptions.of(new MakerRoot(maker, AWS.root().publicKey()));
        assertThat(codes(verify(wish -> {}, options))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @ParameterizedTest
    @EnumSource(AttesterKey.Kind.class)
    void aMachinesKeyDoesNotVouch(AttesterKey.Kind kind) {
        VerifierOptions options = VerifierOptions.of(new AttesterKey(kind, AWS.root().publicKey()));
        assertThat(codes(verify(wish -> {}, options))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void theDocumentsOwnRootIsNeverTheAnchor() {
        FakeAws forger = new FakeAws(NOW);
        List<Bytes> bundle = new ArrayList<>(forger.caBundle());
        bundle.set(0, AWS.root().der());
        byte[] forged = forger.document(wish -> wish.caBundle(bundle));
        assertThat(codes(VERIFIER.verify(forged, Endorsements.none(), NOW, OPTIONS))).isNotEmpty().doesNotContain(Code.DEBUG_ENCLAVE);
        assertThat(VERIFIER.verify(forger.document(wish -> {}), Endorsements.none(), NOW, OPTIONS)).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aMissingIntermediateIsNotARefusalAndNoAcceptance() {
        Verdict verdict = verify(wish -> wish.caBundle(AWS.caBundle().subList(0, 3)), OPTIONS);
        assertThat(verdict).isInstanceOf(Verdict.Undecided.class);
    }

    @Test
    void aForgedSignatureIsRefused() {
        assertThat(codes(wish -> wish.envelope().signedBy(Authority.ecKeys("secp384r1").getPrivate(), "SHA384withECDSA")))
                .containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void aChangedDocumentIsRefused() {
        assertThat(codes(wish -> wish.envelope().afterSigning(payload -> {
            byte[] changed = payload.clone();
            int at = new String(changed, StandardCharsets.ISO_8859_1).indexOf("user_data") + 20;
            changed[at] ^= 1;
            return changed;
        }))).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void aCertificateThatIsNoneIsRefused() {
        assertThat(codes(wish -> wish.certificate(Bytes.of(new byte[] {1, 2, 3})))).containsExactly(Code.MALFORMED);
        List<Bytes> bundle = new ArrayList<>(AWS.caBundle());
        bundle.set(0, Bytes.of(new byte[] {1, 2, 3}));
        assertThat(codes(wish -> wish.caBundle(bundle))).containsExactly(Code.MALFORMED);
    }

    @Test
    void anExpiredCertificateIsRefused() {
        Bytes old = Authority.der(AWS.certificate(wish -> wish.valid(NOW.minusSeconds(10), NOW.minusSeconds(1))));
        assertThat(codes(wish -> wish.certificate(old))).containsExactly(Code.CERTIFICATE_EXPIRED);
        assertThat(codes(verify(wish -> wish.certificate(old), OPTIONS.clockSkew(Duration.ofSeconds(2))))).isEmpty();
    }

    @Test
    void aCertificateOfTheFutureIsRefused() {
        Bytes early = Authority.der(AWS.certificate(wish -> wish.valid(NOW.plusSeconds(1), NOW.plusSeconds(10))));
        assertThat(codes(wish -> wish.certificate(early))).containsExactly(Code.CERTIFICATE_NOT_YET_VALID);
    }

    @Test
    void theTimeOfTheRelyingPartyCountsAndNotTheDocuments() {
        byte[] document = AWS.document(wish -> {});
        Instant later = NOW.plus(Duration.ofDays(30));
        assertThat(codes(VERIFIER.verify(document, Endorsements.none(), later, OPTIONS))).containsExactly(Code.CERTIFICATE_EXPIRED);
    }

    @Test
    void aCertificateOfAnAuthorityOrForAnotherUseIsRefused() {
        Bytes authority = Authority.der(AWS.certificate(wish -> wish.authority(Optional.of(0))));
        Bytes enciphers = Authority.der(AWS.certificate(wish -> wish.usage(KeyUsage.keyEncipherment)));
        assertThat(codes(wish -> wish.certificate(authority))).containsExactly(Code.CHAIN_INVALID);
        assertThat(codes(wish -> wish.certificate(enciphers))).containsExactly(Code.CHAIN_INVALID);
    }

    @Test
    void aRevokedCertificateIsRefusedWhereAListIsAtHand() throws MalformedException {
        byte[] document = AWS.document(wish -> {});
        // Real instances' authorities may not sign lists; where one does and its list is at hand, it counts.
        Bytes list = AWS.revocationList(AWS.certificate(wish -> {}).getSerialNumber());
        Endorsements pool = EndorsementPool.of(List.of(list));
        assertThat(codes(VERIFIER.verify(document, pool, NOW, OPTIONS))).containsExactly(Code.CERTIFICATE_REVOKED);
        assertThat(codes(VERIFIER.verify(document, EndorsementPool.of(List.of(AWS.revocationList())), NOW, OPTIONS))).isEmpty();
    }

    @Test
    void debugIsRefusedUnlessItIsAllowed() {
        assertThat(codes(FakeAws.Wish::debug)).containsExactly(Code.DEBUG_ENCLAVE);
        Claims claims = ((Verdict.Accepted) verify(FakeAws.Wish::debug, OPTIONS.allowDebug())).claims();
        assertThat(claims.debug()).isTrue();
        assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains("host");
        assertThat(claims.signer()).isEmpty();
        // The image's register alone decides: others may be set by the enclave.
        assertThat(codes(wish -> wish.pcrs(0, 2, 3))).containsExactly(Code.DEBUG_ENCLAVE);
        assertThat(codes(wish -> wish.pcrs(1, 0, 0))).isEmpty();
    }

    @Test
    void aDocumentOfTheFutureIsRefusedBeyondWhatClocksMayDiffer() {
        assertThat(codes(wish -> wish.timestamp(NOW.plus(Verifier.MAX_CLOCK_AHEAD)))).isEmpty();
        assertThat(codes(wish -> wish.timestamp(NOW.plus(Verifier.MAX_CLOCK_AHEAD).plusMillis(1))))
                .containsExactly(Code.EVIDENCE_FROM_FUTURE);
    }

    @Test
    void theNonceThatIsExpectedMustBeThere() {
        VerifierOptions options = OPTIONS.nonce(Bytes.of(FakeAws.filled(32, 8)));
        assertThat(codes(verify(wish -> {}, options))).isEmpty();
        assertThat(codes(verify(wish -> wish.field("nonce", writer -> writer.bytes(FakeAws.filled(32, 9))), options)))
                .containsExactly(Code.NONCE_MISMATCH);
        assertThat(codes(verify(wish -> wish.field("nonce", CborWriter::nil), options))).containsExactly(Code.NONCE_MISMATCH);
    }

    @Test
    void theUserDataThatIsExpectedMustBeThere() {
        VerifierOptions options = OPTIONS.reportData(Bytes.of(FakeAws.filled(64, 7)));
        assertThat(codes(verify(wish -> {}, options))).isEmpty();
        assertThat(codes(verify(wish -> wish.without("user_data"), options))).containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void otherAlgorithmsAreRefused() {
        for (long number : new long[] {-7, -36, -37, -8, 5, 0}) {
            assertThat(codes(wish -> wish.envelope().algorithm(number))).as("algorithm %d", number).containsExactly(Code.MALFORMED);
        }
    }

    @Test
    void criticalAndRepeatedHeaderParametersAreRefused() {
        byte[] critical = CoseWish.item(writer -> writer.map(2).integer(1).integer(-35).integer(2).array(1).integer(1));
        byte[] twice = CoseWish.item(writer -> writer.map(2).integer(1).integer(-35).integer(1).integer(-35));
        byte[] algorithm = CoseWish.item(writer -> writer.map(1).integer(1).integer(-35));
        assertThat(codes(wish -> wish.envelope().protectedHeader(critical))).containsExactly(Code.MALFORMED);
        assertThat(codes(wish -> wish.envelope().protectedHeader(twice))).containsExactly(Code.MALFORMED);
        assertThat(codes(wish -> wish.envelope().unprotectedHeader(algorithm))).containsExactly(Code.MALFORMED);
        assertThat(codes(wish -> wish.envelope().protectedHeader(CoseWish.item(writer -> writer.map(0))).unprotectedHeader(algorithm)))
                .containsExactly(Code.MALFORMED);
        // A hint at the key is no harm: nobody looks at it.
        byte[] hint = CoseWish.item(writer -> writer.map(1).integer(4).bytes(new byte[] {1}));
        assertThat(codes(wish -> wish.envelope().unprotectedHeader(hint))).isEmpty();
    }

    @Test
    void fieldsOutOfTheirBoundsAreRefused() {
        List<Consumer<FakeAws.Wish>> wrong = List.of(
                wish -> wish.without("certificate"),
                wish -> wish.without("pcrs"),
                wish -> wish.without("cabundle"),
                wish -> wish.without("module_id"),
                wish -> wish.without("digest"),
                wish -> wish.without("timestamp"),
                wish -> wish.field("extra", writer -> writer.integer(1)),
                wish -> wish.field("module_id", writer -> writer.text("")),
                wish -> wish.field("digest", writer -> writer.text("SHA256")),
                wish -> wish.field("digest", writer -> writer.text("SHA512")),
                wish -> wish.field("timestamp", writer -> writer.integer(0)),
                wish -> wish.field("timestamp", writer -> writer.integer(Long.MAX_VALUE)),
                wish -> wish.field("timestamp", writer -> writer.integer(-1)),
                wish -> wish.field("pcrs", writer -> writer.map(0)),
                wish -> wish.field("pcrs", writer -> writer.map(1).integer(1).bytes(new byte[48])),
                wish -> wish.field("pcrs", writer -> writer.map(2).integer(0).bytes(new byte[48]).integer(32).bytes(new byte[48])),
                wish -> wish.field("pcrs", writer -> writer.map(2).integer(0).bytes(new byte[48]).integer(-1).bytes(new byte[48])),
                wish -> wish.field("pcrs", writer -> writer.map(2).integer(0).bytes(new byte[48]).integer(0).bytes(new byte[48])),
                wish -> wish.field("pcrs", writer -> writer.map(1).integer(0).bytes(new byte[47])),
                wish -> wish.field("pcrs", writer -> writer.map(1).integer(0).bytes(new byte[32])),
                wish -> wish.field("pcrs", writer -> writer.map(1).text("0").bytes(new byte[48])),
                wish -> wish.field("certificate", writer -> writer.bytes(new byte[1025])),
                wish -> wish.field("cabundle", writer -> writer.array(0)),
                wish -> wish.field("cabundle", writer -> writer.array(1).text("x")),
                wish -> wish.field("cabundle", writer -> writer.array(1).bytes(new byte[0])),
                wish -> wish.field("public_key", writer -> writer.bytes(new byte[0])),
                wish -> wish.field("public_key", writer -> writer.bytes(new byte[1025])),
                wish -> wish.field("user_data", writer -> writer.bytes(new byte[513])),
                wish -> wish.field("user_data", writer -> writer.text("text")),
                wish -> wish.field("nonce", writer -> writer.bytes(new byte[513])),
                wish -> wish.without("pcrs").field("nitrotpm_pcrs", writer -> writer.map(1).integer(0).bytes(new byte[48])));
        for (int i = 0; i < wrong.size(); i++) {
            assertThat(codes(wrong.get(i))).as("wrong document %d", i).containsExactly(Code.MALFORMED);
        }
    }

    @Test
    void encodingsThatHypervisorsDoNotUseAreRefused() {
        byte[] document = AWS.document(wish -> {});
        byte[] trailing = Arrays.copyOf(document, document.length + 1);
        byte[] cut = Arrays.copyOf(document, document.length - 1);
        assertThat(codes(VERIFIER.verify(trailing, Endorsements.none(), NOW, OPTIONS))).containsExactly(Code.MALFORMED);
        assertThat(codes(VERIFIER.verify(cut, Endorsements.none(), NOW, OPTIONS))).containsExactly(Code.MALFORMED);
        // A head that is not the shortest, and a map of indefinite length that is not the document itself.
        assertThat(codes(wish -> wish.field("nonce", writer -> writer.raw(new byte[] {0x58, 1, 0})))).containsExactly(Code.MALFORMED);
        assertThat(codes(wish -> wish.field("pcrs", writer -> writer.raw(new byte[] {(byte) 0xbf}).integer(0).bytes(new byte[48])
                .raw(new byte[] {(byte) 0xff})))).containsExactly(Code.MALFORMED);
    }

    @Test
    void otherTagsAreNoDocument() {
        assertThat(codes(wish -> wish.envelope().tag(OptionalLong.of(17)))).isNotEmpty();
        assertThat(codes(wish -> wish.envelope().tag(OptionalLong.of(98)))).isNotEmpty();
    }
}
