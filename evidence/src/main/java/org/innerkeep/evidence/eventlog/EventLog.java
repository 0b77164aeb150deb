package org.innerkeep.evidence.eventlog;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * An event log (TCG PC Client Platform Firmware Profile, 10.2), little-endian. In the older form each event has a SHA-1 digest; in the
 * crypto-agile form the first event, in the older form, is a header that names the algorithms, and each further event has one digest
 * for each of them.
 *
 * @param format which form
 * @param algorithms of the digests, in the order of the header; SHA-1 alone in the older form
 * @param events in order, the header among them
 * @param padding how many bytes follow the last event, all of them {@code fill}
 * @param fill 0 or 255
 */
public record EventLog(Format format, List<Algorithm> algorithms, List<Event> events, int padding, int fill) {
    /** The most events. */
    public static final int MAX_EVENTS = 1 << 16;

    private static final byte[] HEADER = "Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_ALGORITHMS = 16;
    private static final int MAX_DIGEST = 64;
    private static final int MAX_PCR = 23;
    private static final int MAX_CC_REGISTER = 4;
    private static final long ANY_REGISTER = 0xffffffffL;

    /** Forms of logs. */
    public enum Format {
        /** SHA-1 alone, as TCG had it for TPM 1.2. */
        LEGACY,
        /** Crypto-agile, of a TPM. */
        CRYPTO_AGILE,
        /** Crypto-agile, of TDX: registers are 0 for MRTD and 1 to 4 for RTMR 0 to 3. */
        CCEL
    }

    /**
     * An algorithm of the header.
     *
     * @param id TPM_ALG_ID
     * @param length of a digest in bytes, 1 to 64
     */
    public record Algorithm(int id, int length) {}

    /**
     * A digest of an event.
     *
     * @param algorithm TPM_ALG_ID
     * @param value as long as the header says
     */
    public record Digest(int algorithm, Bytes value) {}

    /**
     * An event.
     *
     * @param register what it was extended into: a PCR of 0 to 23, or a register of TDX of 0 to 4; 2^32-1 only where nothing is extended
     * @param type its type; proven by nothing
     * @param digests one for each algorithm
     * @param data what was measured or a description of it; proven by nothing
     */
    public record Event(long register, long type, List<Digest> digests, Bytes data) {
        /** Copies the digests. */
        public Event {
            digests = List.copyOf(digests);
        }

        /**
         * The digest of an algorithm.
         *
         * @param hash the algorithm
         * @return its digest, or nothing where the event has none
         */
        public Optional<Bytes> digest(TpmHash hash) {
            return digests.stream().filter(each -> each.algorithm() == hash.id()).map(Digest::value).findFirst();
        }

        /** {@return whether it changes its register} */
        public boolean extendsRegister() {
            return type != EventType.NO_ACTION;
        }
    }

    /** Copies the lists. */
    public EventLog {
        algorithms = List.copyOf(algorithms);
        events = List.copyOf(events);
    }

    /**
     * Reads the log of a TPM.
     *
     * @param bytes hostile bytes
     * @return the log
     * @throws MalformedException if they are anything else
     */
    public static EventLog parse(byte[] bytes) throws MalformedException {
        return new Parser(bytes, false).log();
    }

    /**
     * Reads the log of TDX: the CCEL data area, which is larger than the log.
     *
     * @param bytes hostile bytes
     * @return the log
     * @throws MalformedException if they are anything else
     */
    public static EventLog parseCcel(byte[] bytes) throws MalformedException {
        return new Parser(bytes, true).log();
    }

    /** {@return whether digests of this algorithm are in the log} */
    public boolean has(TpmHash hash) {
        return algorithms.stream().anyMatch(each -> each.id() == hash.id());
    }

