package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.Replay;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.tpm.PcrSelection;
import org.innerkeep.evidence.tpm.PcrValues;
import org.innerkeep.evidence.tpm.TpmEvidence;
import org.innerkeep.evidence.tpm.TpmPublic;
import org.innerkeep.evidence.tpm.TpmQuote;
import org.innerkeep.evidence.tpm.TpmSignature;

/** TPM quotes of real TPMs: one for each bank, with the attestation key and the event log. */
final class RealTpmQuote implements RealKind {
    private final Verifier verifier = new Verifier();

    @Override
    public void check(RealCase each) throws Exception {
        Expected expected = each.expected();
        boolean valid = expected.text("signature").orElse("").equals("valid");
        List<String> failures = expected.texts("failures");
        List<Expected> quotes = expected.objects("quotes");
        List<String> banks = quotes.stream().map(quote -> quote.text("bank").orElseThrow()).toList();
        List<String> strong = banks.stream().filter(bank -> !bank.equals("sha1")).toList();
        VerifierOptions strict = VerifierOptions.of(anchors(each));
        expected.known("sourceTest", "says what the source's own test does");

        Verdict all = verify(each, banks, strict.allowSha1());
        if (valid && failures.isEmpty()) {
            assertThat(all).as(each.name()).isInstanceOf(Verdict.Accepted.class);
            assertThat(verify(each, strong.isEmpty() ? banks : strong, strict)).isInstanceOf(Verdict.Accepted.class);
        } else {
            refuses(each, verify(each, banks, strict), valid, failures);
        }
        for (String bank : banks) {
            boolean weak = bank.equals("sha1");
            assertThat(verify(each, List.of(bank), strict) instanceof Verdict.Refused refused && refused.has(Code.ALGORITHM_WEAK))
                    .as("%s: the bank %s is refused unless it is accepted by name", each, bank)
                    .isEqualTo(weak);
        }
        Optional<String> stated = expected.text("nonce");
        stated.map(Bytes::fromHex).filter(nonce -> nonce.length() > 0 && each.good()).ifPresent(nonce -> {
            assertThat(verify(each, banks, strict.allowSha1().nonce(nonce))).isInstanceOf(Verdict.Accepted.class);
            Verdict other = verify(each, banks, strict.allowSha1().nonce(Bytes.fromHex("01")));
            assertThat(((Verdict.Refused) other).has(Code.NONCE_MISMATCH)).isTrue();
        });
        for (Expected quote : quotes) {
            checkQuote(each, quote, strict.allowSha1());
        }
        checkKey(each, expected);
    }

    private static void refuses(RealCase each, Verdict verdict, boolean valid, List<String> failures) {
        assertThat(verdict).as(each.name()).isInstanceOf(Verdict.Refused.class);
        Verdict.Refused refused = (Verdict.Refused) verdict;
        assertThat(refused.has(Code.SIGNATURE_INVALID)).isEqualTo(!valid);
        Map<String, Code> codes = Map.of(
                "sha-1", Code.ALGORITHM_WEAK, "event log", Code.EVENT_LOG_MISMATCH, "pcr digest", Code.REGISTERS_MISMATCH,
                "expired", Code.CERTIFICATE_EXPIRED, "restricted", Code.ALGORITHM_WEAK);
        for (String failure : failures) {
            List<Code> fitting = codes.keySet().stream().filter(failure.toLowerCase(Locale.ROOT)::contains).map(codes::get).toList();
            assertThat(fitting.isEmpty() || fitting.stream().anyMatch(refused::has))
                    .as("%s: a reason for '%s' among %s", each, failure, refused.explain())
                    .isTrue();
        }
    }

    private void checkQuote(RealCase each, Expected quote, VerifierOptions options) throws MalformedException {
        String bank = quote.text("bank").orElseThrow();
        TpmHash hash = PcrFiles.hash(bank);
        TpmQuote parsed = TpmQuote.parse(each.file("quote_" + bank).toArray());
        assertThat(Bytes.of(parsed.toByteArray())).isEqualTo(each.file("quote_" + bank));
        TpmSignature signature = TpmSignature.parse(each.file("signature_" + bank).toArray());
        assertThat(Bytes.of(signature.toByteArray())).isEqualTo(each.file("signature_" + bank));
        Verdict alone = verify(each, List.of(bank), options);
        quote.text("signature", alone instanceof Verdict.Refused refused && refused.has(Code.SIGNATURE_INVALID) ? "invalid" : "valid");
        quote.text("scheme", signature.scheme() + " " + signature.hash().claimName());
        quote.bytes("nonce", parsed.extraData());
        quote.bytes("pcrDigest", parsed.pcrDigest());
        quote.flag("pcrDigestMatches", !(alone instanceof Verdict.Refused refused && refused.has(Code.REGISTERS_MISMATCH)));
        quote.number("clock", parsed.clock());
        quote.number("resetCount", parsed.resetCount());
        quote.number("restartCount", parsed.restartCount());
        quote.flag("safe", parsed.safe());
        quote.text("firmwareVersion", String.format("%016x", parsed.firmwareVersion()));
        quote.bytes("qualifiedSigner", parsed.qualifiedSigner());
        quote.take("pcrSelect").ifPresent(value -> checkSelections(value, parsed.selections()));
        Optional<EventLog> log = log(each);
        if (log.isPresent() && log.get().has(hash)) {
            SortedMap<Integer, Bytes> replayed = Replay.of(log.get(), hash);
            quote.take("eventLogPcrs").ifPresent(value ->
                    assertThat(replayed.keySet()).containsExactlyElementsOf(numbers(value)));
            SortedMap<Integer, Bytes> values = PcrFiles.bank(each.file("pcrs_" + bank));
            quote.flag("eventLogReplayMatches", values.entrySet().containsAll(replayed.entrySet()));
        }
    }

