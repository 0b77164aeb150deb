package org.innerkeep.evidence.nvidia;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.Certificates;

/**
 * A report, with the device's certificates where it came with them. It is read alone, or as {@link EvidenceParts} of the type
 * {@link #TYPE} with the parts {@code report} and, if there is one, {@code certificate-chain}, certificates in PEM.
 *
 * @param report the report
 * @param chain the certificates in PEM, unverified
 */
public record NvidiaEvidence(NvidiaReport report, Optional<Bytes> chain) {
    /** The type of the evidence in parts. */
    public static final String TYPE = EvidenceParts.TYPE_PREFIX + "nvidia-report";

    private static final String REPORT = "report";
    private static final String CHAIN = "certificate-chain";

    /**
     * Reads the parts.
     *
     * @param parts of the type {@link #TYPE}
     * @return the evidence, of which nothing is verified
     * @throws MalformedException if a part is missing, breaks its form, or is of no use
     */
    public static NvidiaEvidence parse(EvidenceParts parts) throws MalformedException {
        for (String label : parts.parts().keySet()) {
            if (!label.equals(REPORT) && !label.equals(CHAIN)) {
                throw new MalformedException(label, -1, "expected the parts report and certificate-chain only");
            }
        }
        NvidiaEvidence evidence = new NvidiaEvidence(NvidiaReport.parse(parts.get(REPORT).toArray()), parts.find(CHAIN));
        evidence.certificates();
        return evidence;
    }

    /**
     * Decodes the chain.
     *
     * @return the certificates, DER, unverified
     * @throws MalformedException if the chain is no PEM
     */
    List<Bytes> certificates() throws MalformedException {
        return chain.isEmpty() ? List.of() : Certificates.ofPem(CHAIN, chain.get().toArray());
    }

    /** {@return the report and its chain in parts} */
    public EvidenceParts toParts() {
        Map<String, Bytes> parts = new TreeMap<>(Map.of(REPORT, Bytes.of(report.toByteArray())));
        chain.ifPresent(each -> parts.put(CHAIN, each));
        return new EvidenceParts(TYPE, parts);
    }
}
