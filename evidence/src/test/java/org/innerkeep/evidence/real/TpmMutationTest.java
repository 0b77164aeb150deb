package org.innerkeep.evidence.real;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.azure.HclReport;
import org.innerkeep.evidence.dcap.Quote;
import org.innerkeep.evidence.eventlog.CcelEvidence;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real quotes of virtual TPMs, with what stands on them and what they stand on. */
@Order(1)
class TpmMutationTest {
    private static final int TEMPLATE_KEY = 2 + 2 + 4 + 2 + 2 + 2 + 2 + 2 + 4;

    private static final String OF_A_LOG = "what a log says beside digests of the quoted bank and their registers";
    private static final String UNUSED_BITS = "the count of unused bits of an RSA signature";

    private final Verifier verifier = Verifier.with(new RememberingProvider());

    /** What a log says besides digests of the quoted bank and the registers that they go into, byte by byte. */
    private static Set<Integer> unsigned(EventLog log, TpmHash quoted) {
        Set<Integer> free = new HashSet<>();
        int at = 0;
        for (int i = 0; i < log.events().size(); i++) {
            EventLog.Event event = log.events().get(i);
            boolean agile = i > 0;
            if (!event.extendsRegister()) {
                add(free, at, 4); // register of an event that extends nothing
            }
            add(free, at + 4, 4); // type
            at += 8;
            at += agile ? 4 : 0; // count: the form is fixed
            for (EventLog.Digest digest : event.digests()) {
                at += agile ? 2 : 0;
                if (digest.algorithm() != quoted.id() || !event.extendsRegister()) {
                    add(free, at, digest.value().length()); // digest of a bank that was not quoted, or that nothing is extended with
                }
                at += digest.value().length();
            }
            at += 4; // size: the form is fixed
            add(free, at, event.data().length()); // data
            at += event.data().length();
        }
        return free;
    }

    private static void add(Set<Integer> set, int from, int length) {
        for (int i = 0; i < length; i++) {
            set.add(from + i);
        }
    }

    private static EvidenceParts with(EvidenceParts parts, String label, Bytes part) {
        Map<String, Bytes> changed = new TreeMap<>(parts.parts());
        changed.put(label, part);
        return new EvidenceParts(parts.type(), changed);
    }

    private static Verdict whereFollowed(Verdict verdict) {
        return verdict instanceof Verdict.Accepted accepted
                        && accepted.checks().stream().anyMatch(check -> check.name().equals("attestation key certificate") && !check.done())
                ? new Verdict.Refused(List.of(new Reason(Reason.Code.ANCHOR_NOT_PINNED, "ak-certificate", "", "", "")))
                : verdict;
    }

    @Test
    void everyByteOfATpmQuoteCounts() throws MalformedException {
        RealCase each = RealEvidenceTest.cases("tpm2-quote").stream()
                .filter(one -> one.has("akCertificate") && one.has("quote_sha256"))
                .findFirst()
                .orElseThrow();
        VerifierOptions options = VerifierOptions.of(RealTpmQuote.anchors(each));
        EvidenceParts good = RealTpmQuote.evidence(each, List.of("sha256"));
        for (Map.Entry<String, Bytes> part : good.parts().entrySet()) {
            Mutation mutation = new Mutation(each, part.getKey(), part.getValue());
            switch (part.getKey()) {
                case "event-log" -> {
                    Set<Integer> unsigned = unsigned(EventLog.parse(part.getValue().toArray()), TpmHash.SHA256);
                    mutation.oneOf(101).free(OF_A_LOG, (at, changed) -> unsigned.contains(at));
                }
                case "ak-public" -> mutation.free(
                        "attributes of the key and the like: true as far as the certificate's issuer saw to it", 0, TEMPLATE_KEY);
                case "ak-certificate" -> mutation.oneOf(11).free(UNUSED_BITS, unusedBits(part.getValue()));
                default -> mutation.oneOf(3);
            }
            mutation.run(changed -> verifier.verify(
                    with(good, part.getKey(), changed).toByteArray(), RealTpmQuote.endorsements(each), each.at(), options));
        }
        Bytes intermediate = each.file("akIntermediate");
        new Mutation(each, "akIntermediate", intermediate)
                .oneOf(11)
                .free(UNUSED_BITS, unusedBits(intermediate))
                .run(changed -> verifier.verify(good.toByteArray(), EndorsementPool.of(List.of(changed)), each.at(), options));
    }