    static void checkSelections(JsonValue expected, List<PcrSelection> found) {
        List<JsonValue> items = ((JsonValue.Arr) expected).items();
        assertThat(found).hasSameSizeAs(items);
        for (int i = 0; i < found.size(); i++) {
            JsonValue.Obj item = (JsonValue.Obj) items.get(i);
            assertThat(found.get(i).bank().claimName()).isEqualTo(((JsonValue.Text) item.fields().get("alg")).value());
            assertThat(found.get(i).registers()).containsExactlyElementsOf(numbers(item.fields().get("pcrs")));
        }
    }

    static List<Integer> numbers(JsonValue array) {
        return ((JsonValue.Arr) array).items().stream().map(item -> ((JsonValue.Num) item).value().intValueExact()).toList();
    }

    private static void checkKey(RealCase each, Expected expected) throws MalformedException {
        TpmPublic template = TpmPublic.parse(each.file("akPublic").toArray());
        assertThat(Bytes.of(template.toByteArray())).isEqualTo(each.file("akPublic"));
        expected.bytes("akName", template.name());
        expected.bytes("akPublicSpkiSha256", Bytes.sha256(template.spki().toArray()));
        Optional<EventLog> log = log(each);
        if (log.isPresent()) {
            assertThat(Bytes.of(log.get().toByteArray())).isEqualTo(each.file("eventLog"));
            expected.number("eventLogEvents", log.get().events().size());
        }
        Optional<Expected> certificate = expected.object("akCertificate");
        if (certificate.isPresent()) {
            X509Certificate parsed = certificate(each.file("akCertificate"));
            certificate.get().text("issuer", parsed.getIssuerX500Principal().getName());
            certificate.get().text("subject", parsed.getSubjectX500Principal().getName());
            certificate.get().time("notBefore", parsed.getNotBefore().toInstant());
            certificate.get().time("notAfter", parsed.getNotAfter().toInstant());
            certificate.get().flag("publicKeyIsAk", Bytes.of(parsed.getPublicKey().getEncoded()).equals(template.spki()));
            certificate.get().known("chainVerifies", "the case is accepted with nothing pinned but the root");
        }
    }

    private static Optional<EventLog> log(RealCase each) throws MalformedException {
        return each.has("eventLog") ? Optional.of(EventLog.parse(each.file("eventLog").toArray())) : Optional.empty();
    }

    static X509Certificate certificate(Bytes der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der.toArray()));
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The root that the case gives, or its attestation key where no certificate leads to it. */
    static List<Anchor> anchors(RealCase each) throws MalformedException {
        if (each.has("akCertificate") && each.has("trustAnchor")) {
            return List.of(MakerRoot.of(Maker.TPM, certificate(each.certificate("trustAnchor"))));
        }
        return List.of(new AttesterKey(AttesterKey.Kind.TPM, TpmPublic.parse(each.file("akPublic").toArray()).spki()));
    }

    static EvidenceParts evidence(RealCase each, List<String> banks) throws MalformedException {
        List<Map.Entry<Bytes, Bytes>> quotes = new ArrayList<>();
        Map<TpmHash, SortedMap<Integer, Bytes>> values = new TreeMap<>();
        for (String bank : banks) {
            quotes.add(Map.entry(each.file("quote_" + bank), each.file("signature_" + bank)));
            values.put(PcrFiles.hash(bank), PcrFiles.bank(each.file("pcrs_" + bank)));
        }
        return TpmEvidence.collect(
                quotes, PcrValues.of(values), each.file("akPublic"), each.findCertificate("akCertificate"), each.find("eventLog"));
    }

    static EndorsementPool endorsements(RealCase each) {
        return each.endorsements("akIntermediate", "akIntermediates", "intermediate", "intermediates");
    }

    private Verdict verify(RealCase each, List<String> banks, VerifierOptions options) {
        try {
            return verifier.verify(evidence(each, banks).toByteArray(), endorsements(each), each.at(), options);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }
}
