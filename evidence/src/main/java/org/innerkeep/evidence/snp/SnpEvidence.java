package org.innerkeep.evidence.snp;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;

/**
 * A report, with the host's table of certificates where it came with one. Three forms are read:
 *
 * <ul>
 *   <li>the report alone;
 *   <li>the report directly followed by the table, as the extended guest request of Linux gives both;
 *   <li>{@link EvidenceParts} of the type {@link #TYPE} with the parts {@code report} and, if there is one, {@code certificates}, the
 *       table, as Linux gives them under configfs ({@code outblob} and {@code auxblob}).
 * </ul>
 *
 * @param report the report
 * @param table the table, of which nothing is verified: the host wrote it
 */
public record SnpEvidence(SnpReport report, Optional<SnpCertificateTable> table) {
    /** The type of the evidence in parts. */
    public static final String TYPE = EvidenceParts.TYPE_PREFIX + "snp-report";

    private static final String REPORT = "report";
    private static final String CERTIFICATES = "certificates";

    /**
     * A report without a table.
     *
     * @param report the report
     */
    public SnpEvidence(SnpReport report) {
        this(report, Optional.empty());
    }

    /**
     * Tells by the first bytes alone whether bytes want to be read as a report, with a table behind it or without.
     *
     * @param bytes hostile bytes
     * @return whether they begin as a report does, and end with it or go on as a table does
     */
    public static boolean looksLike(byte[] bytes) {
        if (bytes.length <= SnpReport.BYTES) {
            return SnpReport.looksLike(bytes);
        }
        return SnpReport.looksLike(Arrays.copyOf(bytes, SnpReport.BYTES))
                && SnpCertificateTable.looksLike(Arrays.copyOfRange(bytes, SnpReport.BYTES, bytes.length));
    }

    /**
     * Reads the first two forms.
     *
     * @param bytes hostile bytes
     * @return the evidence, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static SnpEvidence parse(byte[] bytes) throws MalformedException {
        if (bytes.length <= SnpReport.BYTES) {
            return new SnpEvidence(SnpReport.parse(bytes));
        }
        return new SnpEvidence(
                SnpReport.parse(Arrays.copyOf(bytes, SnpReport.BYTES)),
                Optional.of(SnpCertificateTable.parse(Arrays.copyOfRange(bytes, SnpReport.BYTES, bytes.length))));
    }

    /**
     * Reads the third form.
     *
     * @param parts of the type {@link #TYPE}
     * @return the evidence, of which nothing is verified
     * @throws MalformedException if a part is missing, breaks its form, or is of no use
     */
    public static SnpEvidence parse(EvidenceParts parts) throws MalformedException {
        for (String label : parts.parts().keySet()) {
            if (!label.equals(REPORT) && !label.equals(CERTIFICATES)) {
                throw new MalformedException(label, -1, "expected the parts report and certificates only");
            }
        }
        SnpReport report = SnpReport.parse(parts.get(REPORT).toArray());
        Optional<Bytes> table = parts.find(CERTIFICATES);
        return new SnpEvidence(
                report, table.isEmpty() ? Optional.empty() : Optional.of(SnpCertificateTable.parse(table.get().toArray())));
    }

    /** {@return the certificates that came with the report, DER, unverified} */
    public List<Bytes> certificates() {
        return table.map(SnpCertificateTable::certificates).orElse(List.of());
    }

    /** {@return the report's bytes, followed by those of the table where there is one} */
    public byte[] toByteArray() {
        byte[] first = report.toByteArray();
        byte[] second = table.map(SnpCertificateTable::bytes).orElse(Bytes.EMPTY).toArray();
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    /** {@return the report and its table in parts} */
    public EvidenceParts toParts() {
        Map<String, Bytes> parts = new HashMap<>(Map.of(REPORT, Bytes.of(report.toByteArray())));
        table.ifPresent(each -> parts.put(CERTIFICATES, each.bytes()));
        return new EvidenceParts(TYPE, parts);
    }
}
