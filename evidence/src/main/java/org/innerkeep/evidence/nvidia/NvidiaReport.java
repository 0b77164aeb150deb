package org.innerkeep.evidence.nvidia;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * A request and its response, one after the other: {@code GET_MEASUREMENTS}, 37 bytes, and {@code MEASUREMENTS} of SPDM 1.1 (DMTF
 * DSP0274, sections of these names), numbers little-endian. The form is checked, and nothing is verified.
 *
 * @param nonce 32 bytes of the request, chosen by whoever asked
 * @param slot of the certificate chain, 0 to 7, the same in request and response
 * @param measurements by index, 1 to 254, in that order
 * @param responderNonce 32 bytes that the device chose
 * @param opaque NVIDIA's own fields by type, 0 to 65535, in the order of the report; signed like the rest
 * @param signature r and s, big-endian, 48 bytes each
 */
public record NvidiaReport(
        Bytes nonce, int slot, Map<Integer, Measured> measurements, Bytes responderNonce, Map<Integer, Bytes> opaque, Bytes signature) {
    /** The opaque field of the driver's version, text that ends with a zero. */
    public static final int DRIVER_VERSION = 3;

    /** The opaque field of the VBIOS version: 8 bytes of a GPU, text of a switch. */
    public static final int VBIOS_VERSION = 6;

    /** The opaque field of the digest of the firmware that signs, 48 bytes. */
    public static final int FIRMWARE_ID = 20;

    private static final int SPDM_1_1 = 0x11;
    private static final int GET_MEASUREMENTS = 0xe0;
    private static final int MEASUREMENTS = 0x60;
    private static final int REQUEST_BYTES = 37;
    private static final int NONCE_BYTES = 32;
    private static final int SIGNATURE_BYTES = 96;
    private static final int MAX_OPAQUE_BYTES = 1024;
    private static final int DMTF = 1;

    /** Copies the maps. */
    public NvidiaReport {
        measurements = Collections.unmodifiableMap(new TreeMap<>(measurements));
        opaque = Collections.unmodifiableMap(new LinkedHashMap<>(opaque));
    }

    /**
     * A measurement.
     *
     * @param type what was measured, 0 to 127, with the highest bit set where the value is no digest
     * @param value as the device gave it
     */
    public record Measured(int type, Bytes value) {}

    /**
     * Tells by the first bytes alone whether bytes want to be read as a report.
     *
     * @param bytes hostile bytes
     * @return whether a request for measurements comes first and a response behind it
     */
    public static boolean looksLike(byte[] bytes) {
        return bytes.length > REQUEST_BYTES + 2
                && bytes[0] == SPDM_1_1
                && bytes[1] == (byte) GET_MEASUREMENTS
                && bytes[REQUEST_BYTES] == SPDM_1_1
                && bytes[REQUEST_BYTES + 1] == MEASUREMENTS;
    }

    /**
     * Reads a report.
     *
     * @param encoded hostile bytes
     * @return the report, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static NvidiaReport parse(byte[] encoded) throws MalformedException {
        ByteReader reader = new ByteReader(encoded, ByteOrder.LITTLE_ENDIAN);
        expect(reader, "request version", SPDM_1_1);
        expect(reader, "request code", GET_MEASUREMENTS);
        expect(reader, "request attributes", 1);
        expect(reader, "request operation", 0xff);
        Bytes nonce = reader.bytes("nonce", NONCE_BYTES);
        int slot = reader.u8("slot");
        if (slot > 7) {
            throw new MalformedException("slot", REQUEST_BYTES - 1, "expected 0 to 7, found " + slot);
        }
        expect(reader, "response version", SPDM_1_1);
        expect(reader, "response code", MEASUREMENTS);
        expect(reader, "response parameter 1", 0);
        expect(reader, "response slot", slot);
        int blocks = reader.u8("number of blocks");
        int length = reader.u16("record length") | reader.u8("record length") << 16;
        Map<Integer, Measured> measurements = measurements(reader.part("measurement record", length), blocks);
        Bytes responderNonce = reader.bytes("responder nonce", NONCE_BYTES);
        int opaqueLength = reader.u16("opaque length");
        if (opaqueLength > MAX_OPAQUE_BYTES) {
            throw new MalformedException("opaque length", reader.offset() - 2,
                    "expected at most " + MAX_OPAQUE_BYTES + ", found " + opaqueLength);
        }
        Map<Integer, Bytes> opaque = opaque(reader.part("opaque data", opaqueLength));
        Bytes signature = reader.bytes("signature", SIGNATURE_BYTES);
        reader.end("report");
        return new NvidiaReport(nonce, slot, measurements, responderNonce, opaque, signature);
    }

    private static void expect(ByteReader reader, String field, int wanted) throws MalformedException {
        int start = reader.offset();
        int found = reader.u8(field);
        if (found != wanted) {
            throw new MalformedException(field, start, "expected " + wanted + ", found " + found);
        }
    }

    private static Map<Integer, Measured> measurements(ByteReader record, int blocks) throws MalformedException {
        Map<Integer, Measured> found = new TreeMap<>();
        int last = 0;
        for (int i = 0; i < blocks; i++) {
            int start = record.offset();
            int index = record.u8("measurement index");
            if (index <= last || index == 0xff) {
                throw new MalformedException("measurement index", start, "expected indices from 1 to 254 in order, each once");
            }
            last = index;
            expect(record, "measurement specification", DMTF);
            ByteReader block = record.part("measurement block", record.u16("measurement size"));
            int type = block.u8("measurement type");
            found.put(index, new Measured(type, block.bytes("measurement value", block.u16("value size"))));
            block.end("measurement block");
        }
        record.end("measurement record");
        return found;
    }

    private static Map<Integer, Bytes> opaque(ByteReader data) throws MalformedException {
        Map<Integer, Bytes> found = new LinkedHashMap<>();
        while (data.remaining() > 0) {
            int start = data.offset();
            int type = data.u16("opaque field type");
            if (found.put(type, data.bytes("opaque field", data.u16("opaque field length"))) != null) {
                throw new MalformedException("opaque field type", start, "expected each type once, found " + type + " again");
            }
        }
        return found;
    }

    /** {@return the measurement record: all blocks as they stand in the report} */
    public byte[] record() {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN);
        measurements.forEach((index, measured) -> writer.u8(index)
                .u8(DMTF)
                .u16(measured.value().length() + 3)
                .u8(measured.type())
                .u16(measured.value().length())
                .bytes(measured.value()));
        return writer.toByteArray();
    }

    /** {@return the bytes that the signature is over: all but itself} */
    public byte[] signedBytes() {
        byte[] all = toByteArray();
        return Arrays.copyOf(all, all.length - SIGNATURE_BYTES);
    }

    /** {@return the report's bytes, as {@link #parse} accepts them if the values are such as it accepts} */
    public byte[] toByteArray() {
        byte[] record = record();
        ByteWriter fields = new ByteWriter(ByteOrder.LITTLE_ENDIAN);
        opaque.forEach((type, value) -> fields.u16(type).u16(value.length()).bytes(value));
        byte[] opaqueData = fields.toByteArray();
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .u8(SPDM_1_1)
                .u8(GET_MEASUREMENTS)
                .u8(1)
                .u8(0xff)
                .bytes(nonce)
                .u8(slot)
                .u8(SPDM_1_1)
                .u8(MEASUREMENTS)
                .u8(0)
                .u8(slot)
                .u8(measurements.size())
                .u16(record.length)
                .u8(record.length >>> 16)
                .bytes(record)
                .bytes(responderNonce)
                .u16(opaqueData.length)
                .bytes(opaqueData)
                .bytes(signature)
                .toByteArray();
    }

    /** {@return the driver's version, or nothing where it is absent or no text} */
    public Optional<String> driverVersion() {
        return Optional.ofNullable(opaque.get(DRIVER_VERSION)).flatMap(NvidiaReport::text);
    }

    /**
     * {@return the VBIOS version such as {@code 96.00.5E.00.01}, or nothing where it is absent or of another form} A GPU gives it as
     * four bytes, the last first, and one more.
     */
    public Optional<String> vbiosVersion() {
        Bytes version = opaque.get(VBIOS_VERSION);
        if (version == null) {
            return Optional.empty();
        }
        byte[] raw = version.toArray();
        if (raw.length == 8 && raw[5] == 0 && raw[6] == 0 && raw[7] == 0) {
            return Optional.of(String.format("%02X.%02X.%02X.%02X.%02X", raw[3], raw[2], raw[1], raw[0], raw[4]));
        }
        return text(version);
    }

    private static Optional<String> text(Bytes value) {
        byte[] bytes = value.toArray();
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[i] < ' ' || bytes[i] > '~') {
                return Optional.empty();
            }
        }
        return length == 0 ? Optional.empty() : Optional.of(new String(bytes, 0, length, StandardCharsets.US_ASCII));
    }
}
