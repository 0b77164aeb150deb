package org.innerkeep.vault.key;

import java.util.Arrays;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/** A backup of one key: its stored form, sealed under the master key, with the vault's id as additional data. */
final class Backup {
    private static final String PROFILE = "tag:innerkeep.org,2026:key-backup/1";
    private static final int MAX_BYTES = (1 << 20) + 256;
    private static final int DIGEST = 32;

    private Backup() {}

    static Bytes seal(VaultKey key, Bytes vault, WrappingKey master) {
        byte[] form = KeyForm.write(key);
        try {
            return Bytes.of(new CborWriter()
                    .array(3)
                    .text(PROFILE)
                    .bytes(vault.toArray())
                    .bytes(master.wrap(label(vault), form).toArray())
                    .toByteArray());
        } finally {
            Arrays.fill(form, (byte) 0);
        }
    }

    static VaultKey open(Bytes backup, Bytes vault, WrappingKey master) throws MalformedException {
        if (backup.length() > MAX_BYTES) {
            throw new MalformedException("backup", -1, "expected at most " + MAX_BYTES + " bytes, found " + backup.length());
        }
        CborReader reader = new CborReader(backup.toArray());
        reader.arrayOf("backup", 3);
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", -1, "expected " + PROFILE);
        }
        Bytes of = Bytes.of(reader.bytes("vault", DIGEST, DIGEST));
        if (!of.equals(vault)) {
            throw new MalformedException("vault", -1, "it is a backup of the vault " + of.shortHex() + ", this is " + vault.shortHex());
        }
        Bytes sealed = Bytes.of(reader.bytes("sealed key", 1, MAX_BYTES));
        reader.end("backup");
        byte[] form = master.unwrap(label(vault), sealed);
        try {
            return KeyForm.read(form);
        } finally {
            Arrays.fill(form, (byte) 0);
        }
    }

    private static String label(Bytes vault) {
        return "innerkeep vault backup v1 " + vault.hex();
    }
}
