package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpReport;
import org.junit.jupiter.api.Test;

/**
 * Real SEV-SNP reports with one bit changed. Every byte of a report is signed or must be zero, and every byte of a certificate is
 * signed, or is the signature, or its head. What no signature covers: the list of certificates that a host sends beside the report
 * (GUIDs, which are not looked at, and the padding after the certificates, which must be zero), and a root certificate, of which
 * nothing counts but its key where that is pinned, and its validity.
 */
class SnpMutationTest {
    private static final VerifierOptions OPTIONS = VerifierOptions.of(MakerRoots.amd()).allowMissingRevocationList();

    /** One case for each version of the report, and one with a key that a cloud loaded. */
    private static List<RealCase> cases() {
        Map<String, RealCase> chosen = new LinkedHashMap<>();
        for (RealCase each : RealEvidenceTest.cases("sev-snp")) {
            if (verify(new Verifier(), each.file("report").toArray(), pool(endorsements(each)), each) instanceof Verdict.Accepted) {
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

    private static Verdict verify(Verifier verifier, byte[] evidence, EndorsementPool endorsements, RealCase each) {
        return verifier.verify(evidence, endorsements, each.at(), OPTIONS);
    }

    /** Every byte for the first case, and every third for the others. */
    @Test
    void noChangedByteOfAReportIsAccepted() {
        int step = 1;
        for (RealCase each : cases()) {
            byte[] report = each.file("report").toArray();
            EndorsementPool endorsements = pool(endorsements(each));
            Verifier verifier = new Verifier();
            for (int i = 0; i < report.length; i += step) {
                byte[] changed = report.clone();
                changed[i] ^= (byte) (1 << i % 8);
                assertThat(verify(verifier, changed, endorsements, each))
                        .as("%s, report byte %s", each, i)
                        .isInstanceOf(Verdict.Refused.class);
            }
            step = 3;
        }
    }

    /** Every byte for the first case, and every seventh for the others. */
    @Test
    void noChangedByteOfACertificateIsAccepted() {
        int step = 1;
        for (RealCase each : cases()) {
            List<Bytes> endorsements = endorsements(each);
            byte[] report = each.file("report").toArray();
            Verifier verifier = new Verifier();
            for (int document = 0; document < endorsements.size(); document++) {
                byte[] original = endorsements.get(document).toArray();
                for (int i = 0; i < original.length; i += step) {
                    byte[] changed = original.clone();
                    changed[i] ^= (byte) (1 << i % 8);
                    List<Bytes> all = new ArrayList<>(endorsements);
                    all.set(document, Bytes.of(changed));
                    EndorsementPool pool;
                    try {
                        pool = EndorsementPool.of(all);
                    } catch (MalformedException e) {
                        continue;
                    }
                    assertThat(verify(verifier, report, pool, each))
                            .as("%s, certificate %s, byte %s", each, document, i)
                            .isNotInstanceOf(Verdict.Accepted.class);
                }
            }
            step = 7;
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
        Verifier verifier = new Verifier();
        EndorsementPool none = pool(List.of());
        Set<Integer> free = new HashSet<>();
        // Every byte of the entries, and some of the certificates behind them: all of those are changed above.
        int entriesEnd = SnpReport.BYTES + 24 * (entries.size() + 1);
        for (int i = SnpReport.BYTES; i < evidence.length; i += i < entriesEnd ? 1 : 29) {
            byte[] changed = evidence.clone();
            changed[i] ^= (byte) (1 << i % 8);
            if (verify(verifier, changed, none, each) instanceof Verdict.Accepted) {
                free.add(i - SnpReport.BYTES);
            }
        }
        Set<Integer> guids = new HashSet<>();
        for (int entry = 0; entry < entries.size(); entry++) {
            for (int i = 0; i < 16; i++) {
                guids.add(24 * entry + i);
            }
        }
        assertThat(free).isEqualTo(guids);
    }

    @Test
    void aChangedRootCertificateChangesNothingButItsOwnUse() {
        RealCase each = cases().getFirst();
        byte[] root = der(each.file("trustAnchor")).toArray();
        byte[] report = each.file("report").toArray();
        Verifier verifier = new Verifier();
        for (int i = 0; i < root.length; i += 13) {
            byte[] changed = root.clone();
            changed[i] ^= (byte) (1 << i % 8);
            List<Bytes> all = new ArrayList<>(endorsements(each));
            all.add(Bytes.of(changed));
            Verdict verdict = verify(verifier, report, pool(all), each);
            if (verdict instanceof Verdict.Accepted accepted) {
                assertThat(MakerRoots.amd().stream().anyMatch(anchor -> anchor.id().equals(accepted.claims().anchor()))).isTrue();
            }
        }
    }
}
