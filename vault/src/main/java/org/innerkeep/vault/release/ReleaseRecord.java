package org.innerkeep.vault.release;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What was decided about one request, and why: kept by the vault under its digest in the log. No secret and no file key is in it.
 *
 * <p>Its bytes are a CBOR array of {@value #PROFILE} and every component in its order, text empty and digests empty where they are absent;
 * {@code parse(b).toByteArray()} equals {@code b}. Immutable.
 *
 * @param time the vault's, in milliseconds
 * @param released whether the file key was released
 * @param key the name of the key
 * @param version the version whose identity opened the file; nothing where none was tried or found
 * @param grant the grant that permitted; nothing where none did
 * @param enclave what was proven of the enclave, for people, at most {@link #MAX_LINE} characters
 * @param request the digest of the request, 32 bytes
 * @param header the digest of the sealed file's header, 32 bytes
 * @param evidence the digest of the evidence, 32 bytes
 * @param reasons why not, line by line; at most {@link #MAX_REASONS}
 */
public record ReleaseRecord(
        Instant time,
        boolean released,
        String key,
        Optional<String> version,
        Optional<String> grant,
        String enclave,
        Bytes request,
        Bytes header,
        Bytes evidence,
        List<String> reasons) {
    /** What begins a record. */
    public static final String PROFILE = "tag:innerkeep.org,2026:release-record/1";

    /** The most lines of reasons. */
    public static final int MAX_REASONS = 200;

    /** The most characters of a line. */
    public static final int MAX_LINE = 1000;

    private static final int MOST_OF_A_REFUSAL = 8 * 1024;
    private static final int DIGEST = 32;
    private static final int MAX_NAME = 127;
    private static final int MAX_ID = 32;
    private static final int UTF8 = 4;
    private static final long LAST_MILLI = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    /** Cuts what is too long. */
    public ReleaseRecord {
        time = time.truncatedTo(ChronoUnit.MILLIS);
        enclave = cut(enclave);
        reasons = reasons.stream().limit(MAX_REASONS).map(ReleaseRecord::cut).toList();
    }

    /** Cutting what was cut changes nothing, so what was written is read as it was. */
    static String cut(String line) {
        String well = line.codePoints()
                .map(each -> (each >= Character.MIN_SURROGATE && each <= Character.MAX_SURROGATE) || Character.isISOControl(each)
                        ? '?'
                        : each)
                .limit(MAX_LINE / 2)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return line.codePointCount(0, line.length()) > MAX_LINE / 2 ? well + "…" : well;
    }

    /** As many lines as a refusal is kept with. */
    static List<String> shortened(List<String> reasons) {
        List<String> first = new ArrayList<>();
        int bytes = 0;
        for (String each : reasons) {
            String line = cut(each);
            bytes += line.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MOST_OF_A_REFUSAL) {
                first.add("and " + (reasons.size() - first.size()) + " more lines");
                break;
            }
            first.add(line);
        }
        return first;
    }

    /** {@return the stored form} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter()
                .array(11)
                .text(PROFILE)
                .integer(time.toEpochMilli())
                .bool(released)
                .text(key)
                .text(version.orElse(""))
                .text(grant.orElse(""))
                .text(enclave)
                .bytes(request.toArray())
                .bytes(header.toArray())
                .bytes(evidence.toArray())
                .array(reasons.size());
        reasons.forEach(writer::text);
        return writer.toByteArray();
    }

    /**
     * Reads the stored form.
     *
     * @param bytes hostile bytes
     * @return the record
     * @throws MalformedException if they are anything else
     */
    public static ReleaseRecord parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        reader.arrayOf("record", 11);
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", -1, "expected " + PROFILE);
        }
        Instant time = Instant.ofEpochMilli(reader.integer("time", 0, LAST_MILLI));
        boolean released = reader.bool("released");
        String key = reader.text("key", MAX_NAME);
        Optional<String> version = Optional.of(reader.text("version", MAX_ID)).filter(each -> !each.isEmpty());
        Optional<String> grant = Optional.of(reader.text("grant", MAX_ID)).filter(each -> !each.isEmpty());
        String enclave = line(reader, "enclave");
        Bytes request = Bytes.of(reader.bytes("request", DIGEST, DIGEST));
        Bytes header = Bytes.of(reader.bytes("header", DIGEST, DIGEST));
        Bytes evidence = Bytes.of(reader.bytes("evidence", DIGEST, DIGEST));
        List<String> reasons = new ArrayList<>();
        for (int count = reader.array("reasons", 0, MAX_REASONS); count > 0; count--) {
            reasons.add(line(reader, "reason"));
        }
        reader.end("record");
        return new ReleaseRecord(time, released, key, version, grant, enclave, request, header, evidence, reasons);
    }

    private static String line(CborReader reader, String field) throws MalformedException {
        String line = reader.text(field, UTF8 * MAX_LINE);
        if (!line.equals(cut(line))) {
            throw new MalformedException(field, reader.offset(), "expected one line of at most " + MAX_LINE + " characters");
        }
        return line;
    }
}
