package org.innerkeep.vault.release;

import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What the store has of a register: a CBOR array of the profile and these, in their order.
 *
 * @param key its name
 * @param identity of the enclaves
 * @param name of the value
 * @param version the newest
 * @param digest SHA-256 of what is stored as that version
 * @param epoch the vault's life in which that was said
 */
record RegisterForm(String key, String identity, String name, long version, Bytes digest, long epoch) {
    private static final String PROFILE = "tag:innerkeep.org,2026:state-register/1";
    private static final int MAX_KEY = 127;
    private static final int MAX_IDENTITY = 512;
    private static final int MAX_NAME = 64;
    private static final int DIGEST = 32;

    byte[] toByteArray() {
        return new CborWriter().array(7).text(PROFILE).text(key).text(identity).text(name).integer(version).bytes(digest.toArray())
                .integer(epoch).toByteArray();
    }

    static RegisterForm parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        reader.arrayOf("register", 7);
        int start = reader.offset();
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", start, "expected " + PROFILE);
        }
        RegisterForm form = new RegisterForm(
                reader.text("key", MAX_KEY),
                reader.text("identity", MAX_IDENTITY),
                reader.text("name", MAX_NAME),
                reader.integer("version", 1, RegisterRequest.LAST_VERSION),
                Bytes.of(reader.bytes("digest", DIGEST, DIGEST)),
                reader.integer("epoch", 1, Long.MAX_VALUE));
        reader.end("register");
        return form;
    }
}
