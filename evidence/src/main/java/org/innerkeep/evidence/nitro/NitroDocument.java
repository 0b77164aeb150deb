package org.innerkeep.evidence.nitro;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseMessage;

/**
 * An attestation document of the Nitro hypervisor (AWS Nitro Enclaves, "Nitro Enclaves Attestation Process" sections 2.2 and 3.2).
 * Parsing checks form only.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param moduleId the issuing module: instance and enclave, 1 to 256 bytes of text
 * @param timestamp when it was made, milliseconds since 1970, above 0
 * @param pcrs platform configuration registers by index 0 to 31, SHA-384, 48 bytes each; register 0 is always there
 * @param certificate of the key that signed the document, DER, 1 to 1024 bytes
 * @param caBundle certificates of its issuers, the root first, DER, 1 to 1024 bytes each
 * @param publicKey chosen by the enclave, 1 to 1024 bytes
 * @param userData chosen by the enclave, at most 512 bytes
 * @param nonce chosen by whoever asked, at most 512 bytes
 */
public record NitroDocument(
        String moduleId,
        long timestamp,
        SortedMap<Integer, Bytes> pcrs,
        Bytes certificate,
        List<Bytes> caBundle,
        Optional<Bytes> publicKey,
        Optional<Bytes> userData,
        Optional<Bytes> nonce) {
    /** The only digest, of which registers have the length. */
    public static final String DIGEST = "SHA384";

    /** Bytes of a register. */
    public static final int PCR_LENGTH = 48;

    /** The most bytes of an encoded document. */
    public static final int MAX_PAYLOAD_BYTES = 16 * 1024;

    /** The most certificates of issuers; the specification names no number, and real ones are four. */
    public static final int MAX_CA_BUNDLE = 16;

    private static final int MAX_MODULE_ID = 256;
    private static final int MAX_CERTIFICATE = 1024;
    private static final int MAX_PUBLIC_KEY = 1024;
    private static final int MAX_USER_DATA = 512;
    private static final int MAX_NONCE = 512;
    private static final int PCRS = 32;
    private static final byte ARRAY_OF_FOUR = (byte) 0x84;

    /** ES384, as RFC 9053 section 2.1 numbers it; the hypervisor signs with nothing else. */
    private static final long ES384 = -35;

    private static final Set<String> FIELDS = Set.of(
            "module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle", "public_key", "user_data", "nonce");

    /**
     * A document with its signature.
     *
     * @param envelope the COSE_Sign1 around it
     * @param document the document
     */
    public record Signed(CoseMessage envelope, NitroDocument document) {}

    /** Copies the collections. */
    public NitroDocument {
        pcrs = Collections.unmodifiableSortedMap(new TreeMap<>(pcrs));
        caBundle = List.copyOf(caBundle);
    }

    /**
     * Tells whether bytes want to be read as such a document: an untagged COSE_Sign1, as the hypervisor makes, which no other kind of
     * evidence is, or a tagged one around a map that has a module id.
     *
     * @param bytes hostile bytes
     * @return whether they do
     */
    public static boolean looksLike(byte[] bytes) {
        if (bytes.length > 1 && bytes[0] == ARRAY_OF_FOUR && (bytes[1] & 0xe0) == 0x40) {
            return true;
        }
        try {
            CoseMessage envelope = envelope(bytes);
            return CborValue.parse("document", envelope.payload().toArray(), CborValue.Rules.OPEN_OUTER_MAP)
                            instanceof CborValue.Obj map
                    && map.find("module_id").isPresent();
        } catch (MalformedException e) {
            return false;
        }
    }

    /**
     * Reads a signed document.
     *
     * @param encoded hostile bytes
     * @return the document, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Signed parse(byte[] encoded) throws MalformedException {
        CoseMessage envelope = envelope(encoded);
        if (envelope.form() != CoseMessage.Form.SIGN1 || !envelope.algorithm().equals(OptionalLong.of(ES384))) {
            throw new MalformedException("envelope.protected.alg", 0, "expected COSE_Sign1 by ES384 (-35), found another");
        }
        // Since 2025 hypervisors write the document, and nothing inside it, as a map of indefinite length.
        CborValue.Obj map = CborValue.parse("document", envelope.payload().toArray(), CborValue.Rules.OPEN_OUTER_MAP).map("document");
        return new Signed(envelope, of(map));
    }

    private static CoseMessage envelope(byte[] encoded) throws MalformedException {
        return CoseMessage.parse("envelope", encoded, CborValue.Rules.SHORTEST, MAX_PAYLOAD_BYTES);
    }

    private static NitroDocument of(CborValue.Obj map) throws MalformedException {
        if (!map.byNumber().isEmpty() || !FIELDS.containsAll(map.byName().keySet())) {
            throw new MalformedException("document", 0, map.find("nitrotpm_pcrs").isPresent()
                    ? "expected a document of an enclave, found one of an instance (NitroTPM)"
                    : "expected no fields but " + new TreeSet<>(FIELDS));
        }
        if (!map.get("digest", "digest").text("digest", DIGEST.length()).equals(DIGEST)) {
            throw new MalformedException("digest", map.get("digest", "digest").start(), "expected " + DIGEST);
        }
        CborValue registers = map.get("pcrs", "pcrs");
        CborValue.Obj byIndex = registers.map("pcrs");
        TreeMap<Integer, Bytes> pcrs = new TreeMap<>();
        for (Map.Entry<Long, CborValue> each : byIndex.byNumber().entrySet()) {
            if (each.getKey() < 0 || each.getKey() >= PCRS) {
                throw new MalformedException("pcrs", each.getValue().start(), "expected indices from 0 to " + (PCRS - 1));
            }
            pcrs.put(each.getKey().intValue(), each.getValue().bytes("pcrs[" + each.getKey() + "]", PCR_LENGTH, PCR_LENGTH));
        }
        if (!byIndex.byName().isEmpty() || !pcrs.containsKey(0)) {
            throw new MalformedException("pcrs", registers.start(), "expected registers by number, 0 among them");
        }
        List<Bytes> bundle = new ArrayList<>();
        for (CborValue each : map.get("cabundle", "cabundle").items("cabundle", 1, MAX_CA_BUNDLE)) {
            bundle.add(each.bytes("cabundle[" + bundle.size() + "]", 1, MAX_CERTIFICATE));
        }
        return new NitroDocument(
                map.get("module_id", "module_id").text("module_id", MAX_MODULE_ID),
                map.get("timestamp", "timestamp").integer("timestamp", 1, MAX_TIMESTAMP),
                pcrs,
                map.get("certificate", "certificate").bytes("certificate", 1, MAX_CERTIFICATE),
                bundle,
                optional(map, "public_key", 1, MAX_PUBLIC_KEY),
                optional(map, "user_data", 0, MAX_USER_DATA),
                optional(map, "nonce", 0, MAX_NONCE));
    }

    /** Milliseconds that every clock can show: the year 9999. */
    private static final long MAX_TIMESTAMP = 253_402_300_799_999L;

    /** Absent and null are the same: AWS's text forbids null, and its hypervisor writes it. */
    private static Optional<Bytes> optional(CborValue.Obj map, String name, int least, int most) throws MalformedException {
        Optional<CborValue> found = map.find(name).filter(value -> !(value instanceof CborValue.Nil));
        return found.isPresent() ? Optional.of(found.get().bytes(name, least, most)) : Optional.empty();
    }

    /** {@return when it was made, by the hypervisor's clock} */
    public Instant issuedAt() {
        return Instant.ofEpochMilli(timestamp);
    }

    /** {@return a register, or nothing where it is not in the document} */
    public Optional<Bytes> pcr(int index) {
        return Optional.ofNullable(pcrs.get(index));
    }

    /**
     * Whether the enclave was started in debug mode: its image is then not measured, and all registers that describe it are zero.
     * Register 0 decides, since no image has that digest.
     *
     * @return whether register 0 is zero
     */
    public boolean debug() {
        return pcr(0).map(NitroDocument::isZero).orElse(true);
    }

    static boolean isZero(Bytes value) {
        return value.equals(Bytes.of(new byte[value.length()]));
    }

    /** {@return the document's encoding, in the order and with the nulls of the hypervisor, lengths definite} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter().map(FIELDS.size());
        writer.text("module_id").text(moduleId).text("digest").text(DIGEST).text("timestamp").integer(timestamp);
        writer.text("pcrs").map(pcrs.size());
        pcrs.forEach((index, value) -> writer.integer(index).bytes(value.toArray()));
        writer.text("certificate").bytes(certificate.toArray()).text("cabundle").array(caBundle.size());
        caBundle.forEach(each -> writer.bytes(each.toArray()));
        write(writer, "public_key", publicKey);
        write(writer, "user_data", userData);
        write(writer, "nonce", nonce);
        return writer.toByteArray();
    }

    private static void write(CborWriter writer, String name, Optional<Bytes> value) {
        writer.text(name);
        value.ifPresentOrElse(bytes -> writer.bytes(bytes.toArray()), writer::nil);
    }
}
