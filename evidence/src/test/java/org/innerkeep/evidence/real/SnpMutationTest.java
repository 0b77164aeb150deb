package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpReport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Real SEV-SNP reports: every byte of a report is signed or must be zero, and every byte of a certificate is signed, or is the
 * signature, or its head.
 */
@Order(1)
class SnpMutationTest {
    private static final VerifierOptions OPTIONS = VerifierOptions.of(MakerRoots.amd()).allowMissingRevocationList();

    private final Verifier verifier = Verifier.with(new RememberingProvider());

    /** One case for each version of the report, and one with a key that a cloud loaded. */
    private List<RealCase> cases() {
        Map<String, RealCase> chosen = new LinkedHashMap<>();
        for (RealCase each : RealEvidenceTest.cases("sev-snp")) {
            if (verify(verifier, each.file("report").toArray(), pool(endorsements(each)), each) instanceof Verdict.Accepted) {
                chosen.putIfAbsent(each.file("report").toArray()[0] + (each.has("vlek") ? " VLEK" : ""), each);
            }
        }
        assertThat(chosen).hasSizeGreaterThanOrEqualTo(4);
        return List.copyOf(chosen.values());
    }

    private static List<Bytes> endorsements(RealCase each) {
        List<Bytes> found = new ArrayList<>();
        for (String role : List.of("vcek", "vlek", "ask")) {
            each.find(role).ifPresent(file -> found.add(der(file)));
        }
        return found;
    }

    private static Bytes der(Bytes file) {
        try {
            return Certificates.looksLikePem(file.toArray()) ? Certificates.ofPem("certificate", file.toArray()).getFirst() : file;
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static EndorsementPool pool(List<Bytes> documents) {
        try {
            return EndorsementPool.of(documents);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Verdict verify(Verifier verifier, byte[] evidence, Endorsements endorsements, RealCase each) {
        return verifier.verify(evidence, endorsements, each.at(), OPTIONS);
    }

    @Test
    void everyByteOfAReportCounts() throws MalformedException {
        int step = 3;
        for (RealCase each : cases()) {
            EndorsementPool endorsements = pool(endorsements(each));
            new Mutation(each, "report", each.file("report"))
                    .oneOf(step)
                    .run(changed -> verify(verifier, changed.toArray(), endorsements, each));
            step = 17;
        }
    }

    @Test
    void everyByteOfACertificateCounts() throws MalformedException {
        for (RealCase each : cases()) {
            EndorsementPool endorsements = pool(endorsements(each));
            for (String role : List.of("vcek", "vlek", "ask")) {
                if (each.has(role)) {
                    Bytes original = der(each.file(role));
                    new Mutation(each, role, original).oneOf(13).run(changed -> verify(
                            verifier, each.file("report").toArray(), Mutation.instead(endorsements, original, changed), each));
                }
            }
        }
    }

    @Test
    void ofATableOnlyTheGuidsAreFree() throws MalformedException {
        RealCase each = cases().getFirst();
        List<SnpCertificateTable.Entry> entries = new ArrayList<>();
        for (Bytes certificate : endorsements(each)) {
            entries.add(new SnpCertificateTable.Entry(Bytes.fromHex("4ab7b379bbac4fe4a02f05aef327c782"), certificate));
        }
        byte[] evidence = new SnpEvidence(
                        SnpReport.parse(each.file("report").toArray()), Optional.of(SnpCertificateTable.of(entries)))
                .toByteArray();
        byte[] heads = Arrays.copyOf(evidence, SnpReport.BYTES + 24 * (entries.size() + 1));
        EndorsementPool none = pool(List.of());
        new Mutation(each, "heads of the table of certificates", Bytes.of(heads))
                .free("GUIDs, which are not looked at", (at, changed) -> at >= SnpReport.BYTES
                        && at < heads.length - 24
                        && (at - SnpReport.BYTES) % 24 < 16)
                .oneOf(3)
                .run(changed -> {
                    byte[] whole = evidence.clone();
                    System.arraycopy(changed.toArray(), 0, whole, 0, heads.length);
                    return verify(verifier, whole, none, each);
                });
        new Mutation(each, "report and table", Bytes.of(evidence))
                .free("GUIDs, which are not looked at", (at, changed) -> at >= SnpReport.BYTES
                        && at < heads.length - 24
                        && (at - SnpReport.BYTES) % 24 < 16)
                .oneOf(29)
                .run(changed -> verify(verifier, changed.toArray(), none, each));
    }

    @Test
    void ofARootCertificateOnlyThePinnedKeyCounts() throws MalformedException {
        RealCase each = cases().getFirst();
        Bytes root = der(each.file("trustAnchor"));
        List<Bytes> all = new ArrayList<>(endorsements(each));
        all.add(root);
        EndorsementPool endorsements = pool(all);
        new Mutation(each, "trustAnchor", root)
                .free("the certificate of the root, of which only the key counts, and that is pinned", 0, root.length())
                .oneOf(17)
                .run(changed -> verify(verifier, each.file("report").toArray(), Mutation.instead(endorsements, root, changed), each));
    }
}
