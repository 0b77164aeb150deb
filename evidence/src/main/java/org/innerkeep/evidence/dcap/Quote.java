package org.innerkeep.evidence.dcap;

import java.nio.ByteOrder;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * A quote with ECDSA signatures, parsed and not verified; numbers little-endian (Intel SGX ECDSA QuoteLibReference, appendix A.4, for
 * version 3; Intel TDX DCAP Quoting Library API, appendix A.3, for versions 4 and 5).
 *
 * <p>Bytes after the quote belong to no field: kernels and clouds pad quotes with zeros to a size of their choice. The verifier refuses
 * anything but zeros.
 *
 * @param version 3, 4 or 5
 * @param attestationKeyType 2 for ECDSA on P-256, 3 for ECDSA on P-384
 * @param qeSvn version of the quoting enclave, 16 bits at 8; zero where the quote is of a trust domain
 * @param pceSvn version of the provisioning certification enclave, 16 bits at 10; likewise
 * @param qeVendorId who made the quoting enclave, 16 bytes at 12
 * @param userData of the quoting enclave, 20 bytes at 28; Intel's gives the platform's id in the first 16
 * @param body the report that is quoted
 * @param signature by the attestation key over everything before it, 64 bytes: r and s, big-endian
 * @param attestationKey 64 bytes: x and y, big-endian
 * @param qeReport the report of the quoting enclave
 * @param qeReportSignature by the PCK key over the report of the quoting enclave, 64 bytes: r and s, big-endian
 * @param qeAuthenticationData whatever the quoting enclave binds beside its attestation key, at most 65535 bytes
 * @param certification which PCK key signed
 * @param trailing what comes after the quote
 */
