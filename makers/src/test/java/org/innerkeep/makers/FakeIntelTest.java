package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.Quote;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Quotes of a synthetic Intel: what is right is accepted, and everything that is not has a test of its own. */
class FakeIntelTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeIntel INTEL = FakeIntel.at(NOW);
    private static final FakeIntel OTHER = FakeIntel.at(NOW);
    private static final Endorsements COLLATERAL = INTEL.endorsements();
    private static final VerifierOptions STRICT = VerifierOptions.of(INTEL.anchor());
    private static final Verifier VERIFIER = new Verifier();

    private static Verdict verify(byte[] evidence) {
        return VERIFIER.verify(evidence, COLLATERAL, NOW, STRICT);
    }

    private static Verdict verify(byte[] evidence, VerifierOptions options) {
        return VERIFIER.verify(evidence, COLLATERAL, NOW, options);
    }

    private static Verdict verify(byte[] evidence, Endorsements endorsements) {
        return VERIFIER.verify(evidence, endorsements, NOW, STRICT);
    }

    private static Claims accepted(Verdict verdict) {
        assertThat(verdict).as(() -> explain(verdict)).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).claims();
    }

    private static void refused(Verdict verdict, Code... codes) {
        assertThat(verdict).as(() -> explain(verdict)).isInstanceOf(Verdict.Refused.class);
        assertThat(codes(((Verdict.Refused) verdict).reasons())).as(() -> explain(verdict)).containsExactlyInAnyOrder(codes);
    }

    private static void undecided(Verdict verdict) {
        assertThat(verdict).as(() -> explain(verdict)).isInstanceOf(Verdict.Undecided.class);
    }

    private static Set<Code> codes(List<Reason> reasons) {
        Set<Code> codes = new TreeSet<>();
        reasons.forEach(reason -> codes.add(reason.code()));
        return codes;
    }

    private static String explain(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> "accepted";
            case Verdict.Refused refused -> refused.explain();
            case Verdict.Undecided undecided -> undecided.explain();
        };
    }

    private static byte[] sgx(Consumer<FakeIntel.QuoteWish> change) {
        return INTEL.sgxQuote(3, change);
    }

    private static byte[] tdx(Consumer<FakeIntel.QuoteWish> change) {
        return INTEL.tdxQuote(4, change);
    }

    private static Bytes hex(String hex) {
        return Bytes.fromHex(hex);
    }

    /** All collateral, with some documents instead of those that stand at the same place. */
    private static Endorsements with(Bytes... documents) {
        List<Bytes> all = new ArrayList<>(List.of(INTEL.tcbSigningChain(), INTEL.pckIssuerChain()));
        all.addAll(List.of(documents));
        return FakeIntel.pool(all);
    }

    private static Endorsements sgxWith(Bytes info, Bytes identity, Bytes rootCrl, Bytes pckCrl) {
        return with(info, identity, rootCrl, pckCrl);
    }

    private static Bytes info(Consumer<FakeIntel.JsonWish> change) {
        return INTEL.tcbInfo(Need.Tee.SGX, change);
    }

    private static Bytes identity(Consumer<FakeIntel.JsonWish> change) {
        return INTEL.qeIdentity(Need.Tee.SGX, change);
    }

    private static Endorsements withInfo(Consumer<FakeIntel.JsonWish> change) {
        return sgxWith(info(change), identity(wish -> {}), INTEL.rootCrl(), INTEL.pckCrl());
    }

    private static Endorsements withIdentity(Consumer<FakeIntel.JsonWish> change) {
        return sgxWith(info(wish -> {}), identity(change), INTEL.rootCrl(), INTEL.pckCrl());
    }

    private static Endorsements withTdxInfo(Consumer<FakeIntel.JsonWish> change) {
        return with(
                INTEL.tcbInfo(Need.Tee.TDX, change),
                INTEL.qeIdentity(Need.Tee.TDX, wish -> {}),
                INTEL.rootCrl(),
                INTEL.pckCrl());
    }

    @Nested
    class Accepts {
        @Test
        void sgxQuotesOfEveryVersion() {
            for (int version : new int[] {3, 4, 5}) {
                Claims claims = accepted(verify(INTEL.sgxQuote(version, wish -> {})));

                assertThat(claims.kind()).isEqualTo("sgx-quote");
                assertThat(claims.platform()).isEqualTo("sgx");
                assertThat(claims.productId()).hasValue(7);
                assertThat(claims.securityVersion()).hasValue(3);
                assertThat(claims.text("x-ms-sgx-mrenclave")).contains(claims.measurement().orElseThrow().digest().hex());
                assertThat(claims.text("x-ms-sgx-mrsigner")).contains(claims.signer().orElseThrow().hex());
                assertThat(claims.text(Claims.TCB_STATUS)).contains("UpToDate");
                assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains("nobody");
                assertThat(claims.anchor()).isEqualTo(INTEL.anchor().id());
            }
        }

        /** The order and the bytes are those that the claim's documentation states. */
        @Test
        void andClaimByWhatAnEnclaveWasJudged() {
            byte[] quote = sgx(wish -> wish.trailing(Bytes.of(new byte[9])));
            Bytes info = info(wish -> {});
            Bytes identity = identity(wish -> {});
            Bytes list = INTEL.rootCrl();

            Claims claims = accepted(verify(quote, sgxWith(info, identity, list, INTEL.pckCrl())));

            Bytes signing = Authority.der(INTEL.tcbSigningCertificate());
            Bytes certificates = Bytes.sha256(signing.toArray(), INTEL.root().der().toArray());
            assertThat(claims.details().get("x-ms-sgx-collateral")).isEqualTo(new ClaimValue.Group(new TreeMap<>(Map.of(
                    "quotehash", ClaimValue.of(Bytes.sha256(Arrays.copyOf(quote, quote.length - 9))),
                    "tcbinfohash", ClaimValue.of(Bytes.sha256(info.toArray())),
                    "tcbinfocertshash", ClaimValue.of(certificates),
                    "tcbinfocrlhash", ClaimValue.of(Bytes.sha256(list.toArray())),
                    "qeidhash", ClaimValue.of(Bytes.sha256(identity.toArray())),
                    "qeidcertshash", ClaimValue.of(certificates),
                    "qeidcrlhash", ClaimValue.of(Bytes.sha256(list.toArray()))))));
            assertThat(accepted(verify(tdx(wish -> {}), INTEL.endorsements())).details()).doesNotContainKey("x-ms-sgx-collateral");
        }

        @Test
        void tdxQuotesOfEveryVersionAndBody() {
            for (byte[] quote : List.of(
                    INTEL.tdxQuote(4, wish -> {}),
                    INTEL.tdxQuote(5, wish -> {}),
                    INTEL.tdx15Quote(wish -> {}),
                    INTEL.tdx15ExtendedQuote(wish -> {}))) {
                Claims claims = accepted(verify(quote));

                assertThat(claims.kind()).isEqualTo("tdx-quote");
                assertThat(claims.text("tdx_mrtd")).contains(claims.measurement().orElseThrow().digest().hex());
                assertThat(claims.text("fmspc")).contains(FakeIntel.FMSPC.hex());
                assertThat(claims.text(Claims.TCB_STATUS)).contains("UpToDate");
            }
        }

        @Test
        void zerosAfterTheQuote() {
            accepted(verify(sgx(wish -> wish.trailing(Bytes.of(new byte[3000])))));
        }

        @Test
        void authenticationDataOfAnyLength() {
            accepted(verify(sgx(wish -> wish.authentication(Bytes.EMPTY))));
            accepted(verify(tdx(wish -> wish.authentication(Bytes.of(new byte[1000])))));
        }

        @Test
        void platformsOfTheProcessorCa() {
            X509Certificate pck = INTEL.pckCertificate(
                    INTEL.processorCa(), INTEL.pckKeys().getPublic(), wish -> {}, UnaryOperator.identity());
            Bytes chain = FakeIntel.pem(pck, INTEL.processorCa().certificate(), INTEL.root().certificate());

            Claims claims = accepted(verify(sgx(wish -> wish.certification(5, chain))));

            assertThat(claims.details()).doesNotContainKey("platform-instance-id");
        }

        @Test
        void tcbInfoOfVersion2() {
            accepted(verify(sgx(wish -> {}), withInfo(wish -> wish.version(2))));
        }

        @Test
        void chainsInAnotherOrderAndWithoutTheRoot() {
            Bytes shuffled =
                    FakeIntel.pem(INTEL.root().certificate(), INTEL.platformCa().certificate(), INTEL.pckCertificate());
            Bytes short2 = FakeIntel.pem(INTEL.pckCertificate(), INTEL.platformCa().certificate());

            accepted(verify(sgx(wish -> wish.certification(5, shuffled))));
            accepted(verify(sgx(wish -> wish.certification(5, short2))));
        }

        @Test
        void aChainThatEndsInAZeroByte() {
            byte[] text = INTEL.pemChain().toArray();

            accepted(verify(sgx(wish -> wish.certification(5, Bytes.of(Arrays.copyOf(text, text.length + 1))))));
        }
    }

    @Nested
    class PckCertificate {
        private static Endorsements withPck(X509Certificate... certificates) {
            List<Bytes> all = new ArrayList<>(INTEL.collateral());
            Arrays.stream(certificates).map(Authority::der).forEach(all::add);
            return FakeIntel.pool(all);
        }

        @Test
        void isLookedUpWhereTheQuoteStatesThePpid() {
            byte[] quote = sgx(wish -> wish.certification(1, FakeIntel.platform()));

            accepted(verify(quote, withPck(OTHER.pckCertificate(), INTEL.pckCertificate())));
            undecided(verify(quote));
        }

        @Test
        void isLookedUpWhereThePpidIsEncrypted() {
            byte[] quote = sgx(wish -> wish.certification(3, FakeIntel.encryptedPlatform()));

            accepted(verify(quote, withPck(OTHER.pckCertificate(), INTEL.pckCertificate())));
            undecided(verify(quote, withPck(OTHER.pckCertificate())));
            undecided(verify(quote));
        }

        @Test
        void mayStandAloneInTheQuote() {
            byte[] der = sgx(wish -> wish.certification(4, Authority.der(INTEL.pckCertificate())));
            byte[] pem = tdx(wish -> wish.certification(4, FakeIntel.pem(INTEL.pckCertificate())));

            accepted(verify(der));
            accepted(verify(pem));
        }

        @Test
        void ofThePlatformWhoseKeyDidNotSignIsRefused() {
            byte[] quote = sgx(wish ->
                    wish.certification(1, FakeIntel.platform()).qeSigner(OTHER.pckKeys().getPrivate()));

            refused(verify(quote, withPck(INTEL.pckCertificate())), Code.SIGNATURE_INVALID);
        }

        @Test
        void withoutSgxExtensionIsRefused() {
            Bytes chain = FakeIntel.pem(INTEL.platformCa().certificate(), INTEL.root().certificate());

            refused(verify(sgx(wish -> wish.certification(5, chain))), Code.MALFORMED);
        }

        @Test
        void thatIsNoneIsRefused() {
            refused(
                    verify(sgx(wish -> wish.certification(5, Bytes.of("no PEM".getBytes(StandardCharsets.US_ASCII))))),
                    Code.MALFORMED);
        }

        @Test
        void twiceIsRefused() {
            Bytes chain = FakeIntel.pem(INTEL.pckCertificate(), OTHER.pckCertificate(), INTEL.platformCa().certificate());

            refused(verify(sgx(wish -> wish.certification(5, chain))), Code.MALFORMED);
        }

        @Test
        void withABrokenSgxExtensionIsRefused() {
            X509Certificate pck = INTEL.pckCertificate(
                    INTEL.platformCa(), INTEL.pckKeys().getPublic(), wish -> {}, value -> Arrays.copyOf(value, value.length - 1));
            Bytes chain = FakeIntel.pem(pck, INTEL.platformCa().certificate());

            refused(verify(sgx(wish -> wish.certification(5, chain))), Code.MALFORMED);
        }

        @Test
        void ofAnotherNameIsRefused() {
            X509Certificate[] pck = new X509Certificate[1];
            INTEL.pckCertificate(INTEL.platformCa(), INTEL.pckKeys().getPublic(), wish -> {}, value -> {
                pck[0] = INTEL.platformCa().certify("CN=Some Other Certificate", INTEL.pckKeys().getPublic(), NOW,
                        wish -> wish.extension("1.2.840.113741.1.13.1", false, value));
                return value;
            });
            Bytes chain = FakeIntel.pem(pck[0], INTEL.platformCa().certificate());

            refused(verify(sgx(wish -> wish.certification(5, chain))), Code.CHAIN_INVALID);
        }

        private static byte[] quoteWith(Consumer<Authority.Wish> change) {
            X509Certificate pck = INTEL.pckCertificate(
                    INTEL.platformCa(), INTEL.pckKeys().getPublic(), change, UnaryOperator.identity());
            return sgx(wish -> wish.certification(5, FakeIntel.pem(pck, INTEL.platformCa().certificate())));
        }

        @Test
        void expiredIsRefused() {
            refused(
                    verify(quoteWith(wish -> wish.valid(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(1))))),
                    Code.CERTIFICATE_EXPIRED);
        }

        @Test
        void notYetValidIsRefused() {
            refused(
                    verify(quoteWith(wish -> wish.valid(NOW.plus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(9))))),
                    Code.CERTIFICATE_NOT_YET_VALID);
        }

        @Test
        void revokedIsRefused() {
            Bytes crl = INTEL.platformCa().revocationList(
                    NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)), INTEL.pckCertificate().getSerialNumber());

            refused(
                    verify(sgx(wish -> {}), sgxWith(info(w -> {}), identity(w -> {}), INTEL.rootCrl(), crl)),
                    Code.CERTIFICATE_REVOKED);
        }

        @Test
        void whoseIssuerIsRevokedIsRefused() {
            Bytes crl = INTEL.root().revocationList(
                    NOW.minus(Duration.ofDays(1)),
                    NOW.plus(Duration.ofDays(1)),
                    INTEL.platformCa().certificate().getSerialNumber());

            refused(
                    verify(sgx(wish -> {}), sgxWith(info(w -> {}), identity(w -> {}), crl, INTEL.pckCrl())),
                    Code.CERTIFICATE_REVOKED);
        }

        @Test
        void withoutItsIssuersRevocationListIsUndecided() {
            undecided(verify(sgx(wish -> {}), with(info(w -> {}), identity(w -> {}), INTEL.rootCrl())));
            // That of the other authority does not help.
            undecided(verify(
                    sgx(wish -> {}), with(info(w -> {}), identity(w -> {}), INTEL.rootCrl(), INTEL.crl(INTEL.processorCa()))));
        }

        @Test
        void withAnOldRevocationListIsRefused() {
            Bytes crl = INTEL.platformCa().revocationList(NOW.minus(Duration.ofDays(40)), NOW.minus(Duration.ofDays(10)));

            refused(
                    verify(sgx(wish -> {}), sgxWith(info(w -> {}), identity(w -> {}), INTEL.rootCrl(), crl)),
                    Code.ENDORSEMENT_EXPIRED);
        }
    }

    @Nested
    class Anchors {
        @Test
        void ofAnotherRootDoNotVouch() {
            refused(verify(sgx(wish -> {}), VerifierOptions.of(OTHER.anchor())), Code.ANCHOR_NOT_PINNED);
        }

        @Test
        void ofTheRealIntelDoNotVouch() {
            assertThat(verify(sgx(wish -> {}), VerifierOptions.of(MakerRoots.intelSgx()))).isInstanceOf(Verdict.Refused.class);
        }

        @Test
        void ofAnotherMakerDoNotVouchEvenWithTheSameKey() {
            for (Maker maker : Maker.values()) {
                if (maker != Maker.INTEL) {
                    Verdict verdict = verify(sgx(wish -> {}), VerifierOptions.of(MakerRoot.of(maker, INTEL.root().certificate())));

                    refused(verdict, Code.ANCHOR_NOT_PINNED);
                }
            }
        }

        @Test
        void withNoneNothingIsAccepted() {
            refused(verify(sgx(wish -> {}), VerifierOptions.of()), Code.ANCHOR_NOT_PINNED);
        }
    }

    @Nested
    class Signatures {
        private static final PrivateKey STRANGER = Authority.ecKeys("secp256r1").getPrivate();

        @Test
        void ofTheQuoteByAnotherKeyAreRefused() {
            refused(verify(sgx(wish -> wish.signer(STRANGER))), Code.SIGNATURE_INVALID);
            refused(verify(tdx(wish -> wish.signer(STRANGER))), Code.SIGNATURE_INVALID);
        }

        @Test
        void ofTheQuotingEnclaveByAnotherKeyAreRefused() {
            refused(verify(sgx(wish -> wish.qeSigner(STRANGER))), Code.SIGNATURE_INVALID);
        }

        @Test
        void byAnAttestationKeyThatNobodyVouchesForAreRefused() {
            KeyPair own = Authority.ecKeys("secp256r1");
            byte[] right = sgx(wish -> {});
            byte[] forged = sgx(wish -> wish.attestationKeys(own));
            // The stranger's key and signature under the quoting enclave's report for the right key.
            System.arraycopy(forged, 48 + 384 + 4, right, 48 + 384 + 4, 128);

            refused(verify(right), Code.BINDING_MISMATCH);
        }

        @Test
        void underOtherAuthenticationDataAreRefused() {
            byte[] quote = sgx(wish -> {});
            quote[48 + 384 + 4 + 128 + 384 + 64 + 2] ^= 1;

            refused(verify(quote), Code.BINDING_MISMATCH);
        }

        @Test
        void withSomethingInTheSecondHalfOfTheBindingAreRefused() {
            refused(verify(sgx(wish -> wish.qe(FakeIntel.SGX_REPORTDATA + 63, hex("01")))), Code.BINDING_MISMATCH);
        }

        @Test
        void ofAnotherEnclaveAreRefused() {
            byte[] quote = sgx(wish -> {});
            quote[48 + 64] ^= 1;

            refused(verify(quote), Code.SIGNATURE_INVALID);
        }

        @Test
        void byAKeyThatIsNoPointAreRefused() {
            byte[] quote = sgx(wish -> {});
            quote[48 + 384 + 4 + 64] ^= 1;

            refused(verify(quote), Code.SIGNATURE_INVALID, Code.BINDING_MISMATCH);
        }
    }

    @Nested
    class Attributes {
        @Test
        void ofADebugEnclaveAreRefusedUnlessAllowed() {
            byte[] quote = sgx(wish -> wish.body(FakeIntel.SGX_ATTRIBUTES, hex("07")));

            refused(verify(quote), Code.DEBUG_ENCLAVE);
            Claims claims = accepted(verify(quote, STRICT.allowDebug()));
            assertThat(claims.debug()).isTrue();
            assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains("host");
        }

        @Test
        void ofADebugTrustDomainAreRefusedUnlessAllowed() {
            byte[] quote = tdx(wish -> wish.body(FakeIntel.TD_ATTRIBUTES, hex("01")));

            refused(verify(quote), Code.DEBUG_ENCLAVE);
            assertThat(accepted(verify(quote, STRICT.allowDebug())).debug()).isTrue();
        }

        @Test
        void ofAProfiledTrustDomainCountAsDebug() {
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_ATTRIBUTES, hex("20")))), Code.DEBUG_ENCLAVE);
        }

        @Test
        void thatAreReservedAreRefused() {
            refused(verify(sgx(wish -> wish.body(FakeIntel.SGX_ATTRIBUTES, hex("0d")))), Code.RESERVED_NOT_ZERO);
            refused(verify(sgx(wish -> wish.body(FakeIntel.SGX_ATTRIBUTES + 7, hex("80")))), Code.RESERVED_NOT_ZERO);
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_ATTRIBUTES + 1, hex("01")))), Code.RESERVED_NOT_ZERO);
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_ATTRIBUTES + 4, hex("01")))), Code.RESERVED_NOT_ZERO);
        }

        @Test
        void ofAMigratableTrustDomainAreRefusedUnlessAllowed() {
            byte[] quote = tdx(wish -> wish.body(FakeIntel.TD_ATTRIBUTES + 3, hex("30")));

            refused(verify(quote), Code.MIGRATION_ALLOWED);
            accepted(verify(quote, STRICT.allowMigration()));
        }

        @Test
        void withoutSeptVeDisableAreAcceptedAndSaidSo() {
            Claims claims = accepted(verify(tdx(wish -> wish.body(FakeIntel.TD_ATTRIBUTES + 3, hex("00")))));

            assertThat(claims.details().get("tdx_td_attributes_septve_disable")).hasToString("false");
        }
    }

    @Nested
    class Form {
        @Test
        void reservedBytesOfAReportAreRefused() {
            refused(verify(sgx(wish -> wish.body(21, hex("01")))), Code.MALFORMED);
            refused(verify(sgx(wish -> wish.body(96, hex("01")))), Code.MALFORMED);
            refused(verify(sgx(wish -> wish.qe(160, hex("01")))), Code.MALFORMED);
            refused(verify(sgx(wish -> wish.qe(303, hex("01")))), Code.MALFORMED);
        }

        @Test
        void otherBytesThanZerosAfterTheQuoteAreNotReadAndThatIsSaid() {
            Verdict verdict = verify(sgx(wish -> wish.trailing(hex("0001"))));
            assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> assertThat(accepted.checks())
                    .anyMatch(check -> !check.done() && check.name().equals("bytes after the quote")));
        }

        @Test
        void unknownVersionsKeyTypesAndTeesAreRefused() {
            refused(verify(sgx(wish -> wish.header(0, hex("0600")))), Code.MALFORMED);
            refused(verify(sgx(wish -> wish.header(2, hex("0300")))), Code.MALFORMED);
            refused(verify(sgx(wish -> wish.header(2, hex("0400")))), Code.KIND_UNKNOWN);
            refused(verify(sgx(wish -> wish.header(4, hex("02")))), Code.KIND_UNKNOWN);
            refused(verify(sgx(wish -> wish.header(4, hex("81")))), Code.MALFORMED);
        }

        @Test
        void anotherVendorsQuotingEnclaveIsRefused() {
            refused(verify(sgx(wish -> wish.header(12, hex("94")))), Code.NOT_VERIFIABLE);
        }

        @Test
        void theBodyOfAnotherTeeIsRefused() {
            byte[] quote = INTEL.tdxQuote(5, wish -> {});
            quote[48] = 1;

            refused(verify(quote), Code.MALFORMED);
        }

        @Test
        void everyTruncationIsRefused() {
            byte[] quote = tdx(wish -> {});
            for (int length = 0; length < quote.length; length += length < 1500 ? 7 : 97) {
                assertThat(verify(Arrays.copyOf(quote, length))).isInstanceOf(Verdict.Refused.class);
            }
        }

        @Test
        void whatIsReadIsWrittenTheSame() throws Exception {
            for (byte[] quote : List.of(
                    sgx(wish -> {}),
                    INTEL.sgxQuote(5, wish -> {}),
                    tdx(wish -> wish.trailing(Bytes.of(new byte[9]))),
                    INTEL.tdx15Quote(wish -> {}),
                    INTEL.tdx15ExtendedQuote(wish -> wish.certification(3, FakeIntel.encryptedPlatform())))) {
                assertThat(Quote.parse(quote).toByteArray()).isEqualTo(quote);
            }
        }

        @Test
        void lengthsThatAreHugeAreRefusedAtOnce() {
            for (int offset : new int[] {48 + 384, 48 + 384 + 4 + 128 + 384 + 64, 48 + 384 + 4 + 128 + 384 + 64 + 2 + 32 + 2}) {
                byte[] quote = sgx(wish -> {});
                Arrays.fill(quote, offset, offset + 2, (byte) 0xff);
                Arrays.fill(quote, offset + 2, offset + 4, (byte) 0x7f);

                refused(verify(quote), Code.MALFORMED);
            }
        }

        @Test
        void aChainOfMegabytesOfZerosIsRefusedAtOnce() {
            refused(
                    verify(sgx(wish -> wish.trailing(Bytes.of(new byte[Verifier.MAX_EVIDENCE_BYTES])))), Code.MALFORMED);
            Instant start = Instant.now();
            assertThat(verify(sgx(wish -> wish.certification(5, Bytes.of(new byte[64 * 1024])))))
                    .isInstanceOf(Verdict.Refused.class);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Nested
    class QuotingEnclave {
        @Test
        void withDebugIsRefusedWhateverIsAllowed() {
            byte[] quote = sgx(wish -> wish.qe(FakeIntel.SGX_ATTRIBUTES, hex("17")));

            refused(verify(quote, STRICT.allowDebug()), Code.IDENTITY_MISMATCH);
        }

        @Test
        void withDebugIsRefusedEvenIfItsIdentityAllowsIt() {
            byte[] quote = sgx(wish -> wish.qe(FakeIntel.SGX_ATTRIBUTES, hex("17")));
            Endorsements lax = withIdentity(wish -> wish.text(text -> text.replace("FBFFFFFFFFFFFFFF", "F9FFFFFFFFFFFFFF")));

            refused(verify(quote, lax), Code.IDENTITY_MISMATCH);
        }

        @Test
        void ofAnotherSignerProductOrAttributesIsRefused() {
            refused(verify(sgx(wish -> wish.qe(FakeIntel.SGX_MRSIGNER, hex("00")))), Code.IDENTITY_MISMATCH);
            refused(verify(sgx(wish -> wish.qe(FakeIntel.SGX_ISVPRODID, hex("02")))), Code.IDENTITY_MISMATCH);
            refused(verify(sgx(wish -> wish.qe(FakeIntel.SGX_ATTRIBUTES, hex("35")))), Code.IDENTITY_MISMATCH);
            refused(verify(sgx(wish -> wish.qe(16, hex("01")))), Code.IDENTITY_MISMATCH);
        }

        @Test
        void attributesOutsideTheMaskDoNotCount() {
            accepted(verify(sgx(wish -> wish.qe(FakeIntel.SGX_ATTRIBUTES + 8, hex("e7")))));
        }

        @Test
        void outOfDateMakesThePlatformSo() {
            byte[] quote = sgx(wish -> wish.qe(FakeIntel.SGX_ISVSVN, hex("0700")));

            refused(verify(quote), Code.TCB_STATUS_NOT_ACCEPTED);
            Claims claims = accepted(verify(quote, STRICT.acceptTcb(TcbStatus.OUT_OF_DATE)));
            assertThat(claims.text("tcb-platform-status")).contains("UpToDate");
            assertThat(claims.text("tcb-qe-status")).contains("OutOfDate");
            assertThat(claims.text("tcb-date")).contains("2021-11-10T00:00:00Z");
            assertThat(claims.details().get("advisory-ids")).hasToString("INTEL-SA-00006");
        }

        @Test
        void revokedIsNeverAccepted() {
            byte[] quote = sgx(wish -> wish.qe(FakeIntel.SGX_ISVSVN, hex("0400")));

            refused(verify(quote, everyStatus()), Code.TCB_STATUS_NOT_ACCEPTED);
        }

        @Test
        void olderThanEveryLevelIsRefused() {
            refused(verify(sgx(wish -> wish.qe(FakeIntel.SGX_ISVSVN, hex("0300")))), Code.TCB_NOT_SUPPORTED);
        }
    }

    private static VerifierOptions everyStatus() {
        return STRICT.acceptTcb(Stream.of(TcbStatus.values())
                .filter(status -> status != TcbStatus.REVOKED)
                .toArray(TcbStatus[]::new));
    }

    @Nested
    class TcbInfo {
        private static final Bytes NO_TDX = Bytes.of(new byte[16]);

        private static Consumer<FakeIntel.JsonWish> level(Bytes components, int pceSvn, TcbStatus status) {
            return wish -> wish.levels(List.of(new FakeIntel.Level(
                    components, pceSvn, NO_TDX, status, Instant.parse("2025-01-01T00:00:00Z"), List.of("INTEL-SA-09999"))));
        }

        @Test
        void withoutALevelThatIsReachedIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withInfo(level(hex("05060202030100050000000000000000"), 13, TcbStatus.UP_TO_DATE))),
                    Code.TCB_NOT_SUPPORTED);
            refused(
                    verify(sgx(wish -> {}), withInfo(level(FakeIntel.COMPONENTS, 14, TcbStatus.UP_TO_DATE))),
                    Code.TCB_NOT_SUPPORTED);
        }

        @Test
        void statusesAreAcceptedByNameOnly() {
            for (TcbStatus status : List.of(
                    TcbStatus.SW_HARDENING_NEEDED,
                    TcbStatus.CONFIGURATION_NEEDED,
                    TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED,
                    TcbStatus.OUT_OF_DATE,
                    TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED)) {
                Endorsements endorsements = withInfo(level(FakeIntel.COMPONENTS, 13, status));
                Verdict strict = verify(sgx(wish -> {}), endorsements);

                refused(strict, Code.TCB_STATUS_NOT_ACCEPTED);
                assertThat(explain(strict)).contains(status.toString(), "INTEL-SA-09999");
                Claims claims =
                        accepted(VERIFIER.verify(sgx(wish -> {}), endorsements, NOW, STRICT.acceptTcb(status)));
                assertThat(claims.text(Claims.TCB_STATUS)).contains(status.toString());
            }
        }

        @Test
        void revokedIsNeverAccepted() {
            Endorsements endorsements = withInfo(level(FakeIntel.COMPONENTS, 13, TcbStatus.REVOKED));

            refused(
                    VERIFIER.verify(sgx(wish -> {}), endorsements, NOW, everyStatus()), Code.TCB_STATUS_NOT_ACCEPTED);
        }

        @Test
        void levelsAreComparedFromTheHighestWhateverTheirOrder() {
            Endorsements endorsements = withInfo(wish -> wish.levels(List.of(
                    new FakeIntel.Level(hex("01010101010000000000000000000000"), 1, NO_TDX, TcbStatus.OUT_OF_DATE, NOW, List.of()),
                    new FakeIntel.Level(FakeIntel.COMPONENTS, 13, NO_TDX, TcbStatus.UP_TO_DATE, NOW, List.of()))));

            accepted(verify(sgx(wish -> {}), endorsements));
        }

        @Test
        void aLevelTwiceIsNotUsed() {
            FakeIntel.Level level =
                    new FakeIntel.Level(FakeIntel.COMPONENTS, 13, NO_TDX, TcbStatus.UP_TO_DATE, NOW, List.of());

            undecided(verify(sgx(wish -> {}), withInfo(wish -> wish.levels(List.of(level, level)))));
        }

        @Test
        void expiredIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withInfo(wish -> wish.valid(NOW.minus(Duration.ofDays(9)), NOW.minusSeconds(1)))),
                    Code.ENDORSEMENT_EXPIRED);
        }

        @Test
        void notYetValidIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withInfo(wish -> wish.valid(NOW.plusSeconds(1), NOW.plus(Duration.ofDays(9))))),
                    Code.ENDORSEMENT_NOT_YET_VALID);
        }

        @Test
        void ofAnotherPlatformIsNotUsed() {
            undecided(verify(sgx(wish -> {}), withInfo(wish -> wish.fmspc(hex("000000000000")))));
            undecided(verify(sgx(wish -> {}), withInfo(wish -> wish.pceId(hex("0100")))));
            undecided(verify(sgx(wish -> {}), withInfo(wish -> wish.tcbType(1))));
            undecided(verify(sgx(wish -> {}), withInfo(wish -> wish.id("TDX"))));
            undecided(verify(sgx(wish -> {}), withInfo(wish -> wish.version(4))));
        }

        @Test
        void ofTheOtherTeeIsNotUsed() {
            Bytes tdx = INTEL.tcbInfo(Need.Tee.TDX, wish -> {});

            undecided(verify(sgx(wish -> {}), with(tdx, identity(w -> {}), INTEL.rootCrl(), INTEL.pckCrl())));
        }

        @Test
        void signedByAnotherKeyIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withInfo(wish -> wish.signer(Authority.ecKeys("secp256r1").getPrivate()))),
                    Code.ENDORSEMENT_INVALID);
        }

        @Test
        void signedByThePlatformsOwnKeyIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withInfo(wish -> wish.signer(INTEL.pckKeys().getPrivate()))),
                    Code.ENDORSEMENT_INVALID);
        }

        @Test
        void signedUnderAnIntermediateAuthorityIsRefused() {
            KeyPair keys = Authority.ecKeys("secp256r1");
            X509Certificate certificate = INTEL.platformCa().certify(
                    "CN=Intel SGX TCB Signing,O=Intel Corporation,L=Santa Clara,ST=CA,C=US", keys.getPublic(), NOW, wish -> {});
            Endorsements endorsements = with(
                    info(wish -> wish.signer(keys.getPrivate())),
                    identity(wish -> {}),
                    Authority.der(certificate),
                    INTEL.rootCrl(),
                    INTEL.pckCrl());

            refused(verify(sgx(wish -> {}), endorsements), Code.CHAIN_INVALID);
        }

        @Test
        void changedAfterSigningIsRefused() {
            String text = new String(info(wish -> {}).toArray(), StandardCharsets.UTF_8);
            Bytes changed = Bytes.of(text.replace("OutOfDate", "UpToDate").getBytes(StandardCharsets.UTF_8));

            refused(
                    verify(sgx(wish -> {}), sgxWith(changed, identity(w -> {}), INTEL.rootCrl(), INTEL.pckCrl())),
                    Code.ENDORSEMENT_INVALID);
        }

        @Test
        void signedByARevokedKeyIsRefused() {
            BigInteger serial = INTEL.tcbSigningCertificate().getSerialNumber();
            Bytes crl = INTEL.root().revocationList(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)), serial);

            refused(
                    verify(sgx(wish -> {}), sgxWith(info(w -> {}), identity(w -> {}), crl, INTEL.pckCrl())),
                    Code.CERTIFICATE_REVOKED);
        }

        @Test
        void withoutTheSignersCertificateIsUndecided() {
            Endorsements endorsements = FakeIntel.pool(List.of(
                    info(w -> {}), identity(w -> {}), INTEL.pckIssuerChain(), INTEL.rootCrl(), INTEL.pckCrl()));

            undecided(verify(sgx(wish -> {}), endorsements));
        }

        @Test
        void ofAnOlderEvaluationThanAcceptedIsRefused() {
            VerifierOptions options = STRICT.leastTcbEvaluation(FakeIntel.EVALUATION + 1);

            refused(verify(sgx(wish -> {}), options), Code.ENDORSEMENT_TOO_OLD);
            accepted(verify(sgx(wish -> {}), STRICT.leastTcbEvaluation(FakeIntel.EVALUATION)));
        }

        @Test
        void ofTheNewestEvaluationThatIsCurrentCounts() {
            Consumer<FakeIntel.JsonWish> harsher = level(FakeIntel.COMPONENTS, 13, TcbStatus.OUT_OF_DATE);
            Bytes newer = info(harsher.andThen(wish -> wish.evaluation(21)));
            Bytes future = info(wish -> wish.evaluation(22).valid(NOW.plusSeconds(1), NOW.plus(Duration.ofDays(9))));
            Bytes past = info(wish -> wish.evaluation(23).valid(NOW.minus(Duration.ofDays(9)), NOW.minusSeconds(1)));
            for (List<Bytes> order : List.of(
                    List.of(info(wish -> {}), newer, future, past), List.of(past, future, newer, info(wish -> {})))) {
                List<Bytes> all = new ArrayList<>(order);
                all.addAll(List.of(identity(w -> {}), INTEL.tcbSigningChain(), INTEL.pckIssuerChain(), INTEL.rootCrl(), INTEL.pckCrl()));

                refused(verify(sgx(wish -> {}), FakeIntel.pool(all)), Code.TCB_STATUS_NOT_ACCEPTED);
            }
        }

        @Test
        void ofAStrangerDoesNotHideTheRightOne() {
            Bytes strangers = OTHER.tcbInfo(Need.Tee.SGX, wish -> wish.evaluation(99));
            List<Bytes> all = new ArrayList<>(INTEL.collateral());
            all.addAll(List.of(strangers, OTHER.tcbSigningChain()));

            accepted(verify(sgx(wish -> {}), FakeIntel.pool(all)));
        }

        @Test
        void thatIsMissingIsUndecided() {
            undecided(verify(sgx(wish -> {}), Endorsements.none()));
            undecided(verify(sgx(wish -> {}), with(identity(w -> {}), INTEL.rootCrl(), INTEL.pckCrl())));
            undecided(verify(sgx(wish -> {}), with(info(w -> {}), INTEL.rootCrl(), INTEL.pckCrl())));
            undecided(verify(sgx(wish -> {}), with(info(w -> {}), identity(w -> {}), INTEL.pckCrl())));
        }

        @Test
        void thatIsBrokenIsUndecidedAndSaysWhatIsBrokenAndWhy() {
            for (String[] each : new String[][] {
                {"\"tcbType\":0", "\"tcbType\":9", "tcbType"},
                {"\"issueDate\":\"20", "\"issueDate\":\"x", "issueDate"},
                {"\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"Fine\"", "tcbStatus"},
                {"\"version\":3", "\"version\":3,\"version\":3", "JSON: expected every name once"},
                {"\"tcbLevels\":[", "\"tcbLevels\":[[", ""}
            }) {
                Verdict verdict = verify(sgx(wish -> {}), withInfo(wish -> wish.text(text -> text.replace(each[0], each[1]))));

                undecided(verdict);
                assertThat(explain(verdict)).contains("tcb-info").contains("a document that breaks its form: " + each[2]).contains("expected");
            }
            Verdict cut = verify(sgx(wish -> {}), with(
                    Bytes.of(Arrays.copyOf(info(w -> {}).toArray(), 300)), identity(w -> {}), INTEL.rootCrl(), INTEL.pckCrl()));
            undecided(cut);
            assertThat(explain(cut)).contains("SGX TCB info").contains("a document that breaks its form: ");
        }
    }

    @Nested
    class QeIdentity {
        @Test
        void thatIsBrokenIsUndecidedAndSaysWhatIsBrokenAndWhy() {
            Verdict verdict = verify(sgx(wish -> {}), withIdentity(wish -> wish.text(text -> text.replace("\"isvprodid\":", "\"isvprodid\":-"))));

            undecided(verdict);
            assertThat(explain(verdict))
                    .contains("the identity of the SGX quoting enclave")
                    .contains("a document that breaks its form: isvprodid: expected");
        }

        @Test
        void expiredIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withIdentity(wish -> wish.valid(NOW.minus(Duration.ofDays(9)), NOW.minusSeconds(1)))),
                    Code.ENDORSEMENT_EXPIRED);
        }

        @Test
        void notYetValidIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withIdentity(wish -> wish.valid(NOW.plusSeconds(1), NOW.plus(Duration.ofDays(9))))),
                    Code.ENDORSEMENT_NOT_YET_VALID);
        }

        @Test
        void ofAnotherEnclaveIsNotUsed() {
            undecided(verify(sgx(wish -> {}), withIdentity(wish -> wish.id("QVE"))));
            undecided(verify(sgx(wish -> {}), withIdentity(wish -> wish.id("TD_QE"))));
            undecided(verify(sgx(wish -> {}), withIdentity(wish -> wish.version(1))));
        }

        @Test
        void signedByAnotherKeyIsRefused() {
            refused(
                    verify(sgx(wish -> {}), withIdentity(wish -> wish.signer(Authority.ecKeys("secp256r1").getPrivate()))),
                    Code.ENDORSEMENT_INVALID);
        }

        @Test
        void ofAnOlderEvaluationThanAcceptedIsRefused() {
            Endorsements endorsements = withIdentity(wish -> wish.evaluation(FakeIntel.EVALUATION - 1));

            refused(
                    VERIFIER.verify(sgx(wish -> {}), endorsements, NOW, STRICT.leastTcbEvaluation(FakeIntel.EVALUATION)),
                    Code.ENDORSEMENT_TOO_OLD);
        }
    }

    @Nested
    class TdxModule {
        @Test
        void ofAnotherSignerIsRefused() {
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_MRSIGNERSEAM, hex("01")))), Code.IDENTITY_MISMATCH);
        }

        @Test
        void withAttributesIsRefused() {
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_SEAMATTRIBUTES, hex("01")))), Code.IDENTITY_MISMATCH);
        }

        @Test
        void withAttributesOutsideTheMaskIsRefused() {
            byte[] quote = tdx(wish -> wish.body(FakeIntel.TD_SEAMATTRIBUTES, hex("01")));

            refused(verify(quote, withTdxInfo(wish -> wish.seamAttributesMask("0000000000000000"))), Code.RESERVED_NOT_ZERO);
        }

        @Test
        void thatIntelDoesNotKnowIsRefused() {
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN, hex("0602")))), Code.TCB_NOT_SUPPORTED);
        }

        @Test
        void olderThanEveryLevelIsRefused() {
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN, hex("01")))), Code.TCB_NOT_SUPPORTED);
        }

        @Test
        void outOfDateMakesTheTrustDomainSo() {
            byte[] quote = tdx(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN, hex("05")));

            refused(verify(quote), Code.TCB_STATUS_NOT_ACCEPTED);
            Claims claims = accepted(verify(quote, STRICT.acceptTcb(TcbStatus.OUT_OF_DATE)));
            assertThat(claims.text("tcb-tdx-module-status")).contains("OutOfDate");
        }

        @Test
        void revokedIsNeverAccepted() {
            refused(
                    verify(tdx(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN, hex("03"))), everyStatus()),
                    Code.TCB_STATUS_NOT_ACCEPTED);
        }

        @Test
        void ofVersion0IsComparedByThePlatformsLevel() {
            accepted(verify(tdx(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN, hex("050003")))));
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN, hex("040003"))), everyStatus()),
                    Code.TCB_STATUS_NOT_ACCEPTED);
        }

        @Test
        void componentsOfThePlatformCountBesideIt() {
            refused(verify(tdx(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN + 2, hex("01")))), Code.TCB_NOT_SUPPORTED);
        }

        @Test
        void updatedUnderARunningTrustDomainAdvisesRelaunch() {
            byte[] quote = INTEL.tdx15Quote(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN, hex("04")));

            refused(verify(quote), Code.TCB_STATUS_NOT_ACCEPTED);
            refused(verify(quote, STRICT.acceptTcb(TcbStatus.OUT_OF_DATE)), Code.TCB_STATUS_NOT_ACCEPTED);
            Claims claims = accepted(verify(quote, STRICT.acceptTcb(TcbStatus.TD_RELAUNCH_ADVISED)));
            assertThat(claims.text("tcb-launch-status")).contains("OutOfDate");
            assertThat(claims.text("tcb-current-status")).contains("UpToDate");
        }

        @Test
        void thatRunsNowAndIsRevokedIsNeverAccepted() {
            byte[] quote = INTEL.tdx15Quote(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN_2, hex("02")));

            refused(verify(quote, everyStatus()), Code.TCB_STATUS_NOT_ACCEPTED);
        }

        @Test
        void thatRunsNowAndIsUnknownIsRefused() {
            byte[] quote = INTEL.tdx15Quote(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN_2, hex("0077")));

            refused(verify(quote, everyStatus()), Code.TCB_NOT_SUPPORTED);
        }

        @Test
        void thatRunsNowAndIsOutOfDateCounts() {
            byte[] quote = INTEL.tdx15Quote(wish -> wish.body(FakeIntel.TD_TEE_TCB_SVN_2, hex("04")));

            refused(verify(quote), Code.TCB_STATUS_NOT_ACCEPTED);
            accepted(verify(quote, STRICT.acceptTcb(TcbStatus.OUT_OF_DATE)));
        }
    }

    @Nested
    class Carriers {
        private static final KeyPair KEYS = Authority.ecKeys("secp256r1");

        private static byte[] certificate(FakeIntel.Carrier carrier, Consumer<Authority.Wish> change) {
            return Authority.der(INTEL.raTlsCertificate(carrier, KEYS.getPublic(), KEYS, change)).toArray();
        }

        @Test
        void anOpenEnclaveReportIsAcceptedAsItsQuoteIs() {
            byte[] quote = sgx(wish -> {});
            Claims claims = accepted(verify(FakeIntel.openEnclaveReport(quote)));

            assertThat(claims).isEqualTo(accepted(verify(quote)));
            assertThat(claims.kind()).isEqualTo("sgx-quote");
        }

        @Test
        void anOpenEnclaveReportOfAnotherSizeIsRefused() {
            byte[] report = FakeIntel.openEnclaveReport(sgx(wish -> {}));
            report[8]++;

            refused(verify(report), Code.MALFORMED);
        }

        @Test
        void certificatesOfEveryFormAreAcceptedInDerAndPem() {
            for (FakeIntel.Carrier carrier : FakeIntel.Carrier.values()) {
                X509Certificate certificate = INTEL.raTlsCertificate(carrier, KEYS.getPublic(), KEYS, wish -> {});

                Claims claims = accepted(verify(Authority.der(certificate).toArray()));
                assertThat(claims.text("certificate-key")).contains(Bytes.sha256(KEYS.getPublic().getEncoded()).hex());
                accepted(verify(FakeIntel.pem(certificate).toArray()));
            }
        }

        @Test
        void certificatesOfAnotherKeyAreRefused() {
            for (FakeIntel.Carrier carrier : FakeIntel.Carrier.values()) {
                KeyPair strangers = Authority.ecKeys("secp256r1");

                refused(
                        verify(Authority.der(INTEL.raTlsCertificate(carrier, KEYS.getPublic(), strangers, wish -> {})).toArray()),
                        Code.BINDING_MISMATCH);
            }
        }

        @Test
        void certificatesWithAnotherSignatureAreRefused() {
            byte[] certificate = certificate(FakeIntel.Carrier.TAGGED_EVIDENCE, wish -> {});
            certificate[certificate.length - 1] ^= 1;

            refused(verify(certificate), Code.SIGNATURE_INVALID);
        }

        @Test
        void certificatesOutOfTheirTimeAreRefused() {
            refused(
                    verify(certificate(
                            FakeIntel.Carrier.QUOTE, wish -> wish.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)))),
                    Code.CERTIFICATE_EXPIRED);
            refused(
                    verify(certificate(FakeIntel.Carrier.QUOTE, wish -> wish.valid(NOW.plusSeconds(1), NOW.plusSeconds(9)))),
                    Code.CERTIFICATE_NOT_YET_VALID);
        }

        @Test
        void certificatesWithoutAQuoteAreOfNoKnownKind() {
            refused(verify(INTEL.root().der().toArray()), Code.KIND_UNKNOWN);
        }
    }

    @Test
    void requiresTheReportDataThatIsExpected() {
        byte[] reportData = new byte[64];
        Arrays.fill(reportData, (byte) 0x11);

        accepted(verify(sgx(wish -> {}), STRICT.reportData(Bytes.of(reportData))));
        accepted(verify(tdx(wish -> {}), STRICT.reportData(Bytes.of(reportData))));
        refused(verify(tdx(wish -> {}), STRICT.reportData(Bytes.of(new byte[64]))), Code.REPORT_DATA_MISMATCH);
    }

    /** A quote has no nonce and is for nobody: a caller that expects either must not take an old one for the answer. */
    @Test
    void expectationsThatAQuoteCannotMeetAreNotMet() {
        refused(verify(sgx(wish -> {}), STRICT.nonce(hex("01"))), Code.NONCE_MISMATCH);
        refused(verify(tdx(wish -> {}), STRICT.audience("me")), Code.TOKEN_NOT_ACCEPTED);
    }

    @Test
    void collateralOfTheOtherTeeDoesNotServe() {
        List<Bytes> sgxOnly = List.of(
                info(w -> {}), identity(w -> {}), INTEL.tcbSigningChain(), INTEL.pckIssuerChain(), INTEL.rootCrl(), INTEL.pckCrl());

        undecided(verify(tdx(wish -> {}), FakeIntel.pool(sgxOnly)));
    }

    @Test
    void everythingAtOnceIsSaidAtOnce() {
        byte[] quote = sgx(wish -> wish.body(FakeIntel.SGX_ATTRIBUTES, hex("0f"))
                .qe(FakeIntel.SGX_ISVSVN, hex("0600"))
                .signer(OTHER.pckKeys().getPrivate()));

        refused(
                verify(quote),
                Code.SIGNATURE_INVALID,
                Code.DEBUG_ENCLAVE,
                Code.RESERVED_NOT_ZERO,
                Code.TCB_STATUS_NOT_ACCEPTED);
    }
}
