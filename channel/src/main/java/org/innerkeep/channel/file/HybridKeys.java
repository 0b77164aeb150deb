package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Optional;
import org.innerkeep.channel.internal.hpke.Hpke;
import org.innerkeep.channel.internal.hpke.XWing;

/** How file keys are wrapped with HPKE over X-Wing; age specification, section "The hybrid post-quantum recipient type". */
final class HybridKeys {
    private static final byte[] INFO = "age-encryption.org/mlkem768x25519".getBytes(US_ASCII);

    private HybridKeys() {}

    static Stanza wrap(byte[] publicKey, byte[] fileKey, SecureRandom random) throws InvalidKeyException {
        Hpke.Sealed sealed = Hpke.seal(publicKey, INFO, fileKey, random);
        return Stanza.of(KeyKind.HYBRID, sealed.encapsulation(), sealed.encrypted());
    }

    /** {@return the file key, which the caller wipes, or nothing if the stanza is for another key} */
    static Optional<byte[]> unwrap(XWing key, byte[] share, byte[] wrapped) throws InvalidKeyException {
        return Hpke.open(key, INFO, new Hpke.Sealed(share, wrapped));
    }
}
