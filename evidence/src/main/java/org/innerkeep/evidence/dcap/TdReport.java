package org.innerkeep.evidence.dcap;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * The report of a trust domain as quotes have it (Intel TDX DCAP Quoting Library API, appendix A.3): 584 bytes for TDX 1.0, 648 for
 * TDX 1.5, 885 for its extended form.
 *
 * @param teeTcbSvn {@code TEE_TCB_SVN}, 16 bytes at 0: versions of the TDX module that launched the trust domain, minor then major, and
 *     of other components
 * @param mrSeam {@code MRSEAM}, 48 bytes at 16: measurement of the TDX module
 * @param mrSignerSeam {@code MRSIGNERSEAM}, 48 bytes at 64: zeros for Intel's modules
 * @param seamAttributes {@code SEAMATTRIBUTES}, 8 bytes at 112
 * @param tdAttributes {@code TDATTRIBUTES}, 8 bytes at 120
 * @param xfam {@code XFAM}, 8 bytes at 128
 * @param mrTd {@code MRTD}, 48 bytes at 136: what the trust domain was built of
 * @param mrConfigId {@code MRCONFIGID}, 48 bytes at 184
 * @param mrOwner {@code MROWNER}, 48 bytes at 232
 * @param mrOwnerConfig {@code MROWNERCONFIG}, 48 bytes at 280
 * @param rtmrs {@code RTMR0} to {@code RTMR3}, 48 bytes each from 328: what the trust domain measured at run time
 * @param reportData {@code REPORTDATA}, 64 bytes at 520
 * @param current what TDX 1.5 adds
 * @param extended what the extended form of TDX 1.5 adds to that
 */
