package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.azure.HclReport;
import org.innerkeep.evidence.eventlog.CcelEvidence;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.junit.jupiter.api.Test;

/**
 * Each byte of a real case that a signature covers is changed, one at a time, and of the others every sixteenth. Nothing may crash; where the case is still accepted, no claim may have changed or
 * appeared, and the byte is one of those that no signature covers. These are named here.
 */
class TpmMutationTest {
    private static final int TEMPLATE_KEY = 2 + 2 + 4 + 2 + 2 + 2 + 2 + 2 + 4;

    private int changes;

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

    private static Bytes changed(Bytes good, int at, int with) {
        byte[] bytes = good.toArray();
        bytes[at] ^= (byte) with;
        return Bytes.of(bytes);
    }

    private static EvidenceParts with(EvidenceParts parts, String label, Bytes part) {
        Map<String, Bytes> changed = new TreeMap<>(parts.parts());
        changed.put(label, part);
        return new EvidenceParts(parts.type(), changed);
    }

    /**
     * Changes each byte, of those that no signature covers every sixteenth, and gives the offsets at which the verdict stays acceptance.
     */
    private Set<Integer> survivors(Bytes good, Set<Integer> free, Claims claims, IntFunction<Verdict> verify) {
        Set<Integer> survivors = new TreeSet<>();
        for (int i = 0; i < good.length(); i++) {
            if (free.contains(i) && i % 16 != 0) {
                continue;
            }
            changes++;
            if (verify.apply(i) instanceof Verdict.Accepted accepted) {
                survivors.add(i);
                assertThat(accepted.claims().details().entrySet()).as("claims with byte %d changed", i)
                        .isSubsetOf(claims.details().entrySet());
                assertThat(accepted.claims().measurement()).isEqualTo(claims.measurement());
                assertThat(accepted.claims().reportData()).isEqualTo(claims.reportData());
                assertThat(accepted.claims().debug()).isEqualTo(claims.debug());
                assertThat(accepted.claims().anchor()).isEqualTo(claims.anchor());
            }
        }
        return survivors;
    }

    private static Verdict whereFollowed(Verdict verdict) {
        return verdict instanceof Verdict.Accepted accepted
                        && accepted.checks().stream().anyMatch(check -> check.name().equals("attestation key certificate") && !check.done())
                ? new Verdict.Refused(List.of(new Reason(Reason.Code.ANCHOR_NOT_PINNED, "ak-certificate", "", "", "")))
                : verdict;
    }

    private static Verdict malformed(MalformedException e) {
        return new Verdict.Refused(List.of(new Reason(Reason.Code.MALFORMED, e.field(), e.problem(), "", "")));
    }

