package org.innerkeep.evidence.snp;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * An {@code ATTESTATION_REPORT} (AMD document 56860, table of that name), 1184 bytes, numbers little-endian. Its form is checked, and
 * nothing of it is verified. The bytes are the fields and the fields are the bytes: what was parsed is what is signed.
 *
 * @param version 2, 3 or 5, at 0x00
 * @param guestSvn the guest's security version, 0 to 2^32-1, at 0x04
 * @param policy what the guest allows, at 0x08; bits as {@link Policy} has them
 * @param familyId 16 bytes from the id block, at 0x10
 * @param imageId 16 bytes from the id block, at 0x20
 * @param vmpl the privilege level that asked, 0 to 3, or {@link #HOST_VMPL}, at 0x30
 * @param signatureAlgo how it is signed, at 0x34
 * @param currentTcb of the firmware that runs, at 0x38
 * @param platformInfo what the platform has turned on, at 0x40
 * @param keyInfo which key signed, at 0x48
 * @param reportData 64 bytes that the guest chose, at 0x50
 * @param measurement 48 bytes, at 0x90
 * @param hostData 32 bytes that the host chose at launch, at 0xC0
 * @param idKeyDigest 48 bytes, SHA-384 of the key that signed the id block, at 0xE0
 * @param authorKeyDigest 48 bytes, SHA-384 of the key that signed the id key, at 0x110
 * @param reportId 32 bytes that name the guest for as long as it runs, at 0x140
 * @param reportIdMa 32 bytes that name its migration agent, all ones where it has none, at 0x160
 * @param reportedTcb that the signing key is of, at 0x180
 * @param processor from version 3, at 0x188
 * @param chipId 64 bytes that name the chip, all zero where the host masks it, at 0x1A0
 * @param committedTcb below which the firmware cannot go back, at 0x1E0
 * @param currentVersion of the firmware that runs, at 0x1E8
 * @param committedVersion below which the firmware cannot go back, at 0x1EC
 * @param launchTcb the current TCB when the guest was launched, at 0x1F0
 * @param mitigations from version 5, at 0x1F8
 * @param signature r and s, big-endian, 48 bytes each; at 0x2A0 they are little-endian with 24 zeros above, then 368 zeros
 */
public record SnpReport(
        int version,
        long guestSvn,
        long policy,
        Bytes familyId,
        Bytes imageId,
        long vmpl,
        long signatureAlgo,
        SnpTcb currentTcb,
        long platformInfo,
        long keyInfo,
        Bytes reportData,
        Bytes measurement,
        Bytes hostData,
        Bytes idKeyDigest,
        Bytes authorKeyDigest,
        Bytes reportId,
        Bytes reportIdMa,
        SnpTcb reportedTcb,
        Optional<Processor> processor,
        Bytes chipId,
        SnpTcb committedTcb,
        Firmware currentVersion,
        Firmware committedVersion,
        SnpTcb launchTcb,
        Optional<Mitigations> mitigations,
        Bytes signature) {
    /** Its length. */
    public static final int BYTES = 1184;

    /** How many of its bytes are signed, from the first. */
    public static final int SIGNED_BYTES = 0x2a0;

    /** The privilege level of a report that the host asked for and not the guest. */
    public static final long HOST_VMPL = 0xffffffffL;

    /** ECDSA on P-384 with SHA-384. */
    public static final long ECDSA_P384_SHA384 = 1;

    private static final int WIDE = 72;
    private static final int NARROW = 48;
    private static final int SIGNATURE_BYTES = 512;

    /** Checks the lengths. */
    public SnpReport {
        check("family id", familyId, 16);
        check("image id", imageId, 16);
        check("report data", reportData, 64);
        check("measurement", measurement, 48);
        check("host data", hostData, 32);
        check("id key digest", idKeyDigest, 48);
        check("author key digest", authorKeyDigest, 48);
        check("report id", reportId, 32);
        check("report id of the migration agent", reportIdMa, 32);
        check("chip id", chipId, 64);
        check("signature", signature, 2 * NARROW);
    }

    private static void check(String field, Bytes value, int length) {
        if (value.length() != length) {
            throw new IllegalArgumentException(field + ": expected " + length + " bytes, found " + value.length());
        }
    }

    /**
     * The processor, by CPUID.
     *
     * @param family combined with its extension, 0 to 255
     * @param model combined with its extension, 0 to 255
     * @param stepping 0 to 255
     */
    public record Processor(int family, int model, int stepping) {}

    /**
     * A version of the firmware.
     *
     * @param major 0 to 255
     * @param minor 0 to 255
     * @param build 0 to 255
     */
    public record Firmware(int major, int minor, int build) implements Comparable<Firmware> {
        @Override
        public int compareTo(Firmware other) {
            return Integer.compare(major << 16 | minor << 8 | build, other.major << 16 | other.minor << 8 | other.build);
        }

        @Override
        public String toString() {
            return major + "." + minor + "." + build;
        }
    }

    /**
     * Which mitigations were verified to be in place; AMD says what each bit stands for.
     *
     * @param launch when the guest was launched
     * @param current when the report was made
     */
    public record Mitigations(long launch, long current) {}

    /** The bits of the guest's policy (document 56860, table "Guest Policy Structure"). */
    public enum Policy {
        /** The guest may run where SMT is on. */
        SMT(16),
        /** Must be one. */
        RESERVED_ONE(17),
        /** The guest may have a migration agent. */
        MIGRATE_MA(18),
        /** The guest may be debugged. */
        DEBUG(19),
        /** The guest runs on one socket only. */
        SINGLE_SOCKET(20),
        /** Memory behind CXL may be in use. */
        CXL_ALLOW(21),
        /** Memory must be encrypted with AES-256-XTS. */
        MEM_AES_256_XTS(22),
        /** Running average power limits must be off. */
        RAPL_DIS(23),
        /** Ciphertext must be hidden from the host. */
        CIPHERTEXT_HIDING_DRAM(24),
        /** The host may neither move nor swap pages. */
        PAGE_SWAP_DISABLE(25);

        /** Bits whose meaning is not known; bits 0 to 15 are the least version of the ABI. */
        static final long UNKNOWN = -1L << 26;

        private final int bit;

        Policy(int bit) {
            this.bit = bit;
        }

        /** {@return whether it is set in a policy} */
        public boolean in(long policy) {
            return (policy >>> bit & 1) == 1;
        }

        /** {@return its name as part of a claim's} */
        String claim() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The bits of the platform information (document 56860, table "PLATFORM_INFO Field"). */
    public enum PlatformInfo {
        /** SMT is on. */
        SMT_EN(0),
        /** All memory is encrypted, that of the host too. */
        TSME_EN(1),
        /** Memory has error correcting codes. */
        ECC_EN(2),
        /** Running average power limits are off. */
        RAPL_DIS(3),
        /** Ciphertext is hidden from the host. */
        CIPHERTEXT_HIDING_DRAM_EN(4),
        /** Memory was checked for aliased addresses since the last reset. */
        ALIAS_CHECK_COMPLETE(5),
        /** Writes of devices cannot linger in a buffer of the IOMMU. */
        IOMMU_WRITE_SAFE(6),
        /** Trusted I/O is on. */
        TIO_EN(7);

        /** Bits whose meaning is not known. */
        static final long UNKNOWN = -1L << 8;

        private final int bit;

        PlatformInfo(int bit) {
            this.bit = bit;
        }

        /** {@return whether it is set} */
        public boolean in(long platformInfo) {
            return (platformInfo >>> bit & 1) == 1;
        }

        /** {@return its name as part of a claim's} */
        String claim() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** {@return the least minor version of the ABI that the guest allows, 0 to 255} */
    public int abiMinor() {
        return (int) (policy & 0xff);
    }

    /** {@return the least major version of the ABI that the guest allows, 0 to 255} */
    public int abiMajor() {
        return (int) (policy >>> 8 & 0xff);
    }

    /** {@return whether an author key signed the id key} */
    public boolean authorKeyEnabled() {
        return (keyInfo & 1) == 1;
    }

    /** {@return whether the firmware masks its chip's key, and does not sign with it} */
    public boolean maskChipKey() {
        return (keyInfo >>> 1 & 1) == 1;
    }

    /** {@return which key signed: 0 the chip's own (VCEK), 1 one that the cloud loaded (VLEK), 7 none} */
    public int signingKey() {
        return (int) (keyInfo >>> 2 & 7);
    }

    /** {@return the bits of the key information whose meaning is not known} */
    long unknownKeyInfo() {
        return keyInfo & ~0x1fL;
    }

    /**
     * Tells by the first bytes alone whether bytes want to be read as a report of any version.
     *
     * @param bytes hostile bytes
     * @return whether the length is right and a small version comes first
     */
    public static boolean looksLike(byte[] bytes) {
        return bytes.length == BYTES && bytes[0] > 0 && bytes[0] < 32 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0;
    }

    /**
     * Reads a report.
     *
     * @param encoded hostile bytes
     * @return the report, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static SnpReport parse(byte[] encoded) throws MalformedException {
        ByteReader reader = new ByteReader(encoded, ByteOrder.LITTLE_ENDIAN);
        if (encoded.length != BYTES) {
            throw new MalformedException("report", -1, "expected " + BYTES + " bytes, found " + encoded.length);
        }
        long version = reader.u32("version");
        if (version != 2 && version != 3 && version != 5) {
            throw new MalformedException("version", 0, "expected 2, 3 or 5, found " + version);
        }
        long guestSvn = reader.u32("guest SVN");
        long policy = reader.u64("policy");
        if (!Policy.RESERVED_ONE.in(policy)) {
            throw new MalformedException("policy", 0x08, "expected bit 17 to be one, found zero");
        }
        Bytes familyId = reader.bytes("family id", 16);
        Bytes imageId = reader.bytes("image id", 16);
        long vmpl = reader.u32("VMPL");
        if (vmpl > 3 && vmpl != HOST_VMPL) {
            throw new MalformedException("VMPL", 0x30, "expected 0 to 3, or 0xffffffff for the host, found " + vmpl);
        }
        long signatureAlgo = reader.u32("signature algorithm");
        SnpTcb currentTcb = tcb(reader, "current TCB");
        long platformInfo = reader.u64("platform info");
        long keyInfo = reader.u32("key info");
        reader.zeros("reserved at 0x4C", 4);
        Bytes reportData = reader.bytes("report data", 64);
        Bytes measurement = reader.bytes("measurement", 48);
        Bytes hostData = reader.bytes("host data", 32);
        Bytes idKeyDigest = reader.bytes("id key digest", 48);
        Bytes authorKeyDigest = reader.bytes("author key digest", 48);
        Bytes reportId = reader.bytes("report id", 32);
        Bytes reportIdMa = reader.bytes("report id of the migration agent", 32);
        SnpTcb reportedTcb = tcb(reader, "reported TCB");
        Optional<Processor> processor = Optional.empty();
        if (version >= 3) {
            processor = Optional.of(new Processor(
                    reader.u8("CPUID family"), reader.u8("CPUID model"), reader.u8("CPUID stepping")));
            reader.zeros("reserved at 0x18B", 21);
        } else {
            reader.zeros("reserved at 0x188", 24);
        }
        Bytes chipId = reader.bytes("chip id", 64);
        SnpTcb committedTcb = tcb(reader, "committed TCB");
        Firmware currentVersion = firmware(reader, "current version", "reserved at 0x1EB");
        Firmware committedVersion = firmware(reader, "committed version", "reserved at 0x1EF");
        SnpTcb launchTcb = tcb(reader, "launch TCB");
        Optional<Mitigations> mitigations = Optional.empty();
        if (version >= 5) {
            mitigations = Optional.of(
                    new Mitigations(reader.u64("launch mitigation vector"), reader.u64("current mitigation vector")));
        }
        reader.zeros("reserved before the signature", SIGNED_BYTES - reader.offset());
        Bytes signature = signature(reader);
        reader.zeros("reserved after the signature", SIGNATURE_BYTES - 2 * WIDE);
        reader.end("report");
        return new SnpReport((int) version, guestSvn, policy, familyId, imageId, vmpl, signatureAlgo, currentTcb, platformInfo,
                keyInfo, reportData, measurement, hostData, idKeyDigest, authorKeyDigest, reportId, reportIdMa, reportedTcb,
                processor, chipId, committedTcb, currentVersion, committedVersion, launchTcb, mitigations, signature);
    }

    private static SnpTcb tcb(ByteReader reader, String field) throws MalformedException {
        return new SnpTcb(reader.bytes(field, SnpTcb.BYTES));
    }

    private static Firmware firmware(ByteReader reader, String field, String reserved) throws MalformedException {
        int build = reader.u8(field + " build");
        int minor = reader.u8(field + " minor");
        int major = reader.u8(field + " major");
        reader.zeros(reserved, 1);
        return new Firmware(major, minor, build);
    }

    /** The upper bytes of r and s must be zero, or one signature would have many forms. */
    private static Bytes signature(ByteReader reader) throws MalformedException {
        byte[] joined = new byte[2 * NARROW];
        for (int i = 0; i < 2; i++) {
            String field = i == 0 ? "signature r" : "signature s";
            byte[] number = reversed(reader.array(field, NARROW));
            reader.zeros("upper bytes of " + field, WIDE - NARROW);
            System.arraycopy(number, 0, joined, i * NARROW, NARROW);
        }
        return Bytes.of(joined);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            result[i] = bytes[bytes.length - 1 - i];
        }
        return result;
    }

    /** {@return the bytes that the signature is over, 672} */
    public byte[] signedBytes() {
        return Arrays.copyOf(toByteArray(), SIGNED_BYTES);
    }

    /** {@return the report's bytes, as {@link #parse} accepts them if the values are such as it accepts} */
    public byte[] toByteArray() {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .u32(version)
                .u32(guestSvn)
                .u64(policy)
                .bytes(familyId)
                .bytes(imageId)
                .u32(vmpl)
                .u32(signatureAlgo)
                .bytes(currentTcb.value())
                .u64(platformInfo)
                .u32(keyInfo)
                .zeros(4)
                .bytes(reportData)
                .bytes(measurement)
                .bytes(hostData)
                .bytes(idKeyDigest)
                .bytes(authorKeyDigest)
                .bytes(reportId)
                .bytes(reportIdMa)
                .bytes(reportedTcb.value());
        Processor cpu = processor.orElse(new Processor(0, 0, 0));
        Mitigations vectors = mitigations.orElse(new Mitigations(0, 0));
        byte[] r = reversed(Arrays.copyOf(signature.toArray(), NARROW));
        byte[] s = reversed(Arrays.copyOfRange(signature.toArray(), NARROW, 2 * NARROW));
        return writer.u8(cpu.family())
                .u8(cpu.model())
                .u8(cpu.stepping())
                .zeros(21)
                .bytes(chipId)
                .bytes(committedTcb.value())
                .u8(currentVersion.build())
                .u8(currentVersion.minor())
                .u8(currentVersion.major())
                .zeros(1)
                .u8(committedVersion.build())
                .u8(committedVersion.minor())
                .u8(committedVersion.major())
                .zeros(1)
                .bytes(launchTcb.value())
                .u64(vectors.launch())
                .u64(vectors.current())
                .zeros(SIGNED_BYTES - 0x208)
                .bytes(r)
                .zeros(WIDE - NARROW)
                .bytes(s)
                .zeros(WIDE - NARROW)
                .zeros(SIGNATURE_BYTES - 2 * WIDE)
                .toByteArray();
    }
}
