package org.innerkeep.vault.master;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * A record of the master key as the store has it: with a code (HMAC-SHA-256) over all of it, by a key that is derived from the master key
 * itself. What is wrapped proves itself when it is opened; the code is for the rest, so that whoever can write to the database does not
 * take the recovery away, or have shares made anew where those that were given out are good.
 *
 * @param record what it says; believed only after {@link #check}
 * @param written the record's bytes
 * @param code over them, 32 bytes
 */
record CodedRecord(MasterRecord record, Bytes written, Bytes code) {
    private static final int CODE_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final String LABEL = "innerkeep vault master key record v1";

    /** For a record that is written. */
    static CodedRecord of(MasterRecord record, byte[] master) {
        Bytes written = Bytes.of(record.toByteArray());
        return new CodedRecord(record, written, code(written, master));
    }

    Bytes body() {
        byte[] all = Arrays.copyOf(written.toArray(), written.length() + CODE_BYTES);
        System.arraycopy(code.toArray(), 0, all, written.length(), CODE_BYTES);
        return Bytes.of(all);
    }

    static CodedRecord parse(Bytes body) throws MalformedException {
        byte[] all = body.toArray();
        if (all.length < CODE_BYTES) {
            throw new MalformedException("master key", -1, "expected a code of " + CODE_BYTES + " bytes at its end");
        }
        byte[] written = Arrays.copyOf(all, all.length - CODE_BYTES);
        return new CodedRecord(
                MasterRecord.parse(written), Bytes.of(written), Bytes.of(Arrays.copyOfRange(all, written.length, all.length)));
    }

    /**
     * Makes sure that whoever wrote it had the master key.
     *
     * @throws IOException if not
     */
    void check(byte[] master) throws IOException {
        if (!MessageDigest.isEqual(code(written, master).toArray(), code.toArray())) {
            throw new IOException("vault: the record of its master key in the store was changed by somebody who has not got that key; nothing"
                    + " was changed here. Put back the newest copy of the store, and see who can write to its database");
        }
    }

    private static Bytes code(Bytes written, byte[] master) {
        byte[] derived = {};
        try {
            derived = mac(master, LABEL.getBytes(StandardCharsets.US_ASCII));
            return Bytes.of(mac(derived, written.toArray()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every Java platform", e);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    private static byte[] mac(byte[] key, byte[] bytes) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(new SecretKeySpec(key, ALGORITHM));
        return mac.doFinal(bytes);
    }
}
