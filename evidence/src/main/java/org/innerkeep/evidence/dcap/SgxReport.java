package org.innerkeep.evidence.dcap;

import java.nio.ByteOrder;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * The body of an enclave's report, 384 bytes, numbers little-endian (Intel SDM volume 3D, table 39-21, without the MAC). The quoting
 * enclave of a quote has one too.
 *
 * @param cpuSvn {@code CPUSVN}, 16 bytes at 0, in the processor's own encoding
 * @param miscSelect {@code MISCSELECT}, 32 bits at 16
 * @param cetAttributes {@code CET_ATTRIBUTES}, 8 bits at 20
 * @param isvExtProdId {@code ISVEXTNPRODID}, 16 bytes at 32; zeros unless key separation is in use
 * @param attributes {@code ATTRIBUTES}, 16 bytes at 48: flags of 64 bits, then XFRM of 64 bits
 * @param mrEnclave {@code MRENCLAVE}, 32 bytes at 64
 * @param mrSigner {@code MRSIGNER}, 32 bytes at 128
 * @param configId {@code CONFIGID}, 64 bytes at 192
 * @param isvProdId {@code ISVPRODID}, 16 bits at 256
 * @param isvSvn {@code ISVSVN}, 16 bits at 258
 * @param configSvn {@code CONFIGSVN}, 16 bits at 260
 * @param isvFamilyId {@code ISVFAMILYID}, 16 bytes at 304
 * @param reportData {@code REPORTDATA}, 64 bytes at 320
 */
public record SgxReport(
        Bytes cpuSvn,
        long miscSelect,
        int cetAttributes,
        Bytes isvExtProdId,
        Bytes attributes,
        Bytes mrEnclave,
        Bytes mrSigner,
        Bytes configId,
        int isvProdId,
        int isvSvn,
        int configSvn,
        Bytes isvFamilyId,
        Bytes reportData)
        implements QuoteBody {
    /** Its size in bytes. */
    public static final int LENGTH = 384;

    /** {@code ATTRIBUTES.DEBUG}: the enclave's memory can be read and written from outside. */
    public static final long DEBUG = 1L << 1;

    /**
     * INIT, DEBUG, MODE64BIT, PROVISIONKEY, EINITTOKEN_KEY, CET, KSS and AEXNOTIFY (Intel SDM volume 3D, table 39-3); the others are
     * reserved.
     */
    private static final long KNOWN_FLAGS = 1 | DEBUG | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 10;

    private static final int ATTRIBUTES_LENGTH = 16;

    static SgxReport parse(ByteReader reader) throws MalformedException {
        Bytes cpuSvn = reader.bytes("CPUSVN", 16);
        long miscSelect = reader.u32("MISCSELECT");
        int cetAttributes = reader.u8("CET_ATTRIBUTES");
        reader.zeros("reserved bytes 21 to 31", 11);
        Bytes isvExtProdId = reader.bytes("ISVEXTNPRODID", 16);
        Bytes attributes = reader.bytes("ATTRIBUTES", ATTRIBUTES_LENGTH);
        Bytes mrEnclave = reader.bytes("MRENCLAVE", 32);
        reader.zeros("reserved bytes 96 to 127", 32);
        Bytes mrSigner = reader.bytes("MRSIGNER", 32);
        reader.zeros("reserved bytes 160 to 191", 32);
        Bytes configId = reader.bytes("CONFIGID", 64);
        int isvProdId = reader.u16("ISVPRODID");
        int isvSvn = reader.u16("ISVSVN");
        int configSvn = reader.u16("CONFIGSVN");
        reader.zeros("reserved bytes 262 to 303", 42);
        Bytes isvFamilyId = reader.bytes("ISVFAMILYID", 16);
        Bytes reportData = reader.bytes("REPORTDATA", 64);
        return new SgxReport(
                cpuSvn,
                miscSelect,
                cetAttributes,
                isvExtProdId,
                attributes,
                mrEnclave,
                mrSigner,
                configId,
                isvProdId,
                isvSvn,
                configSvn,
                isvFamilyId,
                reportData);
    }

    /** {@return the flags of the attributes, 64 bits} */
    public long flags() {
        return LittleEndian.u64(attributes, 0);
    }

    @Override
    public boolean debug() {
        return (flags() & DEBUG) != 0;
    }

    /** {@return the flags that are set and have no meaning that is known; 0 where there are none} */
    public long reservedFlags() {
        return flags() & ~KNOWN_FLAGS;
    }

    @Override
    public byte[] toByteArray() {
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(cpuSvn)
                .u32(miscSelect)
                .u8(cetAttributes)
                .zeros(11)
                .bytes(isvExtProdId)
                .bytes(attributes)
                .bytes(mrEnclave)
                .zeros(32)
                .bytes(mrSigner)
                .zeros(32)
                .bytes(configId)
                .u16(isvProdId)
                .u16(isvSvn)
                .u16(configSvn)
                .zeros(42)
                .bytes(isvFamilyId)
                .bytes(reportData)
                .toByteArray();
    }
}
