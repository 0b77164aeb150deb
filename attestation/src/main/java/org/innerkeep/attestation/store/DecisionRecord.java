package org.innerkeep.attestation.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What was decided about evidence, from what, and when. Inputs are all that the outcome depends on besides the time: evidence,
 * endorsements, policy, data of the request, settings of the service. Outputs are what came of it: claims, a token. Both stand here by
 * digest, SHA-256. So the same inputs and time give the same record, byte for byte; see {@link Replay}.
 *
 * <p>Its bytes are a CBOR map in deterministic order: 1 time in milliseconds since 1970, 2 type, 3 outcome, 4 nonce (or null), 5 inputs,
 * 6 outputs, 7 reasons. {@code parse(b).toByteArray()} equals {@code b}. Immutable.
 *
 * @param time the time that evidence was appraised for; cut to milliseconds; 1970 to 9999
 * @param type the type of attestation, 1 to 64 characters A-Z, a-z, 0-9
 * @param outcome what was decided
 * @param nonce the nonce as the client sent it, up to 1024 characters, or nothing
 * @param inputs digests of 32 bytes by name (1 to 32 characters a-z and hyphens, begins with a letter; neither {@code record} nor
 *     {@code documents})
 * @param outputs likewise; no name stands in both, and together they are at most {@link #MAX_DIGESTS}
 * @param reasons why it was not permitted, at most 64, each at most 2048 characters
 */
public record DecisionRecord(
        Instant time,
        String type,
        Outcome outcome,
        Optional<String> nonce,
        Map<String, Bytes> inputs,
        Map<String, Bytes> outputs,
        List<String> reasons) {

    /** What was decided. */
    public enum Outcome {
        /** Evidence is right and the policy permits. */
        PERMITTED("permitted"),
        /** Evidence is right and the policy denies. */
        DENIED("denied"),
        /** Evidence is refused: forged, malformed, expired. */
        REFUSED("refused"),
        /** Something was missing to tell. */
        UNDECIDED("undecided");

        private final String text;

        Outcome(String text) {
            this.text = text;
        }

        /** {@return how it is written in records} */
        @Override
        public String toString() {
            return text;
        }
    }

    /** The most inputs and outputs together. */
    public static final int MAX_DIGESTS = 15;

    /** The most bytes of a record. */
    public static final int MAX_BYTES = 1024 * 1024;

    static final Pattern TYPE = Pattern.compile("[A-Za-z0-9]{1,64}");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z-]{0,31}");
    private static final List<String> RESERVED = List.of("record", LogEntry.DOCUMENTS);
    private static final int MAX_NONCE_CHARS = 1024;
    private static final int MAX_REASONS = 64;
    private static final int MAX_REASON_CHARS = 2048;
    private static final int MAX_UTF8_PER_CHAR = 3;
    private static final int DIGEST_LENGTH = 32;
    private static final long LAST_MILLISECOND = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    /** Order of encoded text keys: shorter first, then by their characters, which are ASCII. */
    private static final Comparator<String> DETERMINISTIC =
            Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

    /**
     * Checks every size and range.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public DecisionRecord {
        time = time.truncatedTo(ChronoUnit.MILLIS);
        if (time.isBefore(Instant.EPOCH) || time.isAfter(Instant.ofEpochMilli(LAST_MILLISECOND))) {
            throw new IllegalArgumentException("time: expected 1970 to 9999, found " + time);
        }
        if (!TYPE.matcher(type).matches()) {
            throw new IllegalArgumentException("type: expected 1 to 64 characters A-Z, a-z, 0-9");
        }
        if (nonce.isPresent() && nonce.get().length() > MAX_NONCE_CHARS) {
            throw new IllegalArgumentException("nonce: expected at most " + MAX_NONCE_CHARS + " characters");
        }
        inputs = ordered(inputs);
        outputs = ordered(outputs);
        if (inputs.size() + outputs.size() > MAX_DIGESTS || !Collections.disjoint(inputs.keySet(), outputs.keySet())) {
            throw new IllegalArgumentException(
                    "inputs and outputs: expected different names, at most " + MAX_DIGESTS + " together");
        }
        reasons = List.copyOf(reasons);
        if (reasons.size() > MAX_REASONS || reasons.stream().anyMatch(each -> each.length() > MAX_REASON_CHARS)) {
            throw new IllegalArgumentException(
                    "reasons: expected at most " + MAX_REASONS + " of at most " + MAX_REASON_CHARS + " characters");
        }
    }

    private static Map<String, Bytes> ordered(Map<String, Bytes> digests) {
        TreeMap<String, Bytes> ordered = new TreeMap<>(DETERMINISTIC);
        digests.forEach((name, digest) -> {
            if (!NAME.matcher(name).matches() || RESERVED.contains(name) || digest.length() != DIGEST_LENGTH) {
                throw new IllegalArgumentException("inputs and outputs: expected names of 1 to 32 characters a-z and hyphens, none of "
                        + RESERVED + ", and digests of 32 bytes");
            }
            ordered.put(name, digest);
        });
        return Collections.unmodifiableMap(ordered);
    }

    /**
     * Reads a record.
     *
     * @param encoded hostile bytes
     * @return the record; nothing is proven
     * @throws MalformedException if the bytes are anything else
     */
    public static DecisionRecord parse(byte[] encoded) throws MalformedException {
        if (encoded.length > MAX_BYTES) {
            throw new MalformedException("record", -1, "expected at most " + MAX_BYTES + " bytes, found " + encoded.length);
        }
        CborReader reader = new CborReader(encoded);
        reader.map("record", 7, 7);
        reader.integer("record key 1", 1, 1);
        Instant time = Instant.ofEpochMilli(reader.integer("time", 0, LAST_MILLISECOND));
        reader.integer("record key 2", 2, 2);
        String type = reader.text("type", 64);
        reader.integer("record key 3", 3, 3);
        int start = reader.offset();
        String text = reader.text("outcome", 16);
        Outcome outcome = Stream.of(Outcome.values())
                .filter(each -> each.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new MalformedException("outcome", start, "expected a known outcome"));
        reader.integer("record key 4", 4, 4);
        Optional<String> nonce;
        if (reader.peek() == CborReader.Type.NULL) {
            reader.nil("nonce");
            nonce = Optional.empty();
        } else {
            nonce = Optional.of(reader.text("nonce", MAX_NONCE_CHARS * MAX_UTF8_PER_CHAR));
        }
        reader.integer("record key 5", 5, 5);
        Map<String, Bytes> inputs = digests(reader, "inputs");
        reader.integer("record key 6", 6, 6);
        Map<String, Bytes> outputs = digests(reader, "outputs");
        reader.integer("record key 7", 7, 7);
        List<String> reasons = new ArrayList<>();
        for (int count = reader.array("reasons", 0, MAX_REASONS); count > 0; count--) {
            reasons.add(reader.text("reason", MAX_REASON_CHARS * MAX_UTF8_PER_CHAR));
        }
        reader.end("record");
        try {
            return new DecisionRecord(time, type, outcome, nonce, inputs, outputs, reasons);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("record", -1, String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Bytes> digests(CborReader reader, String field) throws MalformedException {
        TreeMap<String, Bytes> digests = new TreeMap<>(DETERMINISTIC);
        for (int pairs = reader.map(field, 0, MAX_DIGESTS); pairs > 0; pairs--) {
            int start = reader.offset();
            String name = reader.text(field, 32);
            if (!digests.isEmpty() && DETERMINISTIC.compare(digests.lastKey(), name) >= 0) {
                throw new MalformedException(field, start, "expected names in order, each once");
            }
            digests.put(name, Bytes.of(reader.bytes(field, DIGEST_LENGTH, DIGEST_LENGTH)));
        }
        return digests;
    }

    /** {@return the record's bytes, whose digest is the leaf's {@code record}} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter()
                .map(7)
                .integer(1).integer(time.toEpochMilli())
                .integer(2).text(type)
                .integer(3).text(outcome.toString())
                .integer(4);
        nonce.ifPresentOrElse(writer::text, writer::nil);
        writer.integer(5).map(inputs.size());
        inputs.forEach((name, digest) -> writer.text(name).bytes(digest.toArray()));
        writer.integer(6).map(outputs.size());
        outputs.forEach((name, digest) -> writer.text(name).bytes(digest.toArray()));
        writer.integer(7).array(reasons.size());
        reasons.forEach(writer::text);
        return writer.toByteArray();
    }
}
