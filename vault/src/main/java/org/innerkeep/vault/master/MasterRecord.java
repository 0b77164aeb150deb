package org.innerkeep.vault.master;

import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What the store has of the master key. The stored form is a CBOR array in this order, with null where there is no recovery.
 *
 * @param id of the master key, 16 bytes, random
 * @param wrap how it is opened at a start
 * @param recovery how it is opened from shares
 */
record MasterRecord(Bytes id, Wrap wrap, Optional<Recovery> recovery) {
    static final int ID_BYTES = 16;

    private static final String PROFILE = "tag:innerkeep.org,2026:vault-master-key/1";

    MasterRecord wrap(Wrap other) {
        return new MasterRecord(id, other, recovery);
    }

    MasterRecord recovery(Recovery other) {
        return new MasterRecord(id, wrap, Optional.of(other));
    }

    byte[] toByteArray() {
        CborWriter writer = new CborWriter().array(4).text(PROFILE).bytes(id.toArray());
        wrap.write(writer);
        recovery.ifPresentOrElse(each -> each.write(writer), writer::nil);
        return writer.toByteArray();
    }

    static MasterRecord parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        reader.arrayOf("master key", 4);
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", -1, "expected " + PROFILE);
        }
        Bytes id = Bytes.of(reader.bytes("id", ID_BYTES, ID_BYTES));
        Wrap wrap = Wrap.read(reader);
        Optional<Recovery> recovery = Optional.empty();
        if (reader.peek() == CborReader.Type.NULL) {
            reader.nil("recovery");
        } else {
            recovery = Optional.of(Recovery.read(reader));
        }
        reader.end("master key");
        return new MasterRecord(id, wrap, recovery);
    }
}
