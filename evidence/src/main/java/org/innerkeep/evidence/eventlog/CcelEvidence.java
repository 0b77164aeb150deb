package org.innerkeep.evidence.eventlog;

import java.util.Map;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;

/**
 * A TD quote with the event log that led to its RTMRs, as {@link EvidenceParts} of the type {@link #TYPE}: {@code quote}, the TD quote,
 * and {@code event-log}, the CCEL data area, as the kernel gives it under {@code /sys/firmware/acpi/tables/data/CCEL}.
 *
 * @param quote the TD quote, not read yet
 * @param log the log
 */
public record CcelEvidence(Bytes quote, EventLog log) {
    /** The type of the collection. */
    public static final String TYPE = EvidenceParts.TYPE_PREFIX + "tdx-ccel";

    /**
     * Reads the parts.
     *
     * @param parts hostile
     * @return the evidence, of which nothing is verified
     * @throws MalformedException if a part is missing, malformed or unknown
     */
    public static CcelEvidence parse(EvidenceParts parts) throws MalformedException {
        if (parts.parts().size() != 2) {
            throw new MalformedException("parts", -1, "expected a quote and an event log, found other parts");
        }
        return new CcelEvidence(parts.get("quote"), EventLog.parseCcel(parts.get("event-log").toArray()));
    }

    /**
     * Puts parts together.
     *
     * @param quote the TD quote
     * @param log the CCEL data area
     * @return the collection
     */
    public static EvidenceParts collect(Bytes quote, Bytes log) {
        return new EvidenceParts(TYPE, Map.of("quote", quote, "event-log", log));
    }
}
