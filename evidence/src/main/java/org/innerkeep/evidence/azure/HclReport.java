package org.innerkeep.evidence.azure;

import java.nio.ByteOrder;
import java.util.Arrays;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * What the paravisor gives at the NV index 0x01400001 of the virtual TPM, little-endian: a header of 32 bytes, 1184 bytes for the
 * hardware's report, a header of 20 bytes, the runtime data in JSON, zeros.
 *
 * @param version 1 or 2
 * @param requestType for what the report was made: 1 to release a key, 2 for the attestation key's certificate, 3 for a wrapped key
 * @param hardware 1184 bytes: a report of SEV-SNP, or a TDREPORT of 1024 bytes and zeros
 * @param tee whose report it is
 * @param hash over the runtime data, in the hardware's report data
 * @param runtimeData JSON, as it was hashed
 * @param padding how many zeros follow
 */
public record HclReport(int version, int requestType, Bytes hardware, Tee tee, TpmHash hash, Bytes runtimeData, int padding) {
    /** The length of the hardware's area in bytes. */
    public static final int HARDWARE_BYTES = 1184;

    private static final int TDREPORT_BYTES = 1024;
    private static final int TDREPORT_TYPE = 0x81;
    private static final int TDREPORT_DATA = 128;
    private static final int REPORT_DATA_BYTES = 64;
    private static final long MAGIC = 0x414c4348L;
    private static final int HEADER_BYTES = 32;
    private static final int RUNTIME_HEADER_BYTES = 20;
    private static final int MAX_RUNTIME_DATA = 1 << 16;

    /** Hardware by its number in the report. */
    public enum Tee {
        /** AMD SEV-SNP. */
        SNP(2),
        /** Intel TDX. */
        TDX(4);

        private final int id;

        Tee(int id) {
            this.id = id;
        }
    }

    /**
     * Reads a report.
     *
     * @param bytes hostile bytes
     * @return the report, of which nothing is verified
     * @throws MalformedException if they are anything else
     */
    public static HclReport parse(byte[] bytes) throws MalformedException {
        ByteReader reader = new ByteReader(bytes, ByteOrder.LITTLE_ENDIAN);
        if (reader.u32("signature") != MAGIC) {
            throw new MalformedException("signature", 0, "expected HCLA");
        }
        int version = reader.count("version", 1, 2);
        int reportSize = reader.count("reportSize", 0, bytes.length);
        int requestType = reader.count("requestType", 1, 3);
        reader.count("status", 0, 0);
        reader.zeros("reserved", 12);
        Bytes hardware = reader.bytes("hardware report", HARDWARE_BYTES);
        int dataSize = reader.count("dataSize", RUNTIME_HEADER_BYTES, RUNTIME_HEADER_BYTES + MAX_RUNTIME_DATA);
        reader.count("runtime version", 1, 1);
        int teeAt = reader.offset();
        long teeId = reader.u32("reportType");
        Tee tee = Arrays.stream(Tee.values()).filter(each -> each.id == teeId).findFirst().orElseThrow(() ->
                new MalformedException("reportType", teeAt, "expected 2 for SEV-SNP or 4 for TDX, found " + teeId));
        TpmHash hash = switch (reader.count("hashType", 1, 3)) {
            case 1 -> TpmHash.SHA256;
            case 2 -> TpmHash.SHA384;
            default -> TpmHash.SHA512;
        };
        int at = reader.offset();
        int length = reader.count("variableDataSize", 0, MAX_RUNTIME_DATA);
        if (dataSize != RUNTIME_HEADER_BYTES + length || reportSize != HEADER_BYTES + HARDWARE_BYTES + dataSize) {
            throw new MalformedException("variableDataSize", at, "expected sizes that add up, found " + reportSize + ", " + dataSize
                    + " and " + length);
        }
        Bytes runtimeData = reader.bytes("runtime data", length);
        int padding = reader.remaining();
        reader.zeros("padding", padding);
        HclReport report = new HclReport(version, requestType, hardware, tee, hash, runtimeData, padding);
        if (tee == Tee.TDX) {
            report.checkTdReport();
        }
        return report;
    }

    private void checkTdReport() throws MalformedException {
        ByteReader reader = new ByteReader(hardware.toArray(), ByteOrder.LITTLE_ENDIAN);
        int type = reader.u8("TDREPORT.type");
        if (type != TDREPORT_TYPE) {
            throw new MalformedException("TDREPORT.type", HEADER_BYTES, String.format("expected 0x81 for TDX, found 0x%02x", type));
        }
        reader.array("TDREPORT", TDREPORT_BYTES - 1);
        reader.zeros("hardware report", reader.remaining());
    }

    /** {@return the report data of the TDREPORT, 64 bytes} Its MAC can be checked on the same machine only. */
    Bytes tdReportData() {
        return Bytes.of(Arrays.copyOfRange(hardware.toArray(), TDREPORT_DATA, TDREPORT_DATA + REPORT_DATA_BYTES));
    }

    /** {@return what the hardware's report data must be: the hash of the runtime data and zeros, 64 bytes} */
    public Bytes expectedReportData() {
        return Bytes.of(Arrays.copyOf(hash.digest(runtimeData.toArray()).toArray(), REPORT_DATA_BYTES));
    }

    /** {@return the report's bytes} */
    public byte[] toByteArray() {
        int dataSize = RUNTIME_HEADER_BYTES + runtimeData.length();
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .u32(MAGIC)
                .u32(version)
                .u32(HEADER_BYTES + HARDWARE_BYTES + dataSize)
                .u32(requestType)
                .u32(0)
                .zeros(12)
                .bytes(hardware)
                .u32(dataSize)
                .u32(1)
                .u32(tee.id)
                .u32(hash == TpmHash.SHA256 ? 1 : hash == TpmHash.SHA384 ? 2 : 3)
                .u32(runtimeData.length())
                .bytes(runtimeData)
                .zeros(padding)
                .toByteArray();
    }
}
