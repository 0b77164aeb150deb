package org.innerkeep.evidence.tpm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.EventLog;

/**
 * TPM quotes of one machine with what belongs to them, as {@link EvidenceParts} of the type {@link #TYPE}. The parts:
 *
 * <ul>
 *   <li>{@code quote}, {@code signature}: TPMS_ATTEST (or TPM2B_ATTEST) and TPMT_SIGNATURE (or a bare RSA signature). A TPM signs one
 *       hash algorithm at a time and some quote one bank at a time: further quotes of the same key and nonce stand under
 *       {@code quote-2}, {@code signature-2} and so on, up to 8;
 *   <li>{@code pcrs}: the values of all quoted registers, of every bank, as {@link PcrValues};
 *   <li>{@code ak-public}: TPMT_PUBLIC (or TPM2B_PUBLIC) of the attestation key;
 *   <li>{@code ak-certificate}: its certificate, DER, with zeros after it or not; may be absent where the key itself is pinned;
 *   <li>{@code event-log}: the log of the firmware (TCG PC Client Platform Firmware Profile); may be absent.
 * </ul>
 *
 * @param quotes 1 to 8
 * @param pcrs the values
 * @param template the attestation key
 * @param akCertificate its certificate, not read yet
 * @param eventLog the log
 */
public record TpmEvidence(
        List<SignedQuote> quotes, PcrValues pcrs, TpmPublic template, Optional<Bytes> akCertificate, Optional<EventLog> eventLog) {
    /** The type of the collection. */
    public static final String TYPE = EvidenceParts.TYPE_PREFIX + "tpm-quote";

    private static final int MAX_QUOTES = 8;

    /** Copies the quotes. */
    public TpmEvidence {
        quotes = List.copyOf(quotes);
    }

    /**
     * Reads the parts.
     *
     * @param parts hostile
     * @return the evidence, of which nothing is verified
     * @throws MalformedException if a part is missing, malformed or unknown
     */
    public static TpmEvidence parse(EvidenceParts parts) throws MalformedException {
        Set<String> left = new TreeSet<>(parts.parts().keySet());
        left.removeAll(Set.of("pcrs", "ak-public", "ak-certificate", "event-log"));
        List<SignedQuote> quotes = new ArrayList<>();
        for (int i = 1; i <= MAX_QUOTES; i++) {
            String suffix = i == 1 ? "" : "-" + i;
            if (i > 1 && parts.find("quote" + suffix).isEmpty()) {
                break;
            }
            quotes.add(SignedQuote.parse("quote" + suffix, parts.get("quote" + suffix), parts.get("signature" + suffix)));
            left.remove("quote" + suffix);
            left.remove("signature" + suffix);
        }
        if (!left.isEmpty()) {
            throw new MalformedException(left.iterator().next(), -1, "expected no such part in a TPM quote");
        }
        PcrValues pcrs = PcrValues.parse(parts.get("pcrs").toArray());
        TpmPublic template = TpmPublic.parse(TpmQuote.unwrapped(parts.get("ak-public")));
        Optional<Bytes> log = parts.find("event-log");
        return new TpmEvidence(
                quotes,
                pcrs,
                template,
                parts.find("ak-certificate"),
                log.isPresent() ? Optional.of(EventLog.parse(log.get().toArray())) : Optional.empty());
    }

    /**
     * Puts parts together.
     *
     * @param quotes quotes and their signatures, TPMS_ATTEST and TPMT_SIGNATURE, in order
     * @param pcrs the values of all quoted registers
     * @param template TPMT_PUBLIC of the attestation key
     * @param akCertificate its certificate, DER
     * @param eventLog the log of the firmware
     * @return the collection
     */
    public static EvidenceParts collect(
            List<Map.Entry<Bytes, Bytes>> quotes, PcrValues pcrs, Bytes template, Optional<Bytes> akCertificate, Optional<Bytes> eventLog) {
        Map<String, Bytes> parts = new LinkedHashMap<>();
        for (int i = 0; i < quotes.size(); i++) {
            String suffix = i == 0 ? "" : "-" + (i + 1);
            parts.put("quote" + suffix, quotes.get(i).getKey());
            parts.put("signature" + suffix, quotes.get(i).getValue());
        }
        parts.put("pcrs", Bytes.of(pcrs.toByteArray()));
        parts.put("ak-public", template);
        akCertificate.ifPresent(part -> parts.put("ak-certificate", part));
        eventLog.ifPresent(part -> parts.put("event-log", part));
        return new EvidenceParts(TYPE, parts);
    }
}
