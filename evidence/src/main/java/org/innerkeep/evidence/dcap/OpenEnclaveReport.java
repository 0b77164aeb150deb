package org.innerkeep.evidence.dcap;

import java.nio.ByteOrder;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * A quote in the report of the Open Enclave SDK ({@code oe_report_header_t}): 16 bytes of header, numbers little-endian, then the
 * quote. Parsed and not verified.
 *
 * @param quote the quote
 */
public record OpenEnclaveReport(Quote quote) implements DcapEvidence {
    private static final int HEADER_LENGTH = 16;
    private static final int VERSION = 1;

    /** Remote attestation of SGX; 1 is local. */
    private static final int TYPE_REMOTE = 2;

    /**
     * Tells by the first bytes alone whether bytes want to be read as such a report.
     *
     * @param bytes hostile bytes
     * @return whether a header stands before what begins as a quote
     */
    public static boolean looksLike(byte[] bytes) {
        return bytes.length > HEADER_LENGTH
                && bytes[0] == VERSION
                && bytes[1] == 0
                && bytes[2] == 0
                && bytes[3] == 0
                && bytes[4] == TYPE_REMOTE
                && bytes[5] == 0
                && bytes[6] == 0
                && bytes[7] == 0
                && Quote.looksLike(bytes, HEADER_LENGTH);
    }

    /**
     * Reads a report.
     *
     * @param bytes hostile bytes
     * @return the report, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static OpenEnclaveReport parse(byte[] bytes) throws MalformedException {
        ByteReader reader = new ByteReader(bytes, ByteOrder.LITTLE_ENDIAN);
        reader.count("version", VERSION, VERSION);
        reader.count("report type", TYPE_REMOTE, TYPE_REMOTE);
        int start = reader.offset();
        long size = reader.u64("report size");
        if (size != reader.remaining()) {
            throw new MalformedException(
                    "report size", start, "expected " + reader.remaining() + ", found " + Long.toUnsignedString(size));
        }
        return new OpenEnclaveReport(Quote.parse(reader));
    }

    @Override
    public byte[] toByteArray() {
        byte[] inner = quote.toByteArray();
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .u32(VERSION)
                .u32(TYPE_REMOTE)
                .u64(inner.length)
                .bytes(inner)
                .toByteArray();
    }
}
