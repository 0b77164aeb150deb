package org.innerkeep.vault.master;

import java.io.IOException;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * Under a key that the enclave has, in which the vault runs: sealed to its signer, product and security version, it comes with
 * what the enclave kept. AES-256-GCM. The key stays whoever's it is who gave it.
 */
record EnclaveProtection(WrappingKey key) implements Protection {
    @Override
    public Wrap wrap(Bytes id, byte[] master) {
        return new Wrap.UnderEnclave(key.wrap(Wrap.label(id, Way.ENCLAVE, ""), master));
    }

    @Override
    public byte[] unwrap(Bytes id, Wrap wrap) throws IOException {
        if (!(wrap instanceof Wrap.UnderEnclave under)) {
            throw Protection.otherWay(wrap);
        }
        try {
            return key.unwrap(Wrap.label(id, Way.ENCLAVE, ""), under.wrapped());
        } catch (MalformedException e) {
            throw new IOException("vault: the master key of this store was wrapped under the key of another enclave", e);
        }
    }

    @Override
    public void close() {
        // The service closes it.
    }

    /** {@return what it is} */
    @Override
    public String toString() {
        return "the enclave's own key";
    }
}