    /** The count of unused bits of a certificate's RSA signature, before its last 256 or 512 bytes: the platform does not look at it. */
    private static Mutation.Free unusedBits(Bytes certificate) {
        return (at, changed) -> at == certificate.length() - 256 - 1 || at == certificate.length() - 512 - 1;
    }

    @Test
    void everyByteOfACcelThatLeadsToTheQuoteCounts() throws MalformedException {
        RealCase each = RealEvidenceTest.cases("tdx-ccel").stream()
                .filter(one -> one.expected().texts("failures").isEmpty())
                .findFirst()
                .orElseThrow();
        EventLog log = EventLog.parseCcel(each.file("eventLog").toArray());
        Bytes used = Bytes.of(new EventLog(log.format(), log.algorithms(), log.events(), 0, 0).toByteArray());
        Set<Integer> unsigned = unsigned(log, TpmHash.SHA384);
        new Mutation(each, "event log", used)
                .oneOf(29)
                .free(OF_A_LOG, (at, changed) -> unsigned.contains(at))
                .run(changed -> RealCcel.verify(each, CcelEvidence.collect(each.file("quote"), changed), RealCcel::trusting));
    }

    @ParameterizedTest
    @ValueSource(strings = {"azure-snp-vtpm", "azure-tdx-vtpm"})
    void everyByteOfAnAzureMachineCounts(String kind) throws MalformedException {
        List<RealCase> cases = new ArrayList<>(RealEvidenceTest.cases(kind));
        cases.sort((one, other) -> Boolean.compare(other.has("akIntermediates"), one.has("akIntermediates")));
        RealCase each = cases.getFirst();
        VerifierOptions options = RealAzure.options(each);
        EvidenceParts good = RealAzure.evidence(each);
        EndorsementPool endorsements = RealAzure.endorsements(each);
        for (Map.Entry<String, Bytes> part : good.parts().entrySet()) {
            Mutation mutation = new Mutation(each, part.getKey(), part.getValue()).oneOf(11);
            switch (part.getKey()) {
                case "hcl-report" -> mutation
                        .free("version and request type of the paravisor's report", (at, changed) -> at == 4 || at == 12)
                        .free("the hardware's report, of which the quote holds what counts", (at, changed) ->
                                good.find("td-quote").isPresent() && at >= 32 && at < 32 + HclReport.HARDWARE_BYTES);
                case "ak-certificate" -> mutation.free(UNUSED_BITS, unusedBits(part.getValue()));
                case "td-quote" -> {
                    Quote quote = Quote.parse(part.getValue().toArray());
                    int end = part.getValue().length() - quote.trailing().length();
                    mutation.oneOf(61)
                            .free("bytes after the quote", end, part.getValue().length())
                            .free("the quote's own certificates, where the endorsements hold them too", (at, changed) ->
                                    at >= end - quote.certification().data().length());
                }
                default -> mutation.oneOf(3);
            }
            mutation.run(changed -> {
                Verdict verdict = verifier.verify(
                        with(good, part.getKey(), changed).toByteArray(), endorsements, each.at(), options);
                // The certificate is not needed: where its issuer is another name it is not followed, and that is said.
                return part.getKey().equals("ak-certificate") ? whereFollowed(verdict) : verdict;
            });
        }
    }

    /** Of what endorses the hardware below the virtual TPM. */
    @Test
    void everyByteOfTheEndorsementsOfAnAzureMachineCounts() throws MalformedException {
        RealCase snp = RealEvidenceTest.cases("azure-snp-vtpm").getFirst();
        for (String role : List.of("vcek", "ask")) {
            endorsement(snp, role, RealAzure.certificate(snp.file(role)));
        }
        RealCase tdx = RealEvidenceTest.cases("azure-tdx-vtpm").getFirst();
        for (String role : List.of("tcbInfo", "qeIdentity", "pckCrl", "rootCaCrl")) {
            endorsement(tdx, role, tdx.file(role));
        }
    }

    private void endorsement(RealCase each, String role, Bytes original) throws MalformedException {
        byte[] evidence = RealAzure.evidence(each).toByteArray();
        EndorsementPool endorsements = RealAzure.endorsements(each);
        VerifierOptions options = RealAzure.options(each);
        Mutation mutation = new Mutation(each, role, original).oneOf(original.length() > 2000 ? 61 : 17);
        if (original.toArray()[0] == '{') {
            RealDcapMutationTest.freeOfJson(mutation, original);
        }
        mutation.run(changed ->
                verifier.verify(evidence, Mutation.instead(endorsements, original, changed), each.at(), options));
    }
}
