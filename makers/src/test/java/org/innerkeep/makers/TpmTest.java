package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.tpm.PcrSelection;
import org.innerkeep.evidence.tpm.PcrValues;
import org.innerkeep.evidence.tpm.TpmEvidence;
import org.innerkeep.evidence.tpm.TpmPublic;
import org.innerkeep.evidence.tpm.TpmQuote;
import org.innerkeep.evidence.tpm.TpmSignature;
import org.junit.jupiter.api.Test;

/** TPM quotes, attestation keys and event logs: what is accepted, and for each check what it refuses. */
class TpmTest {
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    static final Bytes NONCE = Bytes.fromHex("0102030405060708");
    static final Authority ROOT = Authority.root("CN=TPM Root", Authority.ecKeys("secp256r1"), "SHA256withECDSA", NOW);
    static final KeyPair MIDDLE_KEYS = Authority.ecKeys("secp256r1");
    static final Authority MIDDLE = ROOT.below("CN=TPM CA", MIDDLE_KEYS, "SHA256withECDSA", NOW, wish -> {});
    static final KeyPair RSA = Authority.rsaKeys(2048);
    static final FakeTpm TPM = FakeTpm.of(RSA, TpmSignature.Scheme.RSASSA, TpmHash.SHA256);
    static final Bytes CERTIFICATE = TPM.certificate(MIDDLE, NOW, wish -> {});
    static final VerifierOptions PINNED = VerifierOptions.of(new MakerRoot(Maker.TPM, ROOT.publicKey()));

    private final Verifier verifier = new Verifier();

