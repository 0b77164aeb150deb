package org.innerkeep.vault.master;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** Under a key in a file that only its owner can read: AES-256-GCM. */
record KeyFileProtection(Path file, WrappingKey key) implements Protection {
    /** Opens the file, or makes it. */
    static KeyFileProtection open(Path file, SecureRandom random) throws IOException {
        return new KeyFileProtection(file, WrappingKey.readOrCreate(file, random));
    }

    @Override
    public Wrap wrap(Bytes id, byte[] master) {
        return new Wrap.UnderFile(key.wrap(Wrap.label(id, Way.FILE, ""), master));
    }

    @Override
    public byte[] unwrap(Bytes id, Wrap wrap) throws IOException {
        if (!(wrap instanceof Wrap.UnderFile under)) {
            throw Protection.otherWay(wrap);
        }
        try {
            return key.unwrap(Wrap.label(id, Way.FILE, ""), under.wrapped());
        } catch (MalformedException e) {
            throw new IOException("vault: the master key of this store was wrapped under another key file than " + file
                    + "; name the one that belongs to it with vault-master-key-file", e);
        }
    }

    @Override
    public void close() {
        key.close();
    }

    /** {@return the file} */
    @Override
    public String toString() {
        return file.toString();
    }
}