public record TdReport(
        Bytes teeTcbSvn,
        Bytes mrSeam,
        Bytes mrSignerSeam,
        Bytes seamAttributes,
        Bytes tdAttributes,
        Bytes xfam,
        Bytes mrTd,
        Bytes mrConfigId,
        Bytes mrOwner,
        Bytes mrOwnerConfig,
        List<Bytes> rtmrs,
        Bytes reportData,
        Optional<Current> current,
        Optional<Extended> extended)
        implements QuoteBody {
    /** Size in bytes for TDX 1.0. */
    public static final int LENGTH_10 = 584;

    /** Size in bytes for TDX 1.5. */
    public static final int LENGTH_15 = 648;

    /** Size in bytes of the extended form for TDX 1.5. */
    public static final int LENGTH_15_EXTENDED = 885;

    /** The trust domain under debug (TUD) bits: with any of them its memory, or what it does, is open to whoever runs it. */
    public static final long UNDER_DEBUG = 0xff;

    /** Exceptions on pages that the host took away go to the host and not to the guest's kernel. */
    public static final long SEPT_VE_DISABLE = 1L << 28;

    /** A migration agent may move the trust domain to another machine. */
    public static final long MIGRATABLE = 1L << 29;

    /** Supervisor protection keys may be used. */
    public static final long PKS = 1L << 30;

    /** Key Locker may be used. */
    public static final long KEY_LOCKER = 1L << 31;

    /** Performance monitoring may be used. */
    public static final long PERFMON = 1L << 63;

    /** ICSSD, LASS and TPA; with those named above all bits that have a meaning (Intel TDX module ABI, ATTRIBUTES). */
    private static final long OTHER_KNOWN = 1L << 16 | 1L << 27 | 1L << 62;

    /** DEBUG and the bits for profiling: HGS+, performance and PMT. */
    private static final long KNOWN_UNDER_DEBUG = 1 | 1 << 4 | 1 << 5 | 1 << 6;

    private static final long KNOWN =
            KNOWN_UNDER_DEBUG | SEPT_VE_DISABLE | MIGRATABLE | PKS | KEY_LOCKER | PERFMON | OTHER_KNOWN;

    /**
     * What TDX 1.5 adds.
     *
     * @param teeTcbSvn2 {@code TEE_TCB_SVN_2}, 16 bytes at 584: as {@code TEE_TCB_SVN}, of the module that runs now
     * @param mrServiceTd {@code MRSERVICETD}, 48 bytes at 600: measurement of a service trust domain, such as a migration agent; zeros
     *     where none is bound
     */
    public record Current(Bytes teeTcbSvn2, Bytes mrServiceTd) {}

    /**
     * What the extended form adds: where the trust domain was launched before it was migrated, and by which agents.
     *
     * @param vmId 1 byte at 648: which virtual machine of a partitioned trust domain
     * @param tdId 32 bytes at 649
     * @param devInfo 48 bytes at 681
     * @param initServTdHash 48 bytes at 729
     * @param initServTdAttributes 8 bytes at 777
     * @param initCpuSvn 16 bytes at 785
     * @param initTeeTcbSvn 16 bytes at 801
     * @param initTeeFmspc 12 bytes at 817
     * @param curServTdHash 48 bytes at 829
     * @param curServTdAttributes 8 bytes at 877
     */
    public record Extended(
            Bytes vmId,
            Bytes tdId,
            Bytes devInfo,
            Bytes initServTdHash,
            Bytes initServTdAttributes,
            Bytes initCpuSvn,
            Bytes initTeeTcbSvn,
            Bytes initTeeFmspc,
            Bytes curServTdHash,
            Bytes curServTdAttributes) {}

    /** Copies the registers. */
    public TdReport {
        rtmrs = List.copyOf(rtmrs);
    }

    /** Reads one of the three forms, which the length left tells apart. */
    static TdReport parse(ByteReader reader) throws MalformedException {
        int length = reader.remaining();
        if (length != LENGTH_10 && length != LENGTH_15 && length != LENGTH_15_EXTENDED) {
            throw new MalformedException("TD report", reader.offset(), "expected 584, 648 or 885 bytes, found " + length);
        }
        return new TdReport(
                reader.bytes("TEE_TCB_SVN", 16),
                reader.bytes("MRSEAM", 48),
                reader.bytes("MRSIGNERSEAM", 48),
                reader.bytes("SEAMATTRIBUTES", 8),
                reader.bytes("TDATTRIBUTES", 8),
                reader.bytes("XFAM", 8),
                reader.bytes("MRTD", 48),
                reader.bytes("MRCONFIGID", 48),
                reader.bytes("MROWNER", 48),
                reader.bytes("MROWNERCONFIG", 48),
                List.of(
                        reader.bytes("RTMR0", 48),
                        reader.bytes("RTMR1", 48),
                        reader.bytes("RTMR2", 48),
                        reader.bytes("RTMR3", 48)),
                reader.bytes("REPORTDATA", 64),
                length == LENGTH_10
                        ? Optional.empty()
                        : Optional.of(new Current(reader.bytes("TEE_TCB_SVN_2", 16), reader.bytes("MRSERVICETD", 48))),
                length == LENGTH_15_EXTENDED ? Optional.of(parseExtended(reader)) : Optional.empty());
    }

    private static Extended parseExtended(ByteReader reader) throws MalformedException {
        return new Extended(
                reader.bytes("VMID", 1),
                reader.bytes("TDID", 32),
                reader.bytes("DEVINFO", 48),
                reader.bytes("INIT_SERVTD_HASH", 48),
                reader.bytes("INIT_SERVTD_ATTRIBUTES", 8),
                reader.bytes("INIT_CPUSVN", 16),
                reader.bytes("INIT_TEE_TCB_SVN", 16),
                reader.bytes("INIT_TEE_FMSPC", 12),
                reader.bytes("CUR_SERVTD_HASH", 48),
                reader.bytes("CUR_SERVTD_ATTRIBUTES", 8));
    }

    /** {@return the attributes, 64 bits} */
    public long attributes() {
        return LittleEndian.u64(tdAttributes, 0);
    }

    @Override
    public boolean debug() {
        return (attributes() & UNDER_DEBUG) != 0;
    }

    /**
     * Tells whether an attribute is set.
     *
     * @param bit one of the constants here
     * @return whether it is set
     */
    public boolean has(long bit) {
        return (attributes() & bit) != 0;
    }

    /** {@return the attributes that are set and have no meaning that is known; 0 where there are none} */
    public long reservedAttributes() {
        return attributes() & ~KNOWN;
    }

    @Override
    public byte[] toByteArray() {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(teeTcbSvn)
                .bytes(mrSeam)
                .bytes(mrSignerSeam)
                .bytes(seamAttributes)
                .bytes(tdAttributes)
                .bytes(xfam)
                .bytes(mrTd)
                .bytes(mrConfigId)
                .bytes(mrOwner)
                .bytes(mrOwnerConfig);
        rtmrs.forEach(writer::bytes);
        writer.bytes(reportData);
        current.ifPresent(each -> writer.bytes(each.teeTcbSvn2()).bytes(each.mrServiceTd()));
        extended.ifPresent(each -> writer.bytes(each.vmId())
                .bytes(each.tdId())
                .bytes(each.devInfo())
                .bytes(each.initServTdHash())
                .bytes(each.initServTdAttributes())
                .bytes(each.initCpuSvn())
                .bytes(each.initTeeTcbSvn())
                .bytes(each.initTeeFmspc())
                .bytes(each.curServTdHash())
                .bytes(each.curServTdAttributes()));
        return writer.toByteArray();
    }
}