    private Verdict verify(EvidenceParts evidence, VerifierOptions options, Bytes... endorsements) {
        List<Bytes> all = new ArrayList<>(List.of(endorsements));
        all.add(MIDDLE.der());
        try {
            return verifier.verify(evidence.toByteArray(), EndorsementPool.of(all), NOW, options);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private Set<Code> codes(EvidenceParts evidence, VerifierOptions options, Bytes... endorsements) {
        return codes(verify(evidence, options, endorsements));
    }

    static Set<Code> codes(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> Set.of();
            case Verdict.Refused refused -> Set.copyOf(refused.reasons().stream().map(reason -> reason.code()).toList());
            case Verdict.Undecided undecided -> Set.copyOf(undecided.reasons().stream().map(reason -> reason.code()).toList());
        };
    }

    private static EvidenceParts evidence(FakeTpm tpm) {
        return tpm.evidence(NONCE, Optional.of(tpm.certificate(MIDDLE, NOW, wish -> {})));
    }

    private static EvidenceParts with(EvidenceParts parts, String label, Bytes part) {
        Map<String, Bytes> changed = new TreeMap<>(parts.parts());
        changed.put(label, part);
        return new EvidenceParts(parts.type(), changed);
    }

    private static EvidenceParts without(EvidenceParts parts, String label) {
        Map<String, Bytes> changed = new TreeMap<>(parts.parts());
        changed.remove(label);
        return new EvidenceParts(parts.type(), changed);
    }

    private Claims claims(FakeTpm tpm) {
        return ((Verdict.Accepted) verify(evidence(tpm), PINNED.nonce(NONCE))).claims();
    }

    @Test
    void acceptsAGoodQuoteAndClaimsWhatItProves() {
        Claims claims = claims(TPM);
        assertThat(claims.kind()).isEqualTo("tpm-quote");
        assertThat(claims.reportData()).isEqualTo(NONCE);
        assertThat(claims.anchor()).isEqualTo(Bytes.sha256(ROOT.publicKey().toArray()));
        assertThat(claims.debug()).isFalse();
        assertThat(claims.measurement())
                .contains(Measurement.sha256(Bytes.sha256(TPM.pcrs(FakeTpm.all(), TpmHash.SHA256).toByteArray())));
        assertThat(claims.details())
                .containsEntry("secureboot", ClaimValue.of(true))
                .containsEntry("firmware-release", ClaimValue.of("Fake 1.0"))
                .containsEntry("tpm-reset-count", ClaimValue.of(7))
                .containsEntry("ak-name", ClaimValue.of(TPM.template().name()))
                .containsEntry(Claims.MEMORY_READABLE_BY, ClaimValue.of("host"))
                .containsKey("pcrs");
    }

    @Test
    void acceptsEveryScheme() {
        record Case(KeyPair keys, TpmSignature.Scheme scheme, TpmHash hash) {}
        KeyPair p384 = Authority.ecKeys("secp384r1");
        for (Case each : List.of(
                new Case(RSA, TpmSignature.Scheme.RSASSA, TpmHash.SHA384),
                new Case(RSA, TpmSignature.Scheme.RSAPSS, TpmHash.SHA256),
                new Case(RSA, TpmSignature.Scheme.RSAPSS, TpmHash.SHA512),
                new Case(Authority.ecKeys("secp256r1"), TpmSignature.Scheme.ECDSA, TpmHash.SHA256),
                new Case(p384, TpmSignature.Scheme.ECDSA, TpmHash.SHA384),
                new Case(p384, TpmSignature.Scheme.ECDSA, TpmHash.SHA256),
                new Case(Authority.ecKeys("secp521r1"), TpmSignature.Scheme.ECDSA, TpmHash.SHA512))) {
            FakeTpm tpm = FakeTpm.of(each.keys(), each.scheme(), each.hash());
            assertThat(codes(evidence(tpm), PINNED)).as("%s", each).isEmpty();
        }
        FakeTpm salted = FakeTpm.of(RSA, TpmSignature.Scheme.RSAPSS, TpmHash.SHA256).salt(2048 / 8 - 32 - 2);
        assertThat(codes(evidence(salted), PINNED)).isEmpty();
        assertThat(codes(evidence(salted.salt(20)), PINNED)).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void acceptsABareRsaSignatureAndStructuresBehindTheirLengths() {
        EvidenceParts good = evidence(TPM);
        Map.Entry<Bytes, Bytes> quote = TPM.signed(TPM.quote(NONCE, FakeTpm.all(), TpmHash.SHA256));
        Bytes bare = TPM.sign(quote.getKey().toArray()).first();
        assertThat(codes(with(with(good, "signature", bare), "quote", sized(quote.getKey())), PINNED)).isEmpty();
        assertThat(codes(with(good, "ak-public", sized(Bytes.of(TPM.template().toByteArray()))), PINNED)).isEmpty();
    }

    private static Bytes sized(Bytes value) {
        return Bytes.fromHex(String.format("%04x", value.length()) + value.hex());
    }

    @Test
    void acceptsACertificateWithZerosBehindItAndNothingElse() {
        EvidenceParts good = evidence(TPM);
        assertThat(codes(with(good, "ak-certificate", Bytes.fromHex(CERTIFICATE.hex() + "000000")), PINNED)).isEmpty();
        assertThat(codes(with(good, "ak-certificate", Bytes.fromHex(CERTIFICATE.hex() + "000100")), PINNED))
                .containsExactly(Code.MALFORMED);
    }

    @Test
    void acceptsOneQuoteForEachBankAndOneQuoteOverTwoBanks() {
        List<Integer> some = List.of(0, 4, 7);
        EvidenceParts two = TpmEvidence.collect(
                List.of(TPM.signed(TPM.quote(NONCE, some, TpmHash.SHA256)), TPM.signed(TPM.quote(NONCE, some, TpmHash.SHA384))),
                TPM.pcrs(some, TpmHash.SHA256, TpmHash.SHA384),
                Bytes.of(TPM.template().toByteArray()), Optional.of(CERTIFICATE), Optional.of(TPM.eventLog()));
        EvidenceParts one = TpmEvidence.collect(
                List.of(TPM.signed(TPM.quote(NONCE, some, TpmHash.SHA384, TpmHash.SHA256))),
                TPM.pcrs(some, TpmHash.SHA256, TpmHash.SHA384),
                Bytes.of(TPM.template().toByteArray()), Optional.of(CERTIFICATE), Optional.of(TPM.eventLog()));
        assertThat(codes(two, PINNED.nonce(NONCE))).isEmpty();
        assertThat(codes(one, PINNED.nonce(NONCE))).isEmpty();
    }

    @Test
    void aPinnedKeyNeedsNoCertificate() {
        AttesterKey key = new AttesterKey(AttesterKey.Kind.TPM, Bytes.of(RSA.getPublic().getEncoded()));
        assertThat(codes(TPM.evidence(NONCE, Optional.empty()), VerifierOptions.of(key))).isEmpty();
        assertThat(codes(TPM.evidence(NONCE, Optional.of(CERTIFICATE)), VerifierOptions.of(key))).isEmpty();
        assertThat(codes(TPM.evidence(NONCE, Optional.empty()), PINNED)).containsExactly(Code.ANCHOR_NOT_PINNED);
        AttesterKey ofAnotherKind = new AttesterKey(AttesterKey.Kind.CCA, key.publicKey());
        assertThat(codes(TPM.evidence(NONCE, Optional.empty()), VerifierOptions.of(ofAnotherKind)))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void onlyAPinnedRootOfThisKindVouches() {
        assertThat(codes(evidence(TPM), VerifierOptions.of())).containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(codes(evidence(TPM), VerifierOptions.of(new MakerRoot(Maker.AMD, ROOT.publicKey()))))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
        Authority other = Authority.root("CN=TPM Root", Authority.ecKeys("secp256r1"), "SHA256withECDSA", NOW);
        assertThat(codes(evidence(TPM), VerifierOptions.of(new MakerRoot(Maker.TPM, other.publicKey()))))
                .isNotEmpty()
                .doesNotContain(Code.MALFORMED);
    }

    private Set<Code> certified(Consumer<Authority.Wish> change, Bytes... endorsements) {
        return codes(TPM.evidence(NONCE, Optional.of(TPM.certificate(MIDDLE, NOW, change))), PINNED, endorsements);
    }

    @Test
    void theCertificateMustBeRight() {
        assertThat(certified(wish -> {})).isEmpty();
        assertThat(certified(wish -> wish.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)))).containsExactly(Code.CERTIFICATE_EXPIRED);
        assertThat(certified(wish -> wish.valid(NOW.plusSeconds(1), NOW.plusSeconds(9)))).containsExactly(Code.CERTIFICATE_NOT_YET_VALID);
        assertThat(certified(wish -> wish.usage(KeyUsage.keyEncipherment))).containsExactly(Code.CHAIN_INVALID);
        assertThat(certified(wish -> wish.authority(Optional.of(0)))).containsExactly(Code.CHAIN_INVALID);
        assertThat(certified(wish -> wish.extension("1.2.3.4", true, new byte[] {5, 0}))).containsExactly(Code.CHAIN_INVALID);
        assertThat(certified(wish -> wish.extension("1.3.6.1.4.1.11129.2.1.21", false, new byte[] {5, 0})))
                .containsExactly(Code.ENDORSEMENT_INVALID);
        BigInteger serial = BigInteger.valueOf(77);
        assertThat(certified(wish -> wish.serial(serial), MIDDLE.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9), serial)))
                .containsExactly(Code.CERTIFICATE_REVOKED);
    }

    @Test
    void aCertificateForServersDoesNotVouch() {
        byte[] forServers = Bytes.fromHex("300a06082b06010505070301").toArray();
        Bytes certificate = Authority.der(MIDDLE.certify("CN=x", RSA.getPublic(), NOW, wish -> wish.extension("2.5.29.37", true, forServers)));
        Bytes plain = Authority.der(MIDDLE.certify("CN=x", RSA.getPublic(), NOW, wish -> {}));
        assertThat(codes(TPM.evidence(NONCE, Optional.of(certificate)), PINNED)).containsExactly(Code.CHAIN_INVALID);
        assertThat(codes(TPM.evidence(NONCE, Optional.of(plain)), PINNED)).isEmpty();
    }

    @Test
    void theCertificateMustBeOfTheKey() {
        FakeTpm other = FakeTpm.of(Authority.ecKeys("secp256r1"), TpmSignature.Scheme.ECDSA, TpmHash.SHA256);
        assertThat(codes(other.evidence(NONCE, Optional.of(CERTIFICATE)), PINNED)).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void aMissingIntermediateIsNotARefusal() throws MalformedException {
        Verdict verdict = verifier.verify(evidence(TPM).toByteArray(), EndorsementPool.of(List.of()), NOW, PINNED);
        assertThat(verdict).isInstanceOf(Verdict.Undecided.class);
    }

    @Test
    void theKeyMustBeAProperAttestationKey() {
        for (long missing : List.of(TpmPublic.FIXED_TPM, TpmPublic.FIXED_PARENT, TpmPublic.SENSITIVE_DATA_ORIGIN, TpmPublic.RESTRICTED,
                TpmPublic.SIGN)) {
            assertThat(codes(evidence(TPM.attributes(FakeTpm.PROPER & ~missing)), PINNED)).containsExactly(Code.ALGORITHM_WEAK);
        }
        assertThat(codes(evidence(TPM.attributes(FakeTpm.PROPER | TpmPublic.DECRYPT)), PINNED)).containsExactly(Code.ALGORITHM_WEAK);
        assertThat(codes(evidence(TPM.attributes(FakeTpm.PROPER | 1)), PINNED)).containsExactly(Code.MALFORMED);
        FakeTpm small = FakeTpm.of(Authority.rsaKeys(1024), TpmSignature.Scheme.RSASSA, TpmHash.SHA256);
        assertThat(codes(evidence(small), PINNED)).containsExactly(Code.ALGORITHM_WEAK);
    }

    @Test
    void theSignatureMustBeOfTheKeyAndItsScheme() {
        EvidenceParts good = evidence(TPM);
        byte[] flipped = good.find("signature").orElseThrow().toArray();
        flipped[flipped.length - 1] ^= 1;
        assertThat(codes(with(good, "signature", Bytes.of(flipped)), PINNED)).containsExactly(Code.SIGNATURE_INVALID);
        FakeTpm other = FakeTpm.of(Authority.rsaKeys(2048), TpmSignature.Scheme.RSASSA, TpmHash.SHA256);
        assertThat(codes(with(good, "signature", evidence(other).find("signature").orElseThrow()), PINNED))
                .containsExactly(Code.SIGNATURE_INVALID);
        FakeTpm otherScheme = FakeTpm.of(RSA, TpmSignature.Scheme.RSAPSS, TpmHash.SHA256);
        assertThat(codes(with(good, "signature", evidence(otherScheme).find("signature").orElseThrow()), PINNED))
                .containsExactly(Code.SIGNATURE_INVALID);
        assertThat(codes(with(good, "signature", Bytes.fromHex("0014")), PINNED)).containsExactly(Code.MALFORMED);
        assertThat(codes(with(good, "signature", Bytes.fromHex("0019000b0000")), PINNED)).containsExactly(Code.MALFORMED);
    }

    @Test
    void theNonceMustBeTheExpectedOne() {
        assertThat(codes(evidence(TPM), PINNED.nonce(NONCE))).isEmpty();
        assertThat(codes(evidence(TPM), PINNED.nonce(Bytes.fromHex("00")))).containsExactly(Code.NONCE_MISMATCH);
        EvidenceParts empty = TPM.evidence(Bytes.EMPTY, Optional.of(CERTIFICATE));
        assertThat(codes(empty, PINNED.nonce(NONCE))).containsExactly(Code.NONCE_MISMATCH);
        Verdict.Accepted accepted = (Verdict.Accepted) verify(empty, PINNED);
        assertThat(accepted.checks()).contains(new Verdict.Check("nonce", false, "the quote has none: it may be replayed"));
        assertThat(codes(evidence(TPM), PINNED.reportData(NONCE))).isEmpty();
        assertThat(codes(evidence(TPM), PINNED.reportData(Bytes.fromHex("00")))).containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    private EvidenceParts quoting(UnaryOperator<TpmQuote> change, PcrValues values) {
        TpmQuote quote = change.apply(TPM.quote(NONCE, List.of(0, 7), TpmHash.SHA256));
        return TpmEvidence.collect(List.of(TPM.signed(quote)), values, Bytes.of(TPM.template().toByteArray()),
                Optional.of(CERTIFICATE), Optional.empty());
    }

    @Test
    void theValuesMustBeThoseThatWereQuoted() {
        PcrValues good = TPM.pcrs(List.of(0, 7), TpmHash.SHA256);
        assertThat(codes(quoting(quote -> quote, good), PINNED)).isEmpty();
        PcrValues swapped = PcrValues.of(Map.of(TpmHash.SHA256, Map.of(
                0, good.find(TpmHash.SHA256, 7).orElseThrow(), 7, good.find(TpmHash.SHA256, 0).orElseThrow())));
        assertThat(codes(quoting(quote -> quote, swapped), PINNED)).containsExactly(Code.REGISTERS_MISMATCH);
        assertThat(codes(quoting(quote -> quote, TPM.pcrs(List.of(0), TpmHash.SHA256)), PINNED))
                .containsExactly(Code.REGISTERS_MISMATCH);
    }

    @Test
    void noValueCountsThatWasNotQuoted() {
        assertThat(codes(quoting(quote -> quote, TPM.pcrs(List.of(0, 4, 7), TpmHash.SHA256)), PINNED))
                .containsExactly(Code.REGISTERS_MISMATCH);
        assertThat(codes(quoting(quote -> quote, TPM.pcrs(List.of(0, 7), TpmHash.SHA256, TpmHash.SHA384)), PINNED))
                .containsExactly(Code.REGISTERS_MISMATCH);
    }

    @Test
    void aQuoteOfNothingProvesNothing() {
        TpmQuote quote = TPM.quote(NONCE, List.of(), TpmHash.SHA256);
        EvidenceParts nothing = quoting(each -> quote, TPM.pcrs(List.of(0), TpmHash.SHA256));
        assertThat(codes(nothing, PINNED)).containsExactly(Code.REGISTERS_MISMATCH);
    }

    @Test
    void theMeasurementTellsRegistersApartThatHaveOneValue() {
        // PCR 16 and 23 can be reset by anyone: extended as PCR 4 was, they get its value, and the digest of a quote is the same.
        FakeEventLog log = FakeEventLog.booted(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256);
        for (int register : List.of(16, 23)) {
            log.measure(register, FakeEventLog.IPL, new byte[] {5});
        }
        FakeTpm tpm = TPM.booted(log);
        List<Measurement> measurements = new ArrayList<>();
        List<ClaimValue> digests = new ArrayList<>();
        for (int register : List.of(16, 23)) {
            EvidenceParts parts = TpmEvidence.collect(List.of(tpm.signed(tpm.quote(NONCE, List.of(register), TpmHash.SHA256))),
                    tpm.pcrs(List.of(register), TpmHash.SHA256), Bytes.of(tpm.template().toByteArray()), Optional.of(CERTIFICATE),
                    Optional.empty());
            Claims claims = ((Verdict.Accepted) verify(parts, PINNED)).claims();
            measurements.add(claims.measurement().orElseThrow());
            digests.add(claims.details().get("pcr-digests"));
        }
        assertThat(digests.get(0)).isEqualTo(digests.get(1));
        assertThat(measurements.get(0)).isNotEqualTo(measurements.get(1));
    }

    @Test
    void sha1IsRefusedUnlessAccepted() {
        EvidenceParts bank = TpmEvidence.collect(List.of(TPM.signed(TPM.quote(NONCE, List.of(0, 7), TpmHash.SHA1))),
                TPM.pcrs(List.of(0, 7), TpmHash.SHA1), Bytes.of(TPM.template().toByteArray()), Optional.of(CERTIFICATE), Optional.empty());
        FakeTpm signs = FakeTpm.of(RSA, TpmSignature.Scheme.RSASSA, TpmHash.SHA1);
        assertThat(codes(bank, PINNED)).containsExactly(Code.ALGORITHM_WEAK);
        assertThat(codes(bank, PINNED.allowSha1())).isEmpty();
        assertThat(codes(evidence(signs), PINNED)).containsExactly(Code.ALGORITHM_WEAK);
        assertThat(codes(evidence(signs), PINNED.allowSha1())).isEmpty();
    }

    @Test
    void severalQuotesAreOfOneRunAndOneNonce() {
        TpmQuote first = TPM.quote(NONCE, List.of(0), TpmHash.SHA256);
        TpmQuote otherNonce = TPM.quote(Bytes.fromHex("ff"), List.of(1), TpmHash.SHA256);
        TpmQuote good = TPM.quote(NONCE, List.of(1), TpmHash.SHA256);
        TpmQuote otherRun = new TpmQuote(good.qualifiedSigner(), NONCE, 5, good.resetCount() - 1, 0, true, good.firmwareVersion(),
                good.selections(), good.pcrDigest());
        for (Map.Entry<TpmQuote, Code> each : Map.of(otherNonce, Code.NONCE_MISMATCH, otherRun, Code.BINDING_MISMATCH).entrySet()) {
            EvidenceParts parts = TpmEvidence.collect(List.of(TPM.signed(first), TPM.signed(each.getKey())),
                    TPM.pcrs(List.of(0, 1), TpmHash.SHA256), Bytes.of(TPM.template().toByteArray()), Optional.of(CERTIFICATE),
                    Optional.empty());
            assertThat(codes(parts, PINNED)).containsExactly(each.getValue());
        }
    }

    @Test
    void otherThingsThatATpmSignsAreNoQuotes() {
        EvidenceParts good = evidence(TPM);
        byte[] certify = good.find("quote").orElseThrow().toArray();
        certify[5] = 0x17;
        byte[] noMagic = good.find("quote").orElseThrow().toArray();
        noMagic[0] = 0;
        for (byte[] message : List.of(certify, noMagic)) {
            EvidenceParts signed = with(with(good, "quote", Bytes.of(message)), "signature", Bytes.of(TPM.sign(message).toByteArray()));
            assertThat(codes(signed, PINNED)).containsExactly(Code.MALFORMED);
        }
    }

    @Test
    void everyPartIsKnownAndThere() {
        EvidenceParts good = evidence(TPM);
        assertThat(codes(with(good, "quote-3", Bytes.EMPTY), PINNED)).containsExactly(Code.MALFORMED);
        assertThat(codes(with(good, "other", Bytes.EMPTY), PINNED)).containsExactly(Code.MALFORMED);
        for (String label : List.of("quote", "signature", "pcrs", "ak-public")) {
            assertThat(codes(without(good, label), PINNED)).containsExactly(Code.MALFORMED);
        }
        assertThat(codes(without(good, "event-log"), PINNED)).isEmpty();
        assertThat(codes(new EvidenceParts(EvidenceParts.TYPE_PREFIX + "tpm-quotes", good.parts()), PINNED))
                .containsExactly(Code.KIND_UNKNOWN);
    }

    private static FakeEventLog log() {
        return FakeEventLog.booted(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256, TpmHash.SHA384);
    }

    private Set<Code> booted(FakeEventLog log) {
        return codes(evidence(TPM.booted(log)), PINNED);
    }

    @Test
    void theLogMustLeadToTheRegisters() {
        assertThat(booted(log())).isEmpty();
        for (int i = 1; i < 13; i++) {
            assertThat(booted(log().forget(i))).as("without event %d", i).containsExactly(Code.EVENT_LOG_MISMATCH);
        }
        EvidenceParts otherBoot = with(evidence(TPM.booted(log())), "event-log",
                log().measure(4, FakeEventLog.APPLICATION, new byte[] {7}).toBytes());
        assertThat(codes(otherBoot, PINNED)).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void registersOfTheFirmwareAreExtendedByTheLogAlone() {
        FakeEventLog silent = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256);
        FakeEventLog extended = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(2, FakeEventLog.SEPARATOR, new byte[4]);
        EvidenceParts parts = with(evidence(TPM.booted(extended)), "event-log", silent.toBytes());
        assertThat(codes(parts, PINNED)).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void theOperatingSystemMayExtendItsRegistersOutsideOfTheLog() {
        FakeEventLog extended = log().measure(10, FakeEventLog.IPL, new byte[] {1});
        EvidenceParts parts = with(evidence(TPM.booted(extended)), "event-log", log().toBytes());
        Verdict.Accepted accepted = (Verdict.Accepted) verify(parts, PINNED);
        assertThat(accepted.checks()).anyMatch(check -> check.name().contains("[10]") && !check.done());
    }

    @Test
    void aDynamicLaunchStartsItsRegistersAnew() {
        assertThat(booted(log().measure(17, FakeEventLog.IPL, new byte[] {1}))).isEmpty();
    }

    @Test
    void theTpmMayStartAtAnotherLocality() {
        FakeEventLog log = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256).startupLocality(3);
        log.measure(0, FakeEventLog.CRTM_VERSION, new byte[] {1});
        assertThat(booted(log)).isEmpty();
        byte[] locality = "StartupLocality\0\3".getBytes(StandardCharsets.US_ASCII);
        assertThat(booted(log.note(0, locality))).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void aSecondSeparatorIsRefused() {
        assertThat(booted(log().separate(7))).containsExactly(Code.EVENT_LOG_MISMATCH);
        assertThat(booted(log().separate(12).separate(12))).isEmpty();
    }

    @Test
    void aSeparatorIsKnownByItsDigest() {
        // Code that runs later extends PCR 7 with what would be good, and retypes the firmware's separator to hide that it came before.
        FakeEventLog disguised = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(7, FakeEventLog.IPL, FakeEventLog.secureBoot(false), new byte[] {1})
                .measure(7, FakeEventLog.EFI_ACTION, new byte[4])
                .measure(7, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(true))
                .separate(7);
        assertThat(booted(disguised)).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void aPartOfTheCrtmMayLookLikeASeparatorButEndsWhatTheFirmwareIsBelieved() {
        FakeEventLog log = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(0, FakeEventLog.CRTM_CONTENTS, new byte[4], "FIT record".getBytes(StandardCharsets.US_ASCII))
                .measure(0, FakeEventLog.CRTM_VERSION, "Fake 1.0\0".getBytes(StandardCharsets.UTF_16LE))
                .separate(0);
        assertThat(claims(TPM.booted(log)).details()).containsKey("event-log-events").doesNotContainKey("firmware-release");
        assertThat(booted(log.separate(0))).containsExactly(Code.EVENT_LOG_MISMATCH);
        FakeEventLog elsewhere = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(7, FakeEventLog.CRTM_CONTENTS, new byte[4])
                .separate(7);
        assertThat(booted(elsewhere)).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void howManyPartsOfTheCrtmLookLikeASeparatorIsSaidOnce() {
        FakeEventLog log = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256);
        for (int part = 0; part < 300; part++) {
            log.measure(0, FakeEventLog.CRTM_CONTENTS, new byte[4], "FIT record".getBytes(StandardCharsets.US_ASCII));
        }
        Verdict.Accepted accepted = (Verdict.Accepted) verify(evidence(TPM.booted(log.separate(0))), PINNED);
        assertThat(accepted.checks()).filteredOn(check -> check.detail().contains("S-CRTM"))
                .containsExactly(new Verdict.Check(
                        "event-log", false, "events that are parts of the S-CRTM or separators in disguise: 300"));
    }

    @Test
    void theNameOfTheKeyIsClaimedOnlyWhereTheTpmSignedIt() {
        TpmQuote good = TPM.quote(NONCE, List.of(0), TpmHash.SHA256);
        TpmQuote child = new TpmQuote(Bytes.fromHex("000b" + "11".repeat(32)), NONCE, 5, 0, 0, true, 0, good.selections(), good.pcrDigest());
        EvidenceParts parts = TpmEvidence.collect(List.of(TPM.signed(child)), TPM.pcrs(List.of(0), TpmHash.SHA256),
                Bytes.of(TPM.template().toByteArray()), Optional.of(CERTIFICATE), Optional.empty());
        assertThat(((Verdict.Accepted) verify(parts, PINNED)).claims().details()).doesNotContainKey("ak-name");
    }

    @Test
    void unknownTypesAreRefusedWhereFirmwareMeasures() {
        assertThat(booted(log().measure(4, 0x12345678, new byte[] {1}))).containsExactly(Code.EVENT_LOG_MISMATCH);
        assertThat(booted(log().measure(9, 0x12345678, new byte[] {1}))).isEmpty();
    }

    @Test
    void eventsThatExtendNothingDoNotCount() {
        assertThat(booted(log().note(7, FakeEventLog.secureBoot(false)).note(0xffffffffL, new byte[3]))).isEmpty();
        assertThat(claims(TPM.booted(log().note(7, FakeEventLog.secureBoot(false)))).details())
                .containsEntry("secureboot", ClaimValue.of(true));
    }

    @Test
    void dataThatWasNotMeasuredIsRefusedOrNotClaimed() {
        FakeEventLog forged = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(7, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(false), FakeEventLog.secureBoot(true));
        assertThat(booted(forged)).containsExactly(Code.EVENT_LOG_MISMATCH);
        FakeEventLog version = log().measure(0, FakeEventLog.CRTM_VERSION, new byte[] {1}, new byte[] {2});
        assertThat(booted(version)).isEmpty();
        FakeEventLog failed = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(3, FakeEventLog.SEPARATOR, new byte[] {1, 0, 0, 0});
        assertThat(booted(failed)).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void secureBootIsClaimedOnlyAsFirmwareSaidIt() {
        FakeEventLog off = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(7, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(false))
                .separate(7)
                .measure(7, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(true));
        FakeEventLog twice = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(7, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(false))
                .measure(7, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(true))
                .separate(7);
        FakeEventLog never = new FakeEventLog(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA256)
                .measure(7, FakeEventLog.VARIABLE_DRIVER_CONFIG, FakeEventLog.secureBoot(true));
        assertThat(claims(TPM.booted(off)).details()).containsEntry("secureboot", ClaimValue.of(false));
        assertThat(claims(TPM.booted(twice)).details()).doesNotContainKey("secureboot");
        assertThat(claims(TPM.booted(never)).details()).doesNotContainKey("secureboot");
    }

    @Test
    void firmwareThatLetsADebuggerInIsDebug() {
        FakeEventLog debug = log().measure(7, FakeEventLog.EFI_ACTION, "UEFI Debug Mode".getBytes(StandardCharsets.US_ASCII));
        assertThat(booted(debug)).containsExactly(Code.DEBUG_ENCLAVE);
        FakeEventLog disguised = log().measure(7, FakeEventLog.IPL, "UEFI Debug Mode".getBytes(StandardCharsets.US_ASCII), new byte[] {1});
        assertThat(booted(disguised)).containsExactly(Code.DEBUG_ENCLAVE);
        assertThat(codes(evidence(TPM.booted(debug)), PINNED.allowDebug())).isEmpty();
    }

    @Test
    void aLogWithoutAQuotedBankProvesNothing() {
        FakeEventLog sha384 = FakeEventLog.booted(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA384);
        assertThat(codes(with(evidence(TPM), "event-log", sha384.toBytes()), PINNED)).containsExactly(Code.EVENT_LOG_MISMATCH);
    }

    @Test
    void anOldLogOfSha1IsReadWhereSha1IsAccepted() {
        FakeTpm old = TPM.booted(FakeEventLog.booted(EventLog.Format.LEGACY, TpmHash.SHA1));
        EvidenceParts parts = TpmEvidence.collect(List.of(old.signed(old.quote(NONCE, FakeTpm.all(), TpmHash.SHA1))),
                old.pcrs(FakeTpm.all(), TpmHash.SHA1), Bytes.of(old.template().toByteArray()), Optional.of(CERTIFICATE),
                Optional.of(old.eventLog()));
        assertThat(codes(parts, PINNED)).containsExactly(Code.ALGORITHM_WEAK);
        assertThat(((Verdict.Accepted) verify(parts, PINNED.allowSha1())).claims().details())
                .containsEntry("secureboot", ClaimValue.of(true));
    }

    @Test
    void hugeCountsAreRefusedAtOnce() {
        EvidenceParts good = evidence(TPM);
        byte[] log = good.find("event-log").orElseThrow().toArray();
        log[28] = log[29] = log[30] = log[31] = (byte) 0xff;
        assertThat(codes(with(good, "event-log", Bytes.of(log)), PINNED)).containsExactly(Code.MALFORMED);
        byte[] quote = good.find("quote").orElseThrow().toArray();
        int count = quote.length - 2 - 32 - 6 - 4;
        quote[count] = (byte) 0xff;
        assertThat(codes(with(good, "quote", Bytes.of(quote)), PINNED)).containsExactly(Code.MALFORMED);
        assertThat(codes(with(good, "event-log", Bytes.of(new byte[3 << 20])), PINNED)).containsExactly(Code.MALFORMED);
        assertThat(PcrSelection.of(TpmHash.SHA256, FakeTpm.all()).registers()).hasSize(24);
    }
}
