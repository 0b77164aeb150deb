package org.innerkeep.enclave.internal;

import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/** What is sealed of a stored value: a CBOR array of the profile, name, version and value. */
@SuppressWarnings("ArrayRecordComponent") // Never compared; and a value may be a secret, which Bytes never holds.
record StoredForm(String name, long version, byte[] value) {
    private static final String PROFILE = "tag:innerkeep.org,2026:stored-value/1";
    private static final int MAX_NAME = 64;

    byte[] toByteArray() {
        return new CborWriter().array(4).text(PROFILE).text(name).integer(version).bytes(value).toByteArray();
    }

    static StoredForm parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        reader.arrayOf("stored value", 4);
        int start = reader.offset();
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", start, "expected " + PROFILE);
        }
        int at = reader.offset();
        String name = reader.text("name", MAX_NAME);
        if (!StateStore.NAME.matcher(name).matches()) {
            throw new MalformedException("name", at, "expected lower-case letters, digits, hyphens and underscores");
        }
        StoredForm form = new StoredForm(
                name, reader.integer("version", 1, RegisterRequest.LAST_VERSION), reader.bytes("value", 0, EnclaveStore.MAX_BYTES));
        reader.end("stored value");
        return form;
    }
}