public record Quote(
        int version,
        int attestationKeyType,
        int qeSvn,
        int pceSvn,
        Bytes qeVendorId,
        Bytes userData,
        QuoteBody body,
        Bytes signature,
        Bytes attestationKey,
        SgxReport qeReport,
        Bytes qeReportSignature,
        Bytes qeAuthenticationData,
        CertificationData certification,
        Bytes trailing)
        implements DcapEvidence {
    /** ECDSA on P-256, the one type of attestation key that is in use. */
    public static final int ECDSA_P256 = 2;

    /** ECDSA on P-384, which is defined and not in use. */
    public static final int ECDSA_P384 = 3;

    /** The quoting enclave of Intel. */
    public static final Bytes INTEL_QE_VENDOR = Bytes.fromHex("939a7233f79c4ca9940a0db3957f0607");

    private static final int HEADER_LENGTH = 48;
    private static final int TEE_SGX = 0;
    private static final int TEE_TDX = 0x81;
    private static final int QE_REPORT_CERTIFICATION = 6;
    private static final int MAX_VERSION = 255;

    /** Type of the body, as version 5 states it. */
    private static final int BODY_SGX = 1;

    private static final int BODY_TD_10 = 2;
    private static final int BODY_TD_15 = 3;
    private static final int BODY_TD_15_EXTENDED = 4;

    /**
     * Tells by the first bytes alone whether bytes want to be read as a quote.
     *
     * @param bytes hostile bytes
     * @return whether they begin as a header does
     */
    public static boolean looksLike(byte[] bytes) {
        return looksLike(bytes, 0);
    }

    static boolean looksLike(byte[] bytes, int offset) {
        if (bytes.length - offset < HEADER_LENGTH) {
            return false;
        }
        int version = (bytes[offset] & 0xff) | ((bytes[offset + 1] & 0xff) << 8);
        int keyType = bytes[offset + 2];
        int tee = bytes[offset + 4] & 0xff;
        return version >= 3
                && version <= MAX_VERSION
                && (keyType == ECDSA_P256 || keyType == ECDSA_P384)
                && bytes[offset + 3] == 0
                && (tee == TEE_SGX || tee == TEE_TDX)
                && bytes[offset + 5] == 0
                && bytes[offset + 6] == 0
                && bytes[offset + 7] == 0;
    }

    /**
     * Reads a quote.
     *
     * @param bytes hostile bytes
     * @return the quote, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Quote parse(byte[] bytes) throws MalformedException {
        return parse(new ByteReader(bytes, ByteOrder.LITTLE_ENDIAN));
    }

    /** Reads a quote, and what comes after it, to the end. */
    static Quote parse(ByteReader reader) throws MalformedException {
        int start = reader.offset();
        int version = reader.u16("version");
        if (version < 3 || version > 5) {
            throw new MalformedException("version", start, "expected a quote of version 3, 4 or 5, found " + version);
        }
        int keyType = reader.u16("attestation key type");
        if (keyType != ECDSA_P256 && keyType != ECDSA_P384) {
            throw new MalformedException("attestation key type", start + 2, "expected 2 or 3, found " + keyType);
        }
        long tee = reader.u32("TEE type");
        if (tee != TEE_SGX && (tee != TEE_TDX || version == 3)) {
            throw new MalformedException(
                    "TEE type", start + 4, "expected 0, or 0x81 from version 4 on, found " + Long.toHexString(tee));
        }
        if (keyType == ECDSA_P384) {
            throw new MalformedException(
                    "attestation key type", start + 2, "expected ECDSA on P-256; P-384 is defined and not supported");
        }
        int qeSvn = reader.u16("QE SVN");
        int pceSvn = reader.u16("PCE SVN");
        Bytes qeVendorId = reader.bytes("QE vendor id", 16);
        Bytes userData = reader.bytes("user data", 20);
        QuoteBody body = body(reader, version, tee == TEE_TDX);
        int signatureLength = reader.count("signature data length", 0, reader.remaining());
        ByteReader signed = reader.part("signature data", signatureLength);
        Bytes trailing = reader.bytes("bytes after the quote", reader.remaining());

        Bytes signature = signed.bytes("signature", 64);
        Bytes attestationKey = signed.bytes("attestation key", 64);
        ByteReader certification = signed;
        if (version > 3) {
            int typeOffset = signed.offset();
            int type = signed.u16("certification data type");
            if (type != QE_REPORT_CERTIFICATION) {
                throw new MalformedException("certification data type", typeOffset, "expected 6, found " + type);
            }
            int length = signed.count("certification data length", 0, signed.remaining());
            certification = signed.part("certification data", length);
            signed.end("signature data");
        }
        SgxReport qeReport = SgxReport.parse(certification.part("QE report", SgxReport.LENGTH));
        Bytes qeReportSignature = certification.bytes("QE report signature", 64);
        int authenticationLength = certification.u16("QE authentication data length");
        Bytes authentication = certification.bytes("QE authentication data", authenticationLength);
        CertificationData data = CertificationData.parse(certification);
        certification.end("signature data");
        return new Quote(
                version,
                keyType,
                qeSvn,
                pceSvn,
                qeVendorId,
                userData,
                body,
                signature,
                attestationKey,
                qeReport,
                qeReportSignature,
                authentication,
                data,
                trailing);
    }

    private static QuoteBody body(ByteReader reader, int version, boolean tdx) throws MalformedException {
        if (version < 5) {
            int length = tdx ? TdReport.LENGTH_10 : SgxReport.LENGTH;
            ByteReader part = reader.part("report", length);
            return tdx ? TdReport.parse(part) : SgxReport.parse(part);
        }
        int start = reader.offset();
        int type = reader.u16("body type");
        int wanted = length(type);
        if (wanted < 0 || tdx == (type == BODY_SGX)) {
            throw new MalformedException(
                    "body type", start, (tdx ? "expected 2, 3 or 4" : "expected 1") + " for this TEE type, found " + type);
        }
        int length = reader.count("body size", wanted, wanted);
        ByteReader part = reader.part("report", length);
        return tdx ? TdReport.parse(part) : SgxReport.parse(part);
    }

    private static int length(int bodyType) {
        return switch (bodyType) {
            case BODY_SGX -> SgxReport.LENGTH;
            case BODY_TD_10 -> TdReport.LENGTH_10;
            case BODY_TD_15 -> TdReport.LENGTH_15;
            case BODY_TD_15_EXTENDED -> TdReport.LENGTH_15_EXTENDED;
            default -> -1;
        };
    }

    private int bodyType() {
        return switch (body) {
            case SgxReport enclave -> BODY_SGX;
            case TdReport domain -> domain.extended().isPresent()
                    ? BODY_TD_15_EXTENDED
                    : domain.current().isPresent() ? BODY_TD_15 : BODY_TD_10;
        };
    }

    /** {@return whether it is of a trust domain, and not of an enclave} */
    public boolean tdx() {
        return body instanceof TdReport;
    }

    @Override
    public Quote quote() {
        return this;
    }

    /** {@return what the attestation key signs: header and body} */
    public byte[] signedBytes() {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .u16(version)
                .u16(attestationKeyType)
                .u32(tdx() ? TEE_TDX : TEE_SGX)
                .u16(qeSvn)
                .u16(pceSvn)
                .bytes(qeVendorId)
                .bytes(userData);
        byte[] report = body.toByteArray();
        if (version == 5) {
            writer.u16(bodyType()).u32(report.length);
        }
        return writer.bytes(report).toByteArray();
    }

    @Override
    public byte[] toByteArray() {
        byte[] certification = new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(qeReport.toByteArray())
                .bytes(qeReportSignature)
                .u16(qeAuthenticationData.length())
                .bytes(qeAuthenticationData)
                .u16(this.certification.type())
                .u32(this.certification.data().length())
                .bytes(this.certification.data())
                .toByteArray();
        ByteWriter signed = new ByteWriter(ByteOrder.LITTLE_ENDIAN).bytes(signature).bytes(attestationKey);
        if (version > 3) {
            signed.u16(QE_REPORT_CERTIFICATION).u32(certification.length);
        }
        byte[] signatureData = signed.bytes(certification).toByteArray();
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(signedBytes())
                .u32(signatureData.length)
                .bytes(signatureData)
                .bytes(trailing)
                .toByteArray();
    }
}