    private static Claims accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).claims();
    }

    @Test
    void noSignedByteOfATpmQuoteCanBeChanged() throws MalformedException {
        RealCase each = RealEvidenceTest.cases("tpm2-quote").stream()
                .filter(one -> one.has("akCertificate") && one.has("quote_sha256"))
                .findFirst()
                .orElseThrow();
        VerifierOptions options = VerifierOptions.of(RealTpmQuote.anchors(each));
        Verifier verifier = new Verifier();
        EvidenceParts good = RealTpmQuote.evidence(each, List.of("sha256"));
        Claims claims = accepted(verifier.verify(good.toByteArray(), RealTpmQuote.endorsements(each), each.at(), options));
        for (Map.Entry<String, Bytes> part : good.parts().entrySet()) {
            Set<Integer> free = switch (part.getKey()) {
                case "event-log" -> unsigned(EventLog.parse(part.getValue().toArray()), TpmHash.SHA256);
                // Attributes and the like: true as far as the certificate's issuer saw to it.
                case "ak-public" -> {
                    Set<Integer> head = new HashSet<>();
                    add(head, 0, TEMPLATE_KEY);
                    yield head;
                }
                case "ak-certificate" -> unusedBits(part.getValue());
                default -> Set.of();
            };
            for (int with : new int[] {1, 0x80}) {
                if (with == 0x80 && !Set.of("quote", "signature", "pcrs").contains(part.getKey())) {
                    continue;
                }
                assertThat(free).as(part.getKey()).containsAll(survivors(part.getValue(), free, claims, i -> verifier.verify(
                        with(good, part.getKey(), changed(part.getValue(), i, with)).toByteArray(),
                        RealTpmQuote.endorsements(each), each.at(), options)));
            }
        }
        Bytes intermediate = each.file("akIntermediate");
        assertThat(survivors(intermediate, Set.of(), claims, i -> verifier.verify(good.toByteArray(),
                        pool(List.of(changed(intermediate, i, 1))), each.at(), options))).isSubsetOf(unusedBits(intermediate));
        System.out.println("real evidence: " + changes + " changes of a TPM quote");
    }

    /** The count of unused bits of a certificate's RSA signature, before its last 256 or 512 bytes: the platform does not look at it. */
    private static Set<Integer> unusedBits(Bytes certificate) {
        return Set.of(certificate.length() - 256 - 1, certificate.length() - 512 - 1);
    }

    private static EndorsementPool pool(List<Bytes> documents) {
        try {
            return EndorsementPool.of(documents);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void noByteOfACcelThatLeadsToTheQuoteCanBeChanged() throws MalformedException {
        RealCase each = RealEvidenceTest.cases("tdx-ccel").stream()
                .filter(one -> one.expected().texts("failures").isEmpty())
                .findFirst()
                .orElseThrow();
        EventLog log = EventLog.parseCcel(each.file("eventLog").toArray());
        Bytes used = Bytes.of(new EventLog(log.format(), log.algorithms(), log.events(), 0, 0).toByteArray());
        Claims claims = accepted(verifyCcel(each, used));
        Set<Integer> survivors = survivors(used, unsigned(log, TpmHash.SHA384), claims, i -> verifyCcel(each, changed(used, i, 1)));
        assertThat(unsigned(log, TpmHash.SHA384)).containsAll(survivors);
        System.out.println("real evidence: " + changes + " changes of a CC event log");
    }

    private static Verdict verifyCcel(RealCase each, Bytes log) {
        try {
            return RealCcel.verify(each, CcelEvidence.collect(each.file("quote"), log), RealCcel::trusting);
        } catch (MalformedException e) {
            return malformed(e);
        }
    }

    @Test
    void noSignedByteOfAnAzureMachineCanBeChanged() throws MalformedException {
        for (String kind : List.of("azure-snp-vtpm", "azure-tdx-vtpm")) {
            RealAzure azure = new RealAzure();
            List<RealCase> cases = new ArrayList<>(RealEvidenceTest.cases(kind));
            cases.sort((one, other) -> Boolean.compare(other.has("akIntermediates"), one.has("akIntermediates")));
            RealCase each = cases.getFirst();
            VerifierOptions options = RealAzure.options(each);
            EvidenceParts good = RealAzure.evidence(each);
            Claims claims = accepted(azure.verify(each, good, options));
            for (Map.Entry<String, Bytes> part : good.parts().entrySet()) {
                if (part.getKey().equals("td-quote")) {
                    // Every byte of it is changed in the test of its own kind.
                    continue;
                }
                Set<Integer> free = new HashSet<>();
                if (part.getKey().equals("hcl-report")) {
                    add(free, 4, 1); // version
                    add(free, 12, 1); // request type
                    add(free, 32, HclReport.HARDWARE_BYTES); // the hardware's report, which its own kind verifies
                } else if (part.getKey().equals("ak-certificate")) {
                    free.addAll(unusedBits(part.getValue()));
                }
                Set<Integer> survivors = survivors(part.getValue(), free, claims, i -> {
                    Verdict verdict = azure.verify(each, with(good, part.getKey(), changed(part.getValue(), i, 1)), options);
                    // The certificate is not needed: where its issuer is another name it is not followed, and that is said.
                    return part.getKey().equals("ak-certificate") ? whereFollowed(verdict) : verdict;
                });
                assertThat(free).as("%s of %s", part.getKey(), each).containsAll(survivors);
            }
        }
        System.out.println("real evidence: " + changes + " changes of Azure's machines");
    }
}