    /** {@return the log's bytes} */
    public byte[] toByteArray() {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            writer.u32(event.register()).u32(event.type());
            if (format == Format.LEGACY || i == 0) {
                writer.bytes(event.digests().getFirst().value());
            } else {
                writer.u32(event.digests().size());
                event.digests().forEach(each -> writer.u16(each.algorithm()).bytes(each.value()));
            }
            writer.u32(event.data().length()).bytes(event.data());
        }
        byte[] end = new byte[padding];
        Arrays.fill(end, (byte) fill);
        return writer.bytes(end).toByteArray();
    }

    /** One reading; not safe for use by several threads. */
    private static final class Parser {
        private final byte[] bytes;
        private final ByteReader reader;
        private final boolean ccel;
        private final List<Event> events = new ArrayList<>();

        Parser(byte[] bytes, boolean ccel) {
            this.bytes = bytes;
            this.reader = new ByteReader(bytes, ByteOrder.LITTLE_ENDIAN);
            this.ccel = ccel;
        }

        EventLog log() throws MalformedException {
            Event first = legacyEvent();
            events.add(first);
            if (!isHeader(first)) {
                if (ccel) {
                    throw new MalformedException("Spec ID Event", 0, "expected a crypto-agile log");
                }
                while (reader.remaining() > 0) {
                    add(legacyEvent());
                }
                return new EventLog(Format.LEGACY, List.of(new Algorithm(TpmHash.SHA1.id(), TpmHash.SHA1.length())), events, 0, 0);
            }
            List<Algorithm> algorithms = header(first.data());
            while (reader.remaining() > 0 && !isPadding()) {
                add(agileEvent(algorithms));
            }
            int padding = reader.remaining();
            int fill = padding == 0 ? 0 : bytes[bytes.length - 1] & 0xff;
            return new EventLog(ccel ? Format.CCEL : Format.CRYPTO_AGILE, algorithms, events, padding, fill);
        }

        private void add(Event event) throws MalformedException {
            if (events.size() == MAX_EVENTS) {
                throw new MalformedException("event", reader.offset(), "expected at most " + MAX_EVENTS + " events");
            }
            events.add(event);
        }

        /** Whether all that is left is of one value, 0 or 255: no event begins so, as it must have digests. */
        private boolean isPadding() {
            byte fill = bytes[reader.offset()];
            if (fill != 0 && fill != -1) {
                return false;
            }
            for (int i = reader.offset(); i < bytes.length; i++) {
                if (bytes[i] != fill) {
                    return false;
                }
            }
            return true;
        }

        private long register(int at, long register, long type) throws MalformedException {
            boolean known = register <= (ccel ? MAX_CC_REGISTER : MAX_PCR)
                    || register == ANY_REGISTER && type == EventType.NO_ACTION;
            if (!known) {
                throw new MalformedException("pcrIndex", at, "expected a register of at most "
                        + (ccel ? MAX_CC_REGISTER : MAX_PCR) + ", found " + register);
            }
            return register;
        }

        private Event legacyEvent() throws MalformedException {
            int at = reader.offset();
            long register = reader.u32("pcrIndex");
            long type = reader.u32("eventType");
            register(at, register, type);
            Bytes digest = reader.bytes("digest", TpmHash.SHA1.length());
            return new Event(register, type, List.of(new Digest(TpmHash.SHA1.id(), digest)), data());
        }

        private Event agileEvent(List<Algorithm> algorithms) throws MalformedException {
            int at = reader.offset();
            long register = reader.u32("pcrIndex");
            long type = reader.u32("eventType");
            register(at, register, type);
            reader.count("digests.count", algorithms.size(), algorithms.size());
            List<Digest> digests = new ArrayList<>();
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < algorithms.size(); i++) {
                at = reader.offset();
                int id = reader.u16("digests.hashAlg");
                Optional<Algorithm> algorithm = algorithms.stream().filter(each -> each.id() == id).findFirst();
                if (algorithm.isEmpty() || !seen.add(id)) {
                    throw new MalformedException(
                            "digests.hashAlg", at, String.format("expected each algorithm of the header once, found 0x%04x", id));
                }
                digests.add(new Digest(id, reader.bytes("digests.digest", algorithm.get().length())));
            }
            return new Event(register, type, digests, data());
        }

        private Bytes data() throws MalformedException {
            int length = reader.count("eventSize", 0, Math.max(0, reader.remaining() - 4));
            return reader.bytes("event", length);
        }

        private static boolean isHeader(Event event) {
            byte[] data = event.data().toArray();
            return event.type() == EventType.NO_ACTION
                    && data.length >= HEADER.length
                    && Arrays.equals(data, 0, HEADER.length, HEADER, 0, HEADER.length);
        }

        /** TCG_EfiSpecIdEvent (10.4.5.1). */
        private static List<Algorithm> header(Bytes data) throws MalformedException {
            ByteReader reader = new ByteReader(data.toArray(), ByteOrder.LITTLE_ENDIAN);
            reader.array("signature", HEADER.length);
            reader.u32("platformClass");
            int minor = reader.u8("specVersionMinor");
            int major = reader.u8("specVersionMajor");
            if (major != 2 || minor != 0) {
                throw new MalformedException("specVersion", HEADER.length + 4L, "expected 2.0, found " + major + "." + minor);
            }
            reader.u8("specErrata");
            int uintnSize = reader.u8("uintnSize");
            if (uintnSize < 1 || uintnSize > 2) {
                throw new MalformedException("uintnSize", HEADER.length + 7L, "expected 1 or 2, found " + uintnSize);
            }
            int count = reader.count("numberOfAlgorithms", 1, MAX_ALGORITHMS);
            List<Algorithm> algorithms = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int at = reader.offset();
                Algorithm algorithm = new Algorithm(reader.u16("algorithmId"), reader.u16("digestSize"));
                boolean fits = TpmHash.of(algorithm.id())
                        .map(hash -> hash.length() == algorithm.length())
                        .orElse(algorithm.length() >= 1 && algorithm.length() <= MAX_DIGEST);
                if (!fits || algorithms.stream().anyMatch(each -> each.id() == algorithm.id())) {
                    throw new MalformedException("digestSizes", at, "expected each algorithm once with its own size");
                }
                algorithms.add(algorithm);
            }
            reader.bytes("vendorInfo", reader.u8("vendorInfoSize"));
            reader.end("Spec ID Event");
            return algorithms;
        }
    }
}
