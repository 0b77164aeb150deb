package org.innerkeep.evidence.eventlog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;

/**
 * Whether the data of an event is what its digest was made of. Only digests reach a register: type and data of an event are proven only
 * where hashing the data as its type demands gives the digest. For many types it never does, as the digest is of an image, a table or
 * a file that the data only describes.
 */
public final class EventData {
    private static final int MAX_NAME = 512;

    private EventData() {}

    /** What the digest says of the data. */
    public enum Proof {
        /** The digest is of the data. */
        PROVEN,
        /** The digest of this type is of something else, or some firmware is known to log other data: the data is a hint at best. */
        UNPROVEN,
        /** The digest must be of the data and is not. */
        WRONG
    }

    /**
     * Hashes the data of an event again.
     *
     * @param event the event
     * @param hash the bank
     * @return what its digest says of the data
     */
    public static Proof check(EventLog.Event event, TpmHash hash) {
        Bytes digest = event.digest(hash).orElse(Bytes.EMPTY);
        return switch ((int) event.type()) {
            // These are written by the firmware alone, which hashes what it logs.
            case (int) EventType.SEPARATOR, (int) EventType.VARIABLE_DRIVER_CONFIG ->
                hashesAll(event, hash, digest) ? Proof.PROVEN : Proof.WRONG;
            // Shim logs a whole list of certificates where it hashed one of them, and old firmware a version in another form.
            case (int) EventType.VARIABLE_AUTHORITY, (int) EventType.VARIABLE_BOOT2, (int) EventType.GPT_EVENT,
                    (int) EventType.EFI_ACTION, (int) EventType.ACTION, (int) EventType.CRTM_VERSION, (int) EventType.NONHOST_INFO ->
                hashesAll(event, hash, digest) ? Proof.PROVEN : Proof.UNPROVEN;
            case (int) EventType.VARIABLE_BOOT ->
                hashesAll(event, hash, digest) || hashesValueOnly(event, hash, digest) ? Proof.PROVEN : Proof.UNPROVEN;
            default -> Proof.UNPROVEN;
        };
    }

    private static boolean hashesAll(EventLog.Event event, TpmHash hash, Bytes digest) {
        return hash.digest(List.of(event.data())).equals(digest);
    }

    private static boolean hashesValueOnly(EventLog.Event event, TpmHash hash, Bytes digest) {
        try {
            return hash.digest(Variable.parse(event.data().toArray()).value().toArray()).equals(digest);
        } catch (MalformedException e) {
            return false;
        }
    }

    /**
     * A variable of UEFI: UEFI_VARIABLE_DATA (10.4.2.2).
     *
     * @param vendor GUID, 16 bytes as they stand in memory
     * @param name its name
     * @param value its value
     */
    public record Variable(Bytes vendor, String name, Bytes value) {
        /**
         * Reads a variable.
         *
         * @param bytes hostile bytes
         * @return the variable
         * @throws MalformedException if they are anything else
         */
        public static Variable parse(byte[] bytes) throws MalformedException {
            ByteReader reader = new ByteReader(bytes, ByteOrder.LITTLE_ENDIAN);
            Bytes vendor = reader.bytes("variableName", 16);
            long nameLength = reader.u64("unicodeNameLength");
            long valueLength = reader.u64("variableDataLength");
            if (nameLength < 0 || nameLength > MAX_NAME || valueLength < 0 || valueLength > bytes.length) {
                throw new MalformedException("variable", 16, "expected a name of at most " + MAX_NAME + " characters and a value that fits");
            }
            String name = new String(reader.array("unicodeName", 2 * (int) nameLength), StandardCharsets.UTF_16LE);
            Bytes value = reader.bytes("variableData", (int) valueLength);
            reader.end("variable");
            return new Variable(vendor, name, value);
        }
    }

    /** Text of ASCII or of UTF-16 that ends in a zero, where the data is that. */
    static Optional<String> text(Bytes data) {
        byte[] bytes = data.toArray();
        String text;
        if (bytes.length >= 2 && bytes.length % 2 == 0 && bytes[1] == 0) {
            text = StandardCharsets.UTF_16LE.decode(ByteBuffer.wrap(bytes)).toString();
        } else {
            text = new String(bytes, StandardCharsets.ISO_8859_1);
        }
        int end = text.indexOf('\0');
        String found = end < 0 ? text : text.substring(0, end);
        boolean printable = found.chars().allMatch(c -> c >= ' ' && c <= '~') && !found.isEmpty();
        boolean onlyZerosBehind = end < 0 || text.substring(end).chars().allMatch(c -> c == 0);
        return printable && onlyZerosBehind ? Optional.of(found) : Optional.empty();
    }
}
