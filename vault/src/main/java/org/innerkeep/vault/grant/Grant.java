package org.innerkeep.vault.grant;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * An owner's statement which enclaves may use a key. It never changes: to change one, give another and revoke the first. Where several
 * permit, the one that was given first counts.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param id 32 lower-case hexadecimal digits, chosen at random
 * @param code whose code
 * @param platforms on which platforms, 1 to 16 names such as {@code snp}; {@code mock} only where it is named
 * @param readers who may read the enclave's memory at most
 * @param anchors ids of those who may vouch, 32 bytes each, at most 16; none where everyone may whom the vault has pinned
 * @param job the digest of the one job that may use the key, 32 bytes; nothing where any may
 * @param notBefore from when on, in whole seconds of the vault's time
 * @param notAfter until when, likewise
 * @param uses how many file keys are released by it at most; nothing where there is no bound
 * @param lease how long an enclave may use what it got before it asks again, in whole seconds, 1 second to 366 days; nothing where
 *     it may for ever
 * @param debug whether an enclave that can be debugged is accepted: whoever runs it can read all that is in it
 * @param policy an appraisal policy that must permit as well, at most {@link #MAX_POLICY_CHARS} characters
 */
public record Grant(
        String id,
        GrantedCode code,
        Set<String> platforms,
        MemoryReaders readers,
        Set<Bytes> anchors,
        Optional<Bytes> job,
        Optional<Instant> notBefore,
        Optional<Instant> notAfter,
        OptionalLong uses,
        Optional<Duration> lease,
        boolean debug,
        Optional<String> policy) {
    /** The most characters of a policy. */
    public static final int MAX_POLICY_CHARS = 8192;

    /** The most bytes of the stored form. */
    public static final int MAX_BYTES = 64 * 1024;

    /** The longest lease. */
    public static final Duration MAX_LEASE = Duration.ofDays(366);

    /** The platforms that grants can be for. */
    public static final Set<String> PLATFORMS = Collections.unmodifiableSet(
            new TreeSet<>(Set.of("process", "vm", "sgx", "snp", "tdx", "nitro", "cca", "tpm", "psa", "mock")));

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final int ID_BYTES = 16;
    private static final int MAX_ANCHORS = 16;
    private static final int DIGEST = 32;
    private static final int FIELDS = 12;
    private static final int SIGNED = 1;
    private static final int MEASURED = 2;
    private static final int MAX_WORD = 16;
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    /**
     * Checks everything.
     *
     * @throws IllegalArgumentException if something is wrong
     */
    public Grant {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("grant: expected an id of 32 lower-case hexadecimal digits");
        }
        if (platforms.isEmpty() || !PLATFORMS.containsAll(platforms)) {
            throw new IllegalArgumentException("platforms: expected at least one of " + PLATFORMS);
        }
        if (anchors.size() > MAX_ANCHORS || anchors.stream().anyMatch(each -> each.length() != DIGEST)) {
            throw new IllegalArgumentException("anchors: expected at most " + MAX_ANCHORS + " ids of " + DIGEST + " bytes");
        }
        if (job.isPresent() && job.get().length() != DIGEST) {
            throw new IllegalArgumentException("job: expected a digest of " + DIGEST + " bytes, found " + job.get().length());
        }
        notBefore = notBefore.map(Grant::second);
        notAfter = notAfter.map(Grant::second);
        if (notBefore.isPresent() && notAfter.isPresent() && !notBefore.get().isBefore(notAfter.get())) {
            throw new IllegalArgumentException("validity: expected an end after its begin, found " + notBefore.get() + " to "
                    + notAfter.get());
        }
        if (uses.isPresent() && uses.getAsLong() < 1) {
            throw new IllegalArgumentException("uses: expected at least 1, found " + uses.getAsLong());
        }
        lease = lease.map(each -> each.truncatedTo(ChronoUnit.SECONDS));
        if (lease.isPresent() && (lease.get().toSeconds() < 1 || lease.get().compareTo(MAX_LEASE) > 0)) {
            throw new IllegalArgumentException("lease: expected 1 second to " + MAX_LEASE.toDays() + " days, found " + lease.get());
        }
        if (policy.isPresent() && (policy.get().length() > MAX_POLICY_CHARS
                || !StandardCharsets.UTF_8.newEncoder().canEncode(policy.get()))) {
            throw new IllegalArgumentException("policy: expected at most " + MAX_POLICY_CHARS + " characters of well-formed text");
        }
        platforms = Collections.unmodifiableSet(new TreeSet<>(platforms));
        anchors = Collections.unmodifiableSet(new TreeSet<>(anchors));
    }

    private static Instant second(Instant time) {
        if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
            throw new IllegalArgumentException("validity: expected 1970 to 9999, found " + time);
        }
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Makes an id.
     *
     * @param random where it comes from
     * @return the id
     */
    public static String newId(SecureRandom random) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /**
     * Reads the form that {@link #toByteArray} writes.
     *
     * @param bytes hostile bytes
     * @return the grant
     * @throws MalformedException if they are anything else
     */
    public static Grant parse(byte[] bytes) throws MalformedException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedException("grant", -1, "expected at most " + MAX_BYTES + " bytes, found " + bytes.length);
        }
        CborReader reader = new CborReader(bytes);
        Grant grant = read(reader);
        reader.end("grant");
        return grant;
    }

    /**
     * Reads one among other things.
     *
     * @param reader stands before it, and behind it afterwards
     * @return the grant
     * @throws MalformedException if something else comes
     */
    public static Grant read(CborReader reader) throws MalformedException {
        int start = reader.offset();
        reader.arrayOf("grant", FIELDS);
        String id = reader.text("id", 2 * ID_BYTES);
        GrantedCode code = readCode(reader);
        TreeSet<String> platforms = new TreeSet<>();
        for (int count = reader.array("platforms", 1, PLATFORMS.size()); count > 0; count--) {
            String platform = reader.text("platform", MAX_WORD);
            ascending(platforms, platform, "platforms", reader);
        }
        int at = reader.offset();
        MemoryReaders readers = MemoryReaders.of(reader.text("readers", MAX_WORD))
                .orElseThrow(() -> new MalformedException("readers", at, "expected one of " + MemoryReaders.words()));
        TreeSet<Bytes> anchors = new TreeSet<>();
        for (int count = reader.array("anchors", 0, MAX_ANCHORS); count > 0; count--) {
            ascending(anchors, Bytes.of(reader.bytes("anchor", DIGEST, DIGEST)), "anchors", reader);
        }
        Optional<Bytes> job = isNil(reader) ? Optional.empty() : Optional.of(Bytes.of(reader.bytes("job", DIGEST, DIGEST)));
        Optional<Instant> notBefore = readTime(reader, "not before");
        Optional<Instant> notAfter = readTime(reader, "not after");
        OptionalLong uses = isNil(reader) ? OptionalLong.empty() : OptionalLong.of(reader.integer("uses", 1, Long.MAX_VALUE));
        Optional<Duration> lease = isNil(reader)
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds(reader.integer("lease", 1, MAX_LEASE.toSeconds())));
        boolean debug = reader.bool("debug");
        Optional<String> policy = isNil(reader) ? Optional.empty() : Optional.of(reader.text("policy", 4 * MAX_POLICY_CHARS));
        try {
            return new Grant(id, code, platforms, readers, anchors, job, notBefore, notAfter, uses, lease, debug, policy);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("grant", start, String.valueOf(e.getMessage()));
        }
    }

    private static GrantedCode readCode(CborReader reader) throws MalformedException {
        int start = reader.offset();
        int items = reader.array("code", 2, 4);
        long kind = reader.integer("kind of code", SIGNED, MEASURED);
        try {
            if (kind == SIGNED && items == 4) {
                return new GrantedCode.Signed(
                        Bytes.of(reader.bytes("signer", DIGEST, 48)),
                        reader.integer("product id", 0, 0xffffffffL),
                        reader.integer("least version", 0, 0xffffffffL));
            }
            if (kind == MEASURED && items == 2) {
                return new GrantedCode.Measured(readMeasurements(reader));
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedException("code", start, String.valueOf(e.getMessage()));
        }
        throw new MalformedException("code", start, "expected a signer with product and version, or measurements");
    }

    private static Set<Measurement> readMeasurements(CborReader reader) throws MalformedException {
        TreeSet<Measurement> all = new TreeSet<>(GrantedCode.Measured.ORDER);
        for (int count = reader.array("measurements", 1, GrantedCode.MAX_MEASUREMENTS); count > 0; count--) {
            reader.arrayOf("measurement", 2);
            String algorithm = reader.text("algorithm", MAX_WORD);
            Measurement each =
                    new Measurement(algorithm, Bytes.of(reader.bytes("digest", 20, 64)));
            ascending(all, each, "measurements", reader);
        }
        return all;
    }

    /** One set has one form. */
    private static <T> void ascending(TreeSet<T> set, T next, String field, CborReader reader) throws MalformedException {
        if (!set.add(next) || !set.last().equals(next)) {
            throw new MalformedException(field, reader.offset(), "expected them in order, each once");
        }
    }

    private static boolean isNil(CborReader reader) throws MalformedException {
        if (reader.peek() != CborReader.Type.NULL) {
            return false;
        }
        reader.nil("nothing");
        return true;
    }

    private static Optional<Instant> readTime(CborReader reader, String field) throws MalformedException {
        return isNil(reader)
                ? Optional.empty()
                : Optional.of(Instant.ofEpochSecond(reader.integer(field, 0, LAST.getEpochSecond())));
    }

    /**
     * Writes the stored form: a CBOR array of every component in its order, times and durations in seconds, sets sorted, null for what
     * is absent.
     *
     * @param writer to which it is appended
     */
    public void write(CborWriter writer) {
        writer.array(FIELDS).text(id);
        switch (code) {
            case GrantedCode.Signed signed -> writer.array(4).integer(SIGNED).bytes(signed.signer().toArray())
                    .integer(signed.productId()).integer(signed.leastVersion());
            case GrantedCode.Measured measured -> {
                writer.array(2).integer(MEASURED).array(measured.measurements().size());
                measured.measurements()
                        .forEach(each -> writer.array(2).text(each.algorithm()).bytes(each.digest().toArray()));
            }
        }
        writer.array(platforms.size());
        platforms.forEach(writer::text);
        writer.text(readers.toString()).array(anchors.size());
        anchors.forEach(each -> writer.bytes(each.toArray()));
        job.ifPresentOrElse(each -> writer.bytes(each.toArray()), writer::nil);
        notBefore.ifPresentOrElse(each -> writer.integer(each.getEpochSecond()), writer::nil);
        notAfter.ifPresentOrElse(each -> writer.integer(each.getEpochSecond()), writer::nil);
        uses.ifPresentOrElse(writer::integer, writer::nil);
        lease.ifPresentOrElse(each -> writer.integer(each.toSeconds()), writer::nil);
        writer.bool(debug);
        policy.ifPresentOrElse(writer::text, writer::nil);
    }

    /** {@return the stored form; {@code parse(b).toByteArray()} equals {@code b} for every {@code b} that is accepted} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter();
        write(writer);
        return writer.toByteArray();
    }

    /** {@return one line for people} */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder("grant ").append(id).append(": ").append(code)
                .append(", on ").append(String.join(" or ", platforms))
                .append(", memory readable by ").append(readers).append(" at most");
        job.ifPresent(each -> line.append(", job ").append(each.shortHex()));
        notBefore.ifPresent(each -> line.append(", from ").append(each));
        notAfter.ifPresent(each -> line.append(", until ").append(each));
        uses.ifPresent(each -> line.append(", ").append(each).append(" uses"));
        lease.ifPresent(each -> line.append(", lease ").append(each));
        if (debug) {
            line.append(", debug accepted");
        }
        policy.ifPresent(each -> line.append(", and a policy"));
        return line.toString();
    }
}
